"""Trains the two ways to say attributes, on features of the frozen encoder.

    python -m training.fashion.train_attributes --data FOLDER

Needs what `training.fashion.train_encoder` left in runs/fashion/encoder. `--orders` compares orders of the groups.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from modeling.fashion_encoder import FashionEncoderConfig, FashionEncoderModel
from modeling.fashion_encoder.sequence_fashion_encoder import END
from training.fashion.attribute_scores import set_scores
from training.fashion.encoder_data import UNKNOWN, Targets
from training.fashion.encoder_features import FeatureStore
from training.fashion.encoder_losses import known_cross_entropy
from training.fashion.measure_attributes import GUIDES, right_guides, words_found
from training.fashion.sets import ATTRIBUTE_GROUPS, Item, read_products
from training.loop import LoopConfig, load_best, train


class FeaturesAndWords(Dataset):
    """Features of a picture, one of its views at random, with its words as a sequence and as classes.

    Args:
        views: each P x D.
        items: P.
        model: whose words and tree are used.
    """

    def __init__(self, views: Sequence[Tensor], items: Sequence[Item], model: FashionEncoderModel):
        self.views = torch.stack(list(views), 1)  # P x views x D
        targets = Targets(model.tree, model.config.attributes, ())
        self.sequences = padded([model.words.encode(item.attributes) for item in items])
        self.classes = torch.tensor([list(targets.words(item).values()) for item in items])

    def __len__(self) -> int:
        return len(self.views)

    def __getitem__(self, index: int) -> dict[str, Tensor]:
        view = random.randrange(self.views.shape[1])
        return {
            "features": self.views[index, view],
            "sequence": self.sequences[index],
            "classes": self.classes[index],
        }


def padded(sequences: Sequence[Sequence[int]]) -> Tensor:
    """Sequences that end with `END`, filled up with `UNKNOWN`: P x T."""
    longest = max(map(len, sequences))
    return torch.tensor([[*sequence, *[UNKNOWN] * (longest - len(sequence))] for sequence in sequences])


class DecoderTask(nn.Module):
    """The sequence decoder as the loop sees it."""

    def __init__(self, model: FashionEncoderModel):
        super().__init__()
        self.network = model.decoder

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        logits = self.network(batch["features"], batch["sequence"].clamp(min=END))
        return F.cross_entropy(logits.flatten(0, 1), batch["sequence"].flatten(), ignore_index=UNKNOWN)


class HeadsTask(nn.Module):
    """The independent softmaxes as the loop sees them."""

    def __init__(self, model: FashionEncoderModel):
        super().__init__()
        self.network = model.heads

    def forward(self, batch: dict[str, Tensor]) -> Tensor:
        logits = self.network(batch["features"]).values()
        losses = [known_cross_entropy(each, batch["classes"][:, place]) for place, each in enumerate(logits)]
        return torch.stack(losses).sum()


def fit(
    model: FashionEncoderModel,
    decoding: str,
    data: FeaturesAndWords,
    score: Callable[[], float],
    out: Path,
    epochs: int,
    seed: int,
    batch_size: int = 64,
    learning_rate: float = 2e-3,
) -> float:
    """Trains `model.decoder` ("sequence") or `model.heads` ("softmax") in place.

    Args:
        data: features and words of the training pictures.
        score: of the model on validation pictures.
        out: folder of the run.

    Returns:
        The best validation score; its weights are in the model.
    """
    task, part = (DecoderTask(model), "decoder") if decoding == "sequence" else (HeadsTask(model), "heads")

    def compute_loss(task: nn.Module, batch: dict[str, Tensor]):
        loss = task(batch)
        return loss, {"nll": loss.item()}

    def evaluate(averaged: nn.Module) -> dict[str, float]:
        # The averaged weights lie in a copy of the task; the score asks the model.
        setattr(model, part, averaged.network)
        try:
            return {"f1": score()}
        finally:
            setattr(model, part, task.network)

    loader = DataLoader(data, batch_size, shuffle=True, drop_last=True)
    loop = LoopConfig(
        output_dir=out, epochs=epochs, learning_rate=learning_rate, warmup_steps=20, weight_decay=0.05, ema_decay=0.99,
        metric_name="f1", greater_is_better=True, checkpoint_every=100_000, seed=seed, resume=False, progress_bar=False,
        cpu=True,
    )  # fmt: skip
    summary = train(task, loader, loop, compute_loss, evaluate)
    load_best(task, out)
    task.eval()
    return summary.best_score


def group_orders(items: Sequence[Item], seed: int = 7) -> dict[str, tuple[str, ...]]:
    """Orders of the groups to compare: the paper's, its reverse, the most often labelled first, and two at random."""
    labelled = Counter(group for item in items for group in item.attributes)
    draw = random.Random(seed)
    shuffled = [tuple(draw.sample(ATTRIBUTE_GROUPS, len(ATTRIBUTE_GROUPS))) for _ in range(2)]
    return {
        "paper": ATTRIBUTE_GROUPS,
        "reversed": ATTRIBUTE_GROUPS[::-1],
        "frequency": tuple(sorted(ATTRIBUTE_GROUPS, key=lambda group: -labelled[group])),
        "random 1": shuffled[0],
        "random 2": shuffled[1],
    }


