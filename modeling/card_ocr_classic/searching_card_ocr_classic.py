"""Trying the located lines and blocks as numbers: which slope, height and pitch gives the most digit-like chain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from .candidates_card_ocr_classic import Candidate, Row, centred, log_odds
from .configuration_card_ocr_classic import CardOcrClassicConfig
from .features_card_ocr_classic import PITCH, descriptors
from .fitting_card_ocr_classic import LAYOUTS, best_chain
from .levelling_card_ocr_classic import level
from .locating_card_ocr_classic import View, find_blocks
from .rectifying_card_ocr_classic import Line, cut_band

_HALF_LINE = 13.0
"""Half the length of the band cut around a line, in digit heights: the line may be found off its middle."""

_HALF_ROW = 4.0
_NOD = (-0.05, 0.0, 0.05)


class Searcher:
    """Fits numbers to the lines and blocks of one picture.

    Args:
        pyramid: the picture and its halves, grey.
        logits: N x FEATURES descriptors -> N x 11 calibrated logits.
        config: search ranges.
    """

    def __init__(
        self, pyramid: list[np.ndarray], logits: Callable[[np.ndarray], np.ndarray], config: CardOcrClassicConfig
    ):
        self.pyramid, self.logits, self.config = pyramid, logits, config

    def search(self, small: np.ndarray, views: list[View], lines: list[Line]) -> Candidate | None:
        """The best number in the picture, None where nothing looks like a line of print.

        Args:
            small: the picture as lines were searched in it, H x W grey.
            views: of `small`; blocks are searched in them where no line is convincing.
            lines: found in `views`, best first.
        """
        factor = max(self.pyramid[0].shape) / max(small.shape)
        rough = [self._row(level(small, line).scaled(factor)) for line in lines[: self.config.line_candidates]]
        rough = sorted((row for row in rough if row), key=lambda row: -row.chain.score)
        found = [self._finish((self._polish(row),)) for row in rough[:2]]
        if all(candidate.evidence.mean() < self.config.sure_evidence for candidate in found):
            blocks = [(line, spacing) for spacing in self.config.spacings for line in find_blocks(views, spacing)]
            blocks = sorted(blocks, key=lambda block: -block[0].score)[: self.config.block_candidates]
            fitted = [self._block(middle.scaled(factor), spacing) for middle, spacing in blocks]
            found += [self._finish(rows) for rows in fitted if rows]
        return max(found, key=lambda candidate: candidate.score, default=None)

    def _evidence(self, line: Line, pitch: float, columns: int) -> np.ndarray:
        return log_odds(self.logits(descriptors(cut_band(self.pyramid, line, pitch, columns))))

    def _fit(self, line: Line, pitch: float, half: float, layouts: tuple[tuple[int, ...], ...]) -> Row | None:
        columns = int(2 * half / pitch) * PITCH
        chain = best_chain(self._evidence(line, pitch, columns), layouts)
        return Row(line, pitch, columns, chain) if chain else None

    def _row(self, line: Line) -> Row | None:
        """The line as a number of one row, over all pitches."""
        fits = [self._fit(line, pitch, _HALF_LINE, LAYOUTS) for pitch in self.config.pitches]
        return max((row for row in fits if row), key=lambda row: row.chain.score, default=None)

    def _polish(self, row: Row) -> Row:
        """Small changes of height, slope, offset and pitch, each kept where it raises the score."""
        for change in (
            lambda r, sign: (replace(r.line, height=r.line.height * (1 + 0.14 * sign)), r.pitch / (1 + 0.14 * sign)),
            lambda r, sign: (r.line.moved(0, 0.1 * sign), r.pitch),
            lambda r, sign: (replace(r.line, angle=r.line.angle + 0.018 * sign), r.pitch),
            lambda r, sign: (r.line, r.pitch * (1 + 0.05 * sign)),
            lambda r, sign: (replace(r.line, height=r.line.height * (1 + 0.06 * sign)), r.pitch / (1 + 0.06 * sign)),
        ):
            row = centred(row)
            options = [self._fit(*change(row, sign), _HALF_LINE, LAYOUTS) for sign in (-1, 1)]
            row = max([row, *(option for option in options if option)], key=lambda option: option.chain.score)
        return row

    def _block(self, middle: Line, spacing: float) -> tuple[Row, ...] | None:
        """The four rows of a block, each fitted on its own around the place the spacing predicts."""
        best, best_score = None, -np.inf
        for height in (0.92, 1.08):
            line = replace(middle, height=middle.height * height)
            for pitch in self.config.pitches:
                rows = [
                    self._fit(line.moved(0, place * spacing / height), pitch, _HALF_ROW, ((4,),))
                    for place in (-1.5, -0.5, 0.5, 1.5)
                ]
                if all(rows) and sum(row.chain.score for row in rows) > best_score:
                    best, best_score = rows, sum(row.chain.score for row in rows)
        return tuple(self._nudge(row) for row in best) if best else None

    def _nudge(self, row: Row) -> Row:
        options = [self._fit(row.line.moved(0, across), row.pitch, _HALF_ROW, ((4,),)) for across in (-0.15, 0.15)]
        return max([row, *(option for option in options if option)], key=lambda option: option.chain.score)

    def _finish(self, rows: tuple[Row, ...]) -> Candidate:
        """Reads every digit several times, a little shifted, and averages."""
        logits, bands = [], []
        for row in rows:
            left, right = row.ends
            bands.append(cut_band(self.pyramid, row.line, row.pitch, row.columns)[:, left : right + 1])
            places = np.array(row.chain.positions)
            votes = []
            for across in _NOD:
                line = row.line.moved(0, across)
                described = descriptors(cut_band(self.pyramid, line, row.pitch, row.columns))
                for along in (-1, 0, 1):
                    votes.append(self.logits(described[np.clip(places + along, 0, len(described) - 1)]))
            logits.append(np.mean(votes, axis=0))
        every = np.concatenate(logits)
        score = sum(row.chain.score for row in rows)
        return Candidate(rows, score, log_odds(every), every, np.hstack(bands))


__all__ = ["Searcher"]
