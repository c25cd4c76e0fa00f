import itertools
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modeling.fashion_search.cutting_fashion_search import cut, normalise
from modeling.fashion_search.guide_fashion_search import Guide, GuideExtractor
from modeling.fashion_search.words_fashion_search import (
    FIELDS,
    GARMENT_CLASSES,
    LANGUAGES,
    Words,
    fold,
    load_words,
    plural,
    squeeze,
)

EXTRACTOR = GuideExtractor.load()


def said(text: str) -> dict[str, object]:
    """The fields of a text's guide that say something of the article."""
    guide = EXTRACTOR.extract(text)
    names = ("category", "gender", "colours", "pattern", "material", "neckline", "sleeve")
    return {name: getattr(guide, name) for name in names if getattr(guide, name)}


def small_words(entries: dict[str, str], **roles: list[str]) -> Words:
    """A dictionary of Chinese or English words for materials."""
    senses = {"material": {token: {"zh": [word]} for word, token in entries.items()}}
    return Words(
        {"tree": {"product": ""}, "trained": [], "senses": senses, "roles": {k: {"zh": v} for k, v in roles.items()}}
    )


class TestWholeGuides:
    @pytest.mark.parametrize(
        ("text", "wanted"),
        [
            (
                "Women, cardigan, knit, round-neck",
                {"category": "cardigan", "gender": "women", "material": ("knit",), "neckline": "round"},
            ),
            ("Women, blouse", {"category": "blouse", "gender": "women"}),
            (
                "Men's Navy-Blue Checked Oxford Shirts, full sleeve",
                {
                    "category": "shirt",
                    "gender": "men",
                    "colours": ("navy-blue",),
                    "pattern": "check",
                    "sleeve": "long",
                },
            ),
            (
                "[무료배송] 남녀공용 오버핏 기모 후드티 네이비/블랙 AB-1234 2XL",
                {
                    "category": "hoodie",
                    "gender": "unisex",
                    "colours": ("navy-blue", "black"),
                    "material": ("fleece",),
                    "neckline": "hooded",
                },
            ),
            (
                "2026新款包邮 女士羊毛针织衫 高领 长袖 藏青色",
                {
                    "category": "sweater",
                    "gender": "women",
                    "colours": ("navy-blue",),
                    "material": ("wool", "knit"),
                    "neckline": "turtleneck",
                    "sleeve": "long",
                },
            ),
            (
                "여성 V넥 니트 cardigan 红色",
                {
                    "category": "cardigan",
                    "gender": "women",
                    "colours": ("red",),
                    "material": ("knit",),
                    "neckline": "v-neck",
                },
            ),
            ("女童 碎花 连衣裙", {"category": "dress", "gender": "girls", "pattern": "floral"}),
            ("남아 반팔티", {"category": "t-shirt", "gender": "boys", "sleeve": "short"}),
        ],
    )
    def test_of_titles(self, text, wanted):
        assert said(text) == wanted

    def test_traditional_characters_mean_what_simplified_ones_do(self):
        assert said("女士羊毛針織衫 長褲 襪子") == said("女士羊毛针织衫 长裤 袜子")
        assert said("藍色襯衫 長袖") == {"category": "shirt", "colours": ("blue",), "sleeve": "long"}


class TestHeads:
    @pytest.mark.parametrize(
        ("text", "category"),
        [
            ("shirt dress", "dress"),
            ("sweater midi dress", "dress"),
            ("셔츠 원피스", "dress"),
            ("니트 가디건", "cardigan"),
            ("여성 니트", "sweater"),
            ("牛仔裤", "jeans"),
            ("衬衫裙", "dress"),
            ("针织开衫外套", "cardigan"),
            ("여성 니트 가디건 봄 신상 아우터", "cardigan"),
            ("phone bag", "bag"),
            ("laptop backpack", "backpack"),
            ("상의", "top"),
            ("신발", "footwear"),
            ("dresses", "dress"),
            ("T shirt", "t-shirt"),
            ("hooded sweatshirt with pockets", "hoodie"),
            ("运动裤子", "pants"),
        ],
    )
    def test_the_last_noun_of_a_compound_decides(self, text, category):
        assert said(text)["category"] == category

    @pytest.mark.parametrize(
        "text",
        [
            "shoe rack",
            "신발 정리대",
            "手机壳",
            "가방 수납 정리함",
            "watch strap",
            "dog sweater",
            "강아지 옷",
            "5包 纸",
            "top quality",
        ],
    )
    def test_what_is_not_worn_has_no_category(self, text):
        assert "category" not in said(text)

    @pytest.mark.parametrize(
        ("text", "category"),
        [
            ("Sweater that goes with jeans", "sweater"),
            ("dress with belt for women", "dress"),
            ("치마에 어울리는 가디건", "cardigan"),
            ("청바지와 잘 어울리는 벨트", "belt"),
            ("配裙子穿的开衫", "cardigan"),
            ("开衫 可搭配牛仔裤", "cardigan"),
        ],
    )
    def test_what_is_only_mentioned_is_not_sold(self, text, category):
        guide = EXTRACTOR.extract(text)
        assert guide.category == category
        assert guide.conflicts == ()

    def test_the_colour_of_what_is_mentioned_is_not_the_articles(self):
        assert said("검은 치마에 어울리는 흰색 니트")["colours"] == ("white",)
        assert said("red cardigan to wear with blue jeans")["colours"] == ("red",)

    def test_what_is_denied_is_not_said(self):
        assert said("jacket without hood") == {"category": "jacket"}
        assert said("jacket with hood") == {"category": "jacket", "neckline": "hooded"}

    def test_pants_have_no_sleeves(self):
        assert "sleeve" not in said("7부 팬츠 여성")


