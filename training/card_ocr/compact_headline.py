"""The few figures of the compact reader a visitor reads first, each beside its goal."""

from __future__ import annotations

from training.figures import headline_row as row

BASE = "uncompressed"


def compact_headline(figures: dict) -> list[dict]:
    """Rows from what `evaluate_compact` measured and, once it has, `evaluate_phone`."""
    compact, base, speed = figures["compact"], figures["base"], figures["speed"]
    rows = [
        row(
            "weights", "Weights of both networks", {"value": round(compact["bytes"] / 1e6, 3)}, "MB", 0.45, False,
            rival=round(base["bytes"] / 1e6, 3), rival_name=BASE,
        ),
        row(
            "exact", "Exact card, all legible cards", compact["exact"], "%", None,
            rival=base["exact"]["value"], rival_name=BASE,
        ),
        row("exact_loss", "Exact cards lost", figures["loss"], "%", 0.001, False),
        row(
            "silent_errors", "Wrong among accepted", compact["silent_errors"], "%", 0.0, False,
            rival=base["silent_errors"]["value"], rival_name=BASE,
        ),
        row("onnx_same", "ONNX: digits as in PyTorch", figures["onnx"]["same_digits"], "%", 0.999),
        row("onnx_ms", "ONNX, 640 x 480 photo, one thread", {"value": speed["onnx"]["median"]}, "ms", 15, False),
        row("onnx_faster", "ONNX faster than PyTorch", {"value": speed["onnx"]["times_faster"]}, "x", 3),
    ]  # fmt: skip
    if int8 := figures.get("int8"):
        rows += [
            row("int8_same", "8-bit ONNX: digits as in PyTorch", int8["same_digits"], "%", 0.999),
            row(
                "int8_ms", "8-bit ONNX, 640 x 480 photo, one thread", {"value": speed["int8"]["median"]}, "ms", 15,
                False,
            ),
            row("int8_faster", "8-bit ONNX faster than PyTorch", {"value": speed["int8"]["times_faster"]}, "x", 3),
        ]  # fmt: skip
    if browser := figures.get("browser"):
        videos, sizes = browser["videos"], browser["sizes"]
        frame = {"value": browser["ms"]["median"], "n": browser["timed"]}
        ours = sum(sizes[part]["gzip"] for part in ("page", "weights"))
        rows += [
            row("browser_ms", "In the browser, a frame", frame, "ms", 80, False),
            row("first_answer", "First answer after loading", {"value": browser["first_answer_ms"]}, "ms", 2000, False),
            row("videos", "Videos accepted within 5 frames", videos["accepted"], "%", 0.95),
            row("videos_wrong", "Videos accepted wrongly", videos["wrong"], "%", 0.0, False),
            row("ours", "Page and weights as sent", {"value": round(ours / 1e6, 3)}, "MB", 0.6, False),
        ]  # fmt: skip
    return rows
