"""Planet SMT: hierarchical phrase-based translation (Chiang 2007), the statistical rival of Planet NMT.

S source words, T target words.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from huggingface_hub import ModelHubMixin, snapshot_download

from .configuration_planet_smt import PlanetSmtConfig
from .decoding_planet_smt import Decoder, Hypothesis
from .grammar_planet_smt import Grammar
from .names_zh_ko import FILE as NAMES
from .processing_zh_ko import PLACEHOLDERS, PostProcessor, Prepared, PreProcessor, join_korean
from .scoring_planet_smt import LanguageModel
from .segmenting_zh_ko import FILE as SEGMENTER
from .sentences_zh_ko import join_sentences, split_sentences, warning_for
from .translation_zh_ko import Copied, Translation, merged_steps

LANGUAGE_MODELS = ("language_model.binary", "language_model.arpa.gz", "language_model.arpa")
AUTO_MAP = {"AutoModel": "modeling_planet_smt.PlanetSmt"}
"""Where a loader that has only config.json finds the class."""


@dataclass(frozen=True)
class Decoded:
    """A sentence after decoding: what went in, and its translations, best first (none for no words)."""

    prepared: Prepared
    hypotheses: list[Hypothesis]
    texts: list[str]
    copied: tuple[Copied, ...]


class PlanetSmt(ModelHubMixin, library_name="planet-smt", pipeline_tag="translation", language=["zh", "ko"]):
    """Translates Chinese to Korean with a synchronous grammar and an n-gram language model.

    `PlanetSmt.from_pretrained(folder_or_repo).translate(["..."])` is all it takes.

    Args:
        config: weights and limits.
        grammar: the rules.
        language_model: of Korean.
        preprocessor, postprocessor: around the decoder; None takes the defaults.
    """

    def __init__(
        self,
        config: PlanetSmtConfig,
        grammar: Grammar,
        language_model: LanguageModel,
        preprocessor: PreProcessor | None = None,
        postprocessor: PostProcessor | None = None,
    ) -> None:
        self.grammar, self.language_model = grammar, language_model
        self.preprocessor = preprocessor or PreProcessor()
        self.postprocessor = postprocessor or PostProcessor(self.preprocessor.steps)
        self.decoder = Decoder(grammar, language_model, config, PLACEHOLDERS)

    @property
    def config(self) -> PlanetSmtConfig:
        """Weights and limits in use."""
        return self.decoder.config

    def translate(self, texts: list[str], nbest: int = 1, pop_limit: int | None = None) -> list[Translation]:
        """Translates texts, in their order; an empty text has an empty translation.

        Args:
            texts: Chinese; anything else is answered as well as possible, with a warning.
            nbest: different translations wanted; those after the first are in `alternatives`.
            pop_limit: see `PlanetSmtConfig`; None takes the model's own.

        Raises:
            ValueError: if `texts` is not a list of strings, or a number is out of range.
        """
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"texts must be a list of strings, got {type(texts).__name__}: {str(texts)[:40]!r}")
        if nbest < 1:
            raise ValueError(f"nbest must be at least 1, got {nbest}")
        decoder = self.decoder
        if pop_limit is not None and pop_limit != self.config.pop_limit:
            config = replace(self.config, pop_limit=pop_limit)
            decoder = Decoder(self.grammar, self.language_model, config, PLACEHOLDERS)
        return [self._translate(text, nbest, decoder) for text in texts]

    def _translate(self, text: str, nbest: int, decoder: Decoder) -> Translation:
        began = time.perf_counter()
        sentences = split_sentences(text)
        parts = [self._decode(sentence.text, nbest, decoder) for sentence in sentences]
        ranks = max((len(part.texts) for part in parts), default=0)
        whole = [
            join_sentences([part.texts[min(rank, len(part.texts) - 1)] for part in parts], sentences)
            for rank in range(ranks)
        ]
        best = [hypothesis for part in parts for hypothesis in part.hypotheses[:1]]
        return Translation(
            source=text,
            text=whole[0] if whole else "",
            score=sum(hypothesis.score for hypothesis in best),
            ms=1e3 * (time.perf_counter() - began),
            source_tokens=tuple(word for part in parts for word in part.prepared.words),
            target_tokens=tuple(word for hypothesis in best for word in hypothesis.words),
            alignment=_alignment(parts),
            copied=tuple(copied for part in parts for copied in part.copied),
            steps=merged_steps([part.prepared.trace for part in parts]),
            alternatives=tuple(dict.fromkeys(other for other in whole[1:] if other != whole[0])),
            derivation=tuple(hypothesis.tree for hypothesis in best) or None,
            warning=warning_for(text),
        )

    def _decode(self, sentence: str, nbest: int, decoder: Decoder) -> Decoded:
        """One sentence; what is longer than the decoder's limit is cut into pieces of words."""
        prepared = self.preprocessor.prepare(sentence)
        words, limit = prepared.words, self.config.sentence_limit
        found = decoder.decode(words[:limit], nbest)
        for start in range(limit, len(words), limit):
            found = [_joined(found[0], decoder.decode(words[start : start + limit])[0], start)]
        finished = [self.postprocessor.finish(join_korean(hyp.words), prepared) for hyp in found] or [("", ())]
        unknown = tuple(
            Copied(words[place], words[place], "unknown", "attention")
            for place in sorted(found[0].unknown if found else ())
            if words[place] not in PLACEHOLDERS
        )
        return Decoded(prepared, found, [text for text, _ in finished], finished[0][1] + unknown)

    def _save_pretrained(self, save_directory: Path) -> None:
        """Writes the grammar, the language model, config.json and the code, with the segmenter where there is one."""
        self.grammar.save(save_directory)
        suffix = "".join(end for end in self.language_model.path.suffixes if end in (".arpa", ".gz")) or ".binary"
        files = {f"language_model{suffix}": self.language_model.path}
        here = Path(__file__).parent
        files |= {path.name: path for path in (*here.glob("*.py"), here / NAMES) if path.name != "__init__.py"}
        if self.preprocessor.segmenter.path is not None:
            files[SEGMENTER] = self.preprocessor.segmenter.path
        for name, path in files.items():
            if path.resolve() != (save_directory / name).resolve():
                shutil.copyfile(path, save_directory / name)
        text = json.dumps({"auto_map": AUTO_MAP} | asdict(self.config), indent=2)
        (save_directory / "config.json").write_text(text + "\n", encoding="utf-8")

    def save_pretrained(self, save_directory, **options):
        """Writes the model to a folder; see `ModelHubMixin.save_pretrained`."""
        return super().save_pretrained(save_directory, **options)

    @classmethod
    def _from_pretrained(
        cls, *, model_id, revision, cache_dir, force_download, local_files_only, token, **options
    ) -> PlanetSmt:
        folder = Path(model_id)
        if not folder.is_dir():
            folder = Path(
                snapshot_download(
                    model_id, revision=revision, cache_dir=cache_dir, force_download=force_download,
                    local_files_only=local_files_only, token=token,
                )
            )  # fmt: skip
        model_file = next((folder / name for name in LANGUAGE_MODELS if (folder / name).is_file()), None)
        if model_file is None:
            raise ValueError(f"{folder} holds no language model; expected one of {', '.join(LANGUAGE_MODELS)}")
        options.pop("config", None)
        if "preprocessor" not in options and (folder / SEGMENTER).is_file():
            options["preprocessor"] = PreProcessor.from_folder(folder)
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        settings.pop("auto_map", None)
        return cls(PlanetSmtConfig(**settings), Grammar.load(folder), LanguageModel(model_file), **options)


def _joined(first: Hypothesis, second: Hypothesis, start: int) -> Hypothesis:
    """Two pieces of one sentence as one; the second begins at source word `start`."""
    return Hypothesis(
        words=first.words + second.words,
        score=first.score + second.score,
        features=tuple(a + b for a, b in zip(first.features, second.features, strict=True)),
        links=first.links + tuple(tuple(place + start for place in links) for links in second.links),
        unknown=first.unknown + tuple(place + start for place in second.unknown),
        tree=("pieces", (0, start), (first.tree, second.tree)),
    )


def _alignment(parts: list[Decoded]) -> tuple[tuple[float, ...], ...]:
    """T x S links of all sentences, each row summing to 1, or to 0 where nothing is aligned."""
    size = sum(len(part.prepared.words) for part in parts)
    rows, before = [], 0
    for part in parts:
        for links in part.hypotheses[0].links if part.hypotheses else ():
            row = [0.0] * size
            for place in links:
                row[before + place] = 1 / len(links)
            rows.append(tuple(row))
        before += len(part.prepared.words)
    return tuple(rows)


__all__ = ["PlanetSmt"]
