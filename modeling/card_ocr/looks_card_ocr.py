"""Other ways to look at pictures and lines that gave no number or a doubtful one; and whether numbers go on further."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .geometry_card_ocr import END_MARGIN, NumberLine
from .reading_card_ocr import VALID_LENGTHS
from .recogniser_card_ocr import ReadDigit

CLOSE_ROOM, CLOSE_ASPECT = 1.3, 0.75
"""A closer look shows this much more than the line's extent, in a window of this aspect."""

BEYOND = 2.0
"""How many digit heights beyond either end of a line are searched for digits that were cut off."""


NUDGES = (
    (0.85, 0.0, 0.08), (1.3, -0.1, 0.0), (0.85, 0.1, 0.0), (1.15, 0.0, 0.08), (0.75, 0.0, -0.08), (1.0, 0.0, -0.08),
    (1.0, 0.1, 0.0),
)  # fmt: skip
"""How lines are moved that were read in doubt: factor on the digit height, digit heights down, and turned."""


def close_window(height: int, width: int, lines: list[NumberLine]) -> tuple[int, int, int, int] | None:
    """A window at least half a picture's size around lines that were small or not read.

    Args:
        height, width: of the picture the lines are in.

    Returns:
        Its left, top, width and height in whole pixels; None where it would show little less than the picture.
    """
    if not lines:
        return None
    points = np.array([end for line in lines for end in (line.left, line.right)])
    middle = (points.min(0) + points.max(0)) / 2
    reach = max(np.ptp(points, axis=0).max() * CLOSE_ROOM, max(height, width) / 2)
    size = np.minimum([reach, reach * CLOSE_ASPECT], [width, height]).astype(int)
    left, top = np.clip(middle - size / 2, 0, np.array([width, height]) - size).astype(int)
    return None if size[0] > 0.8 * width else (int(left), int(top), int(size[0]), int(size[1]))


def longer(line: NumberLine) -> tuple[NumberLine, float]:
    """A line with `BEYOND` more at either end, and which share of its band either end is."""
    more = BEYOND * line.height / line.length
    whole = line.extended(more, more)
    return whole, BEYOND * line.height / (whole.length + 2 * END_MARGIN * line.height)


def goes_on(
    read: Sequence[ReadDigit], seen: Sequence[ReadDigit], shift: float, digit_height: float, sure: float
) -> bool:
    """Whether a longer look at a line shows a digit before the first or after the last of those that were read.

    Args:
        read: what was read on the line, at least one.
        seen: what was seen on a longer piece of it.
        shift: band columns between a place in `read` and the same place in `seen`.
        digit_height: in band rows.
        sure: digits below this confidence do not count.
    """
    apart = 0.4 * digit_height  # neighbours stand at least this far from each other
    first, last = read[0].middle + shift - apart, read[-1].middle + shift + apart
    return any(digit.confidence >= sure and not first < digit.middle < last for digit in seen)


def second_looks(lines: list[NumberLine], digits: int) -> list[list[NumberLine]]:
    """Other ways to read lines that gave no number: longer, if a single line seems cut short; and upside down.

    Args:
        lines: as they were read.
        digits: how many digits were read.
    """
    looks = [[line.reversed for line in reversed(lines)]]
    if len(lines) == 1 and 8 <= digits < max(VALID_LENGTHS):
        digit = 1.3 * lines[0].height / lines[0].length
        ends = ((digit, digit), (0.0, 0.5), (0.5, 0.0))
        looks = [[lines[0].extended(*more)] for more in ends] + looks
    return looks


def nudged(lines: list[NumberLine]) -> list[list[NumberLine]]:
    """The same lines moved a little in several ways: print over art is read differently from each."""
    return [[line.nudged(*nudge) for line in lines] for nudge in NUDGES]
