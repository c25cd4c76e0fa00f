"""The figures a visitor reads first, each beside its rival and its goal."""

from __future__ import annotations

from training.figures import headline_row as row
from training.translation.scores import UNITS
from training.translation.systems import NMT, RBMT, SMT

GOALS = {"chrf_in_domain": 40, "chrf_public": 20, "chrf_rater_commerce": 25}
LABELS = {
    "in_domain": "In-domain test",
    "public": "FLORES",
    "authored": "Authored news and shop sentences",
    "rater": "Rater set",
}


def nmt_headline(figures: dict) -> list[dict]:
    """Rows of Planet NMT; what was not measured has none."""
    return [
        *quality(figures, NMT, SMT),
        *gains(figures),
        *keeping(figures, NMT, SMT),
        *twins(figures),
        *nmt_speed(figures.get("speed", {})),
        *weights(figures["weights"], NMT),
    ]


def smt_headline(figures: dict) -> list[dict]:
    """Rows of Planet SMT, which has the translator by rules as its rival."""
    # The goals for quality are the neural translator's.
    rows = [one | {"goal": None} for one in quality(figures, SMT, RBMT)] + keeping(figures, SMT, RBMT)
    timed = figures.get("speed", {}).get("threads", {}).get("1", {}).get(SMT)
    if timed:
        for key, label, quantile, goal in (
            ("seconds", "One sentence of 20 words, median", "p50", 2),
            ("seconds_p95", "One sentence of 20 words, 95th percentile", "p95", None),
        ):
            rows.append(row(key, label, _seconds(timed["single_ms"], quantile), "s", goal, False))
    return rows + weights(figures["weights"], SMT)


def quality(figures: dict, own: str, rival: str) -> list[dict]:
    """BLEU and chrF on the sets that have a role, beside a rival."""
    rows = []
    for role, name in figures["roles"].items():
        measured = figures.get("sets", {}).get(name)
        if not measured or own not in measured["systems"]:
            continue
        for metric in UNITS:
            if metric in measured["systems"][own]:
                rows.append(_scored(f"{metric}_{role}", LABELS[role], measured, metric, own, rival, figures))
        commerce = measured["domains"].get("commerce") if role == "rater" else None
        if commerce and own in commerce:
            alone = {"systems": commerce, "paired": {}}
            rows.append(_scored("chrf_rater_commerce", "Rater set, commerce", alone, "chrf", own, rival, figures))
    return rows


def _scored(key: str, label: str, measured: dict, metric: str, own: str, rival: str, figures: dict) -> dict:
    """A row beside the rival's; where there is no goal, of the sentences both translated, else of all."""
    one, other = measured["systems"][own][metric], measured["systems"].get(rival, {}).get(metric)
    paired = measured["paired"].get(own, {}).get(rival, {}).get(metric)
    against = {}
    if paired and (key not in GOALS or paired["n"] == one["n"]):
        one = {"value": paired["own"], "ci95": paired["own_ci95"], "n": paired["n"]}
        against = {"rival": paired["other"], "rival_name": rival}
    elif other and other["n"] == one["n"]:
        against = {"rival": other["value"], "rival_name": rival}
    return row(key, label, one, UNITS[metric], GOALS.get(key), signature=figures["signatures"][metric], **against)


def gains(figures: dict) -> list[dict]:
    """BLEU of the neural translator less that of its rivals, on the in-domain sentences both translated."""
    paired = figures.get("sets", {}).get(figures["roles"]["in_domain"], {}).get("paired", {}).get(NMT, {})
    rows = []
    for rival, key, goal in ((SMT, "gain_over_smt", 3), (RBMT, "gain_over_rbmt", None)):
        if rival in paired:
            one = paired[rival]["bleu"]
            label = f"BLEU more than {rival}, {LABELS['in_domain'].lower()} (p {show_p(one['p'])})"
            difference = {"value": one["difference"], "ci95": one["ci95"], "n": one["n"]}
            rows.append(row(key, label, difference, "BLEU", goal, signature=figures["signatures"]["bleu"]))
    return rows


def show_p(p: float) -> str:
    """A p value as one writes it."""
    return "< 0.001" if p < 0.001 else f"= {p:.2g}"


