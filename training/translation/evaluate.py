"""Judges Planet NMT beside Planet SMT and Planet RBMT, on the same sentences.

    python -m training.translation.evaluate --shared DIR                on dev: for whoever decides something
    python -m training.translation.evaluate --shared DIR --split test   the final run, whose figures are published

DIR holds dev/ and test/. Measured are BLEU (ko-mecab), chrF and, if wanted, spBLEU with paired tests; the fidelity
suite; numbers, placeholders and raw symbols in natural text; Traditional twins; each step of the pre-processing and
choice of the search; speed. Translations are kept in runs/translation/evaluation, so that an interrupted run continues;
`--translate-only --systems smt` fills them from a second process. A whole run on test writes results.json and pictures
to the model folders, any other to runs/translation/evaluation/results.

`--split test --systems nmt --update fidelity keeping` measures only these of that system anew, after a change of the
code, within the results that are published; the card says so.
"""

from __future__ import annotations

import argparse
import datetime
import json
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from modeling.planet_nmt.processing_zh_ko import PreProcessor
from training.translation.answers import Cache
from training.translation.engines import load_engine
from training.translation.headline import nmt_headline, smt_headline
from training.translation.measuring import (
    Bench,
    measure_all_twins,
    measure_fidelity,
    measure_keeping,
    measure_lengths,
    measure_sets,
    measure_variants,
)
from training.translation.plots import plot_learning, plot_lengths
from training.translation.scores import Draws, make_metrics, signature
from training.translation.speed import about_twenty, measure_speed
from training.translation.systems import (
    NMT,
    RBMT,
    SMT,
    System,
    engine_system,
    load_nmt,
    load_rbmt,
    load_smt,
    version_of,
    weights_of,
)
from training.translation.testsets import IN_DOMAIN, PUBLIC, RATER, SPLITS, read_parts, sha256_of

RUNS = Path("runs/translation")
CARDS = Path("hub_cards")
PARTS = ("fidelity", "twins", "variants", "speed")
ALONE = ("fidelity", "keeping")
"""What a system needs no other for, and no whole evaluation."""
TASKS = {NMT: "Chinese to Korean translation", SMT: "Chinese to Korean translation, statistical"}


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("--shared", type=Path, required=True, help="folder with dev/ and test/")
    add("--split", choices=SPLITS, default="dev")
    add("--nmt", type=Path, default=CARDS / NMT, help="folder of the neural model")
    add("--smt", type=Path, default=CARDS / SMT, help="folder of the statistical model")
    add("--segmenter", type=Path, help="folder with the segmenter of the rules; that of the first model by default")
    add("--systems", nargs="+", choices=("nmt", "smt", "rbmt"), default=["nmt", "smt", "rbmt"])
    add("--engine", action="append", default=[], metavar="MODULE:CLASS", help="external system, see engines.py")
    add("--limit", type=int, help="sentences of a set at most")
    add("--smt-limit", type=int, help="the same for the slow statistical system; compared on what both translated")
    add("--fidelity", type=int, default=200, help="items in a row of the fidelity suite")
    add("--variant-sentences", type=int, default=200, help="of each set the variants translate")
    add("--speed-sentences", type=int, default=40, help="translated one by one")
    add("--speed-batches", type=int, default=4, help="batches of 32; the statistical system gets one")
    add("--speed-threads", type=int, nargs="+", default=[1, 2])
    add("--resamples", type=int, default=1000, help="of the bootstrap")
    add("--spbleu", action="store_true", help="also spBLEU (flores200); needs a model that sacreBLEU would download")
    add("--skip", nargs="+", choices=PARTS, default=[], help="what not to measure")
    add("--update", nargs="+", choices=ALONE, default=[], help="measure these anew within the published results")
    add("--translate-only", action="store_true", help="translate and keep the translations, measure nothing")
    add("--cache", type=Path, default=RUNS / "evaluation")
    add("--ablation", type=Path, default=RUNS / "ablation", help="reports of training.translation.ablate")
    add("--logs", type=Path, nargs="*", help="logs of training, in order; those of runs/translation/nmt* by default")
    add("--out", type=Path, help="folder of both models' results, instead of the usual places")
    add("--threads", type=int, default=1, help="while translating; speed is measured on one and on two")
    add("--seed", type=int, default=7)
    add("--quiet", action="store_true", help="no progress bars")
    return parser.parse_args(argv)


