"""Trains the encoder's backbone, category head and feature, from ImageNet weights.

    python -m training.fashion.train_encoder --data FOLDER

FOLDER holds products/ and garments/. A run continues where it stopped. `python -m training.fashion.train_attributes`
comes next.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from timm.layers import DropPath
from torch import Tensor, nn
from torch.utils.data import DataLoader

from modeling.fashion_encoder import FashionEncoderConfig, FashionEncoderModel
from training.fashion.encoder_data import KeptPictures, Targets, Views, category_colour_pairs, read_rgb
from training.fashion.encoder_losses import PairProxies, category_loss, known_cross_entropy
from training.fashion.encoder_scores import encoder_scores
from training.fashion.imagenet import load_imagenet
from training.fashion.sets import Item, frequent_words, read_garments, read_products
from training.fashion.taxonomy import GARMENT_NODES, TREE, garment_class
from training.loop import LoopConfig, TrainingSummary, load_best, train

ATTRIBUTE_WEIGHT, PAIR_WEIGHT = 0.5, 0.5
"""Weights of the attribute heads' mean loss and of the retrieval loss, that of the category being 1."""


class EncoderTask(nn.Module):
    """The encoder as the loop sees it; its first stages stay as ImageNet left them.

    Args:
        model: trained in place.
        proxies: of the retrieval loss.
        frozen: how many of EfficientNet's seven stages are frozen, the stem with them; 0 for another backbone.
        drop_path: how often the last block is left out in training, those before it less often (stochastic depth;
            Huang et al., 2016); 0 for another backbone.
    """

    def __init__(self, model: FashionEncoderModel, proxies: PairProxies, frozen: int, drop_path: float = 0.0):
        super().__init__()
        self.model, self.proxies = model, proxies
        self._frozen = []
        if frozen:
            net = model.backbone.net
            self._frozen = [net.conv_stem, net.bn1, *net.blocks[:frozen]]
        for module in self._frozen:
            module.requires_grad_(False)
        if drop_path:
            blocks = [block for stage in model.backbone.net.blocks for block in stage]
            for place, block in enumerate(blocks):
                block.drop_path = DropPath(drop_path * place / (len(blocks) - 1))

    def train(self, mode: bool = True) -> EncoderTask:
        super().train(mode)
        for module in self._frozen:
            module.eval()
        return self

    def forward(self, canvases: Tensor) -> tuple[dict, Tensor]:
        pixels = canvases.permute(0, 3, 1, 2).float() / 127.5 - 1  # B x h x w x 3 -> B x 3 x h x w, as `to_pixels`
        outputs = self.model(pixels)
        # Half precision would round the scaled cosines to sixteenths.
        with torch.autocast(pixels.device.type, enabled=False):
            return outputs, self.proxies(outputs["features"].float())


