"""The catalogue and its words, and where new items come from."""

import math
import sqlite3

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modeling.fashion_search import Catalogue, CatalogueDamaged, from_csv, from_folder
from modeling.fashion_search.catalogue_fashion_search import Vectors
from modeling.fashion_search.results_fashion_search import Attribute, Item
from modeling.fashion_search.tfidf_fashion_search import TextIndex, words
from tests.modeling.fashion_fakes import draw, unit_vectors

WORDS = ["red", "dress", "knit", "shirt", "blue", "원피스"]


def items(count: int, **more) -> list[tuple[Item, Vectors]]:
    rng = np.random.default_rng(count)
    features, signatures = unit_vectors(rng, count)
    histograms = np.eye(5, dtype=np.float32)
    return [
        (
            Item(0, f"{place}.jpg", attributes=(Attribute("colour", "red", 0.5),), **more),
            Vectors(f, s, histograms[place % 5]),
        )
        for place, (f, s) in enumerate(zip(features, signatures, strict=True))
    ]


@pytest.fixture
def catalogue(tmp_path):
    made = Catalogue(tmp_path / "c.sqlite", create=True)
    yield made
    made.close()


class TestCatalogue:
    def test_items_and_vectors_come_back_as_they_were(self, catalogue):
        new = items(7, title="A", price=2.5, keywords=("k",), guide={"category": "dress"}, box=(0.0, 1.0, 2.0, 3.0))
        ids = catalogue.add(new, "e1")
        found = catalogue.get([ids[4], 999, ids[0]])
        assert [one.uri for one in found] == ["4.jpg", "0.jpg"]
        assert found[0].attributes == new[4][0].attributes
        assert (found[0].title, found[0].price, found[0].box) == ("A", 2.5, (0.0, 1.0, 2.0, 3.0))
        vectors = catalogue.vectors(ids)
        for one, (_, known) in zip(ids, new, strict=True):
            np.testing.assert_array_equal(vectors[one].feature, known.feature)
            np.testing.assert_array_equal(vectors[one].signature, known.signature)
            np.testing.assert_array_equal(vectors[one].histogram, known.histogram)
        parts = list(catalogue.all_vectors(batch=3))
        assert [len(part[0]) for part in parts] == [3, 3, 1]
        np.testing.assert_array_equal(np.concatenate([part[1] for part in parts]), [v.feature for _, v in new])

    def test_a_failing_chunk_leaves_nothing(self, catalogue):
        catalogue.add(items(3), "e1")
        stamp = catalogue.stamp
        with pytest.raises(Exception, match="UNIQUE"):
            catalogue.add([*items(5, title="again")[3:], *items(3)], "e1")
        assert (len(catalogue), catalogue.stamp) == (3, stamp)

    def test_pages(self, catalogue):
        catalogue.add(items(11), "e1")
        page = catalogue.page(4, 3)
        assert ([one.uri for one in page.items], page.total, page.offset) == (["4.jpg", "5.jpg", "6.jpg"], 11, 4)
        assert catalogue.page(10, 3).items[-1].uri == "10.jpg"
        assert catalogue.page(99, 3).items == ()
        with pytest.raises(ValueError, match="got -1 and 3"):
            catalogue.page(-1, 3)

    def test_keywords_belong_to_people(self, catalogue):
        ids = catalogue.add(items(3), "e1")
        stamp = catalogue.stamp
        assert catalogue.set_keywords(ids[1], [" summer  sale ", "", "자체제작", "summer sale"]).keywords == (
            "summer sale",
            "자체제작",
        )
        assert [item.id for item, _ in catalogue.find("sale")] == [ids[1]]
        assert [item.id for item in catalogue.page(text="제작").items] == [ids[1]]
        catalogue.set_keywords(ids[1], [])
        assert catalogue.find("sale") == []
        assert catalogue.stamp == stamp  # the vector cache is still good
        with pytest.raises(ValueError, match="no item 77"):
            catalogue.set_keywords(77, ["x"])

    def test_duplicates_outlive_their_first(self, catalogue):
        ids = catalogue.add(items(5), "e1", same_as={2: 0, 3: 0})
        assert catalogue.duplicates() == [(ids[0], ids[2], ids[3])]
        assert catalogue.families([ids[0], ids[1]]) == {ids[0]: (ids[0], ids[2], ids[3]), ids[1]: (ids[1],)}
        assert catalogue.delete([ids[0], ids[2], 999]) == [ids[0], ids[2]]
        assert catalogue.duplicates() == []
        assert catalogue.get([ids[3]])[0].duplicate_of is None
        assert set(catalogue.vectors(ids)) == {ids[1], ids[3], ids[4]}

    def test_ids_are_never_used_again(self, catalogue):
        ids = catalogue.add(items(3), "e1")
        catalogue.delete(ids)
        assert min(catalogue.add(items(3), "e1")) > max(ids)

    def test_a_broken_page_is_told_in_plain_words(self, tmp_path, catalogue):
        catalogue.add(items(53), "e1")
        catalogue.close()
        path = tmp_path / "c.sqlite"
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        content = bytearray(path.read_bytes())
        content[4096:] = b"\xa5" * (len(content) - 4096)
        path.write_bytes(content)
        with pytest.raises(CatalogueDamaged, match=r"is damaged .*Put a copy back"):
            Catalogue(path)

    def test_another_catalogue_is_told_apart(self, tmp_path, catalogue):
        other = Catalogue(tmp_path / "d.sqlite", create=True)
        assert other.stamp != catalogue.stamp
        other.close()
        with pytest.raises(ValueError, match="is there already"):
            Catalogue(tmp_path / "d.sqlite", create=True)


