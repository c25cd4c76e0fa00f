"""Trains the card reader's two networks.

    python -m training.card_ocr.train detector
    python -m training.card_ocr.train recogniser

Each run continues where it stopped. `--own FOLDER` adds your own labelled photographs, `--start FOLDER` begins from a
published model; see training/card_ocr/README.md. `python -m training.card_ocr.export` joins the two into one model.
"""

from __future__ import annotations

import argparse
import copy
import random
from collections.abc import Callable
from operator import le
from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

from modeling.card_ocr import CardOcrConfig, CardOcrModel
from modeling.card_ocr.recogniser_card_ocr import read_digits
from training.card_ocr.augment import AUGMENTATIONS, check_augmentations
from training.card_ocr.bands import BandWindows, Strip, cut_strips, plain_band
from training.card_ocr.finding import found_share
from training.card_ocr.frames import Frames
from training.card_ocr.losses import detector_loss, distillation_loss, recogniser_loss
from training.card_ocr.narrowing import keep_strongest
from training.card_ocr.own import complete_labels
from training.card_ocr.photos import Photograph, read_photographs
from training.loop import LoopConfig, TrainingSummary, load_best, train

NETWORKS = ("detector", "recogniser")


class DetectorTask(nn.Module):
    """The detector as the loop sees it: frames in, maps out."""

    def __init__(self, model: CardOcrModel):
        super().__init__()
        self.network = model.detector

    def forward(self, batch: dict) -> torch.Tensor:
        return self.network(batch["frames"].float().contiguous(memory_format=torch.channels_last))


class RecogniserTask(nn.Module):
    """The recogniser as the loop sees it: bands in, logits and extents out."""

    def __init__(self, model: CardOcrModel):
        super().__init__()
        self.network = model.recogniser

    def forward(self, batch: dict) -> tuple[torch.Tensor, torch.Tensor]:
        return self.network(batch["bands"].contiguous(memory_format=torch.channels_last))


def exact_share(network: nn.Module, strips: list[Strip]) -> dict[str, float]:
    """Share of strips read exactly, and of digits where the count is right."""
    device = next(network.parameters()).device
    exact = right = total = 0
    for strip in strips:
        logits, extents = network(plain_band(strip)[None].to(device))
        found = [digit.value for digit in read_digits(logits[0].cpu(), extents[0].cpu(), 1.0)[0]]
        wanted = strip.values.tolist()
        exact += found == wanted
        total += len(wanted)
        right += sum(a == b for a, b in zip(found, wanted, strict=True)) if len(found) == len(wanted) else 0
    return {"exact": exact / max(len(strips), 1), "digit": right / max(total, 1)}


def train_detector(
    model: CardOcrModel,
    photographs: list[Photograph],
    validation: list[Photograph],
    loop: LoopConfig,
    args: argparse.Namespace,
) -> TrainingSummary:
    """Trains the detector of `model` in place."""
    task = DetectorTask(model).to(memory_format=torch.channels_last)
    loader = _loader(Frames(photographs, args.augment), args)

    def evaluate(task: nn.Module) -> dict[str, float]:
        return found_share(task.network, validation)

    def compute_loss(task: nn.Module, batch: dict):
        return detector_loss(task(batch), batch["targets"])

    return _run(task, loader, loop, compute_loss, evaluate)


def train_recogniser(
    model: CardOcrModel,
    photographs: list[Photograph],
    validation: list[Photograph],
    loop: LoopConfig,
    args: argparse.Namespace,
) -> TrainingSummary:
    """Trains the recogniser of `model` in place."""
    task = RecogniserTask(model).to(memory_format=torch.channels_last)
    windows = BandWindows(cut_strips(photographs, args.processes), args.augment, digit_height=model.config.digit_height)
    loader = _loader(windows, args)
    teacher = CardOcrModel.from_pretrained(args.teacher).recogniser.eval() if args.teacher else None
    strips = cut_strips([photograph for photograph in validation if photograph.legible])

    def evaluate(task: nn.Module) -> dict[str, float]:
        return exact_share(task.network, strips)

    def compute_loss(task: nn.Module, batch: dict):
        logits, extents = task(batch)
        loss, parts = recogniser_loss(logits, extents, batch["classes"], batch["extents"])
        if teacher is None:
            return loss, parts
        with torch.no_grad():
            taught, _ = teacher.to(logits.device)(batch["bands"])
        distance = distillation_loss(logits, taught)
        return loss + distance, parts | {"distance": distance.item()}

    return _run(task, loader, loop, compute_loss, evaluate)


