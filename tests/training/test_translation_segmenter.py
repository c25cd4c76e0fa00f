"""The segmenter's training: words as it will meet them, its tags, its measures, and a tiny model end to end."""

import gzip
import json

import pytest

from modeling.planet_nmt.segmenting_zh_ko import Segmenter, join_units, units
from training.translation import segmenter as training

SUBJECTS = ("我们", "老师", "学生", "朋友", "公司")
VERBS = ("购买", "喜欢", "讨论", "看")
OBJECTS = ("手机", "电影", "中文书", "水", "新闻")


def lines() -> list[str]:
    """Every sentence of a small grammar, in an order that spreads words over both parts of the split."""
    rows = [f"{s}/r {v}/v {o}/n 。/w" for s in SUBJECTS for v in VERBS for o in OBJECTS]
    return rows[::3] + rows[1::3] + rows[2::3]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("segmenter")
    (folder / "words.txt").write_text("\n".join(lines()), encoding="utf-8")
    with gzip.open(folder / "seg_extra.tsv.gz", "wt", encoding="utf-8") as file:
        file.write("file\ttokens\nx.conllu\t老师/NOUN 喜欢/VERB 电影/NOUN 。/PUNCT\n")
    arguments = ["--data", str(folder), "--out", str(folder / "out"), "--min-count", "1", "--l1", "0", "--l2", "0.1"]
    return folder / "out", training.main(arguments)


def test_words_as_the_segmenter_meets_them():
    words = ["１２月", "３１日", "，", "一九九八年", "中國", "KTX列车", "３０％"]
    seen = ["⟦N0⟧", "月", "⟦N1⟧", "日", "，", "⟦N2⟧", "年", "中国", "⟦L0⟧", "列车", "⟦N3⟧"]
    assert training.as_seen(words) == seen
    assert training.as_seen(["", "\u200b", "好"]) == ["好"]


def test_a_placeholder_over_a_word_boundary():
    assert training.as_seen(["三十", "五", "家"]) == ["⟦N0⟧", "家"]


def test_tags_give_the_words_back():
    words = ["我们", "在", "⟦N0⟧", "图书馆", "看", "中华人民", "。"]
    tags = training.tags(words)
    assert tags == list("BESSBMESBMMES")
    assert join_units(units("".join(words)), tags) == words


def test_the_split_holds_out_every_tenth():
    train, held_out = training.split_lines([[str(i)] for i in range(23)])
    assert [line[0] for line in held_out] == ["0", "10", "20"]
    assert len(train) == 20


def test_measures_by_hand():
    class Fixed:
        def segment(self, text):
            return ["我们", "喜", "欢", "电影"]

    score = training.evaluate(Fixed(), [["我们", "喜欢", "电影"]], known={"我们"})
    assert score.precision == pytest.approx(2 / 4)
    assert score.recall == pytest.approx(2 / 3)
    assert score.f1 == pytest.approx(4 / 7)
    assert score.unseen_recall == pytest.approx(1 / 2)


def test_a_small_model_learns_a_small_grammar(trained):
    folder, results = trained
    assert results["scores"]["held_out"]["f1"] == 1.0
    assert results["scores"]["seg_extra"]["f1"] == 1.0
    assert results["bytes"] == (folder / "segmenter.crfsuite").stat().st_size
    assert json.loads((folder / "segmenter.json").read_text()) == results
    segmenter = Segmenter(folder)
    assert segmenter.note == ""
    assert segmenter.segment("朋友看 ⟦N3⟧中文书") == ["朋友", "看", "⟦N3⟧", "中文书"]


def test_no_data_is_said(tmp_path):
    with pytest.raises(ValueError, match="found none"):
        training.main(["--data", str(tmp_path), "--out", str(tmp_path)])