def encoder_loss(task: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    """Category, attributes and retrieval together, and each for the log."""
    return _loss(*task(batch["canvas"]), batch)


def patched_loss(share: float) -> Callable[[nn.Module, dict[str, Tensor]], tuple[Tensor, dict[str, float]]]:
    """`encoder_loss` where in `share` of the batches each picture has a patch of another, and that one's labels too.

    CutMix (Yun et al., 2019): the two losses are weighed by area.
    """

    def compute_loss(task: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
        if np.random.random() >= share:
            return encoder_loss(task, batch)
        others = {name: values.roll(1, 0) for name, values in batch.items()}
        canvases, kept = patched(batch["canvas"], others["canvas"])
        seen = task(canvases)
        (own, numbers), (strange, _) = _loss(*seen, batch), _loss(*seen, others)
        return kept * own + (1 - kept) * strange, numbers

    return compute_loss


def patched(canvases: Tensor, others: Tensor) -> tuple[Tensor, float]:
    """The canvases with one rectangle from the others, and the share of area that is their own.

    Args:
        canvases: B x h x w x 3.
        others: the same shape.
    """
    edges = []
    side = np.sqrt(np.random.random())  # areas are evenly distributed
    for length in canvases.shape[1:3]:
        middle = np.random.random()
        ends = np.clip([middle - side / 2, middle + side / 2], 0, 1) * length
        edges.append(slice(*ends.round().astype(int)))
    mixed = canvases.clone()
    mixed[:, edges[0], edges[1]] = others[:, edges[0], edges[1]]
    return mixed, 1 - mixed[:, edges[0], edges[1]].numel() / mixed.numel()


def _loss(outputs: dict, pairs: Tensor, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    category = category_loss(outputs["category"], batch["allowed"])
    losses = [known_cross_entropy(logits, batch[f"word_{group}"]) for group, logits in outputs["attributes"].items()]
    attributes, pair = torch.stack(losses).mean(), known_cross_entropy(pairs, batch["pair"])
    loss = category + ATTRIBUTE_WEIGHT * attributes + PAIR_WEIGHT * pair
    return loss, {"category": category.item(), "attributes": attributes.item(), "pair": pair.item()}


def make_optimizer(task: EncoderTask, rate: float, head_factor: float, decay: float) -> torch.optim.AdamW:
    """AdamW; what starts from nothing learns `head_factor` times as fast as the backbone; only matrices decay."""
    groups = []
    for ours in (True, False):
        named = [
            (n, p) for n, p in task.named_parameters() if p.requires_grad and n.startswith("model.backbone") == ours
        ]
        factor = 1.0 if ours else head_factor
        for matrices in (True, False):
            parameters = [p for _, p in named if (p.ndim >= 2) == matrices]
            groups.append({"params": parameters, "lr": rate * factor, "weight_decay": decay if matrices else 0.0})
    return torch.optim.AdamW(groups, lr=rate)


def new_model(products: Sequence[Item]) -> FashionEncoderModel:
    """An encoder with ImageNet weights and the words of these products."""
    config = FashionEncoderConfig(
        tree=TREE, garment_nodes=GARMENT_NODES, attributes=frequent_words(products),
        garment_class={node: garment_class(node) for node in TREE if node not in TREE.values()},
    )  # fmt: skip
    model = FashionEncoderModel(config)
    load_imagenet(model.backbone)
    return model


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with products/ and garments/")
    parser.add_argument("--start", type=Path, help="trained model to go on from, instead of ImageNet weights")
    parser.add_argument("--out", type=Path, default=Path("runs/fashion/encoder"))
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=4e-4)
    parser.add_argument(
        "--train-scale", type=float, default=5 / 6, help="side of training views as a fraction of the model's canvas"
    )
    parser.add_argument("--frozen", type=int, default=2, help="stages of the backbone that stay as they are")
    parser.add_argument("--garment-weight", type=int, default=2, help="how often each phone photo counts")
    parser.add_argument("--limit", type=int, help="use only this many products and garments of each split")
    parser.add_argument("--eval-every", type=int, default=400)
    parser.add_argument("--max-minutes", type=float, default=0)
    parser.add_argument("--mixed-precision", choices=("no", "bf16", "fp16"), default="no")
    parser.add_argument("--drop-path", type=float, default=0.0, help="how often the last block is left out")
    parser.add_argument("--patches", type=float, default=0.0, help="share of batches with patches of other pictures")
    parser.add_argument("--ema-decay", type=float, default=0.995)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--keep-pictures", action="store_true", help="decode each picture once: takes 1.3 GB")
    parser.add_argument("--threads", type=int, default=0, help="threads of the training process; 0 takes all")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--fresh", action="store_true", help="do not continue an earlier run")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> TrainingSummary:
    args = parse(argv)
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    products, checked = (read_products(args.data / "products", split) for split in ("train", "val"))
    garments, worn = (read_garments(args.data / "garments", split) for split in ("train", "validation"))
    step = 1 if not args.limit else max(1, len(products) // args.limit)
    products, garments, checked, worn = (items[::step] for items in (products, garments, checked, worn))
    model = FashionEncoderModel.from_pretrained(args.start) if args.start else new_model(products)
    config = model.config
    # Random crops show things larger than whole pictures do; smaller views make up for it (Touvron et al., 2019).
    canvas = (round(config.image_height * args.train_scale), round(config.image_width * args.train_scale))
    pairs = category_colour_pairs(products)
    targets = Targets(model.tree, config.attributes, pairs)
    proxies = PairProxies(pairs, config.feature_size)
    task = EncoderTask(model, proxies, args.frozen, args.drop_path).to(memory_format=torch.channels_last)
    read = KeptPictures(products + garments + checked + worn) if args.keep_pictures else read_rgb
    views = Views(products + garments * args.garment_weight, targets, canvas, read)
    loader = DataLoader(
        views, args.batch_size, shuffle=True, num_workers=args.workers, drop_last=True,
        persistent_workers=bool(args.workers),
    )  # fmt: skip
    loop = LoopConfig(
        output_dir=args.out, max_steps=args.steps, max_minutes=args.max_minutes, learning_rate=args.learning_rate,
        warmup_steps=min(100, args.steps // 5), max_grad_norm=5.0, ema_decay=args.ema_decay, eval_every=args.eval_every,
        checkpoint_every=args.eval_every, metric_name="score", greater_is_better=True, resume=not args.fresh,
        seed=args.seed, progress_bar=False, mixed_precision=args.mixed_precision,
    )  # fmt: skip
    config.save_pretrained(args.out)
    summary = train(
        task, loader, loop, patched_loss(args.patches) if args.patches else encoder_loss,
        evaluate=lambda task: encoder_scores(task.model, checked, worn, read=read),
        optimizer=make_optimizer(task, args.learning_rate, head_factor=4.0, decay=0.02),
    )  # fmt: skip
    if summary.best_step:
        load_best(task, args.out)
        model.save_pretrained(args.out / "model")
    print(summary)
    return summary


if __name__ == "__main__":
    main()