def keeping(figures: dict, own: str, rival: str) -> list[dict]:
    """What came through exactly."""
    kept, suite = figures.get("keeping", {}), figures.get("fidelity", {})
    sources = (
        ("placeholders", "Placeholders that came back", kept, "placeholders", 1.0),
        ("numbers_templates", "Numbers kept, fidelity suite", suite, "all numbers", 0.99),
        ("numbers_natural", "Numbers kept, natural text", kept, "numbers", 0.97),
        ("must_keep", "Must-keep tokens, rater set", kept, "must_keep", None),
    )
    rows = []
    for key, label, report, name, goal in sources:
        figure, other = report.get(own, {}).get(name), report.get(rival, {}).get(name)
        if figure:
            same = other is not None and other["n"] == figure["n"]
            against = {"rival": other["value"], "rival_name": rival} if same else {}
            rows.append(row(key, label, figure, "%", goal, **against))
    raw = kept.get(own, {}).get("raw_symbols")
    if raw:
        figure = {"value": raw["count"], "n": raw["n"]}
        rows.append(row("raw_symbols", "Translations with a raw unknown symbol", figure, "", 0, False))
    return rows


def twins(figures: dict) -> list[dict]:
    """The set whose twins are furthest apart, and the share of equal translations over all sets."""
    found = [one for one in figures.get("twins", {}).get(NMT, {}).values() if one["identical"]["n"]]
    if not found:
        return []
    worst = max(found, key=lambda one: abs(one["gap"]["difference"]))["gap"]
    low, high = sorted(map(abs, worst["ci95"])) if worst["ci95"][0] * worst["ci95"][1] > 0 else (0.0, None)
    high = high if high is not None else max(map(abs, worst["ci95"]))
    gap = {"value": abs(worst["difference"]), "ci95": [low, high], "n": worst["n"]}
    items = sum(one["identical"]["n"] for one in found)
    equal = sum(round(one["identical"]["value"] * one["identical"]["n"]) for one in found)
    return [
        row("twins_gap", "Traditional and Simplified twins apart", gap, "BLEU", 0.2, False),
        row("twins_identical", "Twins translated alike", {"value": round(equal / items, 5), "n": items}, "%", 0.95),
    ]


def nmt_speed(speed: dict) -> list[dict]:
    """Time of one sentence and tokens a second of the faster of bf16 and int8, on two threads."""
    threads = speed.get("threads", {})
    number = max(threads, key=int, default="")
    timed = threads.get(number, {})
    if f"{NMT} fp32" not in timed:
        return []
    plain = timed[f"{NMT} fp32"]
    slower = timed.get(SMT)
    against = {"rival": _seconds(slower["single_ms"], "p50")["value"], "rival_name": SMT} if slower else {}
    with_threads = f"{number} thread{'s' if number != '1' else ''}"
    label = f"One sentence of 20 words, beam 5, median, {with_threads}"
    rows = [row("seconds", label, _seconds(plain["single_ms"], "p50"), "s", 0.5, False, **against)]
    fast = {kind: timed[f"{NMT} {kind}"]["batched"] for kind in ("bf16", "int8") if f"{NMT} {kind}" in timed}
    if fast:
        best = max(fast, key=lambda kind: fast[kind]["tokens_per_second"])
        figure = {"value": fast[best]["tokens_per_second"], "n": fast[best]["n"]}
        rows.append(row("tokens", f"Target tokens, batches of 32, {best}, {with_threads}", figure, "tokens/s", 400))
    if slower:
        times = {"value": round(slower["times_slower"] / plain["times_slower"], 2), "n": slower["batched"]["n"]}
        rows.append(row("faster_than_smt", f"Faster than {SMT}, batches of 32, {with_threads}", times, "x"))
    return rows


def weights(sizes: dict[str, int], own: str) -> list[dict]:
    """Size of one model's files, and of both together."""
    rows = [row("weights", "Weights and vocabularies", {"value": round(sizes[own] / 1e6, 2)}, "MB", None, False)]
    if own == NMT and SMT in sizes:
        both = {"value": round((sizes[NMT] + sizes[SMT]) / 1e6, 2)}
        rows.append(row("weights_together", f"The same with {SMT}", both, "MB", 60, False))
    return rows


def _seconds(times: dict, quantile: str) -> dict:
    return {"value": round(times[quantile] / 1e3, 3), "n": times["n"]}
