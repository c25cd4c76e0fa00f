"""Planet RBMT: Chinese to Korean by a dictionary and a small set of reordering rules."""

from __future__ import annotations

import time
from pathlib import Path

from huggingface_hub import ModelHubMixin, hf_hub_download

from .dictionary_planet_rbmt import Dictionary
from .pieces_planet_rbmt import Piece, alignment_of, text_of, tokens_of
from .processing_zh_ko import PostProcessor, PreProcessor
from .rules_planet_rbmt import translate_tokens
from .sentences_zh_ko import join_sentences, split_sentences, warning_for
from .translation_zh_ko import Copied, Step, Translation, merged_steps

FILE = "dictionary.json"
FOLDER = Path(__file__).parent


class PlanetRbmt(ModelHubMixin, library_name="planet-rbmt", tags=["translation", "rule-based"], language=["zh", "ko"]):
    """Translates by rules: longest dictionary match, noun phrases, verb to the end, particles, polite endings.

    Args:
        dictionary: the words it knows; the one beside this file where it is None.
        pre: prepares texts; the standard steps where it is None.
        post: finishes them; what mirrors `pre` where it is None.
    """

    def __init__(
        self,
        dictionary: Dictionary | None = None,
        pre: PreProcessor | None = None,
        post: PostProcessor | None = None,
    ):
        self.dictionary = dictionary or Dictionary.load(FOLDER / FILE)
        self.pre, self.post = pre or PreProcessor(), post or PostProcessor()

    def translate(self, texts: list[str]) -> list[Translation]:
        """Translates texts, in their order; an empty text has an empty translation.

        Raises:
            ValueError: if `texts` is not a list of strings.
        """
        if isinstance(texts, str) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"translate() takes a list of strings, got {type(texts).__name__}")
        return [self._translate(text) for text in texts]

    def _translate(self, text: str) -> Translation:
        began = time.perf_counter()
        words: list[str] = []
        pieces: tuple[Piece, ...] = ()
        copied: tuple[Copied, ...] = ()
        traces: list[tuple[Step, ...]] = []
        finished = []
        sentences = split_sentences(text)
        for sentence in sentences:
            prepared = self.pre.prepare(sentence.text)
            tokens = self.dictionary.look_up(prepared.words)
            korean = translate_tokens(tokens)
            restored, found = self.post.finish(text_of(korean), prepared)
            unknown = (Copied(one.zh, one.korean, "unknown", "dictionary") for one in tokens if one.unknown)
            pieces += tuple(_moved(piece, len(words)) for piece in korean)
            words += prepared.words
            copied += (*found, *unknown)
            traces.append(prepared.trace)
            finished.append(restored)
        return Translation(
            source=text,
            text=join_sentences(finished, sentences),
            ms=1e3 * (time.perf_counter() - began),
            source_tokens=tuple(words),
            target_tokens=tokens_of(pieces),
            alignment=alignment_of(pieces, len(words)),
            copied=copied,
            steps=merged_steps(traces),
            warning=warning_for(text),
        )

    def _save_pretrained(self, save_directory: Path) -> None:
        self.dictionary.save(Path(save_directory) / FILE)

    @classmethod
    def _from_pretrained(
        cls,
        *,
        model_id: str,
        revision=None,
        cache_dir=None,
        force_download=False,
        local_files_only=False,
        token=None,
        **options,
    ):
        path = Path(model_id) / FILE
        if not path.is_file():
            path = Path(
                hf_hub_download(
                    model_id,
                    FILE,
                    revision=revision,
                    cache_dir=cache_dir,
                    force_download=force_download,
                    local_files_only=local_files_only,
                    token=token,
                )
            )
        return cls(**options | {"dictionary": options.get("dictionary") or Dictionary.load(path)})


def _moved(piece: Piece, words: int) -> Piece:
    return Piece(piece.text, tuple(source + words for source in piece.sources), piece.glued)


__all__ = ["PlanetRbmt"]
