"""The rule-based floor: conjugation, lookup, word order, and the contract of `translate()`."""

import pytest

from modeling.planet_rbmt import Dictionary, PlanetRbmt
from modeling.planet_rbmt.conjugating_planet_rbmt import Predicate, join, split, with_particle
from modeling.planet_rbmt.pieces_planet_rbmt import Piece, alignment_of, glue, mark, pieces_of, text_of, tokens_of
from modeling.planet_rbmt.rules_planet_rbmt import translate_tokens


@pytest.fixture(scope="module")
def model() -> PlanetRbmt:
    return PlanetRbmt()


def by_rules(model: PlanetRbmt, words: str) -> str:
    """The Korean of words that are already segmented."""
    return text_of(translate_tokens(model.dictionary.look_up(words.split())))


@pytest.mark.parametrize(
    ("word", "polite", "past", "before_noun", "if_"),
    [
        ("가다", "갑니다", "갔습니다", "가는", "가면"),
        ("먹다", "먹습니다", "먹었습니다", "먹는", "먹으면"),
        ("하다", "합니다", "했습니다", "하는", "하면"),
        ("만들다", "만듭니다", "만들었습니다", "만드는", "만들면"),
        ("돕다", "돕습니다", "도왔습니다", "돕는", "도우면"),
        ("입다", "입습니다", "입었습니다", "입는", "입으면"),
        ("듣다", "듣습니다", "들었습니다", "듣는", "들으면"),
        ("짓다", "짓습니다", "지었습니다", "짓는", "지으면"),
        ("모르다", "모릅니다", "몰랐습니다", "모르는", "모르면"),
        ("따르다", "따릅니다", "따랐습니다", "따르는", "따르면"),
        ("쓰다", "씁니다", "썼습니다", "쓰는", "쓰면"),
        ("마시다", "마십니다", "마셨습니다", "마시는", "마시면"),
        ("주다", "줍니다", "줬습니다", "주는", "주면"),
        ("되다", "됩니다", "됐습니다", "되는", "되면"),
        ("있다", "있습니다", "있었습니다", "있는", "있으면"),
    ],
)
def test_verbs(word, polite, past, before_noun, if_):
    verb = Predicate(word)
    assert (verb.polite(), verb.past(), verb.adnominal(), verb.connective("으면")) == (polite, past, before_noun, if_)


@pytest.mark.parametrize(
    ("word", "polite", "past", "before_noun"),
    [
        ("크다", "큽니다", "컸습니다", "큰"),
        ("좋다", "좋습니다", "좋았습니다", "좋은"),
        ("어렵다", "어렵습니다", "어려웠습니다", "어려운"),
        ("하얗다", "하얗습니다", "하얬습니다", "하얀"),
        ("길다", "깁니다", "길었습니다", "긴"),
        ("맛있다", "맛있습니다", "맛있었습니다", "맛있는"),
    ],
)
def test_adjectives(word, polite, past, before_noun):
    adjective = Predicate(word, adjective=True)
    assert (adjective.polite(), adjective.past(), adjective.adnominal()) == (polite, past, before_noun)


def test_auxiliaries_join():
    verb = Predicate("먹다")
    assert verb.able().negated().past() == "먹을 수 있지 않았습니다"
    assert verb.experienced().polite() == "먹은 적이 있습니다"
    assert verb.expected().polite() == "먹을 것입니다"
    assert verb.needed().polite() == "먹어야 합니다"
    assert (verb.plain(), Predicate("가다").plain(), Predicate("크다", adjective=True).plain()) == (
        "먹는다",
        "간다",
        "크다",
    )


def test_the_copula_after_a_final_and_without():
    assert (Predicate("학생이다", copula=True).past(), Predicate("의사이다", copula=True).past()) == (
        "학생이었습니다",
        "의사였습니다",
    )


def test_a_predicate_needs_its_dictionary_form():
    with pytest.raises(ValueError, match="먹"):
        Predicate("먹")
    with pytest.raises(ValueError, match="x"):
        split("x")


def test_syllables_round_trip():
    assert all(join(*split(chr(code))) == chr(code) for code in range(0xAC00, 0xD7A4, 7))


@pytest.mark.parametrize(
    ("text", "particle", "form"),
    [
        ("책", "을/를", "을"),
        ("사과", "을/를", "를"),
        ("서울", "으로/로", "로"),
        ("집", "으로/로", "으로"),
        ("차(車)", "은/는", "는"),
        ("A", "에서", "에서"),
    ],
)
def test_particles(text, particle, form):
    assert with_particle(text, particle) == form


def test_pieces_keep_their_sources():
    pieces = mark(glue(pieces_of("새 책", (0, 1)), "들", (2,)), "을/를", (3,))
    assert text_of(pieces) == "새 책들을"
    assert tokens_of(pieces) == ("새", "▁책", "들", "을")
    assert alignment_of(pieces, 5)[0] == (0.5, 0.5, 0, 0, 0)
    assert alignment_of((Piece("가"),), 3) == ((0, 0, 0),)


