"""The command that judges the reader in a browser, on two videos."""

from __future__ import annotations

import json

import pytest

from apps.models import HUB_CARDS
from training.card_ocr import evaluate_phone

RESULTS = HUB_CARDS / "planet-card-ocr-compact" / "results.json"


@pytest.mark.parametrize("split", ["test", "validation"])
def test_videos_are_judged_and_only_those_of_test_are_kept(chromium, site, tmp_path, capsys, split):
    card = tmp_path / "card"
    card.mkdir()
    results = json.loads(RESULTS.read_text(encoding="utf-8"))
    del results["figures"]["browser"]
    (card / "results.json").write_text(json.dumps(results), encoding="utf-8")
    arguments = [str(site), "--split", split, "--cards", "1", "--frames", "2", "--first", "500000", "--card", str(card)]
    evaluate_phone.main(arguments)
    told = json.loads(capsys.readouterr().out)
    assert told["videos"]["accepted"]["n"] == 1
    assert told["timed"] in (1, 2)
    assert told["sizes"]["weights"]["bytes"] < 600_000
    kept = json.loads((card / "results.json").read_text(encoding="utf-8"))
    assert kept["figures"].get("browser") == (told if split == "test" else None)
    assert ("browser_ms" in {row["key"] for row in kept["headline"]}) or split == "validation"
