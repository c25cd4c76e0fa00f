"""What input feeding, attention and word vectors are worth: the translator trained briefly, with and without each.

    python -m training.translation.ablate --data DATA --vectors DATA/vectors.safetensors --steps 2000
    python -m training.translation.ablate … --results hub_cards/planet-nmt-zh-ko/results.json

Every variant sees the same pairs in the same order for the same number of steps, with the same seed and sizes, through
`training.translation.train`. Writes one report a variant to runs/translation/ablation, where `evaluate` finds them; a
variant whose report is there, with the same settings, is not trained again, and an interrupted one continues. Scores
are greedy, of subwords, on the development set: they compare variants with each other and nothing else. No published
model has a part in them, so `--results` may put them beside its figures without measuring those again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from training.journal import read_journal
from training.translation import train

VARIANTS: dict[str, tuple[str, ...]] = {
    "all": (),
    "no input feeding": ("--no-input-feeding",),
    "no attention": ("--no-attention",),
    "no word vectors": (),
}


def settings_of(args: argparse.Namespace) -> dict:
    """What a report must agree on with the others to be compared."""
    names = ("steps", "hidden", "embedding", "layers", "tokens", "limit", "dev_limit", "dev_decoded", "seed")
    return {name: getattr(args, name) for name in names}


def arguments_of(name: str, args: argparse.Namespace, out: Path) -> list[str]:
    """The arguments of `training.translation.train` for a variant."""
    settings = settings_of(args)
    common = {"data": args.data, "out": out, "eval-every": max(1, args.steps // args.evaluations)} | {
        key.replace("_", "-"): value for key, value in settings.items() if value is not None
    }
    if name != "no word vectors":
        common["vectors"] = args.vectors
    if args.vocabulary:
        common["vocabulary"] = args.vocabulary
    if args.threads:
        common["threads"] = args.threads
    common["mixed-precision"] = args.mixed_precision
    flags = [*VARIANTS[name], *(f"--{flag}" for flag in ("cpu", "fresh") if getattr(args, flag))]
    return [text for key, value in common.items() for text in (f"--{key}", str(value))] + flags


def run_variant(name: str, args: argparse.Namespace) -> dict:
    """Trains one variant, or goes on with it, and reports its last evaluation and its curve."""
    out = args.out / name.replace(" ", "-")
    summary = train.main(arguments_of(name, args, out))
    if not summary.complete:
        raise SystemExit(f"{name}: stopped at step {summary.step}; the same command goes on from there")
    curve = [
        {key: round(record[key], 5) for key in ("step", "loss", "chrf")}
        for record in read_journal(out / "log.jsonl")
        if record["kind"] == "evaluation"
    ]
    return {
        "variant": name,
        "settings": settings_of(args),
        "chrf": curve[-1]["chrf"],
        "loss": curve[-1]["loss"],
        "seconds": round(summary.seconds),
        "curve": curve,
    }


def parse(argv: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--data", type=Path, required=True, help="folder with train.jsonl and dev.jsonl")
    add("--vectors", type=Path, required=True, help="word vectors that all variants but one start from")
    add("--vocabulary", type=Path, help="folder of the tokenizer; DATA/vocabulary by default")
    add("--out", type=Path, default=Path("runs/translation/ablation"))
    add("--variants", nargs="+", choices=list(VARIANTS), default=list(VARIANTS))
    add("--steps", type=int, default=2000)
    add("--evaluations", type=int, default=5, help="points of the curve")
    add("--hidden", type=int, default=384)
    add("--embedding", type=int, default=256)
    add("--layers", type=int, default=1)
    add("--tokens", type=int, default=2000, help="target tokens of a batch")
    add("--limit", type=int, help="use only the first rows of train.jsonl")
    add("--dev-limit", type=int, default=1000)
    add("--dev-decoded", type=int, default=300)
    add("--mixed-precision", choices=("no", "bf16", "fp16"), default="no")
    add("--threads", type=int, default=0)
    add("--cpu", action="store_true")
    add("--fresh", action="store_true", help="do not continue interrupted variants; needed after other settings")
    add("--results", type=Path, help="results.json of a published model that takes the reports up, too")
    add("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> None:
    args = parse(argv)
    args.out.mkdir(parents=True, exist_ok=True)
    reports = {}
    for name in args.variants:
        path = args.out / f"{name.replace(' ', '-')}.json"
        report = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if report.get("settings") != settings_of(args):
            report = run_variant(name, args)
            path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
        reports[path.stem] = report
        print(f"{name:<18} chrF {report['chrf']:6.2f}   loss {report['loss']:.4f}   {report['seconds']} s")
    if args.results:
        results = json.loads(args.results.read_text(encoding="utf-8"))
        results["figures"]["training_ablation"] = reports
        args.results.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
