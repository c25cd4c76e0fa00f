"""Blindness: nothing a rater receives before everything is judged names a system, in any disguise."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re

import pytest
from PIL import Image

from apps.raters.blind import check_choice
from apps.raters.office import Office
from tests.apps.raters.building import SYSTEMS, card_campaign, first_choice, search_campaign, translation_campaign

CAMPAIGNS = [translation_campaign, card_campaign, search_campaign]


def disguises(name: str) -> set[bytes]:
    """A name as it could hide in a payload: plain, reversed, as hex, and as base64 at any of its three alignments."""
    plain = name.encode()
    found = {plain, plain[::-1], plain.hex().encode(), plain.upper(), plain.swapcase()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + plain)
        # The first and last characters depend on what stands before and after the name.
        found.add(encoded[(0, 2, 3)[shift] : len(encoded) - 4])
    return {form for form in found if len(form) >= 4}


def needles() -> set[bytes]:
    names = {part for system in SYSTEMS for part in re.split("[@/]", system)} | set(SYSTEMS)
    return set().union(*(disguises(name) for name in names))


def whole_session(store, token):
    """Everything the server sends one rater, voting, undoing and resuming; each as its JSON."""
    sent = []

    def keep(answer):
        sent.append(json.dumps(answer if isinstance(answer, dict) else vars(answer), ensure_ascii=False, default=vars))
        return answer

    keep(store.standing(token))
    while (task := store.next_task(token)) is not None:
        keep(task.to_json())
        keep(store.vote(token, task.key, first_choice(task), 1, f"client-{task.key}"))
        if task.done % 3 == 1:
            keep(store.undo(token, task.key).to_json())
            keep(store.next_task(token).to_json())
            keep(store.vote(token, task.key, first_choice(task), 1, f"again-{task.key}"))
        keep(store.standing(token))
    return sent


@pytest.fixture(params=CAMPAIGNS)
def sent(request, open_here):
    store = open_here()
    campaign = request.param(show_reference=True)
    Office(store).create(campaign)
    (token,) = Office(store).invite(campaign.settings.name)
    return campaign, token, whole_session(store, token)


def test_the_search_would_find_every_disguise():
    names = ("kingfisher", "1f3a5c7e9b2d")
    hidden = [b"x" * shift + f"by {name} indeed".encode() for shift in range(3) for name in names]
    for text in hidden:
        for form in (text, text[::-1], text.hex().encode(), base64.b64encode(text), text.upper()):
            assert any(needle in form for needle in needles()), form


def test_no_payload_names_a_system(sent):
    _, _, payloads = sent
    assert len(payloads) > 10
    for payload, needle in itertools.product(payloads, needles()):
        assert needle not in payload.encode()


def test_no_payload_has_a_row_an_item_or_a_token(sent):
    campaign, token, payloads = sent
    secrets = {item.id for item in campaign.items} | {token}
    for payload, secret in itertools.product(payloads, secrets):
        assert f'"{secret}"' not in payload
    keys = {key for payload in payloads for key in re.findall(r'"([a-z_]+)":', payload)}
    assert not keys & {"item", "system", "systems", "unit", "kind", "damaged", "repeats", "revision"}


def test_pictures_are_alike_and_carry_nothing(sent):
    _, _, payloads = sent
    uris = {uri for payload in payloads for uri in re.findall(r'"(data:[^"]*)"', payload)}
    for uri in uris:
        head, _, body = uri.partition(",")
        assert head == "data:image/jpeg;base64"
        data = base64.b64decode(body)
        assert not any(needle in data for needle in needles())
        with Image.open(io.BytesIO(data)) as picture:
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
            assert picture.format == "JPEG"


def test_a_repeat_and_a_check_look_like_any_other_task(open_here):
    store = open_here()
    Office(store).create(translation_campaign())
    (token,) = Office(store).invite("birds")
    shapes = set()
    while (task := store.next_task(token)) is not None:
        shapes.add(tuple((key, type(value).__name__) for key, value in task.to_json().items()))
        assert re.fullmatch("[0-9a-f]{32}", task.key)
        store.vote(token, task.key, first_choice(task), 1, f"client-{task.key}")
    assert len(shapes) == 1


def test_keys_of_tasks_say_nothing_of_sides_or_order(open_here):
    """The same list for two raters: keys are random, so nothing about the plan can be read from them."""
    store = open_here()
    Office(store).create(translation_campaign())
    tokens = Office(store).invite("birds", 2)
    keys = [store.next_task(token).key for token in tokens]
    assert keys[0] != keys[1]


@pytest.mark.parametrize(
    ("choice", "protocol", "sides", "stored"),
    [("tie", "pairwise", 2, "tie"), ([0, 2], "score012", 2, (0, 2)), ((1,), "score012", 1, (1,))],
)
def test_choices_as_stored(choice, protocol, sides, stored):
    assert check_choice(choice, protocol, sides) == stored