def load_systems(args: argparse.Namespace) -> tuple[list[System], dict[str, object]]:
    """The systems asked for, in the order of tables, and their models."""
    models: dict[str, object] = {}
    systems = []
    if "nmt" in args.systems:
        models[NMT] = load_nmt(args.nmt)
        systems.append(System(NMT, models[NMT].translate, version_of(args.nmt), chunk=128))
    if "smt" in args.systems:
        models[SMT] = load_smt(args.smt)
        systems.append(System(SMT, models[SMT].translate, version_of(args.smt), limit=args.smt_limit))
    if "rbmt" in args.systems:
        segmenter = segmenter_of(args)
        models[RBMT] = load_rbmt(segmenter)
        code = Path(sys.modules[type(models[RBMT]).__module__].__file__).parent
        version = version_of(code) + ("-" + version_of(segmenter) if segmenter else "")
        systems.append(System(RBMT, models[RBMT].translate, version, chunk=64))
    return systems + [engine_system(load_engine(reference)) for reference in args.engine], models


def segmenter_of(args: argparse.Namespace) -> Path | None:
    """The folder whose segmenter all systems share."""
    own = [folder for name, folder in (("nmt", args.nmt), ("smt", args.smt)) if name in args.systems]
    return args.segmenter or next(iter(own), None)


def translate_all(bench: Bench, items: int) -> None:
    """Fills the cache with what scores and suite need."""
    for system in bench.systems:
        bench.all_answers(system)
    if items:
        measure_fidelity(bench, items)


def measure_all(bench: Bench, models: dict[str, object], args: argparse.Namespace) -> dict:
    """All figures, by what they are about."""
    in_domain, public = IN_DOMAIN[args.split], PUBLIC[args.split]
    figures: dict = {
        "split": args.split,
        "roles": {"in_domain": in_domain, "public": public, "authored": "authored", "rater": RATER},
        "signatures": {
            name: f"{signature(metric)}|bootstrap:{args.resamples}|seed:{args.seed}"
            for name, metric in bench.metrics.items()
        },
        "machine": machine(),
        "weights": {n: weights_of(f) for n, f in ((NMT, args.nmt), (SMT, args.smt)) if n in models},
        "sets": measure_sets(bench),
        "lengths": measure_lengths(bench),
    }
    if not args.spbleu:
        figures["not_measured"] = {"spBLEU": "its SentencePiece model is downloaded by sacreBLEU; see --spbleu"}
    suite: dict = {}
    if "fidelity" not in args.skip:
        figures["fidelity"], suite = measure_fidelity(bench, args.fidelity)
    figures["keeping"] = measure_keeping(bench, suite, RATER, PreProcessor.from_folder(segmenter_of(args)))
    if "twins" not in args.skip:
        figures["twins"] = measure_all_twins(bench, (in_domain, public))
    if "variants" not in args.skip and NMT in models:
        nmt = next(system for system in bench.systems if system.name == NMT)
        names = (in_domain, "authored", public)
        figures["variants"] = measure_variants(bench, nmt, args.nmt, names, args.variant_sentences)
    figures["training_ablation"] = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(args.ablation.glob("*.json"))
    }
    if "speed" not in args.skip:
        figures["speed"] = speed(bench, models, args)
    return figures


def update(bench: Bench, args: argparse.Namespace) -> list[Path]:
    """Measures `args.update` of the bench's systems anew; both published results.json take the figures up.

    Raises:
        ValueError: if there are none, or they were measured on other sentences.
    """
    if args.limit is not None:
        raise ValueError("--update measures whole sets; leave --limit out")
    measured: dict[str, dict] = {}
    measured["fidelity"], suite = measure_fidelity(bench, args.fidelity)
    measured["keeping"] = measure_keeping(bench, suite, RATER, PreProcessor.from_folder(segmenter_of(args)))
    published = {}
    for name, folder in ((NMT, args.nmt), (SMT, args.smt)):
        path = folder / "results.json"
        results = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        if results.get("dataset", {}).get("sha256") != sha256_of(bench.parts):
            raise ValueError(f"{path.name} of {name} is not of these sentences; run the whole evaluation once before")
        figures = results["figures"]
        anew = results.setdefault("measured_anew", {})
        for part in args.update:
            for system in bench.systems:
                figures[part][system.name] = measured[part][system.name]
                anew.setdefault(system.name, {})[part] = datetime.date.today().isoformat()
        results["headline"] = nmt_headline(figures) if name == NMT else smt_headline(figures)
        published[path] = results
    return [write(path, results) for path, results in published.items()]


