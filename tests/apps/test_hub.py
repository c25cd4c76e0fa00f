"""The house itself: what is shown for which models, how it starts, and who may import whom."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from apps import hub
from apps.frame import card_text
from tests.apps.fake_reader import FakeReader
from tests.apps.fake_translator import FakeTranslator

ROOT = Path(__file__).resolve().parents[2]
RATERS = ["raters", "raters-admin"]  # they need no model
ROOMS = ("apps", "modeling", "training")


def _imports(path: Path) -> set[str]:
    """The modules a file imports absolutely, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module)
    return found


def _rooms(names: set[str]) -> set[str]:
    return {name.split(".")[0] for name in names}


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [
        ("modeling", {"apps", "training", "modeling", "tests", "gradio"}),
        ("training", {"apps", "tests", "gradio"}),
        ("apps", {"training", "tests"}),
    ],
)
def test_traffic(room, forbidden):
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    wrong = {str(path.relative_to(ROOT)): hit for path in files if (hit := _rooms(_imports(path)) & forbidden)}
    assert wrong == {}


def test_relative_imports_in_published_code_stay_in_their_folder():
    for path in (ROOT / "modeling").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.level:
                assert node.level == 1, path
                assert "." not in (node.module or ""), path


def test_the_entry_point_is_three_lines():
    assert (ROOT / "app.py").read_text() == "from apps.hub import main\n\nmain()\n"


def test_only_published_systems_have_pages():
    demo, _ = hub.build_hub({})
    assert [page[0] for page in demo.pages] == ["", *RATERS]
    demo, _ = hub.build_hub({"planet-card-ocr-classic": FakeReader("planet-card-ocr-classic")})
    assert [page[0] for page in demo.pages] == ["", "card-ocr", *RATERS]
    demo, _ = hub.build_hub({"planet-nmt-zh-ko": FakeTranslator()})
    assert [page[0] for page in demo.pages] == ["", "translation", *RATERS]


def test_the_home_page_shows_what_a_translators_evaluation_wrote(tmp_path):
    figure = {"key": "chrf_flores", "label": "chrF, FLORES devtest", "value": 21.37, "unit": "", "n": 1012, "goal": 20}
    results = {
        "model": "planet-nmt-zh-ko",
        "command": "python -m training.translation.evaluate",
        "date": "2026-11-23",
        "dataset": {"name": "in-domain test", "samples": 1000},
        "headline": [figure | {"rival": 17.1, "rival_name": "planet-smt-zh-ko", "ci95": [20.9, 21.8]}],
        "weights_bytes": 31_000_000,
    }
    (tmp_path / "results.json").write_text(json.dumps(results), encoding="utf-8")
    translators = FakeTranslator(folder=tmp_path), FakeTranslator("planet-smt-zh-ko")
    _, words = hub.build_hub({translator.name: translator for translator in translators})
    page = words.gradio().translations_dict["ko"]["html_home"]
    assert "chrF, FLORES devtest" in page
    assert "21.4" in page
    assert 'href="./translation"' in page
    assert "31.00 MB" in page


def test_a_model_with_a_card_has_a_page_for_it(tmp_path):
    (tmp_path / "README.md").write_text("---\nlicense: apache-2.0\n---\n# The card\n", encoding="utf-8")
    demo, _ = hub.build_hub({"planet-card-ocr": FakeReader(folder=tmp_path)})
    assert [page[0] for page in demo.pages] == ["", "card-ocr", *RATERS, "planet-card-ocr"]
    assert card_text(tmp_path) == "# The card\n"


def test_an_unclosed_front_matter_is_named(tmp_path):
    (tmp_path / "README.md").write_text("---\nlicense: apache-2.0\n", encoding="utf-8")
    with pytest.raises(ValueError, match="front matter"):
        card_text(tmp_path)


def test_launch_options_protect_visitors(monkeypatch):
    seen = {}
    demo, words = hub.build_hub({})
    monkeypatch.setattr(demo, "launch", lambda **options: (seen.update(options), "http://here/", None))
    assert hub.launch(demo, words, server_port=7999) == "http://here/"
    assert seen["max_file_size"] == "20mb"
    assert seen["server_port"] == 7999
    for option in ("run_history", "enable_monitoring", "ssr_mode", "share"):
        assert seen[option] is False
    assert demo.delete_cache == (600, 1800)
    assert demo.analytics_enabled is False


@pytest.mark.parametrize(
    ("platform", "display", "screen"),
    [
        ("linux", {}, False),
        ("linux", {"DISPLAY": ":0"}, True),
        ("linux", {"WAYLAND_DISPLAY": "w"}, True),
        ("darwin", {}, True),
    ],
)
def test_a_browser_is_opened_only_where_someone_sees_it(monkeypatch, platform, display, screen):
    monkeypatch.setattr(hub.sys, "platform", platform)
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in display.items():
        monkeypatch.setenv(name, value)
    assert hub.has_screen() is screen


def test_guarded_environment_lets_torchvision_in():
    """The guard reaches a fresh process; it is installed by make beside the packages."""
    code = "import torchvision, evaluate; from transformers import PreTrainedModel; print(torchvision.__version__)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]


def test_make_help_lists_the_two_commands():
    done = subprocess.run(["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True)
    assert "make demo" in done.stdout
    assert "make test" in done.stdout
