"""The two networks run by ONNX Runtime: the second engine of the same reader, faster on a CPU."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

FILES = {"detector": "detector.onnx", "recogniser": "recogniser.onnx"}
"""What lies beside the weights: "frames" B x 1 x H x W -> "maps", and "bands" B x 1 x 32 x W -> "logits", "extents"."""


class OnnxNetwork:
    """One exported network, called like the module it was exported from.

    Args:
        path: the .onnx file.
        threads: threads it may use; 0 leaves the choice to ONNX Runtime.

    Raises:
        ImportError: if onnxruntime is not installed.
        ValueError: if the file is no network that it can run.
    """

    def __init__(self, path: Path, threads: int = 0):
        self.path, self.threads = path, threads
        self._session = self._open()

    def _open(self) -> Any:
        try:
            runtime = importlib.import_module("onnxruntime")
        except ImportError as error:
            raise ImportError('engine="onnxruntime" needs the package: pip install onnxruntime') from error
        options = runtime.SessionOptions()
        options.intra_op_num_threads = self.threads
        try:
            return runtime.InferenceSession(str(self.path), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # its errors share no class of their own
            raise ValueError(f"{self.path.name} is not a network ONNX Runtime can run: {error}") from error

    def __call__(self, pixels: Tensor) -> Tensor | tuple[Tensor, ...]:
        """Outputs for B x 1 x H x W grey pixels in 0..255, as the PyTorch module gives them."""
        name = self._session.get_inputs()[0].name
        outputs = self._session.run(None, {name: pixels.cpu().numpy()})
        tensors = tuple(map(torch.from_numpy, outputs))
        return tensors if len(tensors) > 1 else tensors[0]

    def __getstate__(self) -> dict[str, Any]:
        return {"path": self.path, "threads": self.threads}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)