def with_order(model: FashionEncoderModel, order: Sequence[str]) -> FashionEncoderModel:
    """A model of the same words in another order of groups; only its decoder and heads are of use."""
    settings = model.config.to_dict() | {"groups": list(order)}
    return FashionEncoderModel(FashionEncoderConfig(**settings)).eval()


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with products/")
    parser.add_argument("--encoder", type=Path, default=Path("runs/fashion/encoder/model"))
    parser.add_argument("--out", type=Path, default=Path("runs/fashion/attributes"))
    parser.add_argument(
        "--views", type=int, default=1, help="random views of each training picture, besides the picture as it is"
    )
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--limit", type=int, help="use only the first products of each split")
    parser.add_argument("--orders", action="store_true", help="compare orders of the groups too")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> dict[str, dict[str, float]]:
    args = parse(argv)
    torch.manual_seed(args.seed)
    model = FashionEncoderModel.from_pretrained(args.encoder).eval()
    products, checked = (read_products(args.data / "products", split)[: args.limit] for split in ("train", "val"))
    store = FeatureStore(model.to("cuda" if torch.cuda.is_available() else "cpu"), args.out / "features")
    views = [store.view("train", products, seed) for seed in range(args.views)]
    views.append(store.plain("train", products, alone=True))
    seen, wanted = store.plain("val", checked), [item.attributes for item in checked]
    model.cpu()  # decoder and heads are too small for a GPU to be of use

    def score(model: FashionEncoderModel, decoding: str, told: Sequence[str]) -> float:
        found = words_found(model, seen, right_guides(checked, told), decoding)
        return set_scores(found, wanted, ATTRIBUTE_GROUPS)["f1"]

    results = {}
    for name, order in group_orders(products).items() if args.orders else [("paper", ATTRIBUTE_GROUPS)]:
        one = model if name == "paper" else with_order(model, order)
        one.decoder.apply(one._init_weights)
        data = FeaturesAndWords(views, products, one)
        fit(one, "sequence", data, lambda one=one: score(one, "sequence", ()), args.out / name, args.epochs, args.seed)
        results[name] = {"order": list(order)} | {guide: score(one, "sequence", told) for guide, told in GUIDES.items()}
        print(name, results[name], flush=True)
    data = FeaturesAndWords(views, products, model)
    fit(model, "softmax", data, lambda: score(model, "softmax", ()), args.out / "softmax", args.epochs, args.seed)
    results["softmax"] = {"unguided": score(model, "softmax", ())}
    print("softmax", results["softmax"], flush=True)
    model.save_pretrained(args.out / "model")
    (args.out / "validation.json").write_text(json.dumps(results, indent=2), encoding="utf-8")
    return results


if __name__ == "__main__":
    main()
