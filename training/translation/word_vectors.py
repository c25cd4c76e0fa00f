"""Word2vec vectors of both languages' subwords, from which the translator's embeddings may start.

    python -m training.translation.word_vectors --data FOLDER --vocabulary FOLDER --out vectors.safetensors

Skip-gram with negative sampling (Mikolov et al., 2013). `--monolingual-zh` and `--monolingual-ko` add text files of
one sentence a line, already cut into words or morphemes, separated by spaces.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from modeling.planet_nmt import PlanetNmtForConditionalGeneration, PlanetNmtTokenizer
from training.translation.prepared import read_rows


def learn_vectors(
    sentences: Sequence[Sequence[int]], vocab_size: int, size: int, epochs: int = 3, workers: int = 1, seed: int = 7
) -> Tensor:
    """Skip-gram vectors, V x size; those of ids that do not occur are zero. With one worker the same every time.

    Args:
        sentences: ids of each.
    """
    from gensim.models import Word2Vec

    words = [[str(index) for index in sentence] for sentence in sentences]
    model = Word2Vec(
        words, vector_size=size, window=5, min_count=1, sg=1, negative=5, epochs=epochs, workers=workers, seed=seed
    )
    vectors = np.zeros((vocab_size, size), dtype=np.float32)
    for word, row in model.wv.key_to_index.items():
        vectors[int(word)] = model.wv.vectors[row]
    return torch.from_numpy(vectors)


def fill_embedding(embedding: nn.Embedding, vectors: Tensor) -> int:
    """Puts vectors into an embedding, scaled to its own spread; rows of zeros are left as they are.

    Returns:
        How many rows were filled.

    Raises:
        ValueError: if the shapes differ.
    """
    if vectors.shape != embedding.weight.shape:
        raise ValueError(f"The vectors are {tuple(vectors.shape)}, the embedding {tuple(embedding.weight.shape)}")
    known = vectors.abs().sum(1) > 0
    if known.any():
        with torch.no_grad():
            spread = embedding.weight.std() / vectors[known].std()
            embedding.weight[known] = (vectors[known] * spread).to(embedding.weight)
    return int(known.sum())


def fill_embeddings(model: PlanetNmtForConditionalGeneration, file: Path) -> tuple[int, int]:
    """Starts both embeddings of a model from a file of this script; how many rows were filled in each."""
    vectors = load_file(file)
    return (
        fill_embedding(model.encoder.embedding, vectors["source"]),
        fill_embedding(model.decoder.embedding, vectors["target"]),
    )


def _lines(paths: Iterable[Path]) -> Iterator[list[str]]:
    for path in paths:
        with path.open(encoding="utf-8") as file:
            yield from (line.split() for line in file)


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with train.jsonl")
    parser.add_argument("--vocabulary", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--monolingual-zh", type=Path, nargs="*", default=[])
    parser.add_argument("--monolingual-ko", type=Path, nargs="*", default=[])
    parser.add_argument("--size", type=int, default=256, help="the model's embedding_size")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--limit", type=int, help="use only the first rows of train.jsonl")
    args = parser.parse_args(argv)
    tokenizer = PlanetNmtTokenizer.from_pretrained(args.vocabulary)
    train = args.data / "train.jsonl"
    sources = [tokenizer.encode_words(row["zh"])[0] for row in read_rows(train, args.limit)]
    sources += [tokenizer.encode_words(words)[0] for words in _lines(args.monolingual_zh)]
    source = learn_vectors(sources, tokenizer.vocab_size, args.size, args.epochs, args.workers)
    del sources
    targets = [tokenizer.encode_target(row["ko"]) for row in read_rows(train, args.limit)]
    targets += [tokenizer.encode_target(tokens) for tokens in _lines(args.monolingual_ko)]
    target = learn_vectors(targets, tokenizer.target_vocab_size, args.size, args.epochs, args.workers)
    args.out.parent.mkdir(parents=True, exist_ok=True)
    save_file({"source": source, "target": target}, args.out)


if __name__ == "__main__":
    main()
