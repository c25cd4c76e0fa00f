"""What input feeding, attention and word vectors are worth: the runs, their reports, and where they go."""

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from training.translation import ablate


def test_ablation_says_what_differs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ran = []

    def fake(arguments: list[str]) -> SimpleNamespace:
        ran.append(arguments)
        out = Path(arguments[arguments.index("--out") + 1])
        out.mkdir(parents=True)
        records = [{"kind": "evaluation", "step": 4 * k, "loss": 9.0 - k, "chrf": 10.0 + k} for k in (1, 2)]
        (out / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in records))
        return SimpleNamespace(complete=True, step=8, seconds=3.2)

    monkeypatch.setattr(ablate.train, "main", fake)
    options = ["--data", "data", "--vectors", "vectors", "--out", str(tmp_path), "--steps", "8"]
    results = tmp_path / "results.json"
    results.write_text(json.dumps({"model": "planet", "figures": {"sets": {"a": 1}}}))
    ablate.main(options)
    ablate.main([*options, "--results", str(results)])
    assert len(ran) == len(ablate.VARIANTS)
    plain, _, attention, vectors = ran
    assert set(attention) - set(plain) == {"--no-attention", str(tmp_path / "no-attention")}
    assert set(plain) - set(vectors) == {"--vectors", "vectors", str(tmp_path / "all")}
    report = json.loads((tmp_path / "no-attention.json").read_text())
    assert (report["chrf"], report["loss"], len(report["curve"])) == (12.0, 7.0, 2)
    ablate.train.parse(plain)
    figures = json.loads(results.read_text())["figures"]
    assert figures["sets"] == {"a": 1}
    assert figures["training_ablation"]["no-attention"] == report
    assert len(figures["training_ablation"]) == len(ablate.VARIANTS)
