"""Raters and an administrator in a real browser: by keyboard, by touch, with a bad connection, in two tabs."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from apps.raters.export import from_jsonl
from apps.raters.reading import read_campaign
from tests.apps.browsing import DESKTOP, PATIENCE, PHONE, fits
from tests.apps.raters import demo_files
from tests.apps.raters.hub import PASSWORD, served_room
from tests.apps.raters.test_blindness import named

TOUCH = {"viewport": PHONE, "has_touch": True, "is_mobile": True}
# Longer than the page ignores what may be the second half of a double tap.
BLINK = 350


@pytest.fixture(scope="module")
def hub(tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    demo_files.write(folder / "demos", "cards", demo_files.cards(11))
    demo_files.write(folder / "demos", "search", demo_files.searches(11))
    lines = demo_files.texts(11, systems=2)
    lines[1]["outputs"][demo_files.SYSTEMS[0]] = "<b onclick=alert(1)>굵게</b>" + "가" * 9_900
    path = demo_files.write(folder, "deck", lines)
    with served_room(f"sqlite:///{folder}/votes.db", folder / "demos") as (url, room):
        room.office.create(read_campaign(path))
        yield url, room


@pytest.fixture
def invited(hub):
    """The address of a new rater's page, and the room."""
    url, room = hub
    (token,) = room.office.invite("deck")
    return url, f"raters?rater={token}", room


@pytest.fixture
def plain(browser):
    """A page of its own context that may complain: refused requests do."""
    context = browser.new_context(viewport=DESKTOP, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    yield page
    context.close()


def _at(page: Page, done: int) -> int:
    """Waits until so many are judged; how many there are."""
    line = page.get_by_text(re.compile(rf"^{done} of \d+ judged$"))
    expect(line).to_be_visible()
    page.wait_for_timeout(BLINK)
    return int(line.inner_text().split()[2])


def _votes(room, name="deck"):
    return [record for record in room.office.export(name).records if not record.undone]


def test_a_demonstration_by_keyboard_from_joining_to_the_names(visit, hub):
    url, room = hub
    with visit(url, "raters", viewport=DESKTOP) as page:
        payloads: list[str] = []
        page.on("response", lambda response: payloads.append(response.url + _body(response)))
        join = page.get_by_role("button", name=re.compile("Take part.*Card readings"))
        join.focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Which reading of the card is better?")).to_be_focused()
        total = _at(page, 0)
        assert total == 12
        keys = ["a", "ArrowRight", "t", "n", "ArrowLeft", "B", "A", "T", "N", "b", "a", "t"]
        for done, key in enumerate(keys):
            page.keyboard.press(key)
            if done + 1 < total:
                _at(page, done + 1)
            if done == 4:
                page.keyboard.press("u")
                _at(page, 4)
                expect(page.get_by_text("You took this back; you had said: A is better")).to_be_visible()
                page.keyboard.press("ArrowLeft")
                _at(page, 5)
        expect(page.get_by_role("heading", name="Thank you")).to_be_focused()
        assert named("\n".join(payloads) + page.content()) == set()
        page.get_by_role("button", name="Show which was which").press("Enter")
        expect(page.get_by_role("rowheader", name=demo_files.SYSTEMS[0])).to_be_visible()
        assert fits(page)
    choices = [record.choice for record in _votes(room, "demo-cards")]
    assert choices == ["A", "B", "tie", "both_bad", "A", "B", "A", "tie", "both_bad", "B", "A", "tie"]


def _body(response) -> str:
    if response.request.resource_type in ("fetch", "xhr", "document"):
        return response.text()
    return ""


def test_scores_by_keyboard_and_the_marked_output(visit, invited):
    url, address, room = invited
    before = len(_votes(room))
    with visit(url, address) as page:
        total = _at(page, 0)
        expect(page).to_have_url(f"{url}raters")
        for done in range(total):
            page.keyboard.press("ArrowRight")
            page.keyboard.press("2")
            page.keyboard.press("0")
            if done + 1 < total:
                _at(page, done + 1)
        expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
        expect(page.get_by_role("button", name="Show which was which")).to_have_count(0)
    mine = _votes(room)[before:]
    assert [record.choice for record in mine] == [(0, 2)] * total
    assert all(record.milliseconds >= BLINK for record in mine)


def test_by_touch_on_a_phone(browser, invited):
    url, address, room = invited
    before = len(_votes(room))
    context = browser.new_context(**TOUCH, locale="ko-KR")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}{address}")
    total = 13
    for done in range(total):
        expect(page.get_by_text(f"{total}개 중 {done}개 평가함")).to_be_visible()
        page.wait_for_timeout(BLINK)
        assert fits(page), f"task {done} scrolls sideways"
        for letter in "AB":
            group = page.get_by_role("group", name=f"결과 {letter}의 점수")
            button = group.get_by_role("button", name="훌륭함" if letter == "A" else "이해할 수 있음")
            box = button.bounding_box()
            assert box["height"] >= 44
            button.tap()
    expect(page.get_by_role("heading", name="감사합니다")).to_be_visible()
    context.close()
    assert [record.choice for record in _votes(room)[before:]] == [(2, 1)] * total