class TestDoubt:
    @pytest.mark.parametrize(
        ("text", "conflict"),
        [
            ("jacket shoes", ("category", ("jacket", "footwear"))),
            ("자켓 / 구두", ("category", ("jacket", "formal-shoes"))),
            ("连衣裙和靴子", ("category", ("dress", "boots"))),
            ("men and women jacket", ("gender", ("men", "women"))),
            ("short sleeve long sleeve tee", ("sleeve", ("short", "long"))),
        ],
    )
    def test_contradictions_are_reported_and_decide_nothing(self, text, conflict):
        guide = EXTRACTOR.extract(text)
        assert guide.conflicts == (conflict,)
        assert getattr(guide, conflict[0]) is None

    @pytest.mark.parametrize(
        "text", ["unisex jacket men women", "남녀공용 자켓", "男女同款外套", "men women couple jacket"]
    )
    def test_anyones_clothes_are_unisex(self, text):
        guide = EXTRACTOR.extract(text)
        assert guide.gender == "unisex"
        assert guide.conflicts == ()

    def test_brands_are_reported_and_noise_is_not(self):
        assert EXTRACTOR.extract("Zorblat hot sale free shipping jacket 42 XL AB-1234").unknown == ("zorblat",)
        assert EXTRACTOR.extract("红蜻蜓 女鞋 正品包邮").unknown == ("红蜻蜓",)
        assert EXTRACTOR.extract("끄릉브 자켓 무료배송").unknown == ("끄릉브",)

    def test_a_character_in_a_name_is_no_colour(self):
        assert said("红蜻蜓高跟鞋") == {"category": "heels"}

    def test_words_do_not_reach_across_korean_words(self):
        assert said("차단 화면") == {}  # 단화 are shoes


