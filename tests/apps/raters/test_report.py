"""The report: one command from an export to Markdown, JSON, PDF and plots, in any language."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from PIL import Image

from apps.raters import report as reporting
from apps.raters.export import to_jsonl
from apps.raters.figures import figures_of
from apps.raters.fonts import cjk_font, needs_cjk
from apps.raters.report import main, write_report
from apps.raters.words import sections
from tests.apps.raters.voting import A, B, export, random_export, record


def korean(votes):
    settings = replace(votes.settings, title="중국어 번역 평가 · 翻译评估")
    items = tuple(replace(item, domain=f"분야 {item.domain}") for item in votes.items)
    return replace(votes, settings=settings, items=items)


def test_the_command_recomputes_every_figure(tmp_path, capsys):
    votes = random_export(3)
    path, out = tmp_path / "votes.jsonl", tmp_path / "report"
    path.write_text(to_jsonl(votes), encoding="utf-8")
    main([str(path), "--out", str(out), "--resamples", "200", "--seed", "3"])
    assert {file.name for file in out.iterdir()} == {
        "report.md", "report.json", "report.pdf", "points.png", "differences.png"
    }  # fmt: skip
    assert capsys.readouterr().out.strip().endswith("report.md")
    expected = figures_of(votes, seed=3, resamples=200).to_json()
    assert json.loads((out / "report.json").read_text()) == json.loads(json.dumps(expected))
    with Image.open(out / "points.png") as picture:
        assert min(picture.size) > 300


def test_the_text_has_the_figures(tmp_path):
    votes = random_export(3)
    figures = write_report(votes, tmp_path, resamples=200)
    text = (tmp_path / "report.md").read_text()
    total = figures.total
    low, high = total.points[0].ci95
    assert f"| all | 13 | 26 | {total.points[0].value:.1f} ({low:.1f} to {high:.1f}) |" in text
    assert f"{figures.agreement.alpha:.2f}" in text
    assert "Agreement is LOW: alpha is below 0.4" in text
    assert "not told apart" in text
    assert "**" not in text
    assert "![points](points.png)" in text


def test_what_is_flagged_is_said():
    careless = record("x-1", "bad", [A, B], [2, 2], kind="check", damaged=0)
    figures = figures_of(export([record("x-1", "r1", [A, B], [2, 0]), careless]), resamples=100)
    parts = {part.title: part for part in sections(figures)}
    assert parts["Attention"].rows == (("bad", "1", "1", "FLAGGED"),)
    assert "Differences without the raters who failed too many checks" in parts


def test_without_votes_the_report_says_so(tmp_path):
    write_report(replace(random_export(3), records=()), tmp_path, resamples=100)
    assert "No item is judged yet." in (tmp_path / "report.md").read_text()
    assert not list(tmp_path.glob("*.png"))


def test_comparisons_have_their_own_words():
    parts = {part.title: part for part in sections(figures_of(random_export(3, protocol="pairwise"), resamples=100))}
    assert "comparisons that were won" in parts["Points"].paragraphs[0]
    assert "half of comparisons won" in parts["Differences"].paragraphs[0]


@pytest.mark.parametrize(("text", "needed"), [("economy", False), ("분야", True), ("翻译", True), ("• – é", False)])
def test_which_texts_need_a_font(text, needed):
    assert needs_cjk(text) == needed


def test_korean_and_chinese_are_drawn_where_there_is_a_font(tmp_path, caplog, recwarn):
    if cjk_font() is None:
        pytest.skip("no font with Korean and Chinese here; on Debian: apt-get install fonts-noto-cjk")
    write_report(korean(random_export(3)), tmp_path, resamples=100)
    assert not [warning for warning in recwarn if "missing from font" in str(warning.message)]
    assert "characters are missing" not in (tmp_path / "report.md").read_text()
    assert (tmp_path / "report.pdf").stat().st_size > 20_000


def test_without_a_font_the_report_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("apps.raters.fonts.cjk_font", lambda: None)
    monkeypatch.setattr(reporting, "_plots", lambda figures: {})
    with pytest.warns(UserWarning, match="missing from font"):
        write_report(korean(random_export(3)), tmp_path, resamples=100)
    assert "Korean and Chinese characters are missing from plots and PDF" in (tmp_path / "report.md").read_text()


def test_a_file_that_is_no_export_is_named(tmp_path, capsys):
    path = tmp_path / "votes.jsonl"
    path.write_text("nonsense")
    with pytest.raises(SystemExit) as caught:
        main([str(path), "--out", str(tmp_path)])
    assert caught.value.code == 1
    assert "votes.jsonl, line 1" in capsys.readouterr().err
