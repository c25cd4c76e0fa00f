"""The networks of the site in Python: as they are, and without the rounding of 8 bits."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
from onnx import GraphProto, helper, numpy_helper

from apps.card_phone.build import SETTINGS
from modeling.card_ocr import CardOcrConfig, CardOcrModel
from modeling.card_ocr.engine_card_ocr import OnnxNetwork

NETWORKS = ("detector", "recogniser")


def python_reader(models: Path) -> CardOcrModel:
    """`CardOcrModel.read` around the very networks the site runs: what differs then is the port alone."""
    settings = json.loads((models / "reader.json").read_text(encoding="utf-8"))
    reader = CardOcrModel(CardOcrConfig(**{name: settings[name] for name in SETTINGS})).eval()
    reader._engine = {name: OnnxNetwork(models / f"{name}.onnx", threads=1) for name in NETWORKS}
    return reader


def smooth(models: Path, target: Path) -> None:
    """Copies models with every rounding of activations to 8 bits replaced by the clipping that comes with it.

    A rounded network turns the last bit of a sum, which differs from processor to processor, into a step; without the
    steps two engines must agree closely. Networks that round nothing stay as they are.
    """
    target.mkdir()
    shutil.copyfile(models / "reader.json", target / "reader.json")
    for name in NETWORKS:
        model = onnx.load(models / f"{name}.onnx")
        _clip_instead(model.graph)
        onnx.save(model, target / f"{name}.onnx")


def _clip_instead(graph: GraphProto) -> None:
    values = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    clipped: set[str] = set()
    nodes = []
    for node in graph.node:
        if node.op_type == "QuantizeLinear":
            scale, zero = values[node.input[1]], values[node.input[2]]
            limits = np.iinfo(zero.dtype)
            ends = [(np.float32(end) - np.float32(zero)) * scale for end in (limits.min, limits.max)]
            names = [f"{node.output[0]}_{end}" for end in ("least", "most")]
            graph.initializer.extend(
                numpy_helper.from_array(np.float32(end), name) for end, name in zip(ends, names, strict=True)
            )
            nodes.append(helper.make_node("Clip", [node.input[0], *names], [node.output[0]]))
            clipped.add(node.output[0])
        elif node.op_type == "DequantizeLinear" and node.input[0] in clipped:
            nodes.append(helper.make_node("Identity", [node.input[0]], [node.output[0]]))
        else:
            nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    # what they say of 8-bit values holds no more
    del graph.value_info[:]
