"""The few figures a visitor reads first of each fashion part, each beside its rival and its goal."""

from __future__ import annotations

from training.figures import headline_row as row

RIVAL = "planet-fashion-classic"


def _score(figure: dict, key: str) -> dict:
    """A measured share as a headline row takes it."""
    return {"value": round(figure[key], 4), "ci95": figure.get("ci"), "n": figure.get("pictures") or figure.get("n")}


def detector_rows(detector: dict, weights: int) -> list[dict]:
    """Rows of the detector, from `measure_detector.measure`."""
    unguided, plain, guided = (detector[name] for name in ("unguided", "asked_unguided", "asked_guided"))
    gain = {
        "value": round(guided["ap50"] - plain["ap50"], 4),
        "ci95": detector["guide_gain_ap50_ci95"],
        "n": detector["questions"],
    }
    ap50 = {"value": round(unguided["ap50"], 4), "ci95": detector["unguided_ap50_ci95"], "n": detector["photos"]}
    asked = {"value": round(guided["ap50"], 4), "n": detector["questions"]}
    lays = {"value": round(detector["lays"]["ap50"], 4), "n": detector["lays"]["lays"]}
    return [
        row("ap50", "AP50, 13 classes, street photographs", ap50, "%", 0.55),
        row(
            "guided", "AP50 of the garment asked for, guided", asked, "%",
            rival=round(plain["ap50"], 4), rival_name="the same without a guide",
        ),
        row("guide_gain", "Gained by the guide", gain, "%", 0.03),
        row("ap", "AP (IoU 0.5 to 0.95)", {"value": round(unguided["ap"], 4), "n": detector["photos"]}, "%"),
        row("flat_lays", "AP50 on flat lays (synthetic)", lays, "%"),
        row("weights", "Weights", {"value": round(weights / 1e6, 2)}, "MB", None, False),
    ]  # fmt: skip


def encoder_rows(figures: dict, weights: int, neural: int) -> list[dict]:
    """Rows of the encoder and of the search it carries.

    Args:
        figures: of all parts, see `evaluate.measured`.
        weights: bytes of the encoder.
        neural: bytes of detector and encoder.
    """
    category, attributes = figures["encoder"]["category"], figures["encoder"]["attributes"]
    retrieval, classic = figures["encoder"]["retrieval"], figures["classic"]
    return [
        *_retrieval_rows(retrieval, classic["retrieval"]),
        row(
            "garments", "Garment category, 10 classes, CC0 test", _score(category["garments"], "accuracy"), "%", 0.93,
            rival=round(classic["garments"]["accuracy"], 4), rival_name=RIVAL,
        ),
        *_attribute_rows(attributes),
        row(
            "hedged", "Hedged category right", {
                "value": round(category["hedged"]["accuracy"], 4), "n": category["leaf"]["pictures"],
            }, "%", rival=round(category["leaf"]["accuracy"], 4), rival_name="leaf without hedging",
        ),
        row("guide", "Guide from titles, F1", {
            "value": figures["guide"]["micro"]["f1"], "ci95": figures["guide"]["micro"].get("ci"),
            "n": figures["guide"]["texts"],
        }, "%"),
        *_speed_rows(figures["index"], figures["search"]["photo"]),
        row("all_weights", "Weights of detector and encoder", {"value": round(neural / 1e6, 2)}, "MB", 15, False),
        row("weights", "Weights", {"value": round(weights / 1e6, 2)}, "MB", None, False),
    ]  # fmt: skip


def _retrieval_rows(deep: dict, classic: dict) -> list[dict]:
    """Same type and colour among the catalogue's photographs: the networks, beside each way that came before."""
    label = "Same type and colour first"
    hit = deep["deep"]["type_colour"]
    value = {"value": round(hit["hit@1"], 4), "n": hit["queries"]}
    frozen, old = deep["imagenet"]["type_colour"]["hit@1"], classic["feature"]["type_colour"]["hit@1"]
    binary = deep["binary"]["type_colour"]["hit@1"]

    def over(other: float) -> dict:
        return {"value": round(hit["hit@1"] - other, 4), "n": hit["queries"]}

    return [
        row("hit1", label, value, "%", rival=round(old, 4), rival_name=RIVAL),
        row("over_imagenet", f"{label}: above frozen ImageNet features", over(frozen), "%", 0.08),
        row("over_classic", f"{label}: above the traditional rival", over(old), "%", 0.25),
        row("over_recipe", f"{label}: above colour and pattern alone",
            over(classic["colour_and_pattern"]["type_colour"]["hit@1"]), "%"),
        row("binary_loss", f"{label}: lost by 128-byte signatures", over(binary), "%", 0.02, False),
        row("map", "Same type and colour, mAP", {"value": round(hit["map"], 4), "n": hit["queries"]}, "%",
            rival=round(classic["feature"]["type_colour"]["map"], 4), rival_name=RIVAL),
    ]  # fmt: skip


def _attribute_rows(attributes: dict) -> list[dict]:
    """Sets of attributes: the guide's own words count, as in the paper, and in a row of its own they do not."""
    guided, unguided, softmax = (attributes[name]["all"] for name in ("gender", "unguided", "softmax"))
    gain = {"value": round(guided["f1"] - unguided["f1"], 4), "n": guided["pictures"]}
    free, free_alone = attributes["gender"]["free"], attributes["gender"]["unguided_free"]
    return [
        row("attributes", "Attributes guided, set F1", _score(guided, "f1"), "%", 0.80,
            rival=round(unguided["f1"], 4), rival_name="the same without a guide"),
        row("attributes_gain", "Attributes: gained by the guide", gain, "%", 0.03),
        row("attributes_free", "Attributes the guide does not tell, F1", _score(free, "f1"), "%",
            rival=round(free_alone["f1"], 4), rival_name="the same without a guide"),
        row("attributes_sequence", "Attributes unguided, set F1", _score(unguided, "f1"), "%",
            round(softmax["f1"], 4), rival=round(softmax["f1"], 4), rival_name="independent softmaxes"),
    ]  # fmt: skip


def _speed_rows(index: dict, photo: dict) -> list[dict]:
    """The index at 100,000 items, and a whole query, one thread."""
    size = index.get("100000") or next(iter(index.values()))
    binary = {"value": size["binary"]["p50_ms"], "n": size["binary"]["n"]}
    return [
        row("binary_ms", "Search among 100,000 items, one thread", binary, "ms", 1, False,
            rival=size["numpy_binary"]["p50_ms"], rival_name="NumPy"),
        row("query_ms", "Whole query, 640 px photograph, one thread", {
            "value": round(photo["p50"], 1), "n": photo["n"],
        }, "ms", 400, False),
    ]  # fmt: skip


def classic_rows(classic: dict, weights: int) -> list[dict]:
    """Rows of the traditional rival, from `measure_classic.measure`."""
    hit = classic["retrieval"]["feature"]["type_colour"]
    return [
        row("hit1", "Same type and colour first", {"value": round(hit["hit@1"], 4), "n": hit["queries"]}, "%"),
        row("map", "Same type and colour, mAP", {"value": round(hit["map"], 4), "n": hit["queries"]}, "%"),
        row("garments", "Garment category, 10 classes, CC0 test", _score(classic["garments"], "accuracy"), "%"),
        row("ms", "Look at a 640 px photograph, one thread", {
            "value": round(classic["ms"]["total"]["p50"], 1), "n": classic["ms"]["pictures"],
        }, "ms", None, False),
        row("weights", "Weights", {"value": round(weights / 1e6, 2)}, "MB", None, False),
    ]  # fmt: skip
