"""Makes the compact reader: batch normalisations folded, weights on code books, centroids fine-tuned.

    python -m training.card_ocr.compress
    python -m training.card_ocr.compress --detector-bits 4 --recogniser-bits 4 --out runs/card_ocr/compact/4

Starts from a published model, whose thresholds and temperature stay. The fine-tuning is resumed where it stopped
(`--runs`); `training.card_ocr.export_onnx` quantises the result, `training.card_ocr.evaluate_compact` judges it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from modeling.card_ocr import CardOcrModel
from training.card_ocr.augment import AUGMENTATIONS
from training.card_ocr.codebooks import settle, share_weights
from training.card_ocr.folding import folded
from training.card_ocr.photos import read_photographs
from training.card_ocr.train import train_detector, train_recogniser
from training.loop import LoopConfig

NETWORKS = {"detector": train_detector, "recogniser": train_recogniser}


def compress(args: argparse.Namespace) -> CardOcrModel:
    """The compact model of `args.start`, in evaluation mode."""
    model = folded(CardOcrModel.from_pretrained(args.start))
    train_set = read_photographs(args.data / "train")[: args.limit]
    validation = read_photographs(args.data / "validation")[: args.validation_limit]
    for network, train in NETWORKS.items():
        bits, steps = getattr(args, f"{network}_bits"), getattr(args, f"{network}_steps")
        share_weights(getattr(model, network), bits, args.prune)
        if not steps:
            continue
        loop = LoopConfig(
            output_dir=args.runs / f"{network}-{bits}", max_steps=steps, learning_rate=args.learning_rate,
            warmup_steps=min(50, steps // 5), weight_decay=0.0, max_grad_norm=5.0, ema_decay=0.99,
            eval_every=max(steps // 2, 1), checkpoint_every=max(steps // 4, 1),
            metric_name="found" if network == "detector" else "exact", greater_is_better=True, seed=args.seed,
        )  # fmt: skip
        print(train(model.train(), train_set, validation, loop, args))
    return settle(model.eval(), {name: getattr(args, f"{name}_bits") for name in NETWORKS})


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--start", type=Path, default=Path("hub_cards/planet-card-ocr"), help="model to compress")
    parser.add_argument(
        "--data", type=Path, default=Path("runs/card_ocr/data"), help="folder of train/ and validation/"
    )
    parser.add_argument("--out", type=Path, default=Path("hub_cards/planet-card-ocr-compact"))
    parser.add_argument("--runs", type=Path, default=Path("runs/card_ocr/compress"), help="checkpoints of fine-tuning")
    parser.add_argument("--detector-bits", type=int, choices=range(2, 9), default=6, metavar="2-8")
    parser.add_argument("--recogniser-bits", type=int, choices=range(2, 9), default=5, metavar="2-8")
    parser.add_argument("--prune", type=float, default=0.0, help="share of every layer's weights that become 0")
    parser.add_argument("--detector-steps", type=int, default=0, help="fine-tuning steps of the detector's centroids")
    parser.add_argument("--recogniser-steps", type=int, default=300)
    parser.add_argument("--learning-rate", type=float, default=1e-4)
    parser.add_argument("--teacher", type=Path, help="model whose answers the recogniser learns as well (distillation)")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--augment", nargs="*", default=list(AUGMENTATIONS))
    parser.add_argument("--limit", type=int, default=6000, help="use only the first photographs of train")
    parser.add_argument("--validation-limit", type=int, default=300)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="processes that cut strips")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse(argv)
    torch.manual_seed(args.seed)
    compress(args).save_pretrained(args.out)
    print(args.out, (args.out / "model.safetensors").stat().st_size)


if __name__ == "__main__":
    main()
