"""Which rules are kept, and how likely are they? Counts the occurrences and spells out what survives.

    python -m training.translation.smt.score --data prepared/train.jsonl --out runs/smt

Memory holds one partition of the occurrences at a time, and the rules that are kept.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from modeling.planet_smt.grammar_planet_smt import HOLE, ScoredRule, build_grammar
from training.translation.smt.corpus import Bitext, load_bitext
from training.translation.smt.extract import OCCURRENCE, Limits, extract
from training.translation.smt.lexicon import Lexicon

PLACEHOLDER_BRACKET = "⟦"


@dataclass(frozen=True)
class Pruning:
    """Which rules survive.

    Attributes:
        least_count: occurrences a rule needs; translations of single words need one.
        targets: translations kept of one source side, the likeliest.
        least_probability: of the target side given the source side.
        most_rules: kept of all, those with the highest fractional counts; translations of single words do not count.
    """

    least_count: int = 2
    targets: int = 20
    least_probability: float = 0.005
    most_rules: int | None = None


KEPT = np.dtype([("target", "u8"), ("weight", "f8"), ("total", "f8"), ("sentence", "u4"), ("spans", "u1", (6,))])


def prune(found: np.ndarray, pruning: Pruning) -> np.ndarray:
    """The rules of one partition that survive, as `KEPT` records: fractional counts of the rule and its source side.

    Args:
        found: `OCCURRENCE` records; all occurrences of a source side are among them.
    """
    found = found[np.lexsort((found["target"], found["source"]))]
    if not len(found):
        return np.zeros(0, KEPT)
    new_source = np.concatenate([[True], found["source"][1:] != found["source"][:-1]])
    new_rule = new_source | np.concatenate([[True], found["target"][1:] != found["target"][:-1]])
    first = np.flatnonzero(new_rule)
    counts = np.diff(np.append(first, len(found)))
    weights = np.add.reduceat(found["weight"], first, dtype=np.float64)
    group = np.cumsum(new_source)[first] - 1
    totals = np.bincount(group, weights)[group]
    spans = found["spans"][first]
    kept = ((counts >= pruning.least_count) | is_single(spans)) & (weights >= pruning.least_probability * totals)
    order = np.flatnonzero(kept)
    order = order[np.lexsort((-weights[order], group[order]))]
    starts = np.searchsorted(group[order], group[order])
    order = order[np.arange(len(order)) - starts < pruning.targets]
    rules = np.zeros(len(order), KEPT)
    rules["target"], rules["weight"], rules["total"] = found["target"][first[order]], weights[order], totals[order]
    rules["sentence"], rules["spans"] = found["sentence"][first[order]], spans[order]
    return rules


def is_single(spans: np.ndarray) -> np.ndarray:
    """Whether rules translate a single word, from their spans (R x 6)."""
    return (spans[:, 1] - spans[:, 0] == 1) & (spans[:, 3] == 0)


def most_frequent(rules: np.ndarray, most: int | None) -> np.ndarray:
    """The `most` rules with the highest counts, in their order, and all that translate a single word."""
    single = is_single(rules["spans"])
    if most is None or len(rules) - single.sum() <= most:
        return rules
    ranked = np.argsort(-np.where(single, -1.0, rules["weight"]), kind="stable")[:most]
    single[ranked] = True
    return rules[single]


def target_totals(files: Sequence[Path], wanted: np.ndarray) -> np.ndarray:
    """Fractional counts of target sides over all occurrences, for sorted distinct hashes."""
    totals = np.zeros(len(wanted))
    for path in tqdm(files, "target sides", mininterval=2):
        found = np.fromfile(path, OCCURRENCE)
        place = np.minimum(np.searchsorted(wanted, found["target"]), max(len(wanted) - 1, 0))
        hit = wanted[place] == found["target"] if len(wanted) else np.zeros(len(found), bool)
        totals += np.bincount(place[hit], found["weight"][hit], len(wanted))
    return totals


def spell_out(bitext: Bitext, sentence: int, spans: Sequence[int]) -> tuple[tuple, tuple, tuple, list, list, list]:
    """A rule from the place where it occurs.

    Args:
        spans: source start and end of the initial phrase and of both holes, (0, 0) for none.

    Returns:
        Source side, target side and link masks as in `ScoredRule`; then its source words, its target words and the
        links between these.
    """
    links = bitext.links[sentence].tolist()
    holes = [span for span in ((spans[2], spans[3]), (spans[4], spans[5])) if span[1]]

    def target_span(start: int, end: int) -> tuple[int, int]:
        ends = [t for s, t in links if start <= s < end]
        return min(ends), max(ends) + 1

    holes_target = [target_span(*hole) for hole in holes]
    start, end = target_span(spans[0], spans[1])
    source, target, masks = [], [], []
    source_at, target_at, source_words, target_words = {}, {}, [], []
    hole_at, place, row = {}, spans[0], bitext.source[sentence]
    ends = {hole[0]: (number, hole[1]) for number, hole in enumerate(holes)}
    while place < spans[1]:
        if place in ends:
            number, after = ends[place]
            hole_at[number], place = len(source), after
            source.append(HOLE)
            continue
        source_at[place] = (len(source), len(source_words))
        source.append(int(row[place]))
        source_words.append(int(row[place]))
        place += 1
    place, row = start, bitext.target[sentence]
    ends = {hole[0]: (number, hole[1]) for number, hole in enumerate(holes_target)}
    while place < end:
        if place in ends:
            number, place = ends[place]
            target.append(-1 - number)
            masks.append(1 << hole_at[number])
            continue
        target_at[place] = len(target_words)
        target.append(int(row[place]))
        target_words.append(int(row[place]))
        masks.append(sum(1 << source_at[s][0] for s, t in links if t == place and s in source_at))
        place += 1
    inner = [(source_at[s][1], target_at[t]) for s, t in links if s in source_at and t in target_at]
    return tuple(source), tuple(target), tuple(masks), source_words, target_words, inner


def keeps_placeholders(source: Sequence[str], target: Sequence[str]) -> bool:
    """Whether both sides of a rule hold the same placeholders, so that none is lost, invented or exchanged."""
    sides = [Counter(word.lstrip("▁") for word in side if PLACEHOLDER_BRACKET in word) for side in (source, target)]
    return sides[0] == sides[1]


def score_rules(bitext: Bitext, folder: Path, pruning: Pruning) -> Iterator[ScoredRule]:
    """The surviving rules of the occurrences in `folder` with their four log-probabilities."""
    files = sorted(folder.glob("occurrences-*.bin"))
    kept = np.concatenate(
        [prune(np.fromfile(path, OCCURRENCE), pruning) for path in tqdm(files, "prune", mininterval=2)]
    )
    kept = most_frequent(kept, pruning.most_rules)
    wanted = np.unique(kept["target"])
    totals = target_totals(files, wanted)[np.searchsorted(wanted, kept["target"])]
    forward = np.log(np.minimum(kept["weight"] / kept["total"], 1))
    backward = np.log(np.minimum(kept["weight"] / totals, 1))
    lexicon = Lexicon(bitext)
    for index in tqdm(range(len(kept)), "score", mininterval=2):
        rule = spell_out(bitext, int(kept["sentence"][index]), kept["spans"][index].tolist())
        source, target, masks, source_words, target_words, links = rule
        named = [bitext.source_words[w - 1] for w in source_words], [bitext.target_words[w] for w in target_words]
        if not keeps_placeholders(*named):
            continue
        logs = (float(forward[index]), float(backward[index]), *lexicon.weights(source_words, target_words, links))
        yield ScoredRule(source, target, tuple(min(log, 0.0) for log in logs), masks)


def main(arguments: Sequence[str] | None = None) -> None:
    """Extracts, scores and writes the grammar, unless it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="prepared pairs, JSON lines")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder, with alignments.txt")
    parser.add_argument("--limit", type=int, help="take the first pairs only, as in the alignment")
    parser.add_argument("--phrase-target", type=int, default=15, help="target words of an initial phrase at most")
    parser.add_argument("--least-count", type=int, default=2)
    parser.add_argument("--targets", type=int, default=20)
    parser.add_argument("--most-rules", type=int, help="the size limit: rules kept of all")
    parser.add_argument("--partitions", type=int, default=32, help="more of them need less memory")
    options = parser.parse_args(arguments)
    done = options.out / "grammar.json"
    if done.is_file():
        print(f"{done} is there already")
        return
    began = time.perf_counter()
    bitext = load_bitext(options.data, options.out / "alignments.txt", options.limit)
    limits = Limits(phrase_target=options.phrase_target)
    pruning = Pruning(options.least_count, options.targets, most_rules=options.most_rules)
    work = options.out / "occurrences"
    total = extract(bitext, work, limits, options.partitions)
    rules = list(score_rules(bitext, work, pruning))
    grammar = build_grammar(rules, bitext.source_words, bitext.target_words)
    grammar.save(options.out)
    for path in work.glob("occurrences-*.bin"):
        path.unlink()
    facts = {"pairs": len(bitext), "occurrences": total, "rules": len(grammar), "limits": asdict(limits),
             "pruning": asdict(pruning), "seconds": round(time.perf_counter() - began)}  # fmt: skip
    done.write_text(json.dumps(facts, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(facts))


if __name__ == "__main__":
    main()
