"""Lets `import torchvision` work where its compiled operators cannot load, such as a CUDA wheel beside a CPU torch.

torchvision describes its operators to torch while it is imported, and fails if two of them were never declared. `make`
copies this module into the virtual environment with a `.pth` line that calls `install()` in every Python process, also
in workers and launchers. Where the compiled operators load, nothing is changed. Where they do not, transforms, models
and datasets work; calling `torchvision.ops.nms` and its relatives still raises.
"""

import sys

_TRIGGER = "torchvision._meta_registrations"
_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
# torch forgets a declaration when its library object is collected.
_declared = []


class TorchvisionGuard:
    """An import hook that finds nothing itself: it declares the missing schemas just before they are needed."""

    @staticmethod
    def find_spec(name, path=None, target=None):
        """Returns None always, so that the ordinary import goes on."""
        if name == _TRIGGER and not _declared and not sys.modules["torchvision.extension"]._has_ops():
            import torch

            library = torch.library.Library("torchvision", "FRAGMENT")
            for schema in _SCHEMAS:
                library.define(schema)
            _declared.append(library)


def install():
    """Puts the hook first in line, once per process. Imports neither torch nor torchvision."""
    if TorchvisionGuard not in sys.meta_path:
        sys.meta_path.insert(0, TorchvisionGuard)
