"""Trains and measures the Chinese word segmenter that the translators publish.

    python -m training.translation.segmenter --data FOLDER --out runs/translation/text

FOLDER holds segmented text as *.txt or *.txt.xz (one line of words, `word/tag` separated by spaces) and, for the second
measurement, Universal Dependencies text as *.tsv.gz (file name, words). Lines are cleaned and their numbers protected
as in translation, so that the segmenter learns on what it will see. Every tenth line is held out.

Size against F1: --l1 drives weak features to zero. On 3,600 lines 0.2 gave 3.0 MB and F1 .944, 1.0 gave 1.5 MB and
.940, L2 alone 14 MB. --min-count drops rare features before training, which saves memory and time.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import lzma
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pycrfsuite
from tqdm import tqdm

from modeling.planet_nmt.cleaning_zh_ko import clean, to_half_width, to_simplified
from modeling.planet_nmt.protecting_zh_ko import protect
from modeling.planet_nmt.segmenting_zh_ko import FILE, Segmenter, features, stands_alone, units

_CHARACTERS = re.compile(r"⟦[NLP]\d⟧|.", re.DOTALL)
HELD_OUT = 10
"""Every how many lines one is held out."""


@dataclass(frozen=True)
class Score:
    """Precision, recall and F1 of words, each 0 to 1, over a number of sentences.

    Attributes:
        unseen_recall: recall of the words that do not occur in training, None without any.
        sentences_per_second: of segmentation alone, on this machine.
    """

    precision: float
    recall: float
    f1: float
    sentences: int
    unseen_recall: float | None
    sentences_per_second: float


def read_segmented(folder: Path) -> Iterator[list[str]]:
    """The words of every line of *.txt and *.txt.xz."""
    for path in sorted((*folder.glob("*.txt"), *folder.glob("*.txt.xz"))):
        opener = lzma.open if path.suffix == ".xz" else open
        with opener(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                words = [re.sub(r"(?<=.)/[A-Za-z]*$", "", item) for item in line.split()]
                if words:
                    yield words


def read_dependencies(path: Path) -> Iterator[list[str]]:
    """The words of every sentence of a *.tsv.gz whose second column holds `word/TAG`."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as lines:
        for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            if len(row) == 2 and row[0] != "file":
                yield [item.rpartition("/")[0] or item for item in row[1].split()]


def as_seen(words: Iterable[str]) -> list[str]:
    """Words as the segmenter will meet them: cleaned, numbers and Latin as placeholders, which are words themselves."""
    cleaned = [to_simplified(to_half_width(clean(word))).replace(" ", "") for word in words]
    cleaned = [word for word in cleaned if word]
    ends, length = set(), 0
    for word in cleaned:
        length += len(word)
        ends.add(length)
    protected, slots = protect("".join(cleaned))
    sources = {slot.placeholder: len(slot.source) for slot in slots}
    out, word, at = [], "", 0
    for piece in _CHARACTERS.findall(protected):
        at += sources.get(piece, 1)
        if piece in sources:
            out += [word, piece]
            word = ""
            continue
        word += piece
        if at in ends:
            out.append(word)
            word = ""
    return [part for item in (*out, word) if item for part in _latin_apart(item)]


def _latin_apart(word: str) -> list[str]:
    """Runs of Latin letters and digits are words of their own wherever they stand."""
    out, joined = [], ""
    for unit in units(word):
        if stands_alone(unit):
            out += [joined, unit]
            joined = ""
        else:
            joined += unit
    return [item for item in (*out, joined) if item]


def tags(words: Sequence[str]) -> list[str]:
    """B, M, E or S for every unit of the words."""
    marks = []
    for word in words:
        count = len(units(word))
        marks += ["S"] if count == 1 else ["B", *["M"] * (count - 2), "E"]
    return marks


def split_lines(lines: Sequence[list[str]]) -> tuple[list[list[str]], list[list[str]]]:
    """Training and held-out lines; the split does not depend on how many follow."""
    train = [line for i, line in enumerate(lines) if i % HELD_OUT]
    return train, list(lines[::HELD_OUT])


