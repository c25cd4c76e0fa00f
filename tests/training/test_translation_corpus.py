"""Corpus assembly on a few invented pairs: what is read, left out, weighed and prepared."""

import gzip
import json

import pandas as pd
import pytest

from training.translation.corpus import assemble, main, order, prepare
from training.translation.dictionary import lexicon_terms, read_core, short_terms
from training.translation.filters import HeldOut, clean, key, keys, reason_to_drop, register, template
from training.translation.recipes import Recipe, select
from training.translation.sources import read_held_out, read_train
from training.translation.statistics import histogram

NAN = float("nan")
LONG = (
    "请在页面顶部选择销售订单字段并填写客户的名称和地址。",
    "페이지 상단에서 판매 주문 필드를 선택하고 고객 이름과 주소를 입력합니다.",
)


@pytest.fixture
def shared(tmp_path):
    """A folder like the real one, with a pair for every filter."""
    for name in ("train", "dev", "test"):
        (tmp_path / name).mkdir()
    docs = [
        (*LONG, "dynamics365_operations", "erp-commerce-docs", "CC-BY-4.0"),
        (
            "仓库管理系统会自动更新所有商品的库存数量。",
            "창고 관리 시스템은 모든 상품의 재고 수량을 자동으로 업데이트합니다.",
            "odoo15",
            "erp-commerce-ui",
            "LGPL-3.0",
        ),
        (
            "倉庫管理系統會自動更新所有商品的庫存數量",
            "창고 관리 시스템은 모든 상품의 재고 수량을 자동으로 업데이트합니다",
            "adobe_commerce",
            "commerce-docs-mt",
            "MIT",
        ),
        (
            "只能非商业使用的一本书里的一句话而已。",
            "비상업적으로만 쓸 수 있는 책의 한 문장입니다.",
            "progit2",
            "tech-book",
            "CC-BY-NC-SA-3.0",
        ),
        (
            "这一句话出现在测试集里，所以不能用来训练模型。",
            "전혀 다른 한국어 문장이 여기에 있습니다.",
            "mdn",
            "tech-docs",
            "CC-BY-SA-2.5",
        ),
    ]
    pd.DataFrame(docs, columns=["zh", "ko", "source", "domain", "licence"]).assign(is_sentence=True).to_parquet(
        tmp_path / "train" / "docs.parquet"
    )
    software = [
        ("保存", "저장", -1.0),
        ("保存", "Save", -1.0),
        ("删除这个文件", "바나나", -5.0),
        ("%s {name} <b>x</b> 的", "%s {name} 의", -1.0),
    ]
    pd.DataFrame(software, columns=["zh", "ko", "score"]).assign(
        source="gimp-data", domain="it_ui", is_sentence=False, commerce=False, n_placeholders=0
    ).to_parquet(tmp_path / "train" / "software_and_games.parquet")
    news = {
        "zh": "台风明天登陆济州岛。",
        "ko": "태풍이 내일 제주도에 상륙한다.",
        "domain": "society",
        "kind": "sentence",
    }
    write_lines(tmp_path / "train" / "authored.jsonl", [news])
    write_lines(
        tmp_path / "train" / "commerce_lexicon.jsonl",
        [{"zh": "包邮", "ko": "무료배송(일부 제외)", "type": "logistics"}],
    )
    with gzip.open(tmp_path / "train" / "lexicon_short_terms.tsv.gz", "wt") as file:
        file.write("zh\tko\tn\tsources\n订单\t주문\t9\todoo15,mdn\n价格\t가격\t9\todoo15,adobe_commerce\n")
    write_lines(
        tmp_path / "dev" / "authored.jsonl", [{**news, "zh": "股市上涨了百分之三。", "ko": "증시가 3퍼센트 올랐다."}]
    )
    (tmp_path / "test" / "finance.tsv").write_text(
        "zh\tko\tsource\tdomain\n"
        '"这一句话出现在測試集里,所以不能用来训练模型"\t"그는 ""시험""이라고 말했다."\tx\tfinance\n'
    )
    return tmp_path


