"""EfficientNet-Lite0 and ResCeption from scratch, on the same pictures for the same time.

    python -m training.fashion.compare_backbones --data FOLDER

Both start from random weights; ResCeption's width is chosen so that it has about as many parameters.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from typing import Any

import torch
from torch.utils.data import DataLoader

from modeling.fashion_encoder import FashionEncoderConfig, FashionEncoderModel
from training.fashion.encoder_data import Targets, Views, category_colour_pairs
from training.fashion.encoder_losses import PairProxies
from training.fashion.encoder_scores import encoder_scores
from training.fashion.sets import frequent_words, read_garments, read_products
from training.fashion.taxonomy import GARMENT_NODES, TREE
from training.fashion.train_encoder import EncoderTask, encoder_loss, make_optimizer
from training.loop import LoopConfig, train

BACKBONES = {"efficientnet_lite0": 1.0, "resception": 0.28}
"""Name -> width multiplier; 3.3 and 3.1 million parameters."""


def compare(
    data: Path, out: Path, minutes: float, size: tuple[int, int], batch_size: int = 32, seed: int = 7, limit: int = 0
) -> dict[str, Any]:
    """Trains each backbone for `minutes` and scores it on validation pictures.

    Args:
        data: folder with products/ and garments/.
        out: folder of the runs.
        minutes: of each.
        size: (rows, columns) of the pictures, in training and afterwards.
        batch_size: pictures per step.
        seed: of weights, order and augmentation.
        limit: use about this many products only; 0 takes all.

    Returns:
        Name -> validation scores, "parameters" of the backbone, "steps" done and "pictures_per_second".
    """
    products, checked = (read_products(data / "products", split) for split in ("train", "val"))
    garments, worn = (read_garments(data / "garments", split) for split in ("train", "validation"))
    step = max(1, len(products) // limit) if limit else 1
    products, garments, checked, worn = (items[::step] for items in (products, garments, checked, worn))
    results = {}
    for name, width in BACKBONES.items():
        torch.manual_seed(seed)
        config = FashionEncoderConfig(
            backbone=name, width=width, image_height=size[0], image_width=size[1], tree=TREE,
            garment_nodes=GARMENT_NODES, attributes=frequent_words(products),
        )  # fmt: skip
        model, pairs = FashionEncoderModel(config), category_colour_pairs(products)
        task = EncoderTask(model, PairProxies(pairs, config.feature_size), frozen=0)
        task = task.to(memory_format=torch.channels_last)
        views = Views(products + garments * 2, Targets(model.tree, config.attributes, pairs), size)
        loop = LoopConfig(
            output_dir=out / name, max_steps=100_000, max_minutes=minutes, learning_rate=1e-3, warmup_steps=50,
            max_grad_norm=5.0, checkpoint_every=100_000, resume=False, seed=seed, progress_bar=False,
        )  # fmt: skip
        loader = DataLoader(views, batch_size, shuffle=True, drop_last=True)
        began = time.monotonic()
        optimizer = make_optimizer(task, loop.learning_rate, head_factor=1.0, decay=0.02)
        summary = train(task, loader, loop, encoder_loss, optimizer=optimizer)
        took = time.monotonic() - began
        results[name] = encoder_scores(model.eval(), checked, worn) | {
            "parameters": sum(parameter.numel() for parameter in model.backbone.parameters()),
            "steps": summary.step,
            "pictures_per_second": summary.step * batch_size / took,
        }
    return results


def main(argv: list[str] | None = None) -> dict[str, Any]:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with products/ and garments/")
    parser.add_argument("--out", type=Path, default=Path("runs/fashion/backbones"))
    parser.add_argument("--minutes", type=float, default=6)
    parser.add_argument("--size", type=int, nargs=2, default=(112, 84), metavar=("ROWS", "COLUMNS"))
    parser.add_argument("--threads", type=int, default=1)
    args = parser.parse_args(argv)
    torch.set_num_threads(args.threads)
    results = compare(args.data, args.out, args.minutes, tuple(args.size))
    args.out.mkdir(parents=True, exist_ok=True)
    (args.out / "results.json").write_text(json.dumps(results, indent=2), encoding="utf-8")
    print(json.dumps(results, indent=2))
    return results


if __name__ == "__main__":
    main()
