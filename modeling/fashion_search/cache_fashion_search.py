"""A copy of the catalogue's vectors in one file that opens faster than the database, and that nobody has to trust."""

from __future__ import annotations

import os
import zlib
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

NAMES = ("ids", "features", "signatures")


def save_vectors(path: Path, stamp: str, ids: np.ndarray, features: np.ndarray, signatures: np.ndarray) -> None:
    """Writes vectors, whole or not at all.

    Args:
        path: the file.
        stamp: state of the catalogue that they belong to.
        ids: N int64.
        features: N x D float; kept as float16, as the catalogue keeps them.
        signatures: N x W uint8.
    """
    arrays = dict(zip(NAMES, (ids, features.astype(np.float16), np.ascontiguousarray(signatures)), strict=True))
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    save_file(arrays, partial, metadata={"stamp": stamp, "checksum": _checksum(arrays)})
    os.replace(partial, path)


def load_vectors(path: Path, stamp: str) -> tuple[np.ndarray, np.ndarray, np.ndarray] | None:
    """Ids, features and signatures as they were saved; None if the file is missing, damaged or of another stamp."""
    try:
        with safe_open(path, framework="numpy") as file:
            saved = file.metadata() or {}
            if saved.get("stamp") != stamp:
                return None
            arrays = {name: file.get_tensor(name) for name in NAMES}
    except (OSError, SafetensorError):
        return None
    if saved.get("checksum") != _checksum(arrays):
        return None
    return arrays["ids"], arrays["features"], arrays["signatures"]


def _checksum(arrays: dict[str, np.ndarray]) -> str:
    value = 0
    for name in NAMES:
        value = zlib.crc32(np.ascontiguousarray(arrays[name]).data, value)
    return f"{value:08x}"
