"""Reads photographs with a published model in several processes, each on one thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import cv2
import torch
from torch import Tensor, nn
from tqdm import tqdm

from modeling.card_ocr import CardOcrModel
from modeling.card_ocr.engine_card_ocr import FILES, OnnxNetwork
from training.card_ocr.measures import Outcome
from training.card_ocr.outcomes import card_reader
from training.card_ocr.photos import Photograph


class _InDouble:
    """A network computed in double precision, called like the module it was made from."""

    def __init__(self, network: nn.Module):
        self.network = network.double()

    def __call__(self, pixels: Tensor) -> Tensor | tuple[Tensor, ...]:
        outputs = self.network(pixels.double())
        return tuple(out.float() for out in outputs) if isinstance(outputs, tuple) else outputs.float()


def load(folder: Path, how: str | Path = "torch") -> CardOcrModel:
    """A model on one thread, run by "torch", in "double" precision, or by the .onnx files in a folder."""
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    model = CardOcrModel.from_pretrained(folder).eval()
    if how == "double":
        model._engine = {name: _InDouble(getattr(model, name)) for name in FILES}
    elif isinstance(how, Path):
        model._engine = {name: OnnxNetwork(how / file, threads=1) for name, file in FILES.items()}
    return model


_reader: Callable[[Photograph], Outcome] | None = None


def _begin(folder: Path, how: str | Path) -> None:
    global _reader
    _reader = card_reader(load(folder, how))


def _read(photograph: Photograph) -> Outcome:
    return _reader(photograph)


def read_with(
    folder: Path, photographs: Sequence[Photograph], processes: int, how: str | Path = "torch"
) -> list[Outcome]:
    """Outcomes of all photographs, in order; `how` as in `load`.

    Args:
        processes: that read them; 1 is this one.
    """
    shown = partial(tqdm, total=len(photographs), desc=f"{folder.name}, {how}", mininterval=2)
    if processes == 1:
        return list(shown(map(card_reader(load(folder, how)), photographs)))
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (folder, how)) as pool:
        return list(shown(pool.map(_read, photographs, chunksize=16)))
