"""Voting, on SQLite and on PostgreSQL: once and only once, in order, taken back, and by many at a time."""

from __future__ import annotations

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from apps.raters.campaign import Settings
from apps.raters.office import Office
from apps.raters.store import AlreadyVoted, Refused, open_store
from apps.raters.tables import AssignmentRow, RaterRow, VoteRow
from tests.apps.raters.building import (
    SYSTEMS,
    card_campaign,
    first_choice,
    search_campaign,
    translation_campaign,
    vote_all,
)


@pytest.fixture
def office(store):
    office = Office(store)
    office.create(translation_campaign(same=(2, 3)))
    return office


@pytest.fixture
def token(office):
    (token,) = office.invite("birds")
    return token


def vote(store, token, choice=None, client_key=None):
    task = store.next_task(token)
    return task, store.vote(token, task.key, choice or first_choice(task), 700, client_key or f"client-{task.key}")


class TestVoting:
    def test_a_rater_is_led_through_the_list(self, store, office, token):
        tasks = vote_all(store, token)
        assert [task.done for task in tasks] == list(range(13))
        assert {task.total for task in tasks} == {13}
        assert len({task.key for task in tasks}) == 13
        standing = store.standing(token)
        assert (standing.finished, standing.done, standing.total, standing.rater) == (True, 13, 13, 1)
        assert store.next_task(token) is None
        kinds = Counter(record.kind for record in office.export("birds").records)
        assert kinds == {"judge": 11, "repeat": 1, "check": 1}

    def test_the_next_task_is_the_same_however_often_it_is_asked_for(self, store, token):
        assert store.next_task(token) == store.next_task(token)

    def test_equal_outputs_are_shown_once_and_count_for_both(self, store, office, token):
        tasks = vote_all(store, token)
        assert Counter(len(task.sides) for task in tasks if "第2句" in task.source.text)[2] >= 1
        (record,) = [r for r in office.export("birds").records if r.item == "item-2" and r.kind == "judge"]
        assert sorted(map(len, record.sides)) == [1, 2]
        assert set(max(record.sides, key=len)) == set(SYSTEMS[:2])

    def test_a_record_says_what_was_shown(self, store, office, token):
        tasks = {task.done: task for task in vote_all(store, token)}
        outputs = {item.id: item.outputs for item in translation_campaign(same=(2, 3)).items}
        for record in office.export("birds").records:
            task = tasks[record.place]
            assert record.milliseconds == 1_001 + record.place
            assert (record.choice, record.domain, record.seed) == (first_choice(task), task.domain, 7)
            for place, (side, shown) in enumerate(zip(record.sides, task.sides, strict=True)):
                for system in side:
                    same = outputs[record.item][SYSTEMS.index(system)].text == shown.output.text
                    assert same == (place != record.damaged)

    def test_the_same_vote_twice_counts_once(self, store, office, token):
        task, receipt = vote(store, token)
        again = store.vote(token, task.key, list(first_choice(task)), 900, f"client-{task.key}")
        assert (receipt.done, again.done) == (1, 1)
        assert len(office.export("birds").records) == 1

    def test_another_vote_on_the_same_task_is_refused(self, store, office, token):
        task, _ = vote(store, token)
        with pytest.raises(AlreadyVoted, match="not the next one"):
            store.vote(token, task.key, first_choice(task), 1, "another-key")
        with pytest.raises(AlreadyVoted, match="was used for another vote"):
            store.vote(token, task.key, [0] * len(task.sides), 1, f"client-{task.key}")
        assert len(office.export("birds").records) == 1

    def test_only_the_next_task_can_be_judged(self, store, office, token):
        first = store.next_task(token).key
        with Session(store.engine) as session:
            key = session.scalars(select(AssignmentRow.key).where(AssignmentRow.place == 5)).one()
        with pytest.raises(AlreadyVoted):
            store.vote(token, key, [1, 1, 1], 1, "client-key")
        assert store.next_task(token).key == first

    @pytest.mark.parametrize("choice", ["A", [3, 0, 0], [0, 0], [True, 0, 0], [0.0, 1, 2], None, [0, 1, 2, 0]])
    def test_choices_are_checked(self, store, token, choice):
        task = store.next_task(token)
        wrong = choice if choice != [0, 0] or len(task.sides) != 2 else [0]
        with pytest.raises(ValueError, match="score"):
            store.vote(token, task.key, wrong, 1, "client-key")

    @pytest.mark.parametrize(
        ("milliseconds", "client_key"), [(-1, "client-key"), (1.5, "client-key"), (1, "short"), (1, "x" * 65)]
    )
    def test_times_and_keys_are_checked(self, store, token, milliseconds, client_key):
        task = store.next_task(token)
        with pytest.raises(ValueError, match=r"milliseconds|client key"):
            store.vote(token, task.key, first_choice(task), milliseconds, client_key)

    def test_comparisons(self, store):
        office = Office(store)
        office.create(search_campaign())
        (token,) = office.invite("search")
        task = store.next_task(token)
        assert [side.letter for side in task.sides] == ["A", "B"]
        with pytest.raises(ValueError, match="A, B, tie, both_bad, got 'C'"):
            store.vote(token, task.key, "C", 1, "client-key")
        assert len(vote_all(store, token)) == 18
        assert {record.choice for record in office.export("search").records} == {"A"}

    def test_the_database_itself_refuses_a_second_standing_vote(self, store, token):
        vote(store, token)
        with Session(store.engine) as session:
            first = session.scalars(select(VoteRow)).one()
            values = {c.name: getattr(first, c.name) for c in VoteRow.__table__.columns if c.name != "id"}
            session.add(VoteRow(**(values | {"client_key": "another-key"})))
            with pytest.raises(IntegrityError):
                session.flush()