def write_lines(path, rows):
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


class TestFilters:
    @pytest.mark.parametrize(
        ("chinese", "korean", "score", "reason"),
        [
            (*LONG, NAN, ""),
            ("", "없음", NAN, "empty"),
            ("订单管理", "Orders", NAN, "untranslated"),
            ("订单", "订单", NAN, "untranslated"),
            ("%s {name} <b>x</b> 的", "%s의", NAN, "format codes"),
            ("주문 管理", "주문 관리", NAN, "not Chinese"),
            ("管理メニュー", "관리 메뉴", NAN, "not Chinese"),
            ("订单管理", "订单管理 관", NAN, "not Korean"),
            ("长" * 241, "길" * 99, NAN, "too long"),
            ("订单管理系统", "주" * 40, NAN, "length ratio"),
            ("订单管理系统", "주문 관리 시스템", -4.0, "score"),
        ],
    )
    def test_the_first_failure_is_named(self, chinese, korean, score, reason):
        assert reason_to_drop(chinese, korean, score) == reason

    def test_twins_share_a_key(self):
        assert key("Ａ款：倉庫 管理，１２！") == key("a款仓库管理12") == "a款仓库管理12"
        assert keys(["倉庫", "a b"]) == ["仓库", "ab"]

    def test_a_template_forgets_numbers_and_latin(self):
        assert template(key("第3章 Word")) == template(key("第12章Excel"))

    def test_cleaning_keeps_traditional_characters_and_drops_the_invisible(self):
        assert clean(" 倉\u200b庫\n管理 ") == "倉 庫 管理"

    @pytest.mark.parametrize(
        ("korean", "name"),
        [
            ("갑니다.", "hamnida"),
            ("가요!", "haeyo"),
            ("간다.”", "handa"),
            ("배송 안내", "noun"),
            ("갑니까?", "hamnida"),
        ],
    )
    def test_registers(self, korean, name):
        assert register(korean) == name


class TestHeldOut:
    TEXT = "国会昨日通过了今年的预算修正案并送交总统签署"

    @pytest.mark.parametrize(
        ("text", "way"),
        [
            (TEXT, "exact"),
            ("新闻" + TEXT + "了", "contained"),
            (TEXT[3:13], "contained"),
            (TEXT[:18] + "但是后来又被法院推翻", "near"),
            ("预算修正案", ""),
            ("完全没有关系的另外一个句子在这里出现", ""),
            ("我们说地铁二号线一度停运了", "contained"),
        ],
    )
    def test_ways_of_overlap(self, text, way):
        assert HeldOut([self.TEXT, "地铁二号线一度停运", "订单"]).match(text) == way

    def test_nothing_overlaps_an_empty_set(self):
        assert HeldOut([]).match(self.TEXT) == ""


class TestAssembly:
    def test_only_good_pairs_stay(self, shared):
        table, dev, report = assemble(shared)
        assert set(table["zh"]) == {
            LONG[0],
            "倉庫管理系統會自動更新所有商品的庫存數量",
            "保存",
            "台风明天登陆济州岛。",
            "包邮",
            "订单",
            "价格",
        }
        dropped = {name: found["pairs"] for name, found in report["dropped"].items()}
        assert dropped == {"duplicate": 1, "format codes": 1, "score": 1, "untranslated": 1, "held out (exact)": 1}
        assert report["held_out"]["zh"] == {"exact": 1}
        assert dev["domain"].tolist() == ["society/authored"]

    def test_of_equal_pairs_the_more_trusted_source_stays(self, shared):
        table, _, _ = assemble(shared)
        assert table.loc[table["zh"].str.startswith("倉庫"), "source"].item() == "adobe_commerce"

    def test_authored_sentences_weigh_more_than_buttons(self, shared):
        weights = assemble(shared)[0].set_index("zh")["weight"]
        assert weights["台风明天登陆济州岛。"] > weights[LONG[0]] > weights["保存"]

    def test_the_same_files_each_time(self, shared, tmp_path):
        for name in ("one", "two"):
            main(["--shared", str(shared), "--out", str(tmp_path / name)])
        for file in ("corpus.parquet", "dev.parquet", "statistics.json"):
            assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()

    def test_a_missing_set_is_named(self, tmp_path):
        with pytest.raises(ValueError, match=r"docs\.parquet"):
            read_train(tmp_path)
        with pytest.raises(ValueError, match="dev"):
            read_held_out(tmp_path, "dev")