def test_choices_stay_in_reach_of_the_thumb(browser, hub):
    url, _ = hub
    context = browser.new_context(**TOUCH, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"{url}raters")
    page.get_by_role("button", name=re.compile("Take part.*Fashion search")).tap()
    total = _at(page, 0)
    for done in range(total):
        button = page.get_by_role("button", name=("A is better", "B is better", "equally good", "both bad")[done % 4])
        expect(button).to_be_in_viewport(ratio=1)
        button.tap()
        if done + 1 < total:
            _at(page, done + 1)
            assert fits(page)
    expect(page.get_by_role("heading", name="Thank you")).to_be_visible()
    context.close()


def test_a_double_tap_is_one_vote(visit, invited):
    url, address, room = invited
    before = len(_votes(room))
    with visit(url, address) as page:
        _at(page, 0)
        page.keyboard.press("1")
        for key in "11111":
            page.keyboard.press(key)
        _at(page, 1)
        page.reload()
        _at(page, 1)
    assert len(_votes(room)) - before == 1


BAD_CONNECTION = """
window.tried = [];
window.connected = false;
const send = window.fetch.bind(window);
window.fetch = async (address, options) => {
  if (window.connected || !String(address).includes("raters-api/vote")) return send(address, options);
  window.tried.push(JSON.parse(options.body));
  // The first vote arrives and its answer is lost on the way back; later ones do not arrive.
  if (window.tried.length === 1) await send(address, options);
  throw new TypeError("Failed to fetch");
};
"""


def test_a_vote_waits_for_the_connection_and_counts_once(plain, invited):
    url, address, room = invited
    before = len(_votes(room))
    plain.add_init_script(BAD_CONNECTION)
    plain.goto(f"{url}{address}")
    _at(plain, 0)
    plain.keyboard.press("1")
    plain.keyboard.press("2")
    expect(plain.get_by_role("alert").filter(has_text="The connection is lost")).to_be_visible()
    expect(plain.get_by_text(re.compile("^0 of"))).to_be_visible()
    plain.wait_for_function("window.tried.length > 1")
    plain.evaluate("window.connected = true")
    _at(plain, 1)
    expect(plain.get_by_role("alert").filter(has_text="The connection is lost")).to_have_count(0)
    assert len({vote["client_key"] for vote in plain.evaluate("window.tried")}) == 1
    assert [record.choice for record in _votes(room)[before:]] == [(1, 2)]


