"""Korean particles agree with the last sound before them; a restored number or word may need another form.

Hangul shows its final consonant; digits, letters and symbols are judged by how they are read aloud.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

NONE, LIEUL, OTHER = 0, 8, 1
"""Final sound of a syllable: none, ㄹ (index 8 of Unicode's final consonants), any other."""

_DIGIT = (OTHER, LIEUL, NONE, OTHER, NONE, NONE, OTHER, LIEUL, LIEUL, NONE)
_LETTER = dict.fromkeys("abcdefghijklmnopqrstuvwxyz", NONE) | {"l": LIEUL, "r": LIEUL, "m": OTHER, "n": OTHER}
_SYMBOL = {
    "%": NONE, "‰": LIEUL, "℃": NONE, "℉": NONE, "°": NONE, "㎡": NONE, "㎢": NONE, "㎥": NONE, "㎞": NONE, "㎝": NONE,
    "㎜": NONE, "㎛": NONE, "㎏": OTHER, "㎎": OTHER, "ℓ": NONE, "²": NONE, "³": NONE, "+": NONE, "#": OTHER,
}  # fmt: skip
_UNIT = {
    "km": NONE, "m": NONE, "cm": NONE, "mm": NONE, "nm": NONE, "kg": OTHER, "g": OTHER, "mg": OTHER, "t": OTHER,
    "l": NONE, "ml": NONE, "db": LIEUL, "pa": LIEUL, "hpa": LIEUL, "kpa": LIEUL, "mpa": LIEUL, "bp": NONE, "ppm": OTHER,
    "rpm": OTHER, "px": LIEUL, "min": OTHER, "lm": OTHER,
}  # fmt: skip
_ENDING = (
    (re.compile(r"(?:[^aeiou]le|l)$"), LIEUL),
    (re.compile(r"(?:[aeiou][mn]e|[mn]|ng)$"), OTHER),
    (re.compile(r"(?:(?<![aeiou])[aeiou]|oo)(?:k|ck|c|pp?|t)$|web$"), OTHER),
)

_FORMS = (
    ("은", "는"), ("이", "가"), ("을", "를"), ("과", "와"), ("으로", "로"), ("이나", "나"), ("이랑", "랑"),
    ("이에요", "예요"), ("이었", "였"), ("이라", "라"), ("이란", "란"), ("이며", "며"),
)  # fmt: skip
"""Every particle after a consonant and after a vowel."""
_AFTER = {
    "은": "(?:커녕)?(?![가-힣])", "이": "(?![가-힣])", "을": "(?![가-힣])", "과": "(?:의|는|도)?(?![가-힣])",
    "으로": "(?:부터|써|서|의|는|도|만|까지|부터의)?(?![가-힣])", "이나": "(?:마)?(?![가-힣])", "이랑": "(?![가-힣])",
    "이에요": "(?![가-힣])", "이었": "(?=[다던으고지습기는])", "이라": "(?=고|는|면|도|며|서|[^가-힣]|$)",
    "이란": "(?![가-힣])", "이며": "(?![가-힣])",
}  # fmt: skip


def _pattern() -> re.Pattern:
    both = (
        rf"{closed}\({opened}\)|{opened}\({closed}\)|{closed}/{opened}(?![가-힣])|{opened}/{closed}(?![가-힣])"
        for closed, opened in _FORMS[:4]
    )
    single = (f"(?:{closed}|{opened}){_AFTER[closed]}" for closed, opened in sorted(_FORMS, key=lambda f: -len(f[0])))
    return re.compile("|".join((*both, r"\(으\)로", r"\(이\)[가-힣]", *single)))


_PARTICLE = _pattern()


def last_sound(text: str) -> int | None:
    """How the text ends when read aloud: `NONE`, `LIEUL` or `OTHER`; None where no one can say.

    Closing brackets and quotation marks are not read.
    """
    text = re.sub(r"[\s)\]}>）】》」』”’\"'*_]+$", "", text)
    last = text[-1:]
    if "가" <= last <= "힣":
        final = (ord(last) - ord("가")) % 28
        return final if final in (NONE, LIEUL) else OTHER
    if last.isascii() and last.isdigit():
        return _number_sound(re.search(r"(?:\d+(?:,\d{3})+|[\d.]+)$", text)[0])
    if last in _SYMBOL:
        return _SYMBOL[last]
    word = re.search(r"[A-Za-z]+$", text)
    return _word_sound(word[0], text[: word.start()]) if word else None


def _number_sound(digits: str) -> int:
    """A number's last digit, or the 십, 백, 천, 만, 억, 조 that its zeros are read as."""
    digits = digits.replace(",", "")
    zeros = len(digits) - len(digits.rstrip("0"))
    if "." in digits or digits[0] == "0" or not zeros:
        return _DIGIT[int(digits[-1])]
    return NONE if 12 <= zeros < 16 else OTHER


def _word_sound(word: str, before: str) -> int:
    """A unit after a number; what is in capitals or has no vowel letter by letter; else a guess at the sound."""
    lower = word.lower()
    if re.search(r"\d\s?$", before) and lower in _UNIT:
        return _UNIT[lower]
    if word.isupper() or len(word) == 1 or not re.search("[aeiouy]", lower):
        return _LETTER[lower[-1]]
    return next((sound for pattern, sound in _ENDING if pattern.search(lower)), NONE)


def choose(particle: str, sound: int) -> str:
    """The form of a particle after a final sound; `particle` in either form, or in both as in 은(는) and (으)로.

    Raises:
        ValueError: if it is no particle that changes.
    """
    if particle.startswith("(이)"):
        return ("" if sound == NONE else "이") + particle[3:]
    plain = particle.replace("(으)로", "으로").split("(")[0].split("/")[0]
    for closed, opened in sorted(_FORMS, key=lambda forms: -len(forms[0])):
        for form in (closed, opened):
            if plain.startswith(form):
                joined = sound == NONE or (closed == "으로" and sound == LIEUL)
                return (opened if joined else closed) + plain[len(form) :]
    raise ValueError(f"particle must be one of {', '.join('/'.join(forms) for forms in _FORMS)}, got {particle!r}")


def repair_josa(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Corrects the particles that directly follow the spans, and nothing else.

    Args:
        text: Korean.
        spans: start and end of what was restored, in characters, not overlapping.
    """
    for start, end in sorted(spans, reverse=True):
        match, sound = _PARTICLE.match(text, end), last_sound(text[start:end])
        if match and sound is not None:
            text = text[:end] + choose(match[0], sound) + text[match.end() :]
    return text
