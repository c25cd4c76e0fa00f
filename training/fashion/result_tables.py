"""The tables of the fashion cards, as rows of text, from what was measured."""

from __future__ import annotations

Rows = list[list[str]]


def class_table(detector: dict) -> Rows:
    """Average precision per class, the most frequent class first."""
    ordered = sorted(detector["unguided"]["classes"].items(), key=lambda pair: -pair[1]["n"])
    return [[name, str(row["n"]), *(f"{row[key]:.2f}" for key in ("ap50", "ap75", "ap"))] for name, row in ordered]


def encoder_tables(figures: dict) -> dict[str, Rows]:
    """All tables of the encoder's card; empty where something was not measured.

    Args:
        figures: of all parts, see `evaluate.measured`.
    """
    encoder = figures["encoder"]
    return {
        "retrieval": _retrieval(
            encoder["retrieval"] | {"traditional rival": figures["classic"]["retrieval"]["feature"]}
        ),
        "search": _search(figures["search"]),
        "attributes": _attributes(encoder["attributes"]),
        "orders": _orders(figures["orders"]),
        "hedging": _hedging(encoder["category"]["hedging_curve"]),
        "guide": _guide(figures["guide"]),
        "backbones": _backbones(figures["backbones"]),
        "index": _index(figures["index"]),
    }


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _retrieval(kinds: dict) -> Rows:
    names = {"deep": "this model", "binary": "this model, 128-byte signatures", "imagenet": "frozen ImageNet features",
             "colours": "colour histogram"}  # fmt: skip
    return [
        [
            names.get(kind, kind),
            _percent(found["type"]["hit@1"]),
            *(_percent(found["type_colour"][key]) for key in ("hit@1", "hit@10", "map", "ndcg@10")),
        ]
        for kind, found in kinds.items()
    ]


def _search(search: dict) -> Rows:
    ways = [(f"networks, {way.replace('_', ' ')}", found) for way, found in search["deep"].items()]
    ways += [(f"traditional, {way.replace('_', ' ')}", found) for way, found in search["classic"].items()]
    return [
        [
            name,
            _percent(found["type"]["hit@1"]["accuracy"]),
            *(_percent(found["type_colour"][key]["accuracy"]) for key in ("hit@1", "hit@10")),
            f"{found['ms']['p50']:.0f}",
        ]
        for name, found in ways
        if isinstance(found, dict)
    ]


def _attributes(attributes: dict) -> Rows:
    told = {"unguided": "none", "parent": "parent", "category": "parent, category",
            "gender": "parent, category, gender", "wrong": "a wrong category"}  # fmt: skip
    rows = [
        [
            told[name],
            _percent(attributes[name]["all"]["f1"]),
            *(_percent(attributes[name][key]["f1"]) for key in ("free", "unguided_free")),
        ]
        for name in told
    ]
    return [*rows, ["none, independent softmaxes", _percent(attributes["softmax"]["all"]["f1"]), "", ""]]


def _orders(orders: dict | None) -> Rows:
    return [
        [name, *(_percent(found[key]) for key in ("unguided", "category", "gender"))]
        for name, found in (orders or {}).items()
        if "category" in found
    ]


def _hedging(curve: list[dict]) -> Rows:
    """About a dozen points of the curve, those without a change left out."""
    rows: Rows = []
    for point in curve:
        row = [_percent(point["accuracy"]), f"{point['specificity']:.3f}"]
        if not rows or rows[-1][1:] != row:
            rows.append([f"{point['lambda']:g}", *row])
    return rows[:: max(len(rows) // 13, 1)]


def _guide(guide: dict) -> Rows:
    languages = {"ko": "Korean", "zh": "Chinese", "en": "English"}
    rows = [("all", guide["texts"], guide["micro"])]
    rows += [(languages[key], found["texts"], found) for key, found in guide["by_language"].items()]
    rows += [(field, "", found) for field, found in guide["by_field"].items()]
    return [
        [name, str(texts), *(_percent(found[key]) for key in ("precision", "recall", "f1"))]
        for name, texts, found in rows
    ]


def _backbones(backbones: dict | None) -> Rows:
    return [
        [
            name,
            f"{found['parameters'] / 1e6:.2f} M",
            str(found["steps"]),
            *(_percent(found[key]) for key in ("garments", "leaf", "hit@1")),
        ]
        for name, found in (backbones or {}).items()
    ]


def _index(index: dict) -> Rows:
    columns = ("binary", "two_stage", "float", "numpy_binary", "numpy_float")
    return [[f"{int(size):,}", *(f"{found[name]['p50_ms']:.2f}" for name in columns)] for size, found in index.items()]
