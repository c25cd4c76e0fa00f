"""Model cards and the README's table: rendered from measured numbers, up to date, and with code that runs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from huggingface_hub import ModelCard

from tests.hub_server import HubServer, Repo
from tests.stranger import ROOT, run_stranger
from training.cards import END, NAMESPACE, START, main, render_all, replace_demos, requirements_of, section
from training.figures import evaluation_table, markdown_table, show_bytes, show_goal, show_interval, show_value
from training.publish_checks import MODEL_FIELDS, problems_of_card, published_files

PUBLISHED = sorted(path for path in (ROOT / "hub_cards").glob("*") if path.is_dir())
MODEL, RIVAL = "planet-card-ocr", "planet-card-ocr-classic"
RESULTS = {
    "model": MODEL,
    "task": "Card-number OCR",
    "command": "python -m training.card_ocr.evaluate",
    "seed": 7,
    "date": "2026-11-23",
    "dataset": {"name": "Toy cards", "sha256": "abc123" * 10, "samples": 3001},
    "headline": [
        {
            "key": "exact_flat",
            "label": "Exact card, flat print",
            "value": 0.9912,
            "ci95": [0.982, 0.996],
            "n": 809,
            "unit": "%",
            "rival": 0.413,
            "rival_name": RIVAL,
            "goal": 0.99,
            "higher_is_better": True,
        },
        {
            "key": "frame_ms",
            "label": "Whole frame, one thread",
            "value": 61.5,
            "ci95": None,
            "n": 0,
            "unit": "ms",
            "rival": None,
            "rival_name": None,
            "goal": 60,
            "higher_is_better": False,
        },
    ],
    "weights_bytes": 1_340_000,
    "figures": {},
}

RIVAL_RESULTS = RESULTS | {
    "model": RIVAL,
    "headline": [RESULTS["headline"][0] | {"value": 0.413, "rival": None, "rival_name": None, "goal": None}],
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a model, its rival, and a README with markers."""
    for name in (MODEL, RIVAL):
        folder = tmp_path / "hub_cards" / name
        folder.mkdir(parents=True)
        (folder / "modeling_x.py").write_text(
            "import os\nimport cv2\nfrom torch import nn\nfrom .layers_x import Layer\n"
        )
    (tmp_path / "hub_cards" / MODEL / "results.json").write_text(json.dumps(RESULTS))
    (tmp_path / "hub_cards" / RIVAL / "results.json").write_text(json.dumps(RIVAL_RESULTS))
    (tmp_path / "requirements.txt").write_text(
        "torch==2.13.0\ntransformers==5.23.0\nopencv-python-headless==5.0.0.93\n"
    )
    (tmp_path / "README.md").write_text(f"# Hub\n\n{START}\nold\n{END}\n\nRest.\n")
    return tmp_path


def card_of(project: Path, name: str = MODEL) -> str:
    return render_all(project)[project / "hub_cards" / name / "README.md"]


def test_check_finds_what_is_out_of_date(project: Path, capsys: pytest.CaptureFixture) -> None:
    assert main(["--root", str(project), "--check"]) == 1
    assert not (project / "hub_cards" / MODEL / "README.md").exists(), "--check writes nothing"
    assert main(["--root", str(project)]) == 0
    assert main(["--root", str(project), "--check"]) == 0
    capsys.readouterr()
    results = json.loads(json.dumps(RESULTS).replace("0.9912", "0.9812"))
    (project / "hub_cards" / MODEL / "results.json").write_text(json.dumps(results))
    assert main(["--root", str(project), "--check"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"out of date: {path}"
        for path in (
            "hub_cards/planet-card-ocr/README.md",
            "README.md",
        )
    ]


def test_card_carries_the_measured_numbers(project: Path) -> None:
    card = card_of(project)
    assert "| Exact card, flat print | 99.1 % | 98.2–99.6 % | 809 | 41.3 % | ≥ 99 % (met) |" in card
    assert "| Whole frame, one thread | 61.5 ms |  |  |  | ≤ 60 ms (missed) |" in card
    assert "1.34 MB" in card
    assert "3,001 samples of Toy cards" in card
    assert "pip install opencv-python-headless==5.0.0.93 torch==2.13.0 transformers==5.23.0" in card


@pytest.mark.parametrize("name", [MODEL, RIVAL])
def test_card_is_metadata_the_hub_understands(project: Path, name: str) -> None:
    main(["--root", str(project)])
    path = project / "hub_cards" / name / "README.md"
    assert problems_of_card(path, MODEL_FIELDS) == []
    data = ModelCard(path.read_text(encoding="utf-8")).data
    assert data.library_name == "transformers"
    assert data.model_name == name
    result = data.eval_results[0]
    assert (result.metric_type, result.metric_value) == ("exact_flat", 99.12 if name == MODEL else 41.3)
    assert result.dataset_revision == RESULTS["dataset"]["sha256"]


def test_empty_sections_vanish(project: Path) -> None:
    card = card_of(project)
    assert "## Human ratings" not in card
    headings = re.findall(r"^## (.+)$", card, re.M)
    assert headings[0] == "Use"
    assert {"Evaluation", "Requirements", "Training data and licence", "Out of scope", "Limitations"} <= set(headings)
    assert "\n\n\n" not in card
    assert section("  \n", "Nothing") == ""


def test_a_model_without_results_is_named(project: Path) -> None:
    (project / "hub_cards" / RIVAL / "results.json").unlink()
    with pytest.raises(ValueError, match=f"{RIVAL} has no results.json"):
        render_all(project)


def test_demos_table_shows_each_model_once(project: Path) -> None:
    main(["--root", str(project)])
    readme = (project / "README.md").read_text(encoding="utf-8")
    assert readme.startswith(f"# Hub\n\n{START}\n| Task |")
    assert readme.endswith(f"|\n{END}\n\nRest.\n")
    rows = re.findall(r"^\| Card-number OCR .*$", readme, re.M)
    assert len(rows) == 1
    assert "**99.1 %** (98.2–99.6 %)" in rows[0]
    assert f"41.3 % ({RIVAL})" in rows[0]


def test_missing_markers_are_an_error_of_the_command_only(project: Path, capsys: pytest.CaptureFixture) -> None:
    (project / "README.md").write_text("# Hub\n")
    assert main(["--root", str(project)]) == 1
    assert START in capsys.readouterr().err
    assert (project / "README.md").read_text() == "# Hub\n"
    assert replace_demos(f"{END} {START}", "table") is None


def test_missing_template_names_the_file_to_write(project: Path) -> None:
    folder = project / "hub_cards/planet-unknown"
    folder.mkdir()
    (folder / "results.json").write_text(json.dumps(RESULTS | {"model": "planet-unknown"}))
    with pytest.raises(ValueError, match=r"training/templates/planet-unknown\.md\.j2"):
        render_all(project)


def test_results_must_name_their_folder(project: Path) -> None:
    (project / "hub_cards" / MODEL / "results.json").write_text(json.dumps(RESULTS | {"model": "other"}))
    with pytest.raises(ValueError, match="model is 'other'"):
        render_all(project)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.9912, "%", "99.1 %"),
        (0.9996, "%", "99.96 %"),
        (0.99999, "%", "99.999 %"),
        (1.0, "%", "100.0 %"),
        (0.0, "%", "0.0 %"),
        (0.0003, "%", "0.03 %"),
        (0.5, "%", "50.0 %"),
        (-0.00165, "%", "-0.2 %"),
        (17.234, "x", "17.2×"),
        (23.456, "ms", "23.5 ms"),
        (1234.5, "ms", "1,234 ms"),
        (3.0, "", "3"),
    ],
)
def test_values_in_words(value: float, unit: str, text: str) -> None:
    assert show_value(value, unit) == text


