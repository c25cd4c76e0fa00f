"""The simulation: its worlds do what they say, and the shipped results come from it and show what they must."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pytest

from apps.raters.simulate import RESULTS, WORLDS, campaign, shift_for, simulate
from apps.raters.study import study_of


@pytest.mark.parametrize("name", WORLDS)
def test_the_true_difference_is_the_one_asked_for(name):
    world = WORLDS[name]
    differences = [
        np.nansum(study_of(campaign(world, shift_for(20, world), 2, seed)).difference(0, 1)) for seed in range(60)
    ]
    assert np.mean(differences) == pytest.approx(20, abs=3 * np.std(differences) / np.sqrt(60))
    assert shift_for(0, world) == pytest.approx(0, abs=1e-6)


def test_a_difference_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="0 to 200 points, got 200"):
        shift_for(200, WORLDS["raters agree"])


def test_a_true_difference_is_found_and_none_is_not():
    found = simulate("raters agree", 20, 3, campaigns=20, seed=1, resamples=500)
    assert found.significant >= 16
    assert 8 < found.half_width < 12
    none = simulate("raters agree", 0, 3, campaigns=20, seed=100, resamples=500)
    # Five or more of twenty false alarms at 5 % would come about three times in a thousand.
    assert none.significant < 5


def test_the_shipped_results_are_of_these_worlds_and_show_what_they_must():
    data = json.loads(RESULTS.read_text())
    assert data["worlds"] == json.loads(json.dumps({name: asdict(world) for name, world in WORLDS.items()}))
    outcomes = {(o["world"], o["points"], o["raters"]): o for o in data["outcomes"]}
    assert outcomes["raters agree", 20, 3]["share"] >= 0.9
    assert outcomes["raters agree", 20, 3]["campaigns"] >= 100
    assert outcomes["raters agree", 0, 3]["share"] <= 0.05
    one, three = outcomes["raters agree", 20, 1], outcomes["raters agree", 20, 3]
    assert one["share"] < three["share"]
    assert one["half_width"] > three["half_width"]
