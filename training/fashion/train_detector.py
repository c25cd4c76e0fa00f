"""Trains the garment detector on photographs with boxes and on flat lays made of product pictures.

    python -m training.fashion.train_detector --street FOLDER --garments FOLDER --products FOLDER

A run continues where it stopped. `--street` takes any folder in the form of training/fashion/street.py; see
training/fashion/README.md. `python -m training.fashion.export_detector` publishes what was trained.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader

from modeling.fashion_detector import FashionDetectorConfig, FashionDetectorModel
from training.fashion.cutouts import cut_all
from training.fashion.detection_scores import average_precision, find_all
from training.fashion.detector_losses import detector_loss
from training.fashion.detector_views import Views, collate
from training.fashion.flat_sources import flat_sources
from training.fashion.imagenet import imagenet_network
from training.fashion.street import Photo, divide, read_photos, repeated
from training.loop import LoopConfig, TrainingSummary, load_best, train

LEAST = 0.03
"""Boxes below this score do not change average precision noticeably; leaving them out saves time."""


class DetectorTask(nn.Module):
    """The detector as the loop sees it. The backbone's first stages and all its normalisations stay as they are."""

    def __init__(self, model: FashionDetectorModel):
        super().__init__()
        self.model = model
        model.backbone.early.requires_grad_(False)

    def train(self, mode: bool = True) -> DetectorTask:
        super().train(mode)
        for module in self.model.backbone.modules():
            if isinstance(module, nn.BatchNorm2d):
                module.eval()
        return self

    def forward(self, batch: dict) -> tuple[Tensor, dict[str, float]]:
        started = batch["started"].float().contiguous(memory_format=torch.channels_last)
        return detector_loss(self.model, self.model(started=started), batch)


def adopt_imagenet(model: FashionDetectorModel) -> None:
    """Puts ImageNet weights into the backbone, whose parts are timm's in timm's order, without the last ones."""
    own = model.backbone.state_dict()
    model.backbone.load_state_dict(dict(zip(own, imagenet_network().state_dict().values(), strict=False)))


def beginning(start: Path | None, scratch: bool) -> FashionDetectorModel:
    """The model training begins with: a trained one, or a new one with ImageNet weights or, from scratch, without.

    Raises:
        ValueError: if the trained one is a published one, whose normalisations are folded and cannot be trained.
    """
    if start:
        model = FashionDetectorModel.from_pretrained(start)
        if model.config.folded:
            raise ValueError(f"{start} is a published model; go on from the model/ folder of a training run")
        return model
    model = FashionDetectorModel(FashionDetectorConfig())
    if not scratch:
        adopt_imagenet(model)
    return model


def optimizer_of(model: FashionDetectorModel, learning_rate: float, weight_decay: float) -> torch.optim.Optimizer:
    """AdamW; what ImageNet taught the backbone changes at a fifth of the pace."""
    slow = [p for p in model.backbone.parameters() if p.requires_grad]
    known = set(map(id, model.backbone.parameters()))
    fast = [p for p in model.parameters() if id(p) not in known]
    groups = [{"params": slow, "lr": learning_rate / 5}, {"params": fast, "lr": learning_rate}]
    return torch.optim.AdamW(groups, lr=learning_rate, weight_decay=weight_decay)


def train_detector(
    model: FashionDetectorModel, views: Views, chosen_by: list[Photo], loop: LoopConfig, batch_size: int
) -> TrainingSummary:
    """Trains `model` in place; the weights with the best AP50 on the photographs `chosen_by` are left in it."""
    task = DetectorTask(model).to(memory_format=torch.channels_last)
    loader = DataLoader(views, batch_size, shuffle=True, drop_last=True, collate_fn=collate)
    if not len(loader):
        raise ValueError(f"{len(views)} samples are fewer than one batch of {batch_size}; lower --batch-size")

    def evaluate(task: nn.Module) -> dict[str, float]:
        found = find_all(task.model.detect, chosen_by, [None] * len(chosen_by), LEAST)
        scores = average_precision(chosen_by, found, model.config.classes)
        return {key: scores[key] for key in ("ap", "ap50", "ap75")}

    optimizer = optimizer_of(model, loop.learning_rate, loop.weight_decay)
    summary = train(task, loader, loop, lambda task, batch: task(batch), evaluate, optimizer)
    if summary.best_step:
        load_best(task, loop.output_dir)
    return summary


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--street", type=Path, required=True, help="folder with train.json and its photographs")
    parser.add_argument("--garments", type=Path, help="folder of phone photographs, train/<class>/*.jpg")
    parser.add_argument("--products", type=Path, help="folder of catalogue pictures with products.csv")
    origin = parser.add_mutually_exclusive_group()
    origin.add_argument("--scratch", action="store_true", help="start without ImageNet weights")
    origin.add_argument("--start", type=Path, help="trained model to go on from, instead of ImageNet weights")
    parser.add_argument("--out", type=Path, default=Path("runs/fashion/detector"))
    parser.add_argument("--limit", type=int, help="use only the first photographs")
    parser.add_argument("--cutouts", type=int, default=1500, help="garments cut out for flat lays")
    parser.add_argument("--lays", type=int, default=400, help="flat lays composed of them")
    parser.add_argument(
        "--rare", type=float, default=0.0, help="photographs of garments that fewer than this share shows are repeated"
    )
    parser.add_argument("--variants", type=int, default=6, help="views of each sample")
    parser.add_argument("--steps", type=int, default=3200)
    parser.add_argument("--batch-size", type=int, default=4)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--eval-every", type=int, default=400)
    parser.add_argument("--max-minutes", type=float, default=0)
    parser.add_argument("--mixed-precision", choices=("no", "bf16", "fp16"), default="no")
    parser.add_argument("--processes", type=int, default=1, help="processes that cut garments out")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse(argv)
    torch.manual_seed(args.seed)
    model = beginning(args.start, args.scratch)
    photos, chosen_by = divide(read_photos(args.street / "train.json", model.config.classes))
    sources = flat_sources(args.garments, args.products, args.cutouts, args.seed)
    cutouts = cut_all(sources, args.processes)
    backbone = model.backbone.to(memory_format=torch.channels_last).eval()
    photos = repeated(photos[: args.limit], args.rare)
    views = Views(photos, cutouts, args.lays, model.config.classes, backbone, args.variants, args.seed)
    loop = LoopConfig(
        output_dir=args.out,
        max_steps=args.steps,
        max_minutes=args.max_minutes,
        learning_rate=args.learning_rate,
        warmup_steps=min(200, args.steps // 10),
        weight_decay=0.02,
        max_grad_norm=5.0,
        mixed_precision=args.mixed_precision,
        ema_decay=0.998 if args.steps > 1000 else 0,
        eval_every=args.eval_every,
        checkpoint_every=args.eval_every,
        metric_name="ap50",
        greater_is_better=True,
        keep_checkpoints=1,
        seed=args.seed,
    )
    summary = train_detector(model, views, chosen_by[: args.limit], loop, args.batch_size)
    model.save_pretrained(args.out / "model")
    print(
        f"{summary.stopped_by} after {summary.step} steps; best AP50 {summary.best_score} at step {summary.best_step}"
    )


if __name__ == "__main__":
    main()
