"""Exports the reader's two networks to ONNX, in single precision or quantised to 8 bits.

    python -m training.card_ocr.export_onnx hub_cards/planet-card-ocr-compact --out hub_cards/planet-card-ocr-compact
    python -m training.card_ocr.export_onnx hub_cards/planet-card-ocr-compact --int8 --out runs/card_ocr/int8

Frames may have any size that is a multiple of 32, bands any width that is a multiple of 4. The weights of a compact
model stay on their code books in the file, one byte a weight, and are looked up when it is loaded: the networks compute
in single precision and answer as PyTorch does. Quantisation is static (Jacob 2018): weights per output channel and in
7 bits, since processors without VNNI overflow with more, activations per tensor after their ReLU, ranges from
photographs of the training split. The first convolution, whose single input channel leaves an 8-bit kernel nothing to
share, and the last layer of either network stay in single precision.
"""

from __future__ import annotations

import argparse
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import (
    CalibrationDataReader,
    QuantFormat,
    QuantType,
    quantize_static,
)
from onnxruntime.quantization.shape_inference import quant_pre_process
from torch import Tensor
from tqdm import tqdm

from modeling.card_ocr import CardOcrModel
from modeling.card_ocr.engine_card_ocr import FILES
from modeling.card_ocr.images_card_ocr import load_image
from training.card_ocr.folding import folded
from training.card_ocr.photos import Photograph, read_photographs

OPSET = 17
_SHAPES = {
    "detector": ("frames", (1, 1, 480, 640), {2: "height", 3: "width"}, ["maps"]),
    "recogniser": ("bands", (1, 1, 32, 320), {3: "columns"}, ["logits", "extents"]),
}


def export(model: CardOcrModel, folder: Path, on_code_books: bool | None = None) -> dict[str, Path]:
    """Writes detector.onnx and recogniser.onnx in single precision; where they are, by network.

    Args:
        on_code_books: whether weights stay on code books; None where the model's are.
    """
    folder.mkdir(parents=True, exist_ok=True)
    plain = model.eval() if model.config.folded else folded(model)
    paths = {}
    for network, (name, shape, free, outputs) in _SHAPES.items():
        paths[network] = folder / FILES[network]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the tracer's advice: shapes are traced as symbols where they matter
            torch.onnx.export(
                getattr(plain, network), (torch.rand(shape) * 255,), paths[network], dynamo=False, opset_version=OPSET,
                input_names=[name], output_names=outputs, dynamic_axes={name: free} | _free(outputs, network),
            )  # fmt: skip
        if on_code_books or (on_code_books is None and model.config.compression is not None):
            keep_code_books(paths[network])
    return paths


def keep_code_books(path: Path) -> None:
    """Stores every convolution's weights of an ONNX file as indexes into their few values, in place.

    Raises:
        ValueError: if a layer has more than 256 different weights.
    """
    network = onnx.load(path)
    graph = network.graph
    lookups = []
    for weight in [tensor for tensor in graph.initializer if len(tensor.dims) == 4]:
        values, codes = np.unique(numpy_helper.to_array(weight), return_inverse=True)
        if len(values) > 256:
            raise ValueError(f"{weight.name} has {len(values)} different weights; a code book holds at most 256")
        name = weight.name
        codes = codes.reshape(tuple(weight.dims)).astype(np.uint8)
        graph.initializer.remove(weight)
        graph.initializer.append(numpy_helper.from_array(values, f"{name}.book"))
        graph.initializer.append(numpy_helper.from_array(codes, f"{name}.codes"))
        lookups.append(helper.make_node("Cast", [f"{name}.codes"], [f"{name}.indexes"], to=TensorProto.INT32))
        lookups.append(helper.make_node("Gather", [f"{name}.book", f"{name}.indexes"], [name]))
    for node in reversed(lookups):
        graph.node.insert(0, node)
    onnx.checker.check_model(network)
    onnx.save(network, path)


def _free(outputs: list[str], network: str) -> dict[str, dict[int, str]]:
    axes = {2: "rows", 3: "cells"} if network == "detector" else {1: "steps"}
    return dict.fromkeys(outputs, axes)


class _Inputs(CalibrationDataReader):
    """What a network saw while photographs were read, for the quantiser to take ranges from."""

    def __init__(self, name: str, seen: list[np.ndarray]):
        self.rows: Iterator[dict[str, np.ndarray]] = iter([{name: pixels} for pixels in seen])

    def get_next(self) -> dict[str, np.ndarray] | None:
        return next(self.rows, None)


def seen_by(model: CardOcrModel, photographs: list[Photograph]) -> dict[str, list[np.ndarray]]:
    """The inputs of both networks while `model` reads photographs: one frame and one band a photograph at most."""
    seen: dict[str, list[np.ndarray]] = {"detector": [], "recogniser": []}
    first: dict[str, Tensor] = {}

    def note(name: str, pixels: Tensor) -> None:
        first.setdefault(name, pixels)

    hooks = [
        getattr(model, name).register_forward_pre_hook(lambda _, args, name=name: note(name, args[0])) for name in seen
    ]
    for photograph in tqdm(photographs, desc="calibration", mininterval=2):
        first.clear()
        model.read(load_image(photograph.path))
        for name, pixels in first.items():
            seen[name].append(pixels.numpy())
    for hook in hooks:
        hook.remove()
    return seen


def quantise(single: dict[str, Path], folder: Path, seen: dict[str, list[np.ndarray]]) -> dict[str, Path]:
    """Writes the 8-bit networks from those in single precision; where they are, by network."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    with tempfile.TemporaryDirectory() as scratch:
        for network, path in single.items():
            prepared = Path(scratch) / path.name
            quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
            convolutions = [node for node in onnx.load(prepared).graph.node if node.op_type == "Conv"]
            first, last = convolutions[0], convolutions[-1]
            paths[network] = folder / path.name
            quantize_static(
                str(prepared), str(paths[network]), _Inputs(_SHAPES[network][0], seen[network]),
                quant_format=QuantFormat.QDQ, per_channel=True, weight_type=QuantType.QInt8,
                activation_type=QuantType.QUInt8, reduce_range=True,
                op_types_to_quantize=["Conv", "Relu", "MaxPool", "Add", "Resize"],
                nodes_to_exclude=[first.name, _after(prepared, first), last.name],
            )  # fmt: skip
    return paths


def _after(path: Path, node: onnx.NodeProto) -> str:
    """Name of the node that takes the first output of `node`."""
    return next(other.name for other in onnx.load(path).graph.node if node.output[0] in other.input)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="published model, such as hub_cards/planet-card-ocr")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--int8", action="store_true", help="quantise to 8 bits")
    parser.add_argument("--data", type=Path, default=Path("runs/card_ocr/data/train"), help="photographs for ranges")
    parser.add_argument("--calibration", type=int, default=200, help="how many of them")
    args = parser.parse_args()
    model = CardOcrModel.from_pretrained(args.model).eval()
    if not args.int8:
        written = export(model, args.out)
    else:
        with tempfile.TemporaryDirectory() as scratch:
            seen = seen_by(model, read_photographs(args.data)[: args.calibration])
            written = quantise(export(model, Path(scratch), on_code_books=False), args.out, seen)
    for path in written.values():
        print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