class TestPreparing:
    def test_rows_go_through_the_text_pipeline(self, shared, tmp_path):
        main(["--shared", str(shared), "--out", str(tmp_path / "out")])
        main(["prepare", "--out", str(tmp_path / "out"), "--recipe", "gpu", "--text", str(tmp_path)])
        lines = (tmp_path / "out" / "prepared" / "gpu" / "train.jsonl").read_text().splitlines()
        rows = [json.loads(line) for line in lines]
        assert len(rows) == 7
        assert all(row.keys() == {"zh", "ko", "domain", "weight"} for row in rows)
        # Without a segmenter's model in the folder, every character is a word.
        assert next(row["ko"] for row in rows if row["zh"] == ["保", "存"]) == ["저장"]

    def test_a_step_left_out_has_a_folder_of_its_own(self, shared, tmp_path):
        main(["--shared", str(shared), "--out", str(tmp_path / "out")])
        options = ["prepare", "--out", str(tmp_path / "out"), "--recipe", "gpu", "--text", str(tmp_path)]
        main([*options, "--without", "simplify"])
        text = (tmp_path / "out" / "prepared" / "gpu-simplify" / "train.jsonl").read_text()
        assert "倉" in text

    def test_without_a_corpus(self, tmp_path):
        with pytest.raises(ValueError, match=r"corpus\.parquet"):
            prepare(tmp_path, Recipe(), "gpu", tmp_path)

    def test_a_recipe_limits_domains_shorts_and_templates(self):
        rows = [("erp", f"第{i}章的内容在这里", True, 1, i) for i in range(11)]
        rows += [("erp", f"短{i}", False, 100 + i, 50 + i) for i in range(7)]
        rows += [("authored/x", "新闻" * 3, True, 7, 90 + i) for i in range(3)]
        table = pd.DataFrame(rows, columns=["domain", "zh", "sentence", "template", "order"])
        assert len(select(table, Recipe())) == 21
        chosen = select(table, Recipe(quotas={"erp": 5}, short=0.5, per_template=4))
        assert chosen["domain"].value_counts().to_dict() == {"erp": 5, "authored/x": 3}
        assert chosen["sentence"].sum() == 3 + 3

    def test_order_is_a_fixed_number(self):
        assert order("保存", "저장") == order("保存", "저장") != order("保存저", "장")


class TestDictionary:
    def test_only_permissive_short_terms(self, shared):
        assert short_terms(shared / "train" / "lexicon_short_terms.tsv.gz") == [("价格", "가격", "n")]

    def test_lexicon_terms_lose_their_remarks(self, shared):
        assert lexicon_terms(shared / "train" / "commerce_lexicon.jsonl") == [("包邮", "무료배송", "n")]

    def test_core_words_put_the_verb_first(self):
        assert list(read_core()["工作"]) == ["v", "n"]
        assert len(read_core()) > 900

    def test_a_broken_core_file(self, tmp_path):
        (tmp_path / "words.tsv").write_text("n\t人=사람 书\n")
        with pytest.raises(ValueError, match="书"):
            read_core(tmp_path / "words.tsv")


def test_histogram_counts_every_value():
    assert histogram(pd.Series([0, 4, 5, 99]), (0, 5, 10, 1000)) == [2, 1, 1]