class TestUndo:
    def test_the_last_vote_is_taken_back_and_kept(self, store, office, token):
        vote(store, token)
        task, _ = vote(store, token)
        assert store.standing(token).last == task.key
        back = store.undo(token, task.key)
        assert back == replace(task, former=first_choice(task))
        assert store.next_task(token) == back
        vote(store, token, [1] * len(task.sides), "second-try")
        records = [record for record in office.export("birds").records if record.place == 1]
        assert [(record.undone, record.choice) for record in records] == [
            (True, first_choice(task)), (False, (1,) * len(task.sides))
        ]  # fmt: skip

    def test_taking_back_twice_counts_once(self, store, token):
        vote(store, token)
        task, _ = vote(store, token)
        assert store.undo(token, task.key) == store.undo(token, task.key)
        assert store.standing(token).done == 1

    def test_step_by_step_to_the_beginning(self, store, token):
        for _ in range(3):
            vote(store, token)
        while last := store.standing(token).last:
            store.undo(token, last)
        assert store.standing(token).done == 0

    def test_only_the_last_vote(self, store, token):
        first, _ = vote(store, token)
        vote(store, token)
        with pytest.raises(ValueError, match="not the one this rater judged last"):
            store.undo(token, first.key)

    def test_a_late_copy_of_a_vote_taken_back_does_not_bring_it_back(self, store, token):
        task, _ = vote(store, token)
        store.undo(token, task.key)
        assert store.vote(token, task.key, first_choice(task), 1, f"client-{task.key}").done == 0


class TestReveal:
    def test_names_come_last_and_make_votes_final(self, store, token):
        with pytest.raises(ValueError, match="13 of 13 tasks are left"):
            store.reveal(token)
        vote_all(store, token)
        revealed = store.reveal(token)
        assert [one.system for one in revealed] == list(SYSTEMS)
        assert [one.judged for one in revealed] == [11, 11, 11]
        # The first of three outputs, or of two, got 2 and the others 0: 22 points, and those of the two equal outputs.
        assert sum(one.mean * 11 for one in revealed) >= 22
        assert store.standing(token).last is None
        with pytest.raises(ValueError, match="votes are final"):
            store.undo(token, store_last(store, token))


def store_last(store, token):
    with Session(store.engine) as session:
        return session.scalars(select(AssignmentRow.key).order_by(AssignmentRow.place.desc()).limit(1)).one()


class TestRefusal:
    @pytest.mark.parametrize("token", ["", "nonsense", None, 7])
    def test_unknown_links(self, store, token):
        for call in (store.standing, store.next_task, store.reveal):
            with pytest.raises(Refused):
                call(token)

    def test_withdrawn_links_and_closed_campaigns(self, store, office, token):
        task, _ = vote(store, token)
        office.close("birds")
        assert not store.standing(token).open
        for call in (
            lambda: store.next_task(token),
            lambda: vote(store, token),
            lambda: store.undo(token, task.key),
        ):
            with pytest.raises(Refused, match="takes no more votes"):
                call()
        office.reopen("birds")
        assert store.next_task(token).done == 1
        office.withdraw("birds", 1)
        with pytest.raises(Refused, match="not valid"):
            store.standing(token)
        assert len(office.export("birds").records) == 1

    def test_nobody_sees_the_task_of_another(self, store, office, token):
        (other,) = office.invite("birds")
        key = store.next_task(other).key
        with pytest.raises(ValueError, match="has no task"):
            store.vote(token, key, [0, 0, 0], 1, "client-key")
        with pytest.raises(ValueError, match="has no task"):
            store.undo(token, key)

    def test_tokens_are_not_stored(self, store, office, token):
        with Session(store.engine) as session:
            rater = session.scalars(select(RaterRow)).one()
        assert len(token) >= 32
        assert token not in str(vars(rater))
        assert rater.token_hash not in str(office.export("birds"))

    @pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://u:secret@h/d", "nonsense"])
    def test_databases_that_would_not_do(self, url):
        with pytest.raises(ValueError, match=r"sqlite|SQLite") as caught:
            open_store(url)
        assert "secret" not in str(caught.value)


