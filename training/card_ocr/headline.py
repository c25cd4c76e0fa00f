"""The few figures a visitor reads first, each beside its rival and its goal."""

from __future__ import annotations

from training.figures import headline_row as row

GOALS = {"flat": 0.99, "embossed": 0.97, "scene": 0.93, "odd": 0.90}
LABELS = {
    "flat": "Exact card, flat print",
    "embossed": "Exact card, embossed",
    "scene": "Exact card, whole scenes",
    "odd": "Exact card, odd layouts",
}
RIVAL = "planet-card-ocr-classic"
SILENT = "Wrong among accepted, turned and bad checksums too"
ENGINES = {"rapidocr": "RapidOCR", "tesseract": "Tesseract"}


def _against(value: float) -> dict:
    return {"rival": value, "rival_name": RIVAL}


def headline(cnn: dict, classic: dict, weights: int) -> list[dict]:
    """Rows of the CNN reader from `evaluate.figures` of both readers."""
    rows = [
        row(
            f"exact_{name}",
            LABELS[name],
            cnn["slices"][name]["exact"],
            "%",
            goal,
            **_against(classic["slices"][name]["exact"]["value"]),
        )
        for name, goal in GOALS.items()
    ]
    rows.append(row("turned", "Exact card, on its side or upside down", cnn["turned"]["exact"], "%", None))
    for key, label, goal, higher in (
        ("coverage", "Accepted, legible cards", 0.90, True),
        ("silent_errors_cards", "Wrong among accepted, legible cards", 0.0, False),
        ("silent_errors", SILENT, 0.0, False),
        ("false_accepts", "Accepted, no card or illegible", 0.0, False),
        ("bad_checksum_rejected", "Bad checksum rejected as such", 0.95, True),
    ):
        rows.append(row(key, label, cnn[key], "%", goal, higher, **_against(classic[key]["value"])))
    ms = {"value": cnn["ms"]["total"]["median"], "n": cnn["timed"]}
    rows.append(
        row(
            "ms",
            "Time per 640 x 480 photo, one thread",
            ms,
            "ms",
            60,
            False,
            **_against(classic["ms"]["total"]["median"]),
        )
    )
    rows += against_engine(cnn["engines"])
    if cnn["ablation"] and {"deck", "none"} <= cnn["ablation"]["variants"].keys():
        rows.append(augmentation_row(cnn["ablation"]))
    rows.append(row("weights", "Weights", {"value": round(weights / 1e6, 3)}, "MB", 1.5, False))
    return rows


def against_engine(engines: dict) -> list[dict]:
    """Rows that set the reader beside the best general OCR engine, on the photographs both read."""
    general = [name for name in engines if not name.startswith("planet-")]
    if not general:
        return []
    best = max(general, key=lambda name: sum(share["value"] for share in engines[name]["exact"].values()))
    own, other = engines["planet-card-ocr"], engines[best]
    rows = [
        row(
            f"{best}_{name}", f"{LABELS[name]}, beside {ENGINES[best]}", own["exact"][name], "%", None,
            rival=other["exact"][name]["value"], rival_name=ENGINES[best],
        )
        for name in GOALS
    ]  # fmt: skip
    rows.append(
        row(
            f"faster_than_{best}",
            f"Faster than {ENGINES[best]}, same photos",
            {"value": other["times_slower"]},
            "x",
            15,
        )
    )
    return rows


def augmentation_row(ablation: dict) -> dict:
    """Exact-card accuracy with the original system's five augmentations less that with none."""
    variants = ablation["variants"]
    gain = round(variants["deck"]["all"]["value"] - variants["none"]["all"]["value"], 4)
    return row(
        "augmentation", "Gain by five augmentations", {"value": gain, "n": variants["deck"]["all"]["n"]}, "%", 0.06
    )


def classic_headline(classic: dict, weights: int) -> list[dict]:
    """Rows of the traditional reader."""
    rows = [row(f"exact_{name}", LABELS[name], classic["slices"][name]["exact"], "%", None) for name in GOALS]
    rows.append(row("silent_errors", SILENT, classic["silent_errors"], "%", None, False))
    rows.append(
        row(
            "ms",
            "Time per 640 x 480 photo, one thread",
            {"value": classic["ms"]["total"]["median"], "n": classic["timed"]},
            "ms",
            None,
            False,
        )
    )
    rows.append(row("weights", "Weights", {"value": round(weights / 1e6, 3)}, "MB", None, False))
    return rows