class TestWords:
    @given(
        st.lists(st.lists(st.sampled_from(WORDS), max_size=6), min_size=1, max_size=9),
        st.lists(st.sampled_from(WORDS), min_size=1, max_size=3),
    )
    @settings(max_examples=40, deadline=None)
    def test_order_is_that_of_tf_idf(self, sentences, query):
        index = TextIndex([Item(place, "u", title=" ".join(one)) for place, one in enumerate(sentences)])
        documents = [words(" ".join(one)) for one in sentences]

        def vector(tokens):
            known = {word for one in documents for word in one}
            value = {
                word: (1 + math.log(tokens.count(word)))
                * (math.log((1 + len(documents)) / (1 + sum(word in one for one in documents))) + 1)
                for word in set(tokens) & known
            }
            length = math.sqrt(sum(weight**2 for weight in value.values()))
            return {word: weight / length for word, weight in value.items()}

        wanted = vector(words(" ".join(query)))
        cosines = {
            place: sum(weight * wanted.get(word, 0) for word, weight in vector(one).items())
            for place, one in enumerate(documents)
        }
        found = index.find(" ".join(query), 99)
        assert {place for place, _ in found} == {place for place, value in cosines.items() if value > 0}
        np.testing.assert_allclose([value for _, value in found], [cosines[place] for place, _ in found], atol=1e-5)
        assert [value for _, value in found] == sorted((value for _, value in found), reverse=True)
        asked = [len(documents) + 5, *cosines]
        np.testing.assert_allclose(index.cosines(" ".join(query), asked), [0, *cosines.values()], atol=1e-5)

    def test_words_of_several_scripts(self):
        assert words("Navy-Blue T_shirt") == ["navy", "blue", "t", "shirt"]
        assert words("여성용 니트") == ["여성용", "니트", "여성", "성용"]
        assert words("牛仔裤") == ["牛仔裤", "牛仔", "仔裤"]

    def test_nothing_to_find_in_nothing(self):
        assert TextIndex([]).find("red", 3) == []
        assert TextIndex([Item(1, "u", title="...")]).find("red", 3) == []


class TestSources:
    def test_a_folder_with_folders(self, tmp_path):
        for name in ("b.PNG", "dress/a.jpg", "long-sleeve/men/c.png", ".hidden/d.png", "e.txt"):
            path = draw(tmp_path, f"{name}.png")
            path.rename(tmp_path / name)
        found = [(one.uri, one.words) for one in from_folder(tmp_path)]
        assert found == [("b.PNG", ""), ("dress/a.jpg", "dress"), ("long-sleeve/men/c.png", "long sleeve men")]

    def test_an_empty_or_missing_folder_is_told(self, tmp_path):
        with pytest.raises(ValueError, match="no picture in"):
            from_folder(tmp_path)
        with pytest.raises(ValueError, match="no folder"):
            from_folder(tmp_path / "x")

    def test_a_csv_file_as_people_save_them(self, tmp_path):
        path = tmp_path / "goods.csv"
        path.write_text(
            'Image;Name;Price;baseColour;tags;SKU\na.jpg;"Dress; red";$1,250.50;Navy Blue;sale, new;7\n\nb.jpg;;;;;\n',
            encoding="utf-8-sig",
        )
        first, second = from_csv(path)
        assert (first.uri, first.title, first.price, first.colour) == ("a.jpg", "Dress; red", 1250.5, "navy-blue")
        assert (first.keywords, first.extra, first.row) == (("sale", "new"), {"SKU": "7"}, 2)
        assert first.file == str(tmp_path / "a.jpg")
        assert (second.price, second.problem, second.row) == (None, "", 4)
        (named, _) = from_csv(path, {"title": "SKU", "price": ""}, root=tmp_path / "other")
        assert (named.title, named.price, named.file) == ("7", None, str(tmp_path / "other" / "a.jpg"))

    @pytest.mark.parametrize(
        ("row", "problem"),
        [
            ("a.jpg,x,12,50", "4 columns, the first line 3"),
            ("a.jpg,x,cheap", "'cheap' is no number"),
            ("a.jpg,x,-3", "'-3' is no number"),
            (",x,3", "no picture is named"),
            ("https://host/a.jpg,x,3", "download it first"),
        ],
    )
    def test_a_row_with_a_problem_keeps_it(self, tmp_path, row, problem):
        path = tmp_path / "goods.csv"
        path.write_text(f"file,title,price\nok.jpg,y,₩12\n{row}\n", encoding="utf-8")
        good, bad = from_csv(path)
        assert (good.price, good.problem) == (12, "")
        assert problem in bad.problem

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "is empty"),
            (b"file,title\n", "no rows"),
            (b"title,price\nx,3\n", "no column that names pictures .*it has title, price"),
            ("file\nrésumé.jpg\n".encode("latin-1"), r"not UTF-8 \(byte 6\)"),
            (b'file,title\na,"x\n', "no readable CSV file"),
        ],
    )
    def test_a_file_that_is_no_list_is_told(self, tmp_path, content, message):
        path = tmp_path / "goods.csv"
        path.write_bytes(content)
        with pytest.raises(ValueError, match=message):
            from_csv(path)

    def test_a_column_that_is_not_there_is_told(self, tmp_path):
        path = tmp_path / "goods.csv"
        path.write_text("file,title\na,b\n")
        with pytest.raises(ValueError, match="no column 'Titel'; it has file, title"):
            from_csv(path, {"title": "Titel"})
