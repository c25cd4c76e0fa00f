"""The search as people use it: finding, folding, words, notes, and what eyes there are."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from modeling.fashion_encoder import FashionEncoderConfig
from modeling.fashion_search import (
    DeepEyes,
    Detection,
    FashionSearch,
    Filters,
    ModelEyes,
    Note,
    from_folder,
)
from modeling.fashion_search.answering_fashion_search import region_notes
from modeling.fashion_search.guiding_fashion_search import as_guide, fulfilled, guide_notes, wanted_words
from tests.modeling.fashion_fakes import (
    SMALL,
    TREE,
    FakeDetector,
    FakeEncoder,
    FakeExtractor,
    FakeEyes,
    FakeGuide,
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


class TestSearch:
    def test_a_picture_finds_itself_first(self, filled, pictures):
        result = filled.search(pictures / "005.png", k=7)
        assert len(result.hits) == 7
        assert result.hits[0].item.uri == "005.png"
        assert result.hits[0].score == pytest.approx(1, abs=2e-3)
        assert result.hits[0].distance == pytest.approx(0, abs=2e-3)
        assert [note.key for note in result.hits[0].why[:2]] == ["look", "colours"]
        scores = [hit.score for hit in result.hits]
        assert scores == sorted(scores, reverse=True)
        assert result.good
        assert result.notes == ()
        assert result.ms["total"] >= result.ms["rank"] > 0
        assert (result.candidates, result.skipped) == (COUNT, 0)

    def test_scores_are_those_of_a_loop(self, filled, pictures):
        look = FakeEyes().look(pictures / "008.png")
        vectors = filled.catalogue.vectors(filled.catalogue.ids().tolist())
        expected = {
            one: 0.6 * max(float(known.feature @ look.feature), 0) + 0.4 * float(known.histogram @ look.histogram)
            for one, known in vectors.items()
        }
        for hit in filled.search(pictures / "008.png", k=COUNT).hits:
            assert hit.score == pytest.approx(expected.pop(hit.item.id), abs=2e-3)
        assert not expected

    @pytest.mark.parametrize("mode", ["two-stage", "binary", "float"])
    def test_every_mode_finds_it(self, filled, pictures, mode):
        assert filled.search(pictures / "017.png", k=1, mode=mode).hits[0].item.uri == "017.png"

    def test_another_guide_gives_another_answer(self, filled, pictures):
        shirt = filled.search(pictures / "005.png", guide="t-shirt", k=9)
        dress = filled.search(pictures / "005.png", guide="dress", k=9)
        assert {hit.item.category for hit in shirt.hits} == {"t-shirt"}
        assert {hit.item.category for hit in dress.hits} == {"dress"}
        assert shirt.skipped == dress.candidates
        assert [note.key for note in dress.notes][:1] == ["not_found"]
        assert dress.guide.category == "dress"
        assert dress.attributes[0].forced

    def test_postings_can_be_left_out_or_come_from_what_is_seen(self, filled, pictures):
        everything = filled.search(pictures / "005.png", guide="dress", postings="off", k=COUNT)
        assert len(everything.hits) == everything.candidates == COUNT
        seen = filled.search(pictures / "005.png", postings="automatic", k=COUNT)
        assert {hit.item.garment for hit in seen.hits} == {"top"}

    def test_filters_hold(self, filled, pictures):
        result = filled.search(pictures / "005.png", filters={"colour": ["blue", "red"], "price": (3, 30)}, k=COUNT)
        assert result.hits
        assert {hit.item.colour for hit in result.hits} == {"blue", "red"}
        assert all(3 <= hit.item.price <= 30 for hit in result.hits)
        none = filled.search(pictures / "005.png", filters=Filters(price_min=1e6))
        assert none.hits == ()
        assert [note.key for note in none.notes] == ["nothing_left"]

    def test_a_picture_and_words_together(self, filled, pictures):
        green = filled.search(pictures / "005.png", k=3)
        red = filled.search(pictures / "005.png", text="red", k=3)
        assert green.hits[0].item.colour == "green"
        assert {hit.item.colour for hit in red.hits} == {"red"}
        assert "as asked: red" in red.hits[0].why
        assert not any(note.key == "colours" for note in red.hits[0].why)

    def test_words_reach_items_that_look_too_unlike(self, tmp_path, monkeypatch):
        monkeypatch.setattr("modeling.fashion_search.finding_fashion_search.SHORTLIST", 3)
        with new_search(tmp_path) as search:
            for seed in range(11):
                draw(tmp_path / "p", f"{seed}.png", "green", seed=seed)
            draw(tmp_path / "p", "red.png", "red", seed=99)
            search.add(from_folder(tmp_path / "p"))
            assert search.search(tmp_path / "p" / "1.png", text="red", k=1).hits[0].item.uri == "red.png"

    def test_words_alone(self, filled):
        result = filled.search(text="blue dress", k=3)
        assert {(hit.item.colour, hit.item.category) for hit in result.hits} == {("blue", "dress")}
        assert result.hits[0].score == 1
        assert np.isnan(result.hits[0].distance)
        assert (result.box, result.category, result.detections) == (None, None, ())
        assert filled.search(text="zebra").hits == ()
        assert [note.key for note in filled.search(text="zebra").notes] == ["nothing_found"]

    def test_an_item_finds_others_without_eyes(self, filled, pictures):
        blind = FashionSearch(filled.store, None, FakeExtractor())
        first = filled.search(pictures / "005.png", k=1).hits[0].item
        result = blind.similar_to(first.id, k=COUNT)
        assert len(result.hits) == COUNT - 1
        assert first.id not in {hit.item.id for hit in result.hits}
        assert result.hits[0].item.id == filled.search(pictures / "005.png", k=2).hits[1].item.id
        assert {hit.item.colour for hit in blind.similar_to(first.id, filters={"colour": "red"}).hits} == {"red"}
        with pytest.raises(ValueError, match="without eyes"):
            blind.search(pictures / "005.png")
        with pytest.raises(ValueError, match="no item 4321"):
            blind.similar_to(4321)

    def test_a_threshold_says_what_is_no_good_match(self, filled, pictures):
        search = FashionSearch.open(filled.store.folder, FakeEyes(), FakeExtractor(), threshold=0.97)
        assert search.search(pictures / "005.png").good
        result = search.search(pictures / "005.png", filters={"colour": "black"})
        assert not result.good
        (note,) = result.notes
        assert note.key == "no_good_match"
        assert note.values["threshold"] == "0.97"
        search.catalogue.close()

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ({}, "nothing to search for"),
            ({"text": "  "}, "nothing to search for"),
            ({"text": "red", "k": 0}, "k must be a whole number from 1 to 1000, got 0"),
            ({"text": "red", "postings": "all"}, "postings must be one of"),
            ({"text": "red", "filters": {"size": 3}}, "got size"),
            ({"guide": {"brand": "x"}}, "got brand"),
            ({"image": "nowhere.jpg"}, "no picture file 'nowhere.jpg'"),
        ],
    )
    def test_bad_arguments_are_told_in_plain_words(self, filled, arguments, message):
        with pytest.raises(ValueError, match=message):
            filled.search(**arguments)

    def test_facets(self, filled):
        facets = filled.facets()
        assert facets["price"] == (0.0, COUNT - 1.0)
        assert sum(facets["colour"].values()) == COUNT
        assert facets["category"]["top"] == facets["category"]["t-shirt"] < facets["category"]["clothing"] == COUNT


class TestNotes:
    def test_a_note_is_text_that_can_be_said_in_other_words(self):
        note = Note("widened", "There is no {wanted} here.", wanted="kilt {or} so")
        assert note == "There is no kilt {or} so here."
        assert (note.key, dict(note.values)) == ("widened", {"wanted": "kilt {or} so"})
        again = note.__reduce__()
        copy = again[0](*again[1])
        assert (copy, copy.key) == (note, "widened")

    def test_contradictions_and_unknown_words_are_said(self, filled, pictures):
        result = filled.search(pictures / "005.png", guide="dress shoes zorg")
        assert "The guide says dress and footwear at once (category); neither was taken." in result.notes
        assert "Not understood: zorg." in result.notes
        assert guide_notes(None) == []
        (note,) = guide_notes(FakeGuide(gender="men", conflicts=(("gender", ("men", "women")),)))
        assert note.endswith("men was taken.")

    def test_a_garment_that_is_not_there(self):
        look = FakeEyes().look(np.full((47, 71, 3), 30, np.uint8))
        assert region_notes(look, None, None) == []
        assert region_notes(look, FakeGuide("heels"), (0, 0, 9, 9)) == []
        assert region_notes(look, FakeGuide("heels"), None)[0].key == "not_found"
        assert region_notes(look, FakeGuide("watch"), None)[0].key == "not_detectable"
        assert region_notes(replace(look, detections=()), None, None)[0].key == "no_garment"

    def test_an_empty_catalogue_still_describes(self, tmp_path):
        with new_search(tmp_path) as search:
            result = search.search(draw(tmp_path, "a.png"))
            assert result.attributes
            assert [note.key for note in result.notes] == ["empty"]
            assert not result.good
            assert search.search(text="red").hits == ()


class TestGuides:
    def test_what_an_item_fulfils(self, filled):
        item = filled.catalogue.page(text="dress").items[0]
        assert fulfilled(item, "category", ("dress",), TREE) == 1
        assert fulfilled(item, "category", ("clothing",), TREE) == 1
        assert fulfilled(replace(item, category="shirt"), "category", ("t-shirt",), TREE) == 0.5
        assert fulfilled(replace(item, category="heels"), "category", ("t-shirt",), TREE) == 0
        assert fulfilled(replace(item, gender="unisex"), "gender", ("men",), TREE) == 1
        assert fulfilled(replace(item, guide={"pattern": "polka_dot"}), "pattern", ("polka-dot",), TREE) == 1
        assert fulfilled(item, "material", ("silk",), TREE) == 0

    def test_a_category_that_the_tree_does_not_know_gives_way(self):
        assert wanted_words(FakeGuide("kilt", colours=("red",)), TREE) == {"colours": ("red",)}
        assert as_guide(" ", FakeExtractor()) is None


class TestEyes:
    def test_an_index_weighs_colour_as_its_eyes_do_best(self, tmp_path):
        eyes = FakeEyes()
        eyes.colour_weight = 0.15
        with FashionSearch.create(tmp_path / "theirs", eyes, FakeExtractor(), **SMALL) as search:
            assert search.store.config.colour_weight == 0.15
        told = SMALL | {"colour_weight": 0.7}
        with FashionSearch.create(tmp_path / "told", eyes, FakeExtractor(), **told) as search:
            assert search.store.config.colour_weight == 0.7

    SHOE, TOP = Detection("footwear", 0.95, (3.0, 5.0, 13.0, 15.0)), Detection("top", 0.9, (5.0, 7.0, 59.0, 47.0))
    PICTURE = np.random.default_rng(0).integers(0, 256, (53, 71, 3), dtype=np.uint8)

    def look(self, *detections, **arguments):
        self.detector, self.encoder = FakeDetector(*detections), FakeEncoder()
        return DeepEyes(self.detector, self.encoder).look(self.PICTURE, **arguments)

    def test_without_a_guide_the_garment_that_fills_the_picture(self):
        look = self.look(self.SHOE, self.TOP)
        assert (look.box, look.garment, len(look.detections)) == (self.TOP.box, "top", 2)
        assert self.detector.asked == [None]
        assert self.encoder.given[0][1] is None
        assert look.category.path == ("product", "clothing", "top")

    def test_with_a_guide_the_surest_of_its_class(self):
        look = self.look(self.SHOE, self.TOP, guide=FakeGuide("heels", "women"))
        assert (look.box, look.garment) == (self.SHOE.box, "footwear")
        assert self.detector.asked == [["footwear"]]
        assert self.encoder.given[0][1] == [{"category": "heels", "gender": "women"}]
        region = self.encoder.given[0][0][0]
        assert region.shape == (32, 32, 3)  # a small box shows what is around it

    def test_what_is_not_there_or_not_known_is_looked_for_in_the_whole(self):
        whole = (0.0, 0.0, 71.0, 53.0)
        assert self.look(self.TOP, guide=FakeGuide("heels")).box == whole
        assert self.look(self.TOP, guide=FakeGuide("watch")).box == whole
        assert self.detector.asked == []
        assert self.look().box == whole

    def test_a_garment_alone_on_a_plain_background_is_seen_whole(self):
        product = np.full((60, 80, 3), 240, np.uint8)
        product[10:50, 20:60] = (200, 30, 40)
        whole, part = (0.0, 0.0, 80.0, 60.0), Detection("top", 0.9, (18.0, 8.0, 62.0, 52.0))
        inside, shoe = (
            Detection("scarf", 0.6, (30.0, 8.0, 40.0, 20.0)),
            Detection("footwear", 0.6, (10.0, 52.0, 30.0, 60.0)),
        )

        def seen(picture, *found, guide=None):
            return DeepEyes(FakeDetector(*found), FakeEncoder()).look(picture, guide=guide)

        for guide in (None, FakeGuide("t-shirt")):
            assert (seen(product, part, guide=guide).box, seen(product, part, guide=guide).garment) == (whole, "top")
            assert seen(product, part, inside, guide=guide).box == whole
            # An outfit, and a garment anywhere else.
            assert seen(product, part, shoe, guide=guide).box == part.box
            noisy = np.random.default_rng(1).integers(0, 256, product.shape, dtype=np.uint8)
            assert seen(noisy, part, guide=guide).box == part.box

    def test_a_box_is_taken_at_its_word(self):
        look = self.look(self.TOP, box=(-5, 3, 41, 99))
        assert (look.box, look.detections, look.garment) == ((0.0, 3.0, 41.0, 53.0), (), "top")
        with pytest.raises(ValueError, match="holds nothing of the picture"):
            self.look(box=(100, 100, 120, 120))

    def test_revisions_follow_the_weights_and_what_the_encoder_looks_at(self):
        eyes, other = DeepEyes(FakeDetector(), FakeEncoder()), DeepEyes(FakeDetector(), FakeEncoder(2.0))
        assert eyes.revision != other.revision
        assert eyes.detector_revision == other.detector_revision
        assert eyes.revision == DeepEyes(FakeDetector(), FakeEncoder()).revision
        closer = FakeEncoder()
        closer.config = SimpleNamespace(**vars(FakeEncoder.config), views=FashionEncoderConfig(middle=0.7).views)
        assert DeepEyes(FakeDetector(), closer).revision != eyes.revision

    def test_a_model_that_looks_by_itself_serves_too(self, pictures, tmp_path):
        class Model(FakeEncoder):
            look = FakeEyes().look
            feature_size = FakeEyes.feature_size

        eyes = ModelEyes(Model(), "rival")
        with FashionSearch.create(tmp_path / "index", eyes, FakeExtractor(), **SMALL) as search:
            search.add(from_folder(pictures)[:5])
            assert search.search(pictures / "002.png", k=1).hits[0].item.uri == "002.png"
            assert search.config.eyes == "rival"
