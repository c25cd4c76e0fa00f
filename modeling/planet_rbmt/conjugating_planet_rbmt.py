"""Korean predicates from their dictionary form: endings, irregular stems, auxiliaries; and particles after a sound.

After Martin, A Reference Grammar of Korean (1992), part I, sections 8 and 9.
"""

from __future__ import annotations

from dataclasses import dataclass

_FIRST = 0xAC00
_A, _AE, _YA, _EO, _E, _YEO, _O, _WA, _WAE, _OE, _U, _WEO, _WI, _EU, _I = (
    0,
    1,
    2,
    4,
    5,
    6,
    8,
    9,
    10,
    11,
    13,
    14,
    16,
    18,
    20,
)
_N, _D, _L, _B, _S, _SS, _H = 4, 7, 8, 17, 19, 20, 27
_CONTRACTED = {_A: _A, _AE: _AE, _EO: _EO, _E: _E, _YEO: _YEO, _O: _WA, _U: _WEO, _I: _YEO, _OE: _WAE, _WAE: _WAE}

_REGULAR_B = ("입", "잡", "좁", "뽑", "씹", "접", "집", "꼽", "업")
_IRREGULAR_D = ("듣", "걷", "묻", "싣", "깨닫", "일컫")
_IRREGULAR_S = ("짓", "낫", "붓", "잇", "긋")
_REGULAR_REU = ("따르", "치르", "들르")
_IRREGULAR_H = ("렇", "떻", "갛", "얗", "랗", "맣")


def split(syllable: str) -> tuple[int, int, int]:
    """Initial, vowel and final (0: none) of a Hangul syllable, as their numbers in Unicode order.

    Raises:
        ValueError: if it is no Hangul syllable.
    """
    code = ord(syllable) - _FIRST
    if not 0 <= code < 11172:
        raise ValueError(f"{syllable!r} is not a Hangul syllable")
    return code // 588, code % 588 // 28, code % 28


def join(initial: int, vowel: int, final: int = 0) -> str:
    """The syllable of these parts; undoes `split`."""
    return chr(_FIRST + initial * 588 + vowel * 28 + final)


def last_final(text: str) -> int:
    """The final of the last Hangul syllable, 0 where it has none or where there is no such syllable."""
    last = next((sign for sign in reversed(text) if "가" <= sign <= "힣"), "가")
    return split(last)[2]


def with_particle(text: str, particle: str) -> str:
    """The particle in the form that follows `text`: of "은/는", "이/가", "을/를", "과/와", "으로/로"; others stay."""
    after_final, _, otherwise = particle.partition("/")
    final = last_final(text)
    if particle == "으로/로":
        return "로" if final in (0, _L) else "으로"
    return after_final if final or not otherwise else otherwise


