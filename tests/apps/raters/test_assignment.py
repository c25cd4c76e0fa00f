"""Who sees what: coverage, counterbalance, repeats and checks, for any size of campaign."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.raters.assignment import GAP, Unit, alike, groups_of, order_of, plan, units_of
from apps.raters.campaign import Settings
from apps.raters.content import Content
from apps.raters.degrade import degrade
from tests.apps.raters.building import card_campaign, search_campaign, translation_campaign


def damaged(unit, group, rng):
    return Content(f"damaged {rng.random()}")


def make_settings(**values):
    return Settings("birds", "Birds", "translation", **({"seed": 7} | values))


def apart(count, systems=2):
    return tuple(Unit(i, tuple((s,) for s in range(systems))) for i in range(count))


def plans(units, raters, chosen):
    """Every rater's list, one after the other, as the office makes them."""
    turns: Counter[str] = Counter()
    made = []
    for number in range(raters):
        made.append(plan(units, turns, turns, number, chosen, damaged))
        turns += Counter(row.unit.key for row in made[-1] if row.kind == "judge")
    return made


sizes = st.integers(1, 43)
raters = st.integers(1, 7)
seeds = st.integers(0, 99)


class TestPlan:
    @given(sizes, raters, seeds)
    @settings(max_examples=40, deadline=None)
    def test_every_rater_judges_every_question_once(self, count, number, seed):
        units = apart(count)
        for rows in plans(units, number, make_settings(seed=seed)):
            assert Counter(row.unit for row in rows if row.kind == "judge") == Counter(units)

    @given(st.integers(5, 43), st.integers(1, 11), st.integers(1, 19), seeds)
    @settings(max_examples=40, deadline=None)
    def test_shares_cover_all_questions_evenly(self, count, number, per_rater, seed):
        made = plans(apart(count), number, make_settings(seed=seed, per_rater=per_rater))
        covered = Counter(row.unit.item for rows in made for row in rows if row.kind == "judge")
        seen = [covered[i] for i in range(count)]
        assert sum(seen) == number * min(per_rater, count)
        assert max(seen) - min(seen) <= 1

    def test_enough_raters_give_every_question_its_overlap(self):
        chosen = make_settings(per_rater=10, overlap=3)
        covered = Counter(r.unit.key for rows in plans(apart(23), 7, chosen) for r in rows if r.kind == "judge")
        assert min(covered.values()) >= 3

    @given(sizes, raters, seeds)
    @settings(max_examples=40, deadline=None)
    def test_two_systems_stand_left_equally_often(self, count, number, seed):
        made = plans(apart(count), number, make_settings(seed=seed))
        left = [[row.sides[0] == (0,) for row in rows if row.kind == "judge"] for rows in made]
        for one in left:
            assert abs(sum(one) - (len(one) - sum(one))) <= 1
        by_unit = Counter((r.unit, r.sides[0]) for rows in made for r in rows if r.kind == "judge")
        for unit in apart(count):
            assert abs(by_unit[unit, (0,)] - by_unit[unit, (1,)]) <= 1

    @pytest.mark.parametrize("systems", [2, 3, 4, 5])
    def test_in_a_block_of_questions_every_system_stands_in_every_place(self, systems):
        (unit,) = apart(1, systems)
        for turn in range(7):
            for block in range(3):
                orders = [order_of(unit, turn, systems * block + i) for i in range(systems)]
                for place in range(systems):
                    assert {order[place] for order in orders} == set(unit.groups)
        assert {order_of(unit, turn, 0)[0] for turn in range(systems)} == set(unit.groups)

    def test_the_second_rater_has_the_order_of_the_first_backwards(self):
        first, second, third = (
            [row.unit for row in rows if row.kind == "judge"] for rows in plans(apart(43), 3, make_settings())
        )
        assert second == first[::-1]
        assert third not in (first, second)

    def test_lists_depend_on_the_seed_and_on_nothing_else(self):
        units = apart(43, 3)
        assert plans(units, 3, make_settings()) == plans(units, 3, make_settings())
        assert plans(units, 3, make_settings()) != plans(units, 3, make_settings(seed=8))

    @given(sizes, seeds)
    @settings(max_examples=40, deadline=None)
    def test_repeats_ask_the_same_later(self, count, seed):
        (rows,) = plans(apart(count, 3), 1, make_settings(seed=seed))
        repeats = [(place, row) for place, row in enumerate(rows) if row.kind == "repeat"]
        assert len(repeats) == (0 if count < 5 else max(1, round(0.1 * count)))
        judged = [place for place, row in enumerate(rows) if row.kind == "judge"]
        for place, row in repeats:
            first = rows[row.repeats]
            assert (first.kind, first.unit, first.sides) == ("judge", row.unit, row.sides)
            assert sum(row.repeats < other < place for other in judged) >= min(GAP, count // 2) - 1
        assert len({row.unit for _, row in repeats}) == len(repeats)

    @given(st.integers(5, 43), seeds)
    @settings(max_examples=40, deadline=None)
    def test_checks_damage_one_side(self, count, seed):
        (rows,) = plans(apart(count, 3), 1, make_settings(seed=seed))
        checks = [row for row in rows if row.kind == "check"]
        assert len(checks) == max(1, round(0.05 * count))
        for row in checks:
            assert sorted(row.sides) == sorted(row.unit.groups)
            assert row.damaged in range(3)
            assert row.damage.text.startswith("damaged")

    def test_damaged_sides_are_left_and_right(self):
        rows = [row for rows in plans(apart(43), 6, make_settings(checks=0.1)) for row in rows if row.kind == "check"]
        assert Counter(row.damaged for row in rows) == {0: 12, 1: 12}

    def test_a_share_is_checked_on_questions_the_rater_has_not_otherwise(self):
        for rows in plans(apart(43), 5, make_settings(per_rater=20)):
            own = {row.unit for row in rows if row.kind == "judge"}
            assert not own & {row.unit for row in rows if row.kind == "check"}

    def test_without_anything_to_damage_there_are_no_checks(self):
        rows = plan(apart(43), {}, {}, 0, make_settings(), lambda unit, group, rng: None)
        assert {row.kind for row in rows} == {"judge", "repeat"}

    def test_shares_of_zero_ask_nothing_more(self):
        (rows,) = plans(apart(43), 1, make_settings(repeats=0.0, checks=0.0))
        assert len(rows) == 43


class TestUnits:
    def test_equal_outputs_are_judged_once(self):
        a, b = Content("같은 말"), Content("다른 말")
        assert groups_of([a, b, a, Content("같은  말 ")]) == ((0, 2, 3), (1,))
        assert units_of([[a, b, a], [a, a, a]], "score012") == (Unit(0, ((0, 2), (1,))), Unit(1, ((0, 1, 2),)))
        assert units_of([[a, b, a], [a, a, a]], "pairwise") == (Unit(0, ((0, 2), (1,))),)

    def test_every_two_distinct_outputs_are_compared(self):
        outputs = [Content(letter) for letter in "abc"]
        assert [unit.groups for unit in units_of([outputs], "pairwise")] == [
            ((0,), (1,)), ((0,), (2,)), ((1,), (2,))
        ]  # fmt: skip
        assert units_of([outputs], "pairwise")[1].key == "0:0|2"

    def test_boxes_moved_by_a_hair_look_alike(self):
        box = ((0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.2))
        near, far = (tuple((x + shift, y) for x, y in box) for shift in (0.01, 0.03))
        assert alike(Content("1", boxes=(box,)), Content("1", boxes=(near,)))
        assert not alike(Content("1", boxes=(box,)), Content("1", boxes=(far,)))
        assert not alike(Content("1", boxes=(box,)), Content("1", boxes=(box, box)))
        assert not alike(Content("1", reason="ok"), Content("1", reason="length"))


class TestDegrade:
    @given(st.integers(0, 10), st.integers(0, 2), seeds)
    @settings(max_examples=40, deadline=None)
    def test_a_damaged_translation_is_word_salad_of_the_right_length(self, position, system, seed):
        items = translation_campaign().items
        found = degrade("translation", items, position, system, random.Random(seed))
        own = items[position].outputs[system].text.split()
        assert len(found.text.split()) == len(own)
        assert found.text != items[position].outputs[system].text
        assert 0 < len(set(found.text.split()) & set(own)) < len(own)

    def test_an_empty_translation_is_damaged_as_well(self):
        items = list(translation_campaign().items)
        items[0] = type(items[0])("empty", "d", Content("空"), (Content(), *items[0].outputs[1:]))
        assert len(degrade("translation", items, 0, 0, random.Random(1)).text.split()) == 3

    def test_a_damaged_card_reading_is_that_of_another_card(self):
        items = card_campaign().items
        found = degrade("card_reading", items, 2, 0, random.Random(1))
        assert found.text not in {output.text for output in items[2].outputs}
        assert found in [item.outputs[0] for item in items]
        # This system accepts no reading, so there is nothing that looks right and is wrong.
        assert degrade("card_reading", items, 2, 2, random.Random(1)) is None

    def test_a_damaged_search_is_that_of_another_domain(self):
        items = search_campaign().items
        for seed in range(11):
            found = degrade("fashion_retrieval", items, 0, 1, random.Random(seed))
            assert found in [item.outputs[1] for item in items if item.domain == "hat"]

    def test_a_single_item_cannot_be_damaged(self):
        assert degrade("translation", translation_campaign(items=1).items, 0, 0, random.Random(1)) is None
