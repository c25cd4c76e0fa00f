"""One clause: Chinese subject-verb-object becomes Korean subject-object-verb with particles and an ending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from .conjugating_planet_rbmt import Predicate
from .phrases_planet_rbmt import fold_nouns
from .pieces_planet_rbmt import Piece, Token, mark, pieces_of, text_of

PREPOSITIONS = {
    "在": "에서",
    "从": "에서",
    "自": "에서",
    "于": "에",
    "到": "까지",
    "至": "까지",
    "对": "에 대해",
    "对于": "에 대해",
    "向": "에게",
    "往": "으로/로",
    "为": "을/를 위해",
    "为了": "을/를 위해",
    "以": "으로/로",
    "用": "으로/로",
    "比": "보다",
    "由": "에 의해",
    "根据": "에 따라",
    "按照": "에 따라",
    "按": "에 따라",
    "据": "에 따르면",
    "随着": "에 따라",
    "关于": "에 관해",
    "通过": "을/를 통해",
    "由于": "으로/로 인해",
    "因": "으로/로 인해",
    "因为": "때문에",
    "除了": "을/를 제외하고",
    "把": "을/를",
    "将": "을/를",
    "被": "에 의해",
    "给": "에게",
    "和": "과/와",
    "与": "과/와",
    "跟": "과/와",
    "同": "과/와",
    "让": "에게",
    "使": "을/를",
    "如": "처럼",
}
AS_VERB = {
    "在": "있다",
    "到": "도착하다",
    "给": "주다",
    "用": "사용하다",
    "通过": "통과하다",
    "对": "맞다",
    "会": "하다",
    "要": "원하다",
    "想": "생각하다",
    "让": "하게 하다",
    "比": "비교하다",
    "为": "이다",
    "如": "같다",
    "将": "하다",
    "跟": "따르다",
    "往": "가다",
}
OPENERS = {
    "如果": "if",
    "如": "if",
    "若": "if",
    "要是": "if",
    "假如": "if",
    "因为": "because",
    "由于": "because",
    "虽然": "though",
    "尽管": "though",
    "当": "when",
}
CLOSERS = {
    "时": "when",
    "时候": "when",
    "后": "after",
    "之后": "after",
    "以后": "after",
    "前": "before",
    "之前": "before",
    "的话": "if",
}
NEGATIONS = {"不", "没", "没有", "无", "不能", "不可", "不会"}
PROHIBITIONS = {"别", "不要", "勿", "请勿"}
ABLE, NEED = {"能", "能够", "可以", "可", "不能", "不可"}, {"应该", "应", "应当", "须", "要"}
EXPECTED = {"会", "将", "将要", "拟", "不会"}
PLACES = {"去", "来", "到", "住", "参加", "出席", "属于", "登录", "到达", "在", "进入", "达到", "达"}
FROM = {"来自", "离开", "出发"}
SUBJECT_LIKE = {"需要", "成为", "变成", "缺货", "发生", "出现"}
QUOTING = {"表示", "认为", "说", "指出", "称", "预计", "预测", "相信", "觉得", "宣布", "希望", "担心"}
PAST = {"已", "已经", "曾", "曾经", "刚", "刚刚", "昨天", "昨日", "去年", "前年", "前天", "上周", "上月", "上个月"}


@dataclass
class Predication:
    """A predicate of a clause with what belongs to it."""

    token: Token
    before: tuple[Piece, ...] = ()
    flags: set[str] = field(default_factory=set)
    object: tuple[Piece, ...] = ()
    sources: list[int] = field(default_factory=list)
    quoted: bool = False


def translate_clause(tokens: Sequence[Token], ending: str = "final", question: bool = False) -> tuple[Piece, ...]:
    """The Korean of one clause.

    Args:
        tokens: without punctuation.
        ending: "final", "and", "if", "because", "though", "when", "after", "before", "adnominal", "quote".
        question: whether the sentence asks.
    """
    tokens, ending = _outer_ending(list(tokens), ending)
    return _Clause(fold_nouns(_fold_attributes(_fold_times(tokens))), ending, question).korean()


def _outer_ending(tokens: list[Token], ending: str) -> tuple[list[Token], str]:
    """Takes 如果 …, … 时 and the like off a clause that has a predicate, and says which ending stands for them."""
    if len(tokens) > 1 and tokens[0].zh in OPENERS and _has_predicate(tokens[1:]):
        tokens, ending = tokens[1:], OPENERS[tokens[0].zh]
    if len(tokens) > 1 and tokens[-1].zh in CLOSERS and _has_predicate(tokens[:-1]):
        tokens, ending = tokens[:-1], CLOSERS[tokens[-1].zh]
    while tokens and tokens[-1].zh in ("的", "等"):
        tokens = tokens[:-1]
    return tokens, ending


def _fold_times(tokens: list[Token]) -> list[Token]:
    """在 … 时, … 后 before the main predicate as one adverbial: 在下单时 is 주문할 때."""
    for at, token in enumerate(tokens):
        if token.zh in CLOSERS and _has_predicate(tokens[:at]) and _has_predicate(tokens[at + 1 :]):
            start = next((i for i in range(at) if tokens[i].zh in ("在", "当")), -1)
            inner = tokens[start + 1 : at - 1 if tokens[at - 1].zh == "的" else at]
            if not _has_predicate(inner):
                continue
            sources = tuple(source for one in tokens[max(start, 0) : at + 1] for source in one.sources)
            folded = Token("时", "d", translate_clause(inner, CLOSERS[token.zh]), sources)
            return [*tokens[: max(start, 0)], folded, *tokens[at + 1 :]]
    return tokens


def _has_predicate(tokens: Sequence[Token]) -> bool:
    return any(token.pos in "va" or token.zh in ("是", "有", "没有") for token in tokens)


def _fold_attributes(tokens: list[Token]) -> list[Token]:
    """Adjectives and clauses before 的 as determiners: 很大的苹果, 我买的书, 喜欢运动的人."""
    at = next((i for i, token in enumerate(tokens) if token.zh == "的" and i and _modifies(tokens, i)), None)
    if at is None:
        return tokens
    start = at - 1
    if tokens[start].pos == "a":
        while start and tokens[start - 1].pos == "d":
            start -= 1
    else:
        verb = at - 1 if tokens[at - 1].pos == "v" else next(i for i, token in enumerate(tokens) if token.pos == "v")
        before = [i for i in range(verb) if tokens[i].pos == "v" or tokens[i].zh in ("是", "有")]
        start = before[-1] + 1 if before else 0
    pieces = translate_clause(tokens[start:at], "adnominal")
    sources = tuple(source for token in tokens[start : at + 1] for source in token.sources)
    folded = Token("的字", "e", pieces, sources)
    return _fold_attributes([*tokens[:start], folded, *tokens[at + 1 :]])


def _modifies(tokens: list[Token], at: int) -> bool:
    """Whether what stands before the 的 at `at` describes by a predicate, not by a noun alone."""
    if at + 1 >= len(tokens):
        return False
    if tokens[at - 1].pos in "va":
        return True
    return tokens[0].pos == "v" and _has_predicate(tokens[at + 1 :])


class _Clause:
    """Walks over the phrases of a clause once and puts each in its Korean place."""

    def __init__(self, tokens: list[Token], ending: str, question: bool):
        self.tokens, self.ending, self.question = tokens, ending, question
        self.front: tuple[Piece, ...] = ()
        self.subject: tuple[Piece, ...] = ()
        self.pending: tuple[Piece, ...] = ()
        self.flags: set[str] = set()
        self.sources: list[int] = []
        self.predicates: list[Predication] = []
        self.rest: tuple[Piece, ...] = ()

    def korean(self) -> tuple[Piece, ...]:
        at = 0
        while at < len(self.tokens):
            at = self._take(at)
        if not self.predicates:
            return self.front + self.pending_subject(bare=True) + self.pending + self.rest
        parts = self.front + self.pending_subject()
        # 请打开并确认: what is asked for is asked by the last verb
        self.predicates[-1].flags |= {"request", "prohibit"} & set().union(*(one.flags for one in self.predicates))
        for place, predication in enumerate(self.predicates):
            last = place == len(self.predicates) - 1
            parts += self._finish(predication, self.ending if last else "and")
        return parts + self.rest

    def pending_subject(self, bare: bool = False) -> tuple[Piece, ...]:
        if bare or not self.subject:
            return self.subject
        return mark(self.subject, "은/는" if self.ending in ("final", "and", "though") else "이/가")

    def _take(self, at: int) -> int:
        token = self.tokens[at]
        if token.pos in "va" or token.zh in ("是", "有") or (token.zh in ("没有", "没", "无") and self._noun_after(at)):
            return self._predicate(at)
        if token.zh in PREPOSITIONS or token.zh in AS_VERB:
            return self._preposition(at)
        if token.pos == "n":
            self._noun(token)
        elif token.pos == "t":
            particle = "에" if token.zh in ("年", "月", "日", "号", "点", "时", "分") else ""
            self.pending += mark(token.pieces, particle) if particle else token.pieces
            self.flags |= {"past"} & {"past" if token.zh in PAST else ""}
        elif token.pos in "ci":
            self.front += token.pieces
        elif token.pos == "d":
            self.pending += token.pieces
            self.flags |= {"past"} if token.zh in PAST else set()
        elif token.pos == "u":
            self._grammatical(token)
        return at + 1

    def _noun(self, token: Token) -> None:
        if self.predicates:
            self.predicates[-1].object += token.pieces
        elif not self.subject:
            # what stood before the subject (a time, a condition) stays in front of it
            self.front, self.pending, self.subject = self.front + self.pending, (), token.pieces
        else:
            self.pending += mark(token.pieces, "이/가")

    def _grammatical(self, token: Token) -> None:
        zh, flags = token.zh, self.predicates[-1].flags if self.predicates else self.flags
        if zh in ("了", "过"):
            flags.add("past" if zh == "了" else "experience")
        elif zh in ("吗", "呢"):
            self.question = True
        elif zh == "请":
            self.flags.add("request")
        elif zh in PROHIBITIONS:
            self.flags.add("prohibit")
        elif zh == "正在":
            self.flags.add("ongoing")
        elif zh == "着":
            flags.add("ongoing")
        self.flags |= {"not"} if zh in NEGATIONS else set()
        self.flags |= {"able"} if zh in ABLE else {"need"} if zh in NEED else {"expected"} if zh in EXPECTED else set()
        if zh == "想":
            self.flags.add("want")
        self.sources += token.sources

    def _preposition(self, at: int) -> int:
        """A preposition with its noun phrase; without one, or without a predicate, it is a verb or an auxiliary."""
        token = self.tokens[at]
        if token.zh in PREPOSITIONS and self._noun_after(at, "nt"):
            noun = self.tokens[at + 1]
            after_verb = at and self.tokens[at - 1].pos == "v"
            if after_verb or _has_predicate(self.tokens[at + 2 :]) or token.zh not in AS_VERB:
                particle = PREPOSITIONS[token.zh]
                if noun.pos == "t" or (token.zh == "在" and after_verb):
                    particle = {"在": "에", "从": "부터", "自": "부터"}.get(token.zh, particle)
                phrase = mark(noun.pieces, particle, token.sources)
                if after_verb:
                    self.predicates[-1].before += phrase
                else:
                    self.pending += phrase
                return at + 2
        if token.zh == "被":
            self.flags.add("passive")
        elif token.zh in ABLE | NEED | EXPECTED | {"想"} and _has_predicate(self.tokens[at + 1 :]):
            self._grammatical(token)
        elif token.zh in AS_VERB:
            return self._predicate(at)
        return at + 1

    def _noun_after(self, at: int, parts: str = "n") -> bool:
        return at + 1 < len(self.tokens) and self.tokens[at + 1].pos in parts

    def _predicate(self, at: int) -> int:
        token = self.tokens[at]
        predication = Predication(token, self.pending, self.flags, sources=[*self.sources, *token.sources])
        self.predicates.append(predication)
        self.pending, self.flags, self.sources = (), set(), []
        rest = self.tokens[at + 1 :]
        if token.zh in QUOTING and _has_predicate(rest):
            predication.object = _Clause(rest, "quote", False).korean()
            predication.quoted = True
            return len(self.tokens)
        return at + 1

    def _finish(self, predication: Predication, ending: str) -> tuple[Piece, ...]:
        """Adverbials, object and the conjugated predicate."""
        token, flags, object_ = predication.token, predication.flags, predication.object
        if token.zh in ("是", "为") and object_:
            *others, last = object_
            if "not" in flags:
                flags.discard("not")
                word, object_ = Predicate("아니다", adjective=True), mark(object_, "이/가")
            else:
                word, object_ = Predicate(last.text + "이다", copula=True), tuple(others)
                predication.sources += last.sources
        else:
            word, particle = _word(token, flags)
            object_ = object_ if predication.quoted or not object_ else mark(object_, particle)
        text = _conjugate(_with_auxiliaries(word, flags), flags, ending, self.question)
        conjugated = pieces_of(text, predication.sources)
        if word.copula and predication.object and predication.object[-1].glued:
            conjugated = (Piece(conjugated[0].text, conjugated[0].sources, True), *conjugated[1:])
        return predication.before + object_ + conjugated


def _word(token: Token, flags: set[str]) -> tuple[Predicate, str]:
    """The predicate of a token and the particle of its object."""
    if token.zh == "是":
        return Predicate("그렇다", adjective=True), ""
    if token.zh in ("有", "没有", "没", "无"):
        absent = token.zh != "有" or "not" in flags
        flags.discard("not")
        return Predicate("없다" if absent else "있다"), "이/가"
    korean = token.korean or AS_VERB[token.zh]
    if "passive" in flags and korean.endswith("하다"):
        korean = korean[:-2] + "되다"
    korean = korean if korean.endswith("다") else korean + "하다"
    particle = (
        "에"
        if token.zh in PLACES
        else "에서"
        if token.zh in FROM
        else "이/가"
        if token.zh in SUBJECT_LIKE or token.pos == "a"
        else "을/를"
    )
    return Predicate(korean, adjective=token.pos == "a"), particle


def _with_auxiliaries(word: Predicate, flags: set[str]) -> Predicate:
    if "experience" in flags:
        return word.experienced("not" not in flags)
    if "want" in flags:
        word = word.wanted()
    if "able" in flags:
        word = word.able("not" not in flags)
    elif "not" in flags:
        word = word.negated()
    if "ongoing" in flags and not word.adjective:
        word = word.ongoing()
    if "need" in flags:
        word = word.needed()
    return word.expected() if "expected" in flags and "able" not in flags else word


def _conjugate(word: Predicate, flags: set[str], ending: str, question: bool) -> str:
    past = "past" in flags
    if ending == "adnominal":
        return word.adnominal(past)
    if ending == "quote":
        return (word.connective("다", past=True) if past else word.plain()) + "고"
    if ending == "when":
        return word.future() + " 때"
    if ending == "after":
        return word.adnominal(past=True) + " 후"
    if ending in ("and", "if", "because", "though", "before"):
        form = {"and": "고", "if": "으면", "because": "기 때문에", "though": "지만", "before": "기 전에"}[ending]
        return word.connective(form, past and ending != "before")
    if "prohibit" in flags:
        return word.connective("지 마세요")
    if "request" in flags:
        return word.infinitive() + " 주세요"
    polite = word.past() if past else word.polite()
    return polite[:-1] + "까" if question else polite


def ends_in_quoting(tokens: Sequence[Token]) -> bool:
    """Whether a clause ends in a verb of saying, so that what it says follows the comma."""
    return bool(tokens) and tokens[-1].zh in QUOTING and text_of(tokens[-1].pieces) != ""
