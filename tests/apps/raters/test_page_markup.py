"""What raters and administrators read: everything a system wrote is escaped, and every task has its words."""

from __future__ import annotations

from itertools import product

import pytest

from apps.i18n import LOCALES, speak
from apps.raters import markup
from apps.raters.blind import BlindTask, Shown, Side
from apps.raters.campaign import PROTOCOLS
from apps.raters.content import REASONS, TASKS
from apps.raters.reveal import Revealed

TEXT = speak("en")
EVIL = '<img src=x onerror="alert(1)">&\'"</div>'
TWO = (Shown("가"), Shown("나"))
PICTURE = "data:image/jpeg;base64,AAAA"


def _task(task="translation", protocol="score012", outputs=TWO, **fields):
    sides = tuple(Side("ABCDEF"[place], output) for place, output in enumerate(outputs))
    given = {"key": "k", "domain": "d", "source": Shown("源"), "reference": None, "done": 3, "total": 7, **fields}
    return BlindTask(task=task, protocol=protocol, sides=sides, **given)


def test_what_was_written_stays_text():
    page = markup.task(_task(source=Shown(EVIL), reference=Shown(EVIL), outputs=(Shown(EVIL),), domain=EVIL), TEXT)
    assert "<img" not in page
    assert page.count("&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#x27;&quot;&lt;/div&gt;") == 4


def test_pictures_cannot_break_out_of_their_attribute():
    page = markup.task(_task("fashion_retrieval", outputs=(Shown(pictures=('x" onerror="alert(1)',)),)), TEXT)
    assert 'onerror="' not in page
    assert 'src="x&quot; onerror=&quot;alert(1)"' in page


def test_a_very_long_output_scrolls_by_keyboard_and_a_short_one_needs_not():
    page = markup.task(_task(outputs=(Shown("가" * 10_000), Shown("나"))), TEXT)
    assert "가" * 10_000 in page
    assert page.count('tabindex="0" role="region"') == 1


def test_an_empty_output_is_said_to_be_empty():
    assert TEXT("raters_empty") in markup.task(_task(outputs=(Shown(" \n"), Shown("나"))), TEXT)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_task_protocol_and_number_of_sides_has_words(locale):
    text = speak(locale)
    reading = Shown("•••• 1234", boxes=(((0.1, 0.2), (0.3, 0.2), (0.3, 0.4), (0.1, 0.4)),), reason="ok")
    for task, protocol, sides in product(TASKS, PROTOCOLS, (1, 2, 3)):
        source = Shown("源", pictures=(PICTURE,))
        page = markup.task(_task(task, protocol, (reading,) * sides, source=source), text)
        assert page.count('class="ph-output ph-side"') == sides
        assert page.count("data-score=") == (3 * sides if protocol == "score012" else 0)
        assert page.count("data-choice=") == (4 if protocol == "pairwise" else 0)


def test_every_reason_of_a_card_reader_has_words():
    for reason in filter(None, REASONS):
        source = Shown(pictures=(PICTURE,))
        assert TEXT(f"raters_reason_{reason}") in markup.task(
            _task("card_reading", "pairwise", (Shown(reason=reason), Shown(reason="ok")), source=source), TEXT
        )


def test_digits_are_outlined_in_fractions_of_the_picture():
    box = ((0.1, 0.2), (0.3, 0.25), (0.3, 0.4), (-0.01, 0.4))
    page = markup.task(_task("card_reading", "pairwise", (Shown("1", boxes=(box,), reason="ok"),) * 2,
                             source=Shown(pictures=(PICTURE,))), TEXT)  # fmt: skip
    assert '<polygon points="0.1000,0.2000 0.3000,0.2500 0.3000,0.4000 -0.0100,0.4000"/>' in page


@pytest.mark.parametrize(
    ("written", "language"),
    [("국회", "ko"), ("国会", "zh"), ("国会가", "ko"), ("国会は", "ja"), ("hello 3", ""), ("", "")],
)
def test_a_text_says_which_shapes_its_characters_have(written, language):
    assert markup.language_of(written) == language


@pytest.mark.parametrize(
    ("former", "said"), [("both_bad", "both bad"), ("A", "A is better"), ((2, 0, 1), "A 2, B 0, C 1")]
)
def test_a_vote_taken_back_is_told(former, said):
    assert said in markup.task(_task(former=former), TEXT)


def test_nothing_can_be_taken_back_at_the_start():
    assert "data-undo disabled" in markup.task(_task(done=0), TEXT)
    assert "data-undo disabled" not in markup.task(_task(done=1), TEXT)


def test_the_reveal_has_a_mean_only_where_outputs_were_scored():
    scored = markup.revealed([Revealed("a<b@1", 5, 1.25, 2, 1, 2)], TEXT)
    assert "a&lt;b@1" in scored
    assert "1.25" in scored
    compared = markup.revealed([Revealed("a@1", 5, None, 2, 1, 2)], TEXT)
    assert TEXT("raters_revealed_mean") not in compared