def _loader(dataset: Dataset, args: argparse.Namespace) -> DataLoader:
    """Shuffled batches of equal size; the workers stay from epoch to epoch."""
    return DataLoader(
        dataset, args.batch_size, shuffle=True, num_workers=args.workers, drop_last=True,
        persistent_workers=args.workers > 0,
    )  # fmt: skip


def _run(
    task: nn.Module, loader: DataLoader, loop: LoopConfig, compute_loss: Callable, evaluate: Callable
) -> TrainingSummary:
    if not len(loader):
        raise ValueError("Fewer photographs than one batch holds; lower --batch-size or add photographs")
    summary = train(task, loader, loop, compute_loss, evaluate)
    if summary.best_step:
        load_best(task, loop.output_dir)
    return summary


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network", choices=NETWORKS)
    parser.add_argument(
        "--data", type=Path, default=Path("runs/card_ocr/data"), help="folder with train/ and validation/"
    )
    parser.add_argument(
        "--own", type=Path, help="folder of your own photographs with labels.jsonl, repeated to weigh in"
    )
    parser.add_argument("--own-weight", type=int, default=10, help="how often each own photograph counts")
    parser.add_argument("--start", type=Path, help="published model to start from")
    parser.add_argument("--channels", type=int, nargs=5, metavar="N", help="other widths of the network's five stages")
    parser.add_argument(
        "--teacher", type=Path, help="published model whose answers the recogniser learns as well (distillation)"
    )
    parser.add_argument("--out", type=Path, default=Path("runs/card_ocr"), help="parent of the run's folder")
    parser.add_argument("--limit", type=int, help="use only the first photographs of train")
    parser.add_argument("--validation-limit", type=int, default=400)
    parser.add_argument("--steps", type=int, default=6000)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--augment", nargs="*", default=list(AUGMENTATIONS), help=f"any of {' '.join(AUGMENTATIONS)}")
    parser.add_argument("--eval-every", type=int, default=500)
    parser.add_argument("--max-minutes", type=float, default=0)
    parser.add_argument("--mixed-precision", choices=("no", "bf16", "fp16"), default="no")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2, help="processes that cut strips")
    parser.add_argument("--threads", type=int, default=0, help="threads of the training process; 0 takes all")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--fresh", action="store_true", help="do not continue an earlier run")
    args = parser.parse_args(argv)
    if args.teacher and args.network == "detector":
        parser.error("--teacher teaches the recogniser only; leave it out for the detector")
    args.augment = check_augmentations(args.augment)
    return args


def resized(given: CardOcrModel, widths: dict[str, list[int]]) -> CardOcrModel:
    """A model like `given` with other widths of some networks' stages.

    A recogniser that becomes narrower keeps the filters that matter most; any other network that changes begins anew.

    Args:
        widths: five of each network that is told.
    """
    config = copy.deepcopy(given.config)
    for network, channels in widths.items():
        setattr(config, f"{network}_channels", channels)
    model = CardOcrModel(config)
    for network in NETWORKS:
        now, before = (list(getattr(one, f"{network}_channels")) for one in (config, given.config))
        if now == before:
            getattr(model, network).load_state_dict(getattr(given, network).state_dict())
        elif network == "recogniser" and all(map(le, now, before)):
            keep_strongest(given.recogniser, model.recogniser)
    return model


def main(argv: list[str] | None = None) -> TrainingSummary:
    args = parse(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    model = CardOcrModel.from_pretrained(args.start) if args.start else CardOcrModel(CardOcrConfig())
    if args.channels:
        model = resized(model, {args.network: args.channels})
    photographs = read_photographs(args.data / "train")[: args.limit]
    if args.own:
        own = complete_labels(model.eval(), read_photographs(args.own))
        photographs = photographs + own * args.own_weight
        random.Random(args.seed).shuffle(photographs)
    validation = read_photographs(args.data / "validation")[: args.validation_limit]
    detector = args.network == "detector"
    loop = LoopConfig(
        output_dir=args.out / args.network, max_steps=args.steps, max_minutes=args.max_minutes,
        learning_rate=args.learning_rate, warmup_steps=min(200, args.steps // 5), weight_decay=0.02, max_grad_norm=5.0,
        mixed_precision=args.mixed_precision, ema_decay=0.998 if args.steps >= 2000 else 0.0,
        eval_every=args.eval_every, checkpoint_every=args.eval_every, metric_name="found" if detector else "exact",
        greater_is_better=True, resume=not args.fresh, seed=args.seed,
    )  # fmt: skip
    model.config.save_pretrained(loop.output_dir)
    summary = (train_detector if detector else train_recogniser)(model, photographs, validation, loop, args)
    print(summary)
    return summary


if __name__ == "__main__":
    main()