class TestOffice:
    def test_three_raters_cover_everything(self, store, office):
        for token in office.invite("birds", 3):
            vote_all(store, token)
        progress = office.progress("birds")
        assert (progress.overlap, progress.units, progress.covered, progress.planned) == (3, 11, 11, 11)
        assert [(one.number, one.done, one.total, one.checks) for one in progress.raters] == [
            (1, 13, 13, 1), (2, 13, 13, 1), (3, 13, 13, 1)
        ]  # fmt: skip
        (info,) = office.campaigns()
        assert (info.items, info.raters, info.votes, info.open) == (11, 3, 39, True)

    def test_what_a_withdrawn_rater_left_goes_to_the_next(self, store):
        office = Office(store)
        office.create(translation_campaign(name="shares", per_rater=5, overlap=1))
        first, second = office.invite("shares", 2)
        vote(store, first)
        office.withdraw("shares", 1)
        vote_all(store, second)
        (third,) = office.invite("shares")
        vote_all(store, third)
        (fourth,) = office.invite("shares")
        vote_all(store, fourth)
        assert office.progress("shares").covered == 11

    def test_a_person_has_one_token_and_no_name(self, store, office):
        token = office.enrol("birds", "hf:someone")
        assert office.enrol("birds", "hf:someone") == token
        assert office.enrol("birds", "hf:someone-else") != token
        office.create(translation_campaign(name="other"))
        assert office.enrol("other", "hf:someone") != token
        assert store.standing(token).rater == 1
        assert "someone" not in str(office.export("birds"))

    def test_mistakes_are_named(self, store, office):
        with pytest.raises(ValueError, match="there is a campaign called 'birds'"):
            office.create(translation_campaign())
        with pytest.raises(ValueError, match="no campaign 'fish'; there are: birds"):
            office.invite("fish")
        with pytest.raises(ValueError, match="1 to 1,000 raters can be invited at once, got 0"):
            office.invite("birds", 0)
        with pytest.raises(ValueError, match="no rater 7"):
            office.withdraw("birds", 7)
        alike = translation_campaign(items=2, systems=SYSTEMS[:2], same=(0, 1), name="alike", protocol="pairwise")
        with pytest.raises(ValueError, match="nothing to compare"):
            office.create(alike)

    def test_a_picture_that_cannot_be_read_is_named(self, store):
        campaign = card_campaign(items=2)
        broken = replace(campaign.items[1], source=replace(campaign.items[1].source, pictures=("../secret.jpg",)))
        with pytest.raises(ValueError, match="item 'card-1': only data URIs"):
            Office(store).create(replace(campaign, items=(campaign.items[0], broken)))
        assert Office(store).campaigns() == ()


def test_twenty_raters_at_once(store):
    office = Office(store)
    office.create(translation_campaign(items=13))
    tokens = office.invite("birds", 20)
    with ThreadPoolExecutor(20) as pool:
        tasks = list(pool.map(lambda token: vote_all(store, token), tokens))
    records = office.export("birds").records
    assert len(records) == sum(map(len, tasks)) == 20 * 15
    assert len({(record.rater, record.place) for record in records}) == len(records)
    assert not any(record.undone for record in records)


def test_one_rater_with_an_impatient_finger(store, office, token):
    """The same vote from seven threads at once, each time: it counts once, and nobody gets an error."""
    for _ in range(5):
        task = store.next_task(token)
        gate = threading.Barrier(7)

        def press(_, task=task, gate=gate):
            gate.wait()
            return store.vote(token, task.key, first_choice(task), 1, f"client-{task.key}").done

        with ThreadPoolExecutor(7) as pool:
            assert set(pool.map(press, range(7))) == {task.done + 1}
    with Session(store.engine) as session:
        assert session.scalar(select(func.count()).select_from(VoteRow)) == 5


def test_settings_survive_the_database(store):
    office = Office(store)
    campaign = translation_campaign(per_rater=3, overlap=5, repeats=0.2, show_reference=True)
    office.create(campaign)
    assert office.export("birds").settings == campaign.settings
    assert isinstance(campaign.settings, Settings)
    (token,) = office.invite("birds")
    assert store.next_task(token).reference.text.startswith("참조")
