"""Answers of two processes compared: everything exactly, but floats only as closely as arithmetic allows.

Another number of threads or another instruction set sums in another order. Between 1, 2 and 4 threads and between
SSE4, AVX2 and AVX-512, the readers' answers were measured to differ by at most 7e-7 in a confidence, 2e-7 in a
probability, 6e-6 px in a corner and 0.007 grey levels in a tile. The tolerances leave room for machines not measured,
and stay far below what other weights or another way of looking at the picture would change.
"""

from __future__ import annotations

import math
from typing import Any

RELATIVE, ABSOLUTE = 1e-3, 1e-4
PIXELS, GREYS = 0.05, 0.5
PLACES = {"corners": PIXELS, "span": PIXELS, "regions": PIXELS, "tiles": GREYS}
"""Where floats are no probabilities: in all that lies under these keys, how far apart they may be."""


def assert_alike(found: Any, expected: Any, path: str = "answer", apart: float | None = None) -> None:
    """Same types, structure, strings, integers and truth values; floats close.

    Args:
        found: what JSON can hold.
        expected: the same from the other process.
        path: where in the whole they are, for the message.
        apart: how far apart floats may be; None is `RELATIVE` and `ABSOLUTE`.
    """
    assert type(found) is type(expected), f"{path}: {found!r} where {expected!r} was expected"
    if isinstance(found, dict):
        assert found.keys() == expected.keys(), path
        for key in found:
            assert_alike(found[key], expected[key], f"{path}.{key}", PLACES.get(key, apart))
    elif isinstance(found, list):
        assert len(found) == len(expected), f"{path}: {len(found)} entries where {len(expected)} were expected"
        for index, (one, other) in enumerate(zip(found, expected, strict=True)):
            assert_alike(one, other, f"{path}[{index}]", apart)
    elif isinstance(found, float):
        relative, absolute = (RELATIVE, ABSOLUTE) if apart is None else (0.0, apart)
        close = math.isclose(found, expected, rel_tol=relative, abs_tol=absolute)
        assert close, f"{path}: {found!r} is not close to {expected!r}"
    else:
        assert found == expected, f"{path}: {found!r} where {expected!r} was expected"
