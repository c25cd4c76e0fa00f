"""Finds the weights by PRO on a development set, once for each of several seeds.

python -m training.translation.smt.tune --data prepared/dev.jsonl --out runs/smt --sentences 400 --seeds 3
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from modeling.planet_smt.configuration_planet_smt import FEATURES, PlanetSmtConfig
from modeling.planet_smt.decoding_planet_smt import Decoder, with_weights
from modeling.planet_smt.grammar_planet_smt import Grammar
from modeling.planet_smt.scoring_planet_smt import LanguageModel
from training.translation.prepared import read_rows
from training.translation.smt.pro import Pool, Sampling, corpus_bleu, improve

LONGEST = 40
"""Source words of a development sentence at most: longer ones cost most of the time and count no more."""

PLACEHOLDERS = tuple(f"⟦{kind}{number}⟧" for kind in "NLP" for number in range(10))


@dataclass(frozen=True)
class Tuned:
    """Outcome of one seed: the weights (F) of the best round, its BLEU, and the BLEU of every round."""

    seed: int
    weights: tuple[float, ...]
    bleu: float
    history: tuple[float, ...]


def tune(
    decoder: Decoder,
    sources: Sequence[Sequence[str]],
    references: Sequence[Sequence[str]],
    rounds: int,
    n_best: int,
    seed: int,
    sampling: Sampling | None = None,
    report: Callable[[str], None] = print,
) -> Tuned:
    """Decodes, ranks and decodes again; the best round by corpus BLEU of the decoder's output wins."""
    rng, pool = np.random.default_rng(seed), Pool(references)
    weights, best, history = np.array(decoder.config.vector), None, []
    for number in range(rounds):
        decoder.configure(with_weights(decoder.config, weights))
        firsts, new = [], 0
        for index, words in enumerate(tqdm(sources, f"seed {seed} round {number}", mininterval=2)):
            found = decoder.decode(words, n_best, trees=False)
            firsts.append(" ".join(found[0].words) if found else "")
            new += sum(pool.add(index, hypothesis.words, hypothesis.features) for hypothesis in found)
        history.append(corpus_bleu(firsts, pool.references))
        length = sum(len(text.split()) for text in firsts) / max(sum(map(len, references)), 1)
        report(f"seed {seed} round {number}: BLEU {history[-1]:.2f}, length {length:.2f}, {new} new translations")
        if best is None or history[-1] > best.bleu:
            best = Tuned(seed, tuple(weights.tolist()), history[-1], ())
        if not new:
            break
        weights = improve(pool, weights, sampling or Sampling(), rng)
    return Tuned(seed, best.weights, best.bleu, tuple(history))


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes tuned-SEED.json for each seed and tuned.json for all of them; seeds that are there are kept."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="prepared development pairs, JSON lines")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder, with grammar and language model")
    parser.add_argument("--sentences", type=int, default=400)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--n-best", type=int, default=50)
    parser.add_argument("--pop-limit", type=int, default=30)
    options = parser.parse_args(arguments)
    rows = [row for row in read_rows(options.data) if 0 < len(row["zh"]) <= LONGEST]
    count = min(options.sentences, len(rows))
    # Spread evenly over the file, which holds one domain after the other.
    rows = [rows[index * len(rows) // count] for index in range(count)]
    decoder = Decoder(
        Grammar.load(options.out),
        LanguageModel(options.out / "language_model.arpa.gz"),
        PlanetSmtConfig(pop_limit=options.pop_limit),
        PLACEHOLDERS,
    )
    start, outcomes = decoder.config, []
    for seed in range(options.seeds):
        path = options.out / f"tuned-{seed}.json"
        if not path.is_file():
            decoder.configure(start)
            sides = [row["zh"] for row in rows], [row["ko"] for row in rows]
            found = tune(decoder, *sides, options.rounds, options.n_best, seed)
            path.write_text(json.dumps(asdict(found), indent=2) + "\n", encoding="utf-8")
        outcomes.append(json.loads(path.read_text(encoding="utf-8")))
    scores = [outcome["bleu"] for outcome in outcomes]
    best = outcomes[int(np.argmax(scores))]
    summary = {"weights": dict(zip(FEATURES, best["weights"], strict=True)), "seed": best["seed"], "bleu": scores,
               "mean": float(np.mean(scores)), "deviation": float(np.std(scores, ddof=len(scores) > 1))}  # fmt: skip
    (options.out / "tuned.json").write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(summary, indent=2))


if __name__ == "__main__":
    main()
