"""Weights as code books: every layer's weights take a few values only, stored as indices into a short table.

After Deep Compression (Han 2016): shared weights by clustering, their indices Huffman coded (RFC 1951 does that in
every Python). Packing loses nothing, because it only writes down what training has left: at most 256 values a layer,
each a number of half precision.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

CODES, BOOK = ".codes", ".book"
"""What a packed weight's two tensors are called: its name with one of these behind it."""

MOST_VALUES = 256
"""Values a code book may hold: an index is one byte before it is Huffman coded."""


def pack(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Code books and Huffman-coded indices of a state dict's convolution weights; all else in half precision.

    Raises:
        ValueError: if a weight takes more values than a code book holds, or one that half precision does not have.
    """
    packed = {}
    for name, value in state.items():
        if value.ndim < 2:
            packed[name] = value.half()
            continue
        book, codes = value.unique(return_inverse=True)
        if len(book) > MOST_VALUES:
            raise ValueError(f"{name} takes {len(book)} values, a code book holds {MOST_VALUES}; cluster it first")
        if not torch.equal(book.half().to(book.dtype), book):
            raise ValueError(f"{name} takes values that half precision does not have; round its code book first")
        packed[name + BOOK] = book.half()
        packed[name + CODES] = torch.frombuffer(bytearray(_squeeze(codes)), dtype=torch.uint8)
    return packed


def _squeeze(codes: Tensor) -> bytes:
    coder = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, 9, zlib.Z_HUFFMAN_ONLY)
    return coder.compress(codes.to(torch.uint8).numpy().tobytes()) + coder.flush()


def load_compact(path: str, model: nn.Module) -> dict[str, Tensor]:
    """The state dict of a model from its packed file.

    Raises:
        ValueError: if the file is damaged or belongs to another model.
    """
    try:
        packed = load_file(path)
    except SafetensorError as error:
        raise ValueError(f"{path} is damaged: {error}. Download it again") from error
    return unpack(packed, {name: tuple(value.shape) for name, value in model.state_dict().items()})


def unpack(packed: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Tensor]:
    """The state dict that was packed, in single precision.

    Args:
        packed: what `pack` returned.
        shapes: of every parameter by name.

    Raises:
        ValueError: if the file does not fit the model: a tensor is missing, cut short, or of another length.
    """
    state = {}
    for name, shape in shapes.items():
        try:
            if name in packed:
                state[name] = packed[name].float().reshape(shape)
                continue
            book = packed[name + BOOK].float()
            codes = zlib.decompress(packed[name + CODES].numpy().tobytes(), -zlib.MAX_WBITS)
            state[name] = book[torch.frombuffer(bytearray(codes), dtype=torch.uint8).long()].reshape(shape)
        except (KeyError, RuntimeError, IndexError, zlib.error) as error:
            raise ValueError(f"The compact weights do not fit this model at {name}: {error}") from error
    return state
