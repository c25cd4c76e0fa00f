"""How fast vector indexes answer and how much they hold: faiss binary, float and two-stage against numpy, in one run.

Items are random, for speed does not depend on what they show. All methods get the same queries and take turns every
`TURN` queries, so that the machine's moods fall on all alike and each finds its own vectors in the caches, as a server
does that uses one of them. One thread.

    python -m training.fashion.measure_index        # prints JSON
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import faiss
import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from modeling.fashion_search.cache_fashion_search import save_vectors
from modeling.fashion_search.faiss_fashion_search import FaissIndex

SIZES = (10_000, 100_000, 1_000_000)
QUERIES, SLOW_QUERIES, K = 200, 20, 20
TURN = 10
"""Queries in a row; one more goes before them untimed."""

DIMENSION = BITS = 1024
SLOW = 300_000
"""From so many items on methods that scan floats, or count bits in numpy, get fewer queries."""

_BLOCK = 50_000

Search = Callable[[np.ndarray, np.ndarray], object]


def measure(sizes: Sequence[int] = SIZES, queries: int = QUERIES, seed: int = 0, progress: bool = True) -> dict:
    """Times one query at a time on random items.

    Args:
        sizes: numbers of items.
        queries: per method and size; `SLOW_QUERIES` where an answer takes long.
        seed: of the random items.

    Returns:
        By number of items and method ("binary", "float", "two_stage", "filtered" with a posting of a tenth of the
        items, "numpy_binary", "numpy_float"): `p50_ms`, `p95_ms`, `qps` (one over the mean) and `n`; and
        `bytes_per_item` in memory and in the cache file.
    """
    before = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        with threadpool_limits(1):
            return {str(size): _measured(size, queries, seed, progress) for size in sizes}
    finally:
        faiss.omp_set_num_threads(before)


def _measured(size: int, queries: int, seed: int, progress: bool) -> dict:
    rng = np.random.default_rng(seed)
    index = FaissIndex(DIMENSION, BITS)
    for start in range(0, size, _BLOCK):
        count = min(_BLOCK, size - start)
        features, signatures = _random(rng, count)
        index.add(np.arange(start, start + count), features, signatures)
    asked = list(zip(*_random(rng, queries), strict=True))
    methods = _methods(index, np.sort(rng.permutation(size)[: size // 10]))
    counts = {
        name: min(queries, SLOW_QUERIES) if slow and size >= SLOW else queries for name, (_, slow) in methods.items()
    }
    seconds: dict[str, list[float]] = {name: [] for name in methods}
    turns = tqdm(range(0, queries, TURN), desc=f"{size:,} items", mininterval=2, disable=not progress)
    for first in turns:
        for name, (search, _) in methods.items():
            if first < counts[name]:
                search(*asked[first])
            for query in asked[first : min(first + TURN, counts[name])]:
                began = time.perf_counter()
                search(*query)
                seconds[name].append(time.perf_counter() - began)
    return {**{name: _figures(times) for name, times in seconds.items()}, "bytes_per_item": _bytes(index, size)}


def _methods(index: FaissIndex, posting: np.ndarray) -> dict[str, tuple[Search, bool]]:
    """Name -> how to search with (feature, signature), and whether it is slow on many items."""
    features, signatures = index._features(), index._binary.signatures()
    words = signatures.view(np.uint64)

    def numpy_binary(_: np.ndarray, signature: np.ndarray) -> np.ndarray:
        distances = np.bitwise_count(words ^ signature.view(np.uint64)).sum(1, dtype=np.uint16)
        return np.argpartition(distances, K)[:K]

    def numpy_float(feature: np.ndarray, _: np.ndarray) -> np.ndarray:
        return np.argpartition(-(features @ feature), K)[:K]

    return {
        "binary": (lambda f, s: index.search(None, s, K, mode="binary"), False),
        "float": (lambda f, s: index.search(f, None, K, mode="float"), True),
        "two_stage": (lambda f, s: index.search(f, s, K), False),
        "filtered": (lambda f, s: index.search(f, s, K, posting), False),
        "numpy_binary": (numpy_binary, True),
        "numpy_float": (numpy_float, True),
    }


def _random(rng: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    features = rng.standard_normal((count, DIMENSION), np.float32)
    features /= np.linalg.norm(features, axis=1, keepdims=True)
    return features, np.packbits(features > 0, axis=1)


def _figures(seconds: Sequence[float]) -> dict:
    return {
        "p50_ms": round(1e3 * float(np.median(seconds)), 3),
        "p95_ms": round(1e3 * float(np.percentile(seconds, 95)), 3),
        "qps": round(1 / float(np.mean(seconds)), 1),
        "n": len(seconds),
    }


def _bytes(index: FaissIndex, size: int) -> dict:
    """Bytes an item takes: its vectors in memory, those the binary search alone needs, and the cache file."""
    some = min(size, 1000)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "vectors"
        save_vectors(path, "", np.arange(some), index._features()[:some], index._binary.signatures(np.arange(some)))
        on_disk = path.stat().st_size / some
    id_bytes = np.dtype(np.int64).itemsize
    return {
        "binary": BITS // 8 + id_bytes,
        "in_memory": 4 * DIMENSION + BITS // 8 + id_bytes,
        "cache_file": round(on_disk, 1),
    }


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="numbers of items")
    parser.add_argument("--queries", type=int, default=QUERIES, help="queries per method and size")
    options = parser.parse_args()
    print(json.dumps(measure(options.sizes, options.queries), indent=2))


if __name__ == "__main__":
    main()