def train(lines: Iterable[Sequence[str]], path: Path, min_count: int, l1: float, l2: float, iterations: int) -> None:
    """Fits the field by L-BFGS (orthant-wise where `l1` > 0) and writes it to `path`."""
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"feature.minfreq": min_count, "c1": l1, "c2": l2, "max_iterations": iterations})
    for words in lines:
        if words:
            trainer.append(features(units("".join(words))), tags(words))
    path.parent.mkdir(parents=True, exist_ok=True)
    trainer.train(str(path))


def evaluate(segmenter: Segmenter, lines: Sequence[Sequence[str]], known: set[str]) -> Score:
    """Compares words by their place in the line.

    Args:
        segmenter: what is judged.
        lines: gold words.
        known: words of training.
    """
    right = found = wanted = unseen = unseen_right = 0
    seconds = 0.0
    for words in lines:
        text = "".join(words)
        start = time.perf_counter()
        guess = segmenter.segment(text)
        seconds += time.perf_counter() - start
        gold, guessed = _spans(words), _spans(guess)
        common = gold.keys() & guessed.keys()
        right, found, wanted = right + len(common), found + len(guessed), wanted + len(gold)
        new = [span for span, word in gold.items() if word not in known]
        unseen, unseen_right = unseen + len(new), unseen_right + sum(span in common for span in new)
    precision, recall = right / max(found, 1), right / max(wanted, 1)
    f1 = 2 * right / max(found + wanted, 1)
    rate = len(lines) / max(seconds, 1e-9)
    return Score(precision, recall, f1, len(lines), unseen_right / unseen if unseen else None, rate)


def _spans(words: Iterable[str]) -> dict[tuple[int, int], str]:
    spans, at = {}, 0
    for word in words:
        spans[at, at + len(word)] = word
        at += len(word)
    return spans


def main(arguments: Sequence[str] | None = None) -> dict:
    """Trains, measures, writes the model and segmenter.json; returns what it wrote there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of segmented text")
    parser.add_argument("--out", type=Path, required=True, help="folder the model goes to")
    parser.add_argument("--lines", type=int, default=0, help="use only the first so many lines; 0 uses all")
    parser.add_argument("--min-count", type=int, default=2, help="drop features seen less often")
    parser.add_argument("--l1", type=float, default=0.2, help="weight of the L1 norm: larger gives a smaller file")
    parser.add_argument("--l2", type=float, default=0.01, help="weight of the L2 norm")
    parser.add_argument("--iterations", type=int, default=100, help="at most so many")
    options = parser.parse_args(arguments)
    raw = list(read_segmented(options.data))
    if not raw:
        raise ValueError(f"--data must hold *.txt or *.txt.xz with segmented lines, found none in {options.data}")
    raw = raw[: options.lines or None]
    learn, held_out = split_lines([as_seen(words) for words in tqdm(raw, desc="lines", mininterval=2)])
    path = options.out / FILE
    start = time.perf_counter()
    train(learn, path, options.min_count, options.l1, options.l2, options.iterations)
    seconds = time.perf_counter() - start
    segmenter, known = Segmenter(options.out), {word for words in learn for word in words}
    scores = {"held_out": asdict(evaluate(segmenter, held_out, known))}
    for extra in sorted(options.data.glob("seg_*.tsv.gz")):
        lines = [as_seen(words) for words in read_dependencies(extra)]
        scores[extra.name.removesuffix(".tsv.gz")] = asdict(evaluate(segmenter, lines, known))
    settings = {name: getattr(options, name) for name in ("min_count", "l1", "l2", "iterations")}
    results = {
        "training_lines": len(learn), "bytes": path.stat().st_size, "training_seconds": round(seconds, 1),
        "settings": settings, "scores": scores,
    }  # fmt: skip
    (options.out / "segmenter.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(results, indent=2))
    return results


if __name__ == "__main__":
    main()