@dataclass(frozen=True)
class Predicate:
    """A verb, adjective or copula in dictionary form, with any auxiliaries already joined.

    Attributes:
        text: ends in 다, e.g. "먹다", "먹을 수 있다", "학생이다".
        adjective: whether it describes (its present adnominal form is -ㄴ/은, not -는).
        copula: whether it is 이다 after a noun.
    """

    text: str
    adjective: bool = False
    copula: bool = False

    def __post_init__(self):
        if not self.text.endswith("다") or len(self.text) < 2:
            raise ValueError(f"A predicate's dictionary form ends in 다, got {self.text!r}")

    @property
    def stem(self) -> str:
        """The text without 다."""
        return self.text[:-1]

    # endings of a sentence or clause

    def polite(self) -> str:
        """합니다: 먹습니다, 갑니다, 만듭니다."""
        return _with_final(self.stem, _B) + "니다" if last_final(self.stem) in (0, _L) else self.stem + "습니다"

    def past(self) -> str:
        """했습니다."""
        return self._past_stem() + "습니다"

    def plain(self) -> str:
        """한다, of an adjective 크다; before 고 it quotes."""
        if self.adjective or self.copula or self.stem.endswith(("있", "없", "았", "었", "했")):
            return self.text
        return _with_final(self.stem, _N) + "다" if last_final(self.stem) in (0, _L) else self.stem + "는다"

    def connective(self, ending: str, past: bool = False) -> str:
        """The stem with an ending that begins with a consonant or with 으: 고, 지만, 기 때문에, 으면."""
        stem = self._past_stem() if past else self.stem
        return _soft(stem, ending) if ending.startswith("으") else stem + ending

    def infinitive(self) -> str:
        """해, 먹어, 가: before 서, 야, 주세요."""
        if self.copula:
            return self.stem[:-1] + ("이어" if last_final(self.stem[:-1]) else "여")
        return _infinitive(self.stem)

    def adnominal(self, past: bool = False) -> str:
        """Before a noun: 먹는, 먹은, 큰, 학생인."""
        if past and not self.adjective and not self.copula:
            return self.stem + "던" if self.stem.endswith(("있", "없")) else _soft(self.stem, "은")
        if self.stem.endswith(("있", "없")) or not (self.adjective or self.copula):
            return _without_l(self.stem) + "는"
        return _soft(self.stem, "은")

    def future(self) -> str:
        """Before a noun, of what is to come: 먹을, 갈."""
        return _soft(self.stem, "을")

    # auxiliaries: each gives another predicate

    def _then(self, text: str, adjective: bool = False) -> Predicate:
        return Predicate(text, adjective)

    def negated(self) -> Predicate:
        """먹지 않다."""
        return self._then(self.stem + "지 않다", self.adjective)

    def able(self, possible: bool = True) -> Predicate:
        """먹을 수 있다, or 먹을 수 없다."""
        return self._then(self.future() + (" 수 있다" if possible else " 수 없다"))

    def wanted(self) -> Predicate:
        """먹고 싶다."""
        return self._then(self.stem + "고 싶다", True)

    def needed(self) -> Predicate:
        """먹어야 하다."""
        return self._then(self.infinitive() + "야 하다")

    def ongoing(self) -> Predicate:
        """먹고 있다."""
        return self._then(self.stem + "고 있다")

    def experienced(self, ever: bool = True) -> Predicate:
        """먹은 적이 있다, or 먹은 적이 없다."""
        return self._then(self.adnominal(past=True) + (" 적이 있다" if ever else " 적이 없다"))

    def expected(self) -> Predicate:
        """먹을 것이다."""
        return Predicate(self.future() + " 것이다", copula=True)

    def _past_stem(self) -> str:
        return _with_final(self.infinitive(), _SS)


def _with_final(stem: str, final: int) -> str:
    initial, vowel, _ = split(stem[-1])
    return stem[:-1] + join(initial, vowel, final)


def _without_l(stem: str) -> str:
    return _with_final(stem, 0) if last_final(stem) == _L else stem


def _soft(stem: str, ending: str) -> str:
    """The stem with an ending in 으 (으면, 은, 을): irregular stems change, a vowel or ㄹ swallows the 으."""
    final = last_final(stem)
    if final == _D and stem.endswith(_IRREGULAR_D):
        return _with_final(stem, _L) + ending
    if final == _S and stem.endswith(_IRREGULAR_S):
        return _with_final(stem, 0) + ending
    if final == _B and not stem.endswith(_REGULAR_B):
        stem = _with_final(stem, 0) + "우"
    elif final == _H and stem.endswith(_IRREGULAR_H):
        stem = _with_final(stem, 0)
    elif final not in (0, _L):
        return stem + ending
    if ending in ("은", "을"):
        return _with_final(stem, _N if ending == "은" else _L)
    return (_without_l(stem) if ending[1] in "니세시십" else stem) + ending[1:]


def _infinitive(stem: str) -> str:
    initial, vowel, final = split(stem[-1])
    if stem.endswith("하"):
        return stem[:-1] + "해"
    if final == _B and not stem.endswith(_REGULAR_B):
        return _with_final(stem, 0) + ("와" if stem.endswith(("돕", "곱")) else "워")
    if final == _D and stem.endswith(_IRREGULAR_D):
        return _with_final(stem, _L) + _harmonic(vowel)
    if final == _S and stem.endswith(_IRREGULAR_S):
        return _with_final(stem, 0) + _harmonic(vowel)
    if final == _H and stem.endswith(_IRREGULAR_H):
        return stem[:-1] + join(initial, 3 if vowel == _YA else _AE)
    if final:
        return stem + _harmonic(vowel)
    if stem.endswith("르") and len(stem) > 1 and not stem.endswith(_REGULAR_REU):
        return _with_final(stem[:-1], _L) + ("라" if split(stem[-2])[1] in (_A, _O) else "러")
    if vowel == _EU:
        before = split(stem[-2])[1] if len(stem) > 1 and "가" <= stem[-2] <= "힣" else _EU
        return stem[:-1] + join(initial, _A if before in (_A, _O) else _EO)
    return stem[:-1] + join(initial, _CONTRACTED[vowel]) if vowel in _CONTRACTED else stem + "어"


def _harmonic(vowel: int) -> str:
    return "아" if vowel in (_A, _YA, _O) else "어"
