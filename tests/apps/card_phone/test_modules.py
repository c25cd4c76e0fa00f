"""The site's own modules, one by one, in the browser; where Python has the same function, against it."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from modeling.card_ocr.attempt_card_ocr import Attempt, likeliest
from modeling.card_ocr.confidence_card_ocr import given_checksum
from modeling.card_ocr.geometry_card_ocr import PRINTED, NumberLine, group_sizes, plausible, rectify
from modeling.card_ocr.lines_card_ocr import fit_lines, guesses
from modeling.card_ocr.looks_card_ocr import nudged
from modeling.card_ocr.reading_card_ocr import luhn_valid, mask_number
from modeling.card_ocr.recogniser_card_ocr import read_digits
from modeling.card_ocr.slots_card_ocr import slots
from tests.modeling.test_reading import make_digits


@pytest.fixture(scope="module")
def call(browser, address):
    """Runs a script with `use(module)`, which imports a module of the site, and an argument."""
    page = browser.new_page()
    page.goto(f"{address}manifest.webmanifest")
    use = "const use = (name) => import(new URL(name, document.baseURI));"
    yield lambda script, argument=None: page.evaluate(f"async (given) => {{ {use} {script} }}", argument)
    page.close()


VOTE = """
const { Vote } = await use("reader/vote.js");
const vote = new Vote();
const readings = { sure: (number) => ({ number, nearly: null }), nearly: (nearly) => ({ number: null, nearly }) };
return given.map((frame) => vote.add(frame?.endsWith("?") ? readings.nearly(frame[0]) : readings.sure(frame)));
"""


@pytest.mark.parametrize(
    ("frames", "accepted"),
    [
        (["1", "1"], [None, "1"]),
        (["1", None, None, None, "1"], [None, None, None, None, "1"]),
        (["1", None, None, None, None, "1"], [None] * 6),
        (["1", "2", "1", "1"], [None] * 4),
        (["2", "1", None, "1", "1", "1"], [None, None, None, None, None, "1"]),
        (["2", "1", "1", None, None, None], [None] * 6),
        (["1", "1?"], [None, "1"]),
        (["1?", "1?", "1?"], [None, None, "1"]),
        (["1?", "1?", None], [None] * 3),
        (["1", "2?", "1", "1"], [None] * 4),
        (["1?", "2?", "1?", "1?"], [None] * 4),
        ([None, None], [None, None]),
        ([], []),
    ],
)
def test_frames_vote(call, frames, accepted):
    assert [answer["number"] for answer in call(VOTE, frames)] == accepted


def test_a_vote_tells_how_many_frames_stand_behind_it(call):
    assert [answer["agreeing"] for answer in call(VOTE, ["1", "2", "2?", None])] == [1, 1, 2, 0]


NEARLY = """
const { nearlyAccepted } = await use("reader/decide.js");
return given.map(([reason, number, confidence, printed]) => nearlyAccepted(reason, { number, confidence, printed }));
"""


def test_only_a_little_doubt_is_nearly_accepted(call):
    valid, invalid = "4242424242424242", "4242424242424241"
    cases = [
        ("uncertain_digit", valid, 0.99, True),
        ("uncertain_digit", valid, 0.97, True),
        ("uncertain_digit", invalid, 0.99, True),
        ("uncertain_digit", valid, 0.99, False),
        ("length", valid, 0.99, True),
        ("no_card", "", 0, False),
    ]
    assert call(NEARLY, cases) == [True] + [False] * 5


ADVISE = 'const { advise } = await use("reader/guide.js"); return given.map(([now, before]) => advise(now, before));'


def _seen(reason, x=100.0, light=120.0):
    corners = [[x, 90], [x + 200, 90], [x + 200, 110], [x, 110]]
    lines = [] if reason == "no_card" else [{"corners": corners, "height": 20}]
    return {"decision": "accepted" if reason == "ok" else "rejected", "reason": reason, "light": light, "lines": lines}


def test_guidance(call):
    cases = {
        "hold": (_seen("ok", light=10), None),
        "dark": (_seen("no_card", light=20), None),
        "none": (_seen("no_card"), _seen("ok")),
        "still": (_seen("too_blurred", x=140), _seen("too_blurred")),
        "blurred": (_seen("too_blurred", x=110), _seen("too_blurred")),
        "closer": (_seen("too_small"), None),
        "tilt": (_seen("uncertain_digit"), _seen("uncertain_digit")),
        "whole": (_seen("length"), None),
        "again": (_seen("checksum"), None),
    }
    assert call(ADVISE, list(cases.values())) == list(cases)


def test_checksum_and_mask(call):
    rng = np.random.default_rng(5)
    numbers = ["".join(map(str, rng.integers(0, 10, length))) for length in (1, 2, 15, 16, 19) for _ in range(30)]
    script = """const { luhnValid, maskNumber } = await use("reader/decide.js");
    return given.map((number) => [luhnValid(number), maskNumber(number), maskNumber(number, 0)]);"""
    wanted = [[luhn_valid(number), mask_number(number), mask_number(number, 0)] for number in numbers]
    assert call(script, numbers) == wanted


def test_confidence_given_the_checksum(call):
    rng = np.random.default_rng(7)
    tables = [rng.dirichlet(np.full(10, 0.1), count).tolist() for count in (1, 7, 15, 16, 19)]
    script = 'const { givenChecksum } = await use("reader/confidence.js"); return given.map(givenChecksum);'
    assert call(script, [*tables, []]) == pytest.approx([*map(given_checksum, tables), 0.0])


def test_groups(call):
    rng = np.random.default_rng(11)
    cases = []
    for count in (1, 2, 14, 15, 16, 17, 18, 19, 20):
        for _ in range(8):
            gaps = rng.uniform(1, 5, count) + 7 * (rng.random(count) < 0.25)
            ends = np.cumsum(gaps + 11)
            spans = np.stack([ends - 11, ends], 1).tolist()
            lines = np.sort(rng.integers(0, 4, count)).tolist() if rng.random() < 0.3 else [0] * count
            cases.append([spans, lines])
    script = """const { groupSizes, plausible } = await use("reader/groups.js");
    const sizes = given.map(([spans, lines]) => groupSizes(spans, lines, 20));
    return sizes.map((groups) => [groups, plausible(groups)]);"""
    wanted = [group_sizes([tuple(span) for span in spans], lines, 20) for spans, lines in cases]
    assert call(script, cases) == [[list(groups), plausible(groups)] for groups in wanted]


def test_slots(call):
    """Numbers of every printed form, some digits not seen and some seen that are not there, and noise."""
    rng, cases = np.random.default_rng(17), []
    for groups in [groups for forms in PRINTED.values() for groups in forms] * 12:
        starts = np.isin(np.arange(sum(groups)), np.cumsum(groups[:-1]))
        middles = 40 + np.cumsum(13 + rng.normal(0, 0.7, sum(groups)) + rng.uniform(4, 14) * starts)
        kept = middles[rng.random(len(middles)) > 0.05]
        strays = rng.uniform(0, middles[-1] + 60, rng.integers(0, 4))
        at = np.sort(np.concatenate([kept, strays]))
        cases.append([at.tolist(), rng.uniform(0.3, 1, len(at)).tolist()])
    cases += [[np.sort(rng.uniform(0, 300, 17)).tolist(), rng.random(17).tolist()] for _ in range(8)] + [[[], []]]
    mine = call(
        'const { slots } = await use("reader/slots.js"); return given.map(([at, sure]) => slots(at, sure));', cases
    )
    wanted = [slots(at, sure) for at, sure in cases]
    assert sum(one is not None for one in wanted) > 40
    assert sum(one is not None and None in one.seen for one in wanted) > 5
    assert [one and (tuple(one["groups"]), tuple(one["seen"])) for one in mine] == [
        one and (one.groups, one.seen) for one in wanted
    ]
    for one, other in zip(mine, wanted, strict=True):
        assert one is None or (one["middles"], one["step"]) == (pytest.approx(other.middles), pytest.approx(other.step))


def test_digits_of_a_band(call):
    generator = torch.Generator().manual_seed(3)
    logits = torch.randn(53, 11, generator=generator) * 2
    logits[:, 10] += 2
    extents = torch.rand(53, 2, generator=generator) * 3 + 4
    script = """const { bestPath, logProbabilities, numberProbability } = await use("reader/recognise.js");
    const logs = logProbabilities(Float32Array.from(given.logits), 0.9);
    const digits = bestPath(logs, Float32Array.from(given.extents));
    return { digits, confidence: numberProbability(logs, digits) };"""
    mine = call(script, {"logits": logits.flatten().tolist(), "extents": extents.flatten().tolist()})
    digits, confidence = read_digits(logits, extents, 0.9)
    assert [digit["value"] for digit in mine["digits"]] == [digit.value for digit in digits]
    assert len(digits) > 3
    for one, other in zip(mine["digits"], digits, strict=True):
        assert one["probabilities"] == pytest.approx(other.probabilities, abs=1e-5)
        assert (one["left"], one["right"], one["confidence"]) == pytest.approx(
            (other.left, other.right, other.confidence), abs=1e-4
        )
    assert mine["confidence"] == pytest.approx(confidence, rel=1e-3)


@pytest.mark.parametrize(("height", "width", "tall", "wide"), [(37, 53, 11, 17), (37, 53, 37, 19), (11, 7, 23, 29)])
def test_pictures_are_resized_as_in_training(call, height, width, tall, wide):
    grey = torch.rand(1, 1, height, width, generator=torch.Generator().manual_seed(2)) * 255
    script = """const { resized } = await use("reader/pixels.js"), { Buffers } = await use("reader/buffers.js");
    const grey = { data: Float32Array.from(given.data), width: given.width, height: given.height };
    return [...resized(grey, given.wide, given.tall, new Buffers()).data];"""
    given = {"data": grey.flatten().tolist(), "width": width, "height": height, "wide": wide, "tall": tall}
    wanted = F.interpolate(grey, size=(tall, wide), mode="bilinear", antialias=True, align_corners=False)
    assert call(script, given) == pytest.approx(wanted.flatten().tolist(), abs=1e-2)


@pytest.mark.parametrize("tall", [9.0, 31.0], ids=["small print", "large print"])
def test_lines_are_straightened_as_in_training(call, tall):
    grey = torch.rand(1, 1, 71, 131, generator=torch.Generator().manual_seed(4)) * 255
    line = NumberLine((13.0, 31.0), (127.0, 41.0), tall, tall * 1.2)
    script = """const { rectify } = await use("reader/band.js"), { NumberLine } = await use("reader/geometry.js");
    const grey = { data: Float32Array.from(given.data), width: 131, height: 71 };
    const { band } = rectify(grey, [new NumberLine(...given.line)], 32, 20);
    return { data: [...band.data], width: band.width };"""
    ends = [list(line.left), list(line.right), line.left_height, line.right_height]
    mine = call(script, {"data": grey.flatten().tolist(), "line": ends})
    band, _ = rectify(grey, [line], 32, 20)
    assert mine["width"] == band.shape[-1]
    assert mine["data"] == pytest.approx(band.flatten().tolist(), abs=0.05)


def test_lines_are_moved_as_in_training(call):
    line = NumberLine((13.0, 31.0), (127.0, 41.0), 9.0, 11.0)
    script = """const { nudged } = await use("reader/looks.js"), { NumberLine } = await use("reader/geometry.js");
    return nudged([new NumberLine(...given)]).map(([line]) =>
      [...line.left, ...line.right, line.leftHeight, line.rightHeight]);"""
    moved = [[*one.left, *one.right, one.left_height, one.right_height] for (one,) in nudged([line])]
    mine = call(script, [list(line.left), list(line.right), line.left_height, line.right_height])
    np.testing.assert_allclose(mine, moved, atol=1e-6)


def test_attempts_compare_as_in_python(call):
    """A number that fails the checksum must be far surer; two that pass share the confidence."""
    passing, other, failing = "4000000000000002", "4000000000000010", "4000000000000003"
    cases = [
        [(failing, 0.3, "checksum"), (passing, alone, "uncertain_digit")] for alone in (0.02, 0.01)
    ] + [
        [(other, alone, "uncertain_digit"), (failing, 0.9, "checksum"), (passing, 0.8, "ok")]
        for alone in (0.9, 0.1, 1e-6)
    ]  # fmt: skip
    script = """const { likeliest, numberOf } = await use("reader/attempt.js");
    const attempt = ([number, alone, reason]) =>
      ({ digits: [...number].map((value) => ({ value })), groups: [4, 4, 4, 4], alone, reason, confidence: 0.9999 });
    return given.map((attempts) => likeliest(attempts.map(attempt), 0.9997))
      .map((best) => [numberOf(best), best.reason, best.confidence]);"""
    wanted = []
    for attempts in cases:
        best = likeliest(
            [
                Attempt([], None, make_digits(number), (4, 4, 4, 4), alone, 0.9999, True, reason)
                for number, alone, reason in attempts
            ],
            0.9997,
        )
        wanted.append([best.number, best.reason, pytest.approx(best.confidence)])
    assert call(script, cases) == wanted
    assert [reason for _, reason, _ in wanted] == ["uncertain_digit", "checksum", *["uncertain_digit"] * 2, "ok"]


def test_lines_are_found_as_in_training(call):
    """Two rows of one region, a piece that continues the first, and a lone cell that is no line."""
    rng = np.random.default_rng(13)
    maps = rng.normal(0, 0.05, (6, 41, 67)).astype(np.float32)
    maps[0] -= 6
    maps[4] += 1
    for row, first, last in (
        (11, 5, 20),
        (12, 5, 20),
        (14, 5, 20),
        (15, 5, 20),
        (11, 23, 38),
        (12, 23, 38),
        (30, 60, 61),
    ):
        maps[0, row, first:last] += 9
        maps[2, row, first:last] += {11: 0.5, 12: -0.5, 14: 0.5, 15: -0.5}.get(row, 0)
        maps[3, row, first:last] += 0.3
    script = """const { fitLines } = await use("reader/lines.js"), { guesses } = await use("reader/guesses.js");
    const lines = fitLines({ data: Float32Array.from(given), width: 67, height: 41 }, 0.3);
    const told = (line) => [...line.left, ...line.right, line.leftHeight, line.rightHeight, line.score];
    const indexes = guesses(lines).map((guess) => guess.map((line) => lines.indexOf(line)));
    return { lines: lines.map(told), guesses: indexes };"""
    mine = call(script, maps.flatten().tolist())
    lines = fit_lines(torch.from_numpy(maps), 0.3)
    told = [[*line.left, *line.right, line.left_height, line.right_height, line.score] for line in lines]
    assert len(told) >= 2
    assert mine["lines"] == [pytest.approx(line, abs=1e-3) for line in told]
    assert mine["guesses"] == [[lines.index(line) for line in guess] for guess in guesses(lines)]