def test_a_value_is_not_rounded_to_a_goal_it_misses() -> None:
    assert show_value(0.0011, "%", goal=0.001) == "0.11 %"
    assert show_value(0.001, "%", goal=0.001) == "0.1 %"
    assert show_value(0.98, "%", goal=0.999) == "98.0 %"


def test_goal_interval_and_size_in_words() -> None:
    entry = {"value": 0.991, "ci95": [0.5, 0.75], "unit": "%", "goal": 0.995, "higher_is_better": True}
    assert show_goal(entry) == "≥ 99.5 % (missed)"
    assert show_interval(entry) == "50.0–75.0 %"
    assert show_interval(entry | {"ci95": None}) == show_goal(entry | {"goal": None}) == ""
    assert (show_bytes(740_400), show_bytes(1_344_000)) == ("740 kB", "1.34 MB")


def test_plots_of_the_folder_are_shown(project: Path) -> None:
    assert "![" not in card_of(project)
    (project / "hub_cards" / MODEL / "risk_coverage.png").write_bytes(b"")
    assert "\n\n![Risk coverage](risk_coverage.png)\n\n" in card_of(project)


def test_columns_that_hold_nothing_vanish() -> None:
    assert markdown_table(["A", "B"], [["1", ""], ["2", ""]]) == "| A |\n| --- |\n| 1 |\n| 2 |"
    table = evaluation_table(RESULTS | {"headline": RESULTS["headline"][1:]})
    assert table.splitlines()[0] == f"| Measure | {MODEL} | Goal |"


def test_requirements_are_what_the_code_imports(project: Path) -> None:
    found = requirements_of(project / "hub_cards" / MODEL, project / "requirements.txt")
    assert found == ["opencv-python-headless==5.0.0.93", "torch==2.13.0", "transformers==5.23.0"]


@pytest.mark.skipif(not PUBLISHED, reason="no model in hub_cards yet")
def test_cards_of_this_repository_are_up_to_date() -> None:
    for path, text in render_all(ROOT).items():
        assert path.read_text(encoding="utf-8") == text, f"{path} is out of date: run `python -m training.cards`"


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_code_of_the_card_runs_for_a_stranger(folder: Path, tmp_path: Path) -> None:
    """The card's first Python block, word for word, against a stand-in Hub that holds the folder."""
    code = re.search(r"^```python\n(.*?)^```", (folder / "README.md").read_text("utf-8"), re.M | re.S).group(1)
    repo_id = f"{NAMESPACE}/{folder.name}"
    assert repo_id in code
    with HubServer() as hub:
        repo = hub.repos["models", repo_id] = Repo()
        repo.commit({path.as_posix(): (folder / path).read_bytes() for path in published_files(folder)})
        printed = run_stranger(code, folder=tmp_path, endpoint=hub.url)
    assert printed.strip()


@pytest.mark.parametrize("folder", PUBLISHED, ids=lambda folder: folder.name)
def test_front_matter_has_a_licence_and_figures(folder: Path) -> None:
    fields = yaml.safe_load((folder / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert fields["license"]
    assert fields["model-index"][0]["results"][0]["metrics"]