class TestAnyText:
    @pytest.mark.parametrize(
        "text", ["", "  \n\t", "🙂👗🧥", "\x00\x07\u200b", "платье красное", "ドレス", "1234", "&/|"]
    )
    def test_that_says_nothing_gives_an_empty_guide(self, text):
        guide = EXTRACTOR.extract(text)
        assert guide == Guide(unknown=guide.unknown)

    def test_of_ten_thousand_characters(self):
        text = ("여성 니트 cardigan 红色 🙂 " * 700)[:10_000]
        guide = EXTRACTOR.extract(text)
        assert (guide.category, guide.gender, guide.colours) == ("cardigan", "women", ("red",))

    def test_emoji_and_control_characters_change_nothing(self):
        assert EXTRACTOR.extract("🔥빨간\x00 가방\u200b👜") == EXTRACTOR.extract("빨간 가방")
        assert EXTRACTOR.extract("红色包\ud800") == EXTRACTOR.extract("红色包")

    @settings(max_examples=60, deadline=None)
    @given(
        st.text(
            alphabet=st.one_of(st.characters(), st.sampled_from("가방빨간여성니트에红裙女的包red t-'%/")), max_size=40
        )
    )
    def test_never_fails_and_knows_only_its_tokens(self, text):
        guide = EXTRACTOR.extract(text)
        assert guide == EXTRACTOR.extract(text)
        assert guide.category is None or guide.category in load_words().tree
        assert all(word == word.strip() != "" for word in guide.unknown)

    @settings(max_examples=40, deadline=None)
    @given(st.permutations(["women", "red", "checked", "wool", "v-neck"]))
    def test_the_order_of_what_is_said_does_not_matter(self, order):
        assert said(", ".join([*order, "sweater"])) == said("women, red, checked, wool, v-neck, sweater")

    def test_from_many_threads_is_the_same(self):
        texts = ["빨간 가방", "黑色连衣裙", "red sneakers for men"] * 5
        found: dict[int, Guide] = {}

        def work(place: int) -> None:
            found[place] = EXTRACTOR.extract(texts[place])

        threads = [threading.Thread(target=work, args=(place,)) for place in range(len(texts))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [found[place] for place in range(len(texts))] == [EXTRACTOR.extract(text) for text in texts]


class TestCutting:
    @settings(max_examples=60, deadline=None)
    @given(
        st.lists(st.text("甲乙丙", min_size=2, max_size=3), min_size=1, max_size=5, unique=True),
        st.text("甲乙丙", max_size=7),
    )
    def test_leaves_as_little_over_as_trying_every_way(self, entries, text):
        words = small_words({word: f"m{place}" for place, word in enumerate(entries)})

        def price(cuts: tuple[int, ...]) -> float:
            parts = [text[a:b] for a, b in itertools.pairwise((0, *cuts, len(text)))]
            prices = [1.0 if part in entries else 2.0 if len(part) == 1 else float("inf") for part in parts]
            return sum(prices) if text else 0.0

        ways = [cuts for n in range(len(text) + 1) for cuts in itertools.combinations(range(1, len(text)), n)]
        best = min(price(cuts) for cuts in ways)
        pieces = cut(text, words)
        assert "".join(piece.text for piece in pieces) == text
        known = [piece for piece in pieces if piece.kind == "word"]
        unknown = sum(len(piece.text) for piece in pieces if piece.kind == "unknown")
        assert len(known) + 2 * unknown == best

    def test_pieces_lie_in_the_text_in_order(self):
        text = normalise("여성 V넥 니트 cardigan (红色) 3XL!")
        pieces = cut(text, load_words())
        assert all(text[piece.start : piece.end] == piece.text for piece in pieces)
        assert all(a.end <= b.start for a, b in itertools.pairwise(pieces))

    def test_latin_words_are_never_divided(self):
        assert [piece.text for piece in cut("redcap cap", load_words())] == ["redcap", "cap"]


class TestWords:
    def test_every_language_has_its_share(self):
        listed = {language: dict.fromkeys(FIELDS, 0) for language in LANGUAGES}
        for entry_word, entry in load_words().entries.items():
            language = "ko" if any("가" <= c <= "힣" for c in entry_word) else "en" if entry_word.isascii() else "zh"
            for field in entry.senses:
                listed[language][field] += 1
        for counts in listed.values():
            assert counts["category"] >= 400
            assert counts["colour"] >= 200
            assert min(counts.values()) >= 30

    def test_every_category_is_below_the_root(self):
        words = load_words()
        assert all(words.path(category)[-1] == "product" for category in words.tree)

    @pytest.mark.parametrize(
        ("category", "classes"),
        [
            ("cardigan", {"outer"}),
            ("jumpsuit", {"dress"}),
            ("footwear", {"footwear"}),
            ("boots", {"footwear"}),
            ("clothing", {"top", "outer", "pants", "dress", "skirt", "legwear"}),
            ("accessories", {"bag", "eyewear", "belt", "headwear", "scarf", "tie"}),
            ("watch", set()),
            ("product", set(GARMENT_CLASSES)),
        ],
    )
    def test_garment_classes(self, category, classes):
        assert load_words().garment_classes(category) == classes
        assert Guide(category=category).garment_classes == classes

    def test_the_nearest_known_category(self):
        words = load_words()
        assert words.nearest("blazer", {"jacket", "outer"}) == "jacket"
        assert words.nearest("blazer", {"outer", "top"}) == "outer"
        assert words.nearest("blazer", {"top"}) == ""
        with pytest.raises(ValueError, match="Unknown category 'spaceship'"):
            words.nearest("spaceship")

    def test_words_are_found_however_they_are_written(self):
        assert squeeze("T-Shirt") == squeeze("t shirt") == squeeze("Ｔ－ｓｈｉｒｔ") == "tshirt"
        assert squeeze("Women's") == "womens"
        assert fold("U.S. Polo 2.5") == "us polo 2.5"

    @pytest.mark.parametrize(
        ("word", "many"), [("dress", "dresses"), ("hoodie", "hoodies"), ("sari", "saris"), ("party", "parties")]
    )
    def test_plurals(self, word, many):
        assert plural(word) == many

    def test_a_word_with_two_tokens_is_refused(self):
        with pytest.raises(ValueError, match="means two things as material"):
            small_words({"棉": "cotton", "棉 ": "linen"})

    def test_an_unknown_role_is_refused(self):
        with pytest.raises(ValueError, match="Unknown role 'chatter'"):
            small_words({}, chatter=["喂"])

    def test_a_category_outside_the_tree_is_refused(self):
        with pytest.raises(ValueError, match="Not in the tree of categories: robe"):
            Words(
                {
                    "tree": {"product": ""},
                    "trained": [],
                    "senses": {"category": {"robe": {"en": ["robe"]}}},
                    "roles": {},
                }
            )


class TestTokens:
    def test_are_what_the_encoder_knows(self):
        guide = EXTRACTOR.extract("women navy polka dot blazer")
        assert guide.category == "blazer"
        assert guide.tokens == {"category": "jacket", "gender": "women", "colour": "navy-blue", "pattern": "polka-dot"}

    def test_two_colours_force_none(self):
        assert "colour" not in EXTRACTOR.extract("black and white bag").tokens

    def test_for_another_encoder(self):
        assert Guide(category="blazer").tokens_for({"outer"}) == {"category": "outer"}

    def test_an_empty_guide_forces_nothing(self):
        assert Guide().tokens == {}
        assert Guide().garment_classes == frozenset()

    def test_a_category_of_another_tree_passes_as_it_is(self):
        assert Guide(category="spaceship").tokens == {"category": "spaceship"}
        assert Guide(category="spaceship").garment_classes == frozenset()
