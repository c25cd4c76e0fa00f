"""The UKBench protocol: against a naive loop, on folders of both forms, and from the command line."""

from __future__ import annotations

import json

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.fashion import measure_groups
from training.fashion.measure_groups import group_figures, read_groups

COLOURS = ((40, 40, 200), (40, 200, 40), (200, 40, 40))


def _picture(path, colour, seed):
    """A patch of a colour, not twice the same."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(seed).integers(-15, 16, (48, 36, 3))
    picture = np.full((48, 36, 3), 255)
    picture[8:40, 6:30] = colour
    cv2.imwrite(str(path), np.clip(picture + noise, 0, 255).astype(np.uint8))


@pytest.fixture
def folders(tmp_path):
    for number, colour in enumerate(COLOURS):
        for view in range(4):
            _picture(tmp_path / f"object {number}" / f"{view}.jpg", colour, 10 * number + view)
    (tmp_path / "object 0" / "notes.txt").write_text("not a picture")
    (tmp_path / "empty").mkdir()
    return tmp_path


@given(st.integers(0, 10_000))
def test_figures_are_those_of_a_naive_loop(seed):
    rng = np.random.default_rng(seed)
    groups = np.sort(rng.integers(0, 4, 17))
    similarity = rng.integers(0, 5, (17, 17)).astype(float)  # many ties
    if (np.bincount(groups) < 2).all():
        return
    wanted = {name: [] for name in ("ns", "p@4", "map", "map_with_self", "hit@1")}
    for query in range(17):
        relevant = {n for n in range(17) if groups[n] == groups[query]}
        if len(relevant) < 2:
            continue
        ranked = sorted(range(17), key=lambda n: (-similarity[query, n], n != query, n))
        others = [n for n in ranked if n != query]
        wanted["ns"].append(len(relevant.intersection(ranked[:4])))
        wanted["p@4"].append(wanted["ns"][-1] / 4)
        wanted["hit@1"].append(others[0] in relevant)
        for name, order in (("map_with_self", ranked), ("map", others)):
            ranks = [rank for rank, n in enumerate(order, 1) if n in relevant]
            wanted[name].append(np.mean([hits / rank for hits, rank in enumerate(ranks, 1)]))
    got = group_figures(lambda some: similarity[some], groups)
    assert got.pop("queries") == len(wanted["ns"])
    assert got == pytest.approx({name: np.mean(values) for name, values in wanted.items()})


def test_perfect_features_reach_four_of_four():
    groups = np.repeat(np.arange(300), 4)  # more queries than are ranked at a time
    same = (groups[:, None] == groups).astype(np.float32)
    figures = group_figures(lambda some: same[some], groups)
    assert figures == {"p@4": 1, "ns": 4, "map_with_self": 1, "map": 1, "hit@1": 1, "queries": 1200}


def test_both_forms_of_folder(folders, tmp_path_factory):
    paths, groups = read_groups(folders)
    assert groups.tolist() == [0] * 4 + [1] * 4 + [2] * 4
    assert [path.parent.name for path in paths[::4]] == ["object 0", "object 1", "object 2"]
    flat = tmp_path_factory.mktemp("flat")
    for number, path in enumerate(paths):
        (flat / f"ukbench{number:05}.jpg").write_bytes(path.read_bytes())
    assert read_groups(flat, 4)[1].tolist() == groups.tolist()


@pytest.mark.parametrize(
    ("where", "size", "said"),
    [("missing", None, "not a folder"), ("", 5, "no object with two"), ("object 0", 3, "whole groups of 3"),
     ("object 0", None, "no object with two"), ("object 0", 1, "at least 2")],
)  # fmt: skip
def test_folders_that_cannot_be_measured_say_why(folders, where, size, said):
    with pytest.raises(ValueError, match=said):
        read_groups(folders / where, size)


def test_the_command_tells_objects_by_their_colours(folders, tmp_path, capsys):
    out = tmp_path / "figures.json"
    measure_groups.main([str(folders), "--out", str(out)])
    results = json.loads(out.read_text())
    assert json.loads(capsys.readouterr().out) == results
    assert (results["pictures"], results["objects"]) == (12, 3)
    assert set(results["features"]) == {"deep", "binary", "imagenet", "colours"}
    assert results["features"]["colours"]["ns"] == 4
    assert results["features"]["deep"]["map_with_self"] >= results["features"]["deep"]["map"] > 0.5
    with pytest.raises(SystemExit):
        measure_groups.main([str(folders / "empty")])
    assert "no object with two pictures" in capsys.readouterr().err