def test_two_tabs_and_a_link_that_is_not_valid(plain, invited):
    url, address, room = invited
    before = len(_votes(room))
    plain.goto(f"{url}{address}")
    _at(plain, 0)
    other = plain.context.new_page()
    other.goto(f"{url}raters")
    _at(other, 0)
    for page in (other, plain):
        page.keyboard.press("0")
        page.keyboard.press("0")
        _at(page, 1)
    expect(plain.get_by_role("alert").filter(has_text="perhaps in another tab")).to_be_visible()
    assert len(_votes(room)) - before == 1
    plain.goto(f"{url}raters?rater=not-a-token")
    expect(plain.get_by_text("This link is not valid")).to_be_visible()
    plain.goto(f"{url}raters")
    expect(plain.get_by_role("button", name=re.compile("Take part.*Card readings"))).to_be_visible()


def test_shortcuts_can_be_turned_off_and_a_pause_leads_back(visit, hub):
    url, _ = hub
    with visit(url, "raters", locale="en-GB") as page:
        page.get_by_role("button", name=re.compile("Take part.*Card readings")).click()
        _at(page, 0)
        page.get_by_role("button", name="Keyboard shortcuts are on").click()
        page.keyboard.press("a")
        page.wait_for_timeout(BLINK)
        _at(page, 0)
        page.get_by_role("button", name="equally good").click()
        _at(page, 1)
        page.get_by_role("button", name="Pause").click()
        page.get_by_role("button", name=re.compile("Continue.*Card readings")).click()
        _at(page, 1)


def test_hostile_output_is_text(visit, invited):
    url, address, _ = invited
    with visit(url, address) as page:
        for done in range(13):
            _at(page, done)
            if page.get_by_text("<b onclick=alert(1)>굵게</b>").count():
                assert page.locator(".ph-side b").count() == 0
                assert fits(page)
                return
            page.keyboard.press("1")
            page.keyboard.press("1")
    raise AssertionError("the hostile output was never shown")


def test_an_administrator_from_the_login_to_the_export(plain, hub, tmp_path):
    url, room = hub
    plain.goto(f"{url}raters-admin")
    plain.get_by_label("Password").fill("a wrong password")
    plain.get_by_role("button", name="Log in").click()
    expect(plain.get_by_role("alert").filter(has_text="not the password")).to_be_visible()
    plain.get_by_label("Password").fill(PASSWORD)
    plain.keyboard.press("Enter")
    expect(plain.get_by_role("heading", name="Campaigns")).to_be_focused()
    plain.reload()
    plain.get_by_text("New campaign").click()
    path = demo_files.write(tmp_path, "new", demo_files.texts(5, name="ours"))
    plain.get_by_label("Campaign file").set_input_files(path)
    plain.get_by_label("Title raters see").fill("Ours <b>")
    plain.get_by_role("button", name="Create the campaign").click()
    plain.get_by_role("link", name="ours").click()
    expect(plain.get_by_role("heading", name="Ours <b>")).to_be_focused()
    plain.get_by_label("New raters").fill("2")
    plain.get_by_role("button", name="Make invitation links").click()
    links = plain.get_by_role("listitem").get_by_role("code")
    expect(links).to_have_count(2)
    link = links.first.inner_text()
    assert link.startswith(f"{url}raters?rater=")
    _vote_all(room, link.partition("=")[2])
    plain.get_by_role("button", name="Compute the results").click()
    expect(plain.get_by_role("heading", name="Points by domain")).to_be_visible()
    assert fits(plain)
    with plain.expect_download() as download:
        plain.get_by_role("link", name="Votes as JSONL").click()
    export = from_jsonl(download.value.path().read_text(encoding="utf-8"))
    assert len(export.records) == len(_votes(room, "ours")) == 7
    plain.on("dialog", lambda dialog: dialog.accept())
    plain.get_by_role("button", name="Withdraw the link 2").click()
    expect(plain.get_by_text("withdrawn")).to_be_visible()
    plain.get_by_role("link", name="← Campaigns").click()
    plain.get_by_role("button", name="Log out").click()
    expect(plain.get_by_label("Password")).to_be_visible()


def _vote_all(room, token):
    while task := room.store.next_task(token):
        room.store.vote(token, task.key, [1] * len(task.sides), 5_000, f"client-{task.key}")
