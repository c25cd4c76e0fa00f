"""Learns the two subword vocabularies of the neural translator.

    python -m training.translation.vocabulary --data FOLDER --out FOLDER

FOLDER holds train.jsonl with rows {"zh": [words], "ko": [tokens with ▁]}. Byte pairs are merged inside words only
(Sennrich et al., 2016). Writes source_subwords.json, target_subwords.json and the tokenizer's configuration.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path

from tokenizers import Tokenizer
from tokenizers.models import BPE
from tokenizers.pre_tokenizers import WhitespaceSplit
from tokenizers.trainers import BpeTrainer

from modeling.planet_nmt import PlanetNmtTokenizer
from modeling.planet_nmt.tokenization_planet_nmt import PLACEHOLDERS, SPECIAL_TOKENS
from training.translation.prepared import read_rows


def learn_subwords(
    sentences: Iterable[Sequence[str]], size: int, characters: int = 7000, least_count: int = 2
) -> Tokenizer:
    """A byte-pair vocabulary over words.

    Args:
        sentences: words of each.
        size: subwords, special tokens and placeholders included.
        characters: how many characters, the most frequent ones, the vocabulary knows; all others are unknown.
        least_count: a pair seen less often is not merged.
    """
    first = [*SPECIAL_TOKENS, *PLACEHOLDERS]
    if size <= len(first):
        raise ValueError(f"size must exceed the {len(first)} special tokens, got {size}")
    tokenizer = Tokenizer(BPE(unk_token=SPECIAL_TOKENS[3], fuse_unk=True))
    tokenizer.pre_tokenizer = WhitespaceSplit()
    tokenizer.add_special_tokens(first)
    trainer = BpeTrainer(
        vocab_size=size,
        special_tokens=first,
        limit_alphabet=min(characters, size - len(first)),
        min_frequency=least_count,
        show_progress=False,
    )
    hidden = set(PLACEHOLDERS)
    words = (" ".join(word for word in sentence if word.lstrip("▁") not in hidden) for sentence in sentences)
    tokenizer.train_from_iterator(words, trainer)
    return tokenizer


def learn_tokenizer(
    sources: Iterable[Sequence[str]],
    targets: Iterable[Sequence[str]],
    out: Path,
    source_size: int,
    target_size: int,
    source_characters: int = 7000,
    target_characters: int = 7000,
) -> PlanetNmtTokenizer:
    """Learns both vocabularies and writes the tokenizer to `out`."""
    out.mkdir(parents=True, exist_ok=True)
    files = {"source_file": out / "source_subwords.json", "target_file": out / "target_subwords.json"}
    learn_subwords(sources, source_size, source_characters).save(str(files["source_file"]), pretty=False)
    learn_subwords(targets, target_size, target_characters).save(str(files["target_file"]), pretty=False)
    tokenizer = PlanetNmtTokenizer(**{name: str(path) for name, path in files.items()})
    tokenizer.save_pretrained(out)
    return tokenizer


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--source-size", type=int, default=12000)
    parser.add_argument("--target-size", type=int, default=8000)
    parser.add_argument("--source-characters", type=int, default=5000, help="Chinese characters known, the commonest")
    parser.add_argument("--target-characters", type=int, default=2500)
    args = parser.parse_args(argv)
    train = args.data / "train.jsonl"
    tokenizer = learn_tokenizer(
        (row["zh"] for row in read_rows(train)),
        (row["ko"] for row in read_rows(train)),
        args.out,
        args.source_size,
        args.target_size,
        args.source_characters,
        args.target_characters,
    )
    print(f"{tokenizer.source.get_vocab_size()} source and {tokenizer.target_vocab_size} target subwords in {args.out}")


if __name__ == "__main__":
    main()
