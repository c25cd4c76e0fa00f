"""Trains the neural translator on a folder with train.jsonl and dev.jsonl.

    python -m training.translation.vocabulary --data DATA --out DATA/vocabulary
    python -m training.translation.word_vectors --data DATA --vocabulary DATA/vocabulary --out DATA/vectors.safetensors
    python -m training.translation.train --data DATA --vectors DATA/vectors.safetensors --out runs/translation/nmt

A row is {"zh": [words], "ko": [tokens with ▁], "domain": name, "weight": how often an epoch}. The same command
continues a run where it stopped; the best weights and the tokenizer lie in OUT/model afterwards.

On a CPU (hours; a session may be as short as --max-minutes says):
    ... --mixed-precision bf16 --hidden 512 --embedding 256 --layers 1 --tokens 2000 --schedule cosine
On a GPU (full size):
    ... --mixed-precision bf16 --hidden 1024 --embedding 512 --layers 2 --tokens 12000 --steps 60000 --dropout 0.3
Last, news and commerce: the same with --start OUT/model, other DATA, --learning-rate 2e-4 and few --steps.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.optim.lr_scheduler import LambdaLR

from modeling.planet_nmt import PlanetNmtConfig, PlanetNmtForConditionalGeneration, PlanetNmtTokenizer
from modeling.planet_nmt.modeling_planet_nmt import has_bf16
from modeling.planet_nmt.search_planet_nmt import SearchOptions, beam_search
from training.loop import LoopConfig, TrainingSummary, load_best, train
from training.optimisation import make_optimizer
from training.translation.batches import Pairs, make_loader, padded, read_pairs
from training.translation.word_vectors import fill_embeddings

GREEDY = SearchOptions(beam=1, length_penalty=0, coverage_penalty=0, missing_penalty=0)


class TranslationTask(nn.Module):
    """The translator as the loop sees it: a batch in, its two losses out (smoothed, plain), in nats a token."""

    def __init__(self, model: PlanetNmtForConditionalGeneration):
        super().__init__()
        self.model = model

    def forward(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        return self.model.training_loss(**batch)


@dataclass(frozen=True)
class Development:
    """Held-out pairs and how a model does on them.

    Attributes:
        pairs: all count for the loss.
        tokenizer: turns ids into text.
        decoded: how many pairs, the first ones, are translated for chrF.
        batch: pairs computed together.
    """

    pairs: Pairs
    tokenizer: PlanetNmtTokenizer
    decoded: int = 300
    batch: int = 32

    def measure(self, task: TranslationTask) -> dict[str, float]:
        """Plain loss in nats a token, and chrF (Popovic 2015) of greedy translations."""
        model, device = task.model, task.model.device
        order = sorted(range(len(self.pairs)), key=lambda index: tuple(self.pairs.lengths[index]))
        loss = tokens = 0.0
        answers, references = [], []
        for start in range(0, len(order), self.batch):
            chosen = order[start : start + self.batch]
            batch = {name: part.to(device) for name, part in padded([self.pairs[i] for i in chosen]).items()}
            count = int((batch["labels"] >= 0).sum())
            loss, tokens = loss + float(task(batch)[1]) * count, tokens + count
            rows = [row for row, index in enumerate(chosen) if index < self.decoded]
            if rows:
                found = beam_search(model, batch["input_ids"][rows], batch["attention_mask"][rows], GREEDY)
                answers += [self.text(hypotheses[0].ids) for hypotheses in found]
                references += [self.text(self.pairs[chosen[row]][1]) for row in rows]
        return {"loss": loss / max(tokens, 1), "chrf": chrf(answers, references)}

    def text(self, ids) -> str:
        return self.tokenizer.decode([int(index) for index in ids], skip_special_tokens=True)


def chrf(answers: list[str], references: list[str]) -> float:
    """chrF2 of sacreBLEU, 0..100; 0 if there is nothing to compare."""
    from sacrebleu.metrics import CHRF

    return CHRF().corpus_score(answers, [references]).score if answers else 0.0


def compute_loss(task: nn.Module, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, float]]:
    loss, plain = task(batch)
    return loss, {"nll": plain.item(), "tokens": float((batch["labels"] >= 0).sum())}


def inverse_root(optimizer: torch.optim.Optimizer, warmup: int) -> LambdaLR:
    """Linear warm-up, then down with the inverse square root of the step (Vaswani et al., 2017)."""
    warmup = max(warmup, 1)
    return LambdaLR(optimizer, lambda step: min((step + 1) / warmup, (warmup / (step + 1)) ** 0.5))


def make_model(args: argparse.Namespace, tokenizer: PlanetNmtTokenizer) -> PlanetNmtForConditionalGeneration:
    """A new model as the arguments describe it, or the one to start from with their dropout and smoothing."""
    if args.start:
        return PlanetNmtForConditionalGeneration.from_pretrained(
            args.start, dropout=args.dropout, label_smoothing=args.label_smoothing
        )
    config = PlanetNmtConfig(
        source_vocab_size=tokenizer.source.get_vocab_size(),
        vocab_size=tokenizer.target_vocab_size,
        embedding_size=args.embedding,
        hidden_size=args.hidden,
        layers=args.layers,
        attention=not args.no_attention,
        input_feeding=not (args.no_input_feeding or args.no_attention),
        dropout=args.dropout,
        label_smoothing=args.label_smoothing,
    )
    model = PlanetNmtForConditionalGeneration(config)
    if args.vectors:
        print("rows filled with word vectors (source, target):", fill_embeddings(model, args.vectors))
    return model


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add: Callable = parser.add_argument
    add("--data", type=Path, required=True, help="folder with train.jsonl and dev.jsonl")
    add("--vocabulary", type=Path, help="folder of the tokenizer; DATA/vocabulary by default, or that of --start")
    add("--vectors", type=Path, help="word vectors the embeddings start from")
    add("--start", type=Path, help="model to start from instead of a new one")
    add("--out", type=Path, default=Path("runs/translation/nmt"))
    add("--hidden", type=int, default=512)
    add("--embedding", type=int, default=256)
    add("--layers", type=int, default=1)
    add("--dropout", type=float, default=0.2)
    add("--label-smoothing", type=float, default=0.1)
    add("--no-attention", action="store_true", help="ablation: without attention and input feeding")
    add("--no-input-feeding", action="store_true", help="ablation: without input feeding")
    add("--tokens", type=int, default=2000, help="target tokens of a batch")
    add("--accumulate", type=int, default=1, help="batches that make one optimizer step")
    add("--longest", type=int, default=100, help="subwords of a training sentence at most")
    add("--steps", type=int, default=40000)
    add("--learning-rate", type=float, default=1e-3)
    add("--warmup", type=int, default=400)
    add("--schedule", choices=("cosine", "inverse-root"), default="cosine")
    add("--weight-decay", type=float, default=0.01)
    add("--ema", type=float, default=0.999, help="decay of the averaged weights; 0 is none")
    add("--eval-every", type=int, default=1000)
    add("--patience", type=int, default=0)
    add("--dev-limit", type=int, default=1000)
    add("--dev-decoded", type=int, default=300, help="development sentences translated for chrF")
    add("--limit", type=int, help="use only the first rows of train.jsonl")
    add("--max-minutes", type=float, default=0)
    add("--mixed-precision", choices=("no", "bf16", "fp16"), default="no")
    add("--workers", type=int, default=0)
    add("--threads", type=int, default=0, help="threads of the training process; 0 takes all")
    add("--seed", type=int, default=7)
    add("--cpu", action="store_true")
    add("--fresh", action="store_true", help="do not continue an earlier run")
    return parser.parse_args(argv)


def loop_config(args: argparse.Namespace) -> LoopConfig:
    return LoopConfig(
        output_dir=args.out, max_steps=args.steps, max_minutes=args.max_minutes, learning_rate=args.learning_rate,
        warmup_steps=min(args.warmup, args.steps // 5), weight_decay=args.weight_decay, max_grad_norm=1.0,
        gradient_accumulation_steps=args.accumulate, mixed_precision=args.mixed_precision, ema_decay=args.ema,
        eval_every=args.eval_every, checkpoint_every=args.eval_every, patience=args.patience, metric_name="chrf",
        greater_is_better=True, resume=not args.fresh, seed=args.seed, cpu=args.cpu,
    )  # fmt: skip


def main(argv: list[str] | None = None) -> TrainingSummary:
    args = parse(argv)
    device = torch.device("cpu" if args.cpu or not torch.accelerator.is_available() else "cuda")
    if args.mixed_precision == "bf16" and not has_bf16(device):
        raise SystemExit("This processor has no LSTM in bfloat16; use --mixed-precision no")
    if args.threads:
        torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    tokenizer = PlanetNmtTokenizer.from_pretrained(args.vocabulary or args.start or args.data / "vocabulary")
    model = make_model(args, tokenizer)
    pairs = read_pairs(args.data / "train.jsonl", tokenizer, args.longest, args.limit)
    dev = read_pairs(args.data / "dev.jsonl", tokenizer, args.longest, args.dev_limit)
    config = loop_config(args)
    task = TranslationTask(model)
    optimizer = make_optimizer(task, config.learning_rate, config.weight_decay)
    schedule = inverse_root(optimizer, config.warmup_steps) if args.schedule == "inverse-root" else None
    evaluate = Development(dev, tokenizer, args.dev_decoded).measure
    loader = make_loader(pairs, args.tokens, args.workers)
    summary = train(task, loader, config, compute_loss, evaluate, optimizer, schedule)
    if summary.best_step:
        load_best(task, config.output_dir)
        model.save_pretrained(args.out / "model")
        tokenizer.save_pretrained(args.out / "model")
    print(summary)
    return summary


if __name__ == "__main__":
    main()
