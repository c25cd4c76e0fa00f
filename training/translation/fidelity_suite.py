"""The sentences of the fidelity suite, drawn row by row from templates, each with the check of its Korean."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal

from training.translation.fidelity_checks import both, holds, particle_after, shows
from training.translation.fidelity_sentences import (
    AMOUNTS,
    BRANDS,
    CODES,
    COUNTED,
    DATES,
    DIGIT_SOUNDS,
    JOSA,
    LATIN,
    LINKS,
    MEASURED,
    NAMES,
    PRICES,
    SHARES,
    SOUNDS,
    TWINS,
    UNITS,
    WRONG,
)


@dataclass(frozen=True)
class Item:
    """One sentence of the suite.

    Attributes:
        row: what it tests.
        chinese: the sentence.
        check: whether a Korean translation keeps what it must.
        expected: what that is, for people.
        twin: another way to write the sentence; both translations must be equal.
    """

    row: str
    chinese: str
    check: Callable[[str], bool] = field(compare=False, repr=False)
    expected: str
    twin: str = ""


def _integers(rng: random.Random) -> tuple[str, Callable, str]:
    number = rng.choice([rng.randint(11, 99), rng.randint(100, 999), rng.randint(1000, 9999)])
    return rng.choice(COUNTED).format(number), holds(number), str(number)


def _decimals(rng: random.Random) -> tuple[str, Callable, str]:
    number = f"{rng.randint(1, 99)}.{rng.randint(1, 99)}"
    return rng.choice(MEASURED).format(number), holds(number), number


def _percent(rng: random.Random) -> tuple[str, Callable, str]:
    number = rng.choice([f"{rng.randint(1, 99)}", f"{rng.randint(1, 99)}.{rng.randint(1, 9)}"])
    sign = lambda korean: bool(re.search(rf"(?<![\d.]){re.escape(number)}\s?(?:%|퍼센트|프로)", korean))  # noqa: E731
    return rng.choice(SHARES).format(number + rng.choice("%%％")), sign, f"{number}%"


def _separators(rng: random.Random) -> tuple[str, Callable, str]:
    number = rng.randint(1_000, 9_999_999)
    return rng.choice(COUNTED).format(f"{number:,}"), holds(number), f"{number:,}"


def _scaling(rng: random.Random) -> tuple[str, Callable, str]:
    scale, factor = rng.choice([("万", 10**4), ("亿", 10**8)])
    digits = rng.choice([f"{rng.randint(2, 980)}", f"{rng.randint(1, 98)}.{rng.randint(1, 9)}"])
    value = Decimal(digits) * factor
    return rng.choice(AMOUNTS).format(digits + scale), holds(value), f"{value:,f}"


def _dates(rng: random.Random) -> tuple[str, Callable, str]:
    year, month, day = rng.randint(1950, 2030), rng.randint(1, 12), rng.randint(1, 28)
    full = rng.random() < 0.6
    text = f"{year}年{month}月{day}日" if full else f"{month}月{day}日"
    wanted = ((year, "년"),) * full + ((month, "월"), (day, "일"))
    pattern = re.compile(r"\s?".join(rf"(?<!\d){number}\s?{unit}" for number, unit in wanted))
    dotted = re.compile(r"[.\-/]\s?".join(rf"(?<!\d)0?{number}" for number, _ in wanted))
    return rng.choice(DATES).format(text), lambda ko: bool(pattern.search(ko) or dotted.search(ko)), text


def _prices(rng: random.Random) -> tuple[str, Callable, str]:
    amount = rng.choice([f"{rng.randint(5, 9999)}", f"{rng.randint(5, 999)}.{rng.randint(10, 99)}"])
    before, after, words = rng.choice(
        [
            ("", "元", "위안|元|￥|¥"),
            ("￥", "", "위안|￥|¥"),
            ("$", "", r"달러|\$"),
            ("", "美元", r"달러|\$"),
            ("", "韩元", "원|₩"),
            ("", "人民币", "위안|인민폐"),
        ]
    )
    sign = re.compile(words)
    return (
        rng.choice(PRICES).format(before + amount + after),
        both(holds(amount), lambda korean: bool(sign.search(korean))),
        f"{amount} {words}",
    )


def _skus(rng: random.Random) -> tuple[str, Callable, str]:
    letters = "".join(rng.choices("ABCDEFGHKMNPRSTX", k=rng.randint(2, 3)))
    code = f"{letters}-{rng.randint(100, 99999)}" + rng.choice(
        ["", "/" + rng.choice("ABX"), "-" + rng.choice(["BK", "M", "2XL"])]
    )
    return rng.choice(CODES).format(code), shows(code), code


def _urls(rng: random.Random) -> tuple[str, Callable, str]:
    name = "".join(rng.choices("abcdefghijklmnop", k=7))
    number = rng.randint(10, 9999)
    text = rng.choice(
        [
            f"https://www.{name}.com/item?id={number}",
            f"http://{name}.co.kr/shop/{number}",
            f"www.{name}.cn/p/{number}.html",
            f"{name}{number}@mail.example.com",
        ]
    )
    return rng.choice(LINKS).format(f" {text} "), lambda korean: text in korean, text


def _latin(rng: random.Random) -> tuple[str, Callable, str]:
    word = rng.choice(BRANDS) + rng.choice(
        ["", "", f" {rng.choice(['Pro', 'Max', 'X', 'mini'])}", str(rng.randint(2, 30))]
    )
    return rng.choice(LATIN).format(word), shows(word), word


def _units(rng: random.Random) -> tuple[str, Callable, str]:
    unit, words = rng.choice(
        [
            ("公斤", "kg|킬로"),
            ("kg", "kg|킬로"),
            ("克", "g|그램"),
            ("ml", "ml|㎖|밀리"),
            ("毫升", "ml|㎖|밀리"),
            ("厘米", "cm|센티|센치"),
            ("cm", "cm|센티"),
            ("公里", "km|킬로"),
            ("平方米", "㎡|m²|제곱미터|평방"),
            ("mAh", "mAh"),
            ("英寸", "인치|inch"),
            ("℃", "℃|도"),
        ]
    )
    number = rng.choice([f"{rng.randint(2, 950)}", f"{rng.randint(1, 95)}.{rng.randint(1, 9)}"])
    pattern = re.compile(rf"(?<![\d.]){re.escape(number)}\s?(?:{words})", re.IGNORECASE)
    return rng.choice(UNITS).format(number + unit), lambda korean: bool(pattern.search(korean)), f"{number} {words}"


def _full_width(rng: random.Random) -> tuple[str, Callable, str]:
    number, word = rng.randint(10, 9999), rng.choice(BRANDS)
    wide = lambda text: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)  # noqa: E731
    if rng.random() < 0.5:
        return rng.choice(COUNTED).format(wide(str(number))), holds(number), str(number)
    return rng.choice(LATIN).format(wide(word)), shows(word), word


def _names(rng: random.Random) -> tuple[str, Callable, str]:
    first, second = rng.sample(sorted(NAMES), 2)
    sentence = rng.choice(
        ("{}和{}是姐妹城市。", "他从{}去{}旅行。", "{}到{}的航班已取消。", "商品从{}运往{}。", "{}的代表访问了{}。")
    )
    wanted = (NAMES[first], NAMES[second])
    return sentence.format(first, second), lambda korean: all(name in korean for name in wanted), " ".join(wanted)


def _two_equal(rng: random.Random) -> tuple[str, Callable, str]:
    number = rng.randint(11, 999)
    sentence = rng.choice(
        (
            "我买了{0}个苹果和{0}个橙子。",
            "男装{0}元，女装也是{0}元。",
            "第一天卖了{0}件，第二天也卖了{0}件。",
            "长{0}厘米，宽{0}厘米。",
        )
    )
    return sentence.format(number), holds(number, number), f"{number} twice"


def _josa(rng: random.Random) -> tuple[str, Callable, str]:
    if rng.random() < 0.2:
        sound = rng.choice(sorted(SOUNDS))
        word = rng.choice(SOUNDS[sound])
    else:
        word = f"{rng.choice(BRANDS)} {rng.randint(2, 99)}"
        sound = DIGIT_SOUNDS[word[-1]]
    return rng.choice(JOSA).format(word), particle_after(word, WRONG[sound]), f"{word} without {WRONG[sound]}"


ROWS: dict[str, Callable[[random.Random], tuple[str, Callable, str]]] = {
    "integers": _integers,
    "decimals": _decimals,
    "percent": _percent,
    "separators": _separators,
    "scaling": _scaling,
    "dates": _dates,
    "prices": _prices,
    "codes": _skus,
    "urls": _urls,
    "latin": _latin,
    "units": _units,
    "full width": _full_width,
    "names": _names,
    "two equal": _two_equal,
    "josa": _josa,
}


def build_suite(count: int = 200, seed: int = 7) -> list[Item]:
    """The items of all rows, `count` each, in a fixed order.

    Raises:
        ValueError: if `count` is less than one.
    """
    if count < 1:
        raise ValueError(f"count must be at least 1, got {count}")
    items = []
    for name, make in ROWS.items():
        rng = random.Random(f"{seed} {name}")
        items += _distinct(count, lambda make=make, name=name, rng=rng: Item(name, *make(rng)))
    rng = random.Random(f"{seed} twins")
    return items + _distinct(count, lambda: _twin(rng))


def _twin(rng: random.Random) -> Item:
    number = rng.randint(2, 9999)
    simplified, traditional = (form.format(number) for form in rng.choice(TWINS))
    return Item("twins", simplified, holds(number), f"{number}, equal", traditional)


def _distinct(count: int, make: Callable[[], Item]) -> list[Item]:
    """Items with different sentences: a repeated one would make the interval too narrow.

    Raises:
        ValueError: if the templates do not give that many.
    """
    found: dict[str, Item] = {}
    for _ in range(50 * count):
        item = make()
        found.setdefault(item.chinese, item)
        if len(found) == count:
            return list(found.values())
    raise ValueError(f"The templates of {item.row!r} give {len(found)} different sentences, {count} were wanted")