@pytest.mark.parametrize(
    ("chinese", "korean"),
    [
        ("我 喜欢 苹果 。", "저는 사과를 좋아합니다."),  # order and particles
        ("他 昨天 买 了 三 本 书 。", "그는 어제 책 세 권을 샀습니다."),  # counter, past
        ("我 喜欢 他 买 的 书 。", "저는 그가 사는 책을 좋아합니다."),  # clause before a noun
        ("很 大 的 苹果", "매우 큰 사과"),  # adjective before a noun
        ("朋友 的 手机", "친구의 휴대폰"),  # possession
        ("苹果 和 书", "사과와 책"),
        ("这 是 手机 。", "이것은 휴대폰입니다."),  # copula
        ("他 不 是 老师 。", "그는 선생님이 아닙니다."),
        ("我 没有 钱 。", "저는 돈이 없습니다."),
        ("我 没有 买 书 。", "저는 책을 사지 않습니다."),
        ("她 不 喝 咖啡 。", "그녀는 커피를 마시지 않습니다."),  # negation
        ("我 去 过 上海 。", "저는 상하이에 간 적이 있습니다."),  # experience
        ("他 正在 看 书 。", "그는 책을 보고 있습니다."),  # progress
        ("他 要 买 书 。", "그는 책을 사야 합니다."),
        ("他们 在 公园 里 跑 。", "그들은 공원 안에서 달립니다."),  # place
        ("你 喜欢 这个 颜色 吗 ？", "당신은 이 색상을 좋아합니까?"),  # question
        ("如果 您 不 满意 ， 可以 退货 。", "고객님이 만족스럽지 않으면, 반품할 수 있습니다."),
        ("请 在 下单 时 填写 地址 。", "주문할 때 주소를 입력해 주세요."),
        ("请勿 打开 。", "열지 마세요."),
        ("他 表示 ， 经济 正在 增长 。", "그는 경제가 증가하고 있다고 밝힙니다."),  # quotation
        ("总统 将 于 ⟦N0⟧ 月 ⟦N1⟧ 日 访问 中国 。", "대통령은 ⟦N0⟧월 ⟦N1⟧일에 중국을 방문할 것입니다."),
        ("价格 为 ⟦N0⟧ 元 。", "가격은 ⟦N0⟧위안입니다."),
        ("《 小说 》 很 有名 。", "'소설'은 매우 유명합니다."),
    ],
)
def test_rules(model, chinese, korean):
    assert by_rules(model, chinese) == korean


def test_words_that_were_cut_too_small_are_joined(model):
    assert by_rules(model, "我 喜 欢 苹 果 。") == by_rules(model, "我 喜欢 苹果 。")


def test_unknown_words_are_read(model):
    token = Dictionary({"书": {"n": "책"}}, {"修": "수"}).look_up(["修鱻"])[0]
    assert (token.korean, token.unknown) == ("수鱻", True)


def test_every_word_is_looked_up_once(model):
    words = ["在", "北京", "的", "他", "买", "了", "漂亮", "裙子", "龘龘", "⟦L0⟧", "。", "，", "“", "）"]
    covered = [source for token in model.dictionary.look_up(words) for source in token.sources]
    assert sorted(set(covered)) == list(range(len(words)))


@pytest.mark.parametrize(
    "words", ["", "的 的 的", "了 吗 不 在", "“ ” ）", "。 。", "⟦N0⟧", "把 被 是", "如果 时", "是 的 是 的"]
)
def test_odd_input_gives_some_text(model, words):
    assert isinstance(by_rules(model, words), str)


class TestTranslate:
    def test_order_is_kept_and_empty_lines_stay(self, model):
        answers = model.translate(["我喜欢苹果。", "", "我没有钱。"])
        assert [answer.text for answer in answers] == ["저는 사과를 좋아합니다.", "", "저는 돈이 없습니다."]
        assert [answer.source for answer in answers] == ["我喜欢苹果。", "", "我没有钱。"]

    def test_alignment_has_a_row_per_target_token(self, model):
        answer = model.translate(["我來自7404年的NewYorkee ．今天天气很好。"])[0]
        assert len(answer.alignment) == len(answer.target_tokens)
        assert {len(row) for row in answer.alignment} == {len(answer.source_tokens)}
        assert all(sum(row) == pytest.approx(1) or sum(row) == 0 for row in answer.alignment)

    def test_numbers_and_latin_come_back(self, model):
        answer = model.translate(["我來自7404年的NewYorkee。"])[0]
        assert "7404" in answer.text
        assert "NewYorkee" in answer.text
        assert {copied.source for copied in answer.copied} >= {"7404", "NewYorkee"}

    @pytest.mark.parametrize("text", ["안녕하세요.", "Hello there.", "好" * 2500])
    def test_odd_text_is_answered_with_a_warning(self, model, text):
        answer = model.translate([text])[0]
        assert answer.text
        assert answer.warning

    @pytest.mark.parametrize("text", ["😀😀", "\x00\x07", "\n\n", "1" * 300])
    def test_what_is_no_language_is_no_error(self, model, text):
        assert isinstance(model.translate([text])[0].text, str)

    def test_wrong_types(self, model):
        with pytest.raises(ValueError, match="str"):
            model.translate("我喜欢苹果。")
        with pytest.raises(ValueError, match="list"):
            model.translate([3])

    def test_saved_and_loaded(self, model, tmp_path):
        model.save_pretrained(tmp_path)
        again = PlanetRbmt.from_pretrained(tmp_path)
        assert again.dictionary == model.dictionary
        assert again.translate(["我喜欢苹果。"])[0].text == "저는 사과를 좋아합니다."

    def test_a_folder_without_a_dictionary(self, tmp_path):
        with pytest.raises(ValueError, match=r"dictionary\.json"):
            Dictionary.load(tmp_path / "dictionary.json")


def test_an_entry_needs_a_known_part_of_speech():
    with pytest.raises(ValueError, match="书"):
        Dictionary({"书": {"x": "책"}}, {})