def speed(bench: Bench, models: dict[str, object], args: argparse.Namespace) -> dict:
    """Decoding speed of our own systems, on in-domain sentences."""
    translators = {}
    if NMT in models:
        nmt, int8 = models[NMT], load_nmt(args.nmt, int8=True)
        translators[f"{NMT} fp32"] = nmt.translate
        translators[f"{NMT} bf16"] = lambda texts: nmt.translate(texts, bf16=True)
        translators[f"{NMT} int8"] = int8.translate
    translators |= {name: models[name].translate for name in (SMT, RBMT) if name in models}
    part = bench.parts[IN_DOMAIN[args.split]]
    answers = bench.answers(bench.systems[0], part)
    words = {one.source: one.words for one in answers.values()}
    texts = [part.pairs[place].zh for place in part.order if place in answers]
    singles = about_twenty(texts, words.__getitem__, args.speed_sentences)
    batch = texts[: 32 * args.speed_batches]
    measured = measure_speed(translators, singles, batch, args.speed_threads, {SMT: 32}, not args.quiet)
    return {"words": [words[text] for text in singles], "threads": measured}


def machine() -> dict:
    """What the figures were measured on."""
    return {
        "processor": platform.machine(),
        "cores": torch.multiprocessing.cpu_count(),
        "python": platform.python_version(),
        "torch": torch.__version__,
    }


def dataset(bench: Bench, system: System, split: str) -> dict:
    """What a system's figures were measured on; the hash is of whole sets, the counts are of what it translated."""
    sizes = {name: len(part.places(system.limit)) for name, part in bench.parts.items()}
    return {
        "name": f"Chinese–Korean sentences, {len(sizes)} {split} sets",
        "type": "translation",
        "sha256": sha256_of(bench.parts),
        "samples": sum(sizes.values()),
        "sets": sizes,
    }


def write_results(bench: Bench, figures: dict, args: argparse.Namespace) -> list[Path]:
    """Writes results.json of our models, and the pictures to the neural one's folder."""
    complete = args.split == "test" and args.limit is None and not args.skip and set(args.systems) >= {"nmt", "smt"}
    folders = {NMT: args.nmt, SMT: args.smt}
    if args.out or not complete:
        out = args.out or args.cache / "results"
        folders = {name: out / name for name in (NMT, SMT)}
        out.mkdir(parents=True, exist_ok=True)
        written = [write(out / "figures.json", figures)]
    else:
        written = []
    for system in bench.systems:
        if system.name not in folders or system.name not in figures["weights"]:
            continue
        rows = nmt_headline(figures) if system.name == NMT else smt_headline(figures)
        results = {
            "model": system.name,
            "task": TASKS[system.name],
            "command": f"python -m training.translation.evaluate --shared DIR --split {args.split}"
            + (f" --smt-limit {args.smt_limit}" if args.smt_limit else ""),
            "seed": args.seed,
            "date": datetime.date.today().isoformat(),
            "dataset": dataset(bench, system, args.split),
            "headline": rows,
            "weights_bytes": figures["weights"][system.name],
            "machine": figures["machine"],
            "figures": figures if system.name == NMT else without_nmt_only(figures),
        }
        folders[system.name].mkdir(parents=True, exist_ok=True)
        written.append(write(folders[system.name] / "results.json", results))
    if NMT in figures["weights"]:
        plot_lengths(figures["lengths"], folders[NMT] / "quality_by_length.png")
        logs = args.logs if args.logs is not None else sorted(RUNS.glob("nmt*/log.jsonl"))
        plot_learning(logs, folders[NMT] / "learning_curve.png")
    return written


def write(path: Path, content: dict) -> Path:
    """Writes JSON as people can read it."""
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def without_nmt_only(figures: dict) -> dict:
    """The figures without those that are about the neural model alone."""
    return {name: value for name, value in figures.items() if name not in ("variants", "training_ablation")}


def summary(figures: dict) -> str:
    """Scores of every system on every set, one line each."""
    lines = [f"{'set':<20} {'system':<20} {'n':>5} {'BLEU':>7} {'chrF':>7}"]
    for name, measured in figures["sets"].items():
        for system, one in measured["systems"].items():
            bleu, chrf = one["bleu"], one["chrf"]
            lines.append(f"{name:<20} {system:<20} {bleu['n']:>5} {bleu['value']:>7.2f} {chrf['value']:>7.2f}")
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> int:
    args = parse(argv)
    torch.set_num_threads(args.threads)
    try:
        metrics = make_metrics(args.spbleu)
        parts = read_parts(args.shared, args.split, args.limit, args.seed)
        systems, models = load_systems(args)
        bench = Bench(systems, parts, Cache(args.cache, not args.quiet), metrics, Draws(args.seed, args.resamples))
        if args.translate_only:
            translate_all(bench, 0 if "fidelity" in args.skip else args.fidelity)
            return 0
        if args.update:
            for path in update(bench, args):
                print(path)
            return 0
        figures = measure_all(bench, models, args)
    except ValueError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print(summary(figures))
    for path in write_results(bench, figures, args):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
