"""What is in the index: adding, deleting, duplicates, and the folder it all lies in."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from modeling.fashion_search import (
    FashionSearch,
    IndexConfig,
    NewItem,
    from_folder,
)
from modeling.fashion_search.building_fashion_search import CHUNK, stated_words
from modeling.fashion_search.calibrating_fashion_search import best_cut
from tests.modeling.fashion_fakes import (
    COLOURS,
    SMALL,
    FakeExtractor,
    FakeEyes,
    draw,
    gallery,
    new_search,
)

COUNT = 41


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    return gallery(tmp_path_factory.mktemp("pictures"), COUNT)


@pytest.fixture(scope="module")
def filled(pictures, tmp_path_factory):
    """A search that tests must not change."""
    search = FashionSearch.create(tmp_path_factory.mktemp("filled") / "index", FakeEyes(), FakeExtractor(), **SMALL)
    items = [replace(one, price=float(place)) for place, one in enumerate(from_folder(pictures))]
    search.add(items)
    yield search
    search.close()


class TestAddingAndDeleting:
    def test_what_cannot_be_added_is_listed_and_the_rest_is_kept(self, tmp_path):
        good = draw(tmp_path / "p", "good.png")
        (tmp_path / "p" / "torn.png").write_bytes(good.read_bytes()[:80])
        (tmp_path / "p" / "text.jpg").write_text("no picture")
        Image.new("1", (9000, 9000)).save(tmp_path / "p" / "bomb.png")
        items = [
            *from_folder(tmp_path / "p"),
            NewItem("gone.jpg", str(tmp_path / "gone.jpg"), row=9),
            NewItem("x", "x", problem="odd"),
        ]
        with new_search(tmp_path) as search:
            told = []
            report = search.add(items, lambda done, total: told.append((done, total)))
            assert len(report.added) == 1
            assert told == [(place, 6) for place in range(1, 7)]
            reasons = {failure.uri: failure.reason for failure in report.failures}
            assert set(reasons) == {"torn.png", "text.jpg", "bomb.png", "gone.jpg", "x"}
            assert "too many" in reasons["bomb.png"]
            assert "no picture file" in reasons["gone.jpg"]
            assert reasons["x"] == "odd"
            assert {failure.row for failure in report.failures} == {0, 9}
            again = search.add(items)
            assert (again.added, again.skipped, len(again.failures)) == ((), 1, 5)

    def test_items_added_and_deleted_are_so_after_reopening(self, tmp_path, pictures):
        query = pictures / "005.png"
        with new_search(tmp_path) as search:
            search.add(from_folder(pictures)[: CHUNK + 3])
            gone = search.search(query, k=1).hits[0].item
            assert search.delete([gone.id, 10**6]) == [gone.id]
            before = search.search(query, k=11)
            assert gone.id not in {hit.item.id for hit in before.hits}
        with FashionSearch.open(tmp_path / "index", FakeEyes(), FakeExtractor()) as search:
            assert len(search) == len(search.catalogue) == CHUNK + 2
            after = search.search(query, k=11)
            assert [(hit.item, hit.score) for hit in after.hits] == [(hit.item, hit.score) for hit in before.hits]
            (added,) = search.add([NewItem("again", str(query))]).added
            assert added > gone.id  # ids are never used again
            assert search.search(query, k=1).hits[0].item.id == added

    @pytest.mark.parametrize("damage", ["missing", "stale", "torn", "nonsense"])
    def test_the_vector_cache_need_not_be_trusted(self, tmp_path, pictures, damage):
        with new_search(tmp_path) as search:
            search.add(from_folder(pictures)[:7])
        cache = tmp_path / "index" / "vectors.safetensors"
        old = cache.read_bytes()
        if damage == "stale":
            with FashionSearch.open(tmp_path / "index", FakeEyes(), FakeExtractor()) as search:
                search.add(from_folder(pictures)[7:11])
        expected = 11 if damage == "stale" else 7
        {"missing": cache.unlink, "stale": lambda: cache.write_bytes(old)}.get(
            damage, lambda: cache.write_bytes(old[:99] if damage == "torn" else b"?" * 999)
        )()
        with FashionSearch.open(tmp_path / "index", FakeEyes(), FakeExtractor()) as search:
            assert len(search) == expected
            assert search.search(pictures / "003.png", k=1).hits[0].item.uri == "003.png"
        assert cache.stat().st_size > 999  # written anew

    def test_a_seller_stands_above_the_picture(self, tmp_path):
        path = draw(tmp_path / "p", "a.png", "red")
        new = NewItem(
            "a", str(path), title="men shirt", colour="green", price=3.5, keywords=("sale",), extra={"sku": "7"}
        )
        with new_search(tmp_path) as search:
            search.add([new])
            (item,) = search.catalogue.page().items
        assert (item.category, item.gender, item.colour, item.price) == ("shirt", "men", "green", 3.5)
        assert item.guide == {"category": "shirt", "gender": "men", "colours": ["green"]}
        assert item.stated == {"colour": "green"}
        assert (item.keywords, item.extra) == (("sale",), {"sku": "7"})
        assert all(one.forced for one in item.attributes if one.group in ("category", "gender", "colour"))
        assert search.file_of(item) == path
        assert item.file == "../p/a.png"  # so that both can be moved

    def test_sellers_have_words_of_their_own(self, tmp_path):
        path = str(draw(tmp_path / "p", "a.png", "red"))
        stated = NewItem("a", path, category="shoes", gender="women", colour="azure")
        tree = {"footwear": "", "heels": "footwear"}
        assert stated_words(stated, FakeExtractor(), tree) == {
            "category": "footwear",
            "gender": "women",
            "colour": "azure",
        }
        assert stated_words(replace(stated, category="zorg"), FakeExtractor(), tree).keys() == {"gender", "colour"}
        with new_search(tmp_path) as search:
            search.add([replace(stated, category="zorg")])
            (item,) = search.catalogue.items()
        assert (item.category, item.colour, item.stated["category"]) == ("t-shirt", "azure", "zorg")

    def test_searches_go_on_while_items_are_added_and_deleted(self, tmp_path, pictures):
        problems, done = [], threading.Event()
        with new_search(tmp_path) as search:
            search.add(from_folder(pictures)[:5])

            def ask():
                while not done.is_set():
                    result = search.search(pictures / "003.png", k=3)
                    if result.hits[0].item.uri != "003.png" or len(result.hits) != 3:
                        problems.append(result.hits)

            def guarded():
                try:
                    ask()
                except Exception as error:
                    problems.append(error)

            threads = [threading.Thread(target=guarded) for _ in range(2)]
            for thread in threads:
                thread.start()
            for start in range(5, COUNT, 9):
                added = search.add(from_folder(pictures)[start : start + 9]).added
                search.delete(added[:2])
            done.set()
            for thread in threads:
                thread.join(30)
            assert problems == []
            assert len(search) == len(search.catalogue) == len(search.store.postings.all)


class TestDuplicates:
    def test_a_product_shown_again_is_one_answer(self, tmp_path):
        first = draw(tmp_path / "p", "0.png", "red", seed=1)
        Image.open(first).save(tmp_path / "p" / "1.webp", lossless=True)
        for seed in range(2, 9):
            draw(tmp_path / "p", f"{seed}.png", "blue", seed=seed)
        late = tmp_path / "late.png"
        late.write_bytes(first.read_bytes())
        with new_search(tmp_path) as search:
            report = search.add(from_folder(tmp_path / "p"))
            assert report.duplicates == 1  # of the same chunk
            assert search.add([NewItem("late", str(late))]).duplicates == 1  # of an earlier one
            ids = {item.uri: item.id for item in search.catalogue.items()}
            family = ids["0.png"], ids["1.webp"], ids["late"]
            assert search.catalogue.duplicates() == [family]
            result = search.search(first, k=9)
            assert len(result.hits) == 8
            assert sorted([result.hits[0].item.id, *result.hits[0].duplicates]) == sorted(family)
            assert not {hit.item.id for hit in search.similar_to(family[1], k=9).hits} & set(family)
            search.delete([family[0]])
            assert search.catalogue.duplicates() == [family[1:]]
            assert search.search(first, k=9).hits[0].duplicates == family[2:]

    def test_the_same_shape_in_another_colour_is_another_product(self, tmp_path):
        with new_search(tmp_path, duplicate_bits=64) as search:
            for colour in COLOURS:
                draw(tmp_path / "p", f"{colour}.png", colour, seed=5)
            assert search.add(from_folder(tmp_path / "p")).duplicates == 0


class TestIndexFolder:
    def test_other_eyes_are_refused_with_the_command_to_rebuild(self, filled):
        with pytest.raises(
            ValueError, match=r"revision e1.*revision e2.*apps\.fashion\.index --into .*index --rebuild"
        ):
            FashionSearch.open(filled.store.folder, FakeEyes("e2"))

    def test_a_folder_that_holds_something_is_left_alone(self, tmp_path):
        (tmp_path / "index").mkdir()
        (tmp_path / "index" / "note.txt").write_text("mine")
        with pytest.raises(ValueError, match="holds something already"):
            new_search(tmp_path)

    @pytest.mark.parametrize(
        ("spoil", "message"),
        [
            (lambda folder: (folder / "index.json").unlink(), "is no index folder"),
            (lambda folder: (folder / "index.json").write_text("{"), "cannot be used"),
            (
                lambda folder: (folder / "index.json").write_text('{"eyes": "a", "revision": "b", "format": 9}'),
                "format 9",
            ),
            (lambda folder: (folder / "index.json").write_text('{"eyes": "a", "revision": "b", "x": 9}'), "entries x"),
            (lambda folder: (folder / "catalogue.sqlite").unlink(), "is missing"),
            (lambda folder: (folder / "catalogue.sqlite").write_bytes(b"x" * 5000), "is damaged"),
            (lambda folder: (folder / "catalogue.sqlite").write_bytes(b""), "is damaged"),
        ],
    )
    def test_a_spoilt_folder_is_told_in_plain_words(self, tmp_path, spoil, message):
        new_search(tmp_path).close()
        spoil(tmp_path / "index")
        with pytest.raises(ValueError, match=message):
            FashionSearch.open(tmp_path / "index", FakeEyes())

    @pytest.mark.parametrize(
        ("field", "value"),
        [("backend", "annoy"), ("postings", "all"), ("bits", 12), ("threshold", 1.5), ("duplicate_bits", -1)],
    )
    def test_a_bad_configuration_names_the_value(self, field, value):
        with pytest.raises(ValueError, match=rf"{field}.*{value}"):
            IndexConfig("eyes", "e1", **{field: value})

    def test_calibration_finds_the_cut_between_like_and_unlike(self, tmp_path, pictures):
        assert best_cut(np.array([0.7, 0.8, 0.9]), np.array([0.1, 0.2, 0.75])) == pytest.approx(0.45)
        with new_search(tmp_path) as search:
            assert search.calibrate() == 0.5  # nothing to learn from
            search.add(from_folder(pictures))
            threshold = search.calibrate()
            assert 0 < threshold < 1
        assert IndexConfig.load(tmp_path / "index").threshold == pytest.approx(threshold)
