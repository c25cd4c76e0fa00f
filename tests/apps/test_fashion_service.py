"""The search without components: what is found with and without a guide, what a choice changes, what is refused."""

from __future__ import annotations

import shutil

import pytest

from apps.fashion.answers import CLASSIC, GUIDED, SIMILAR, UNGUIDED, Answer, Query
from apps.fashion.engines import engines
from apps.fashion.page import filter_choices, picked, shown, stepping
from apps.fashion.service import FashionService, run
from apps.fashion.wording import Speech
from tests.apps.fake_fashion import FakeFashion, build_gallery, fakes, scene

SPEECH = Speech("en")


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    return build_gallery(tmp_path_factory.mktemp("gallery"))


@pytest.fixture(scope="module")
def service(gallery):
    return FashionService(list(fakes().values()), gallery)


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    return scene(tmp_path_factory.mktemp("photo") / "street.png", ("dress", "blue"), ("bag", "red"), ("top", "green"))


def _answer(service: FashionService, query: Query, before: Answer | None = None) -> Answer:
    *_, answer = run(service.plan(query, before, SPEECH), lambda ask, awaited: ask())
    return answer


def _titles(answer: Answer, kind: str) -> list[str]:
    return [hit.item.title for hit in answer.result(kind).hits]


def test_another_guide_another_answer(service, photo):
    for guide, garment, place in (("red bag", "bag", 1), ("dress", "dress", 0), ("초록 상의", "top", 2)):
        answer = _answer(service, Query(str(photo), guide))
        assert answer.chosen == place
        assert all(title.split()[-1] == garment for title in _titles(answer, GUIDED))
        assert _titles(answer, UNGUIDED)[0] == "women's blue dress"
        assert [one.label for one in answer.garments] == ["dress", "bag", "top"]


def test_without_a_guide_there_is_no_guided_column(service, photo):
    answer = _answer(service, Query(str(photo)))
    assert [outcome.kind for outcome in answer.outcomes] == [UNGUIDED, CLASSIC]
    assert answer.guide is None


def test_a_chosen_garment_is_a_guide(service, photo):
    first = _answer(service, Query(str(photo)))
    answer = _answer(service, Query(str(photo), pick=picked(first, "1", SPEECH)), first)
    assert answer.chosen == 1
    assert _titles(answer, GUIDED)[0] == "women's red bag"
    assert {one.value for one in answer.main.result.attributes if one.forced} == {"handbag"}
    assert answer.outcome(UNGUIDED) is first.outcome(UNGUIDED)
    assert answer.garments == first.garments


def test_a_choice_counts_more_than_a_guide_that_contradicts_it(service, photo):
    first = _answer(service, Query(str(photo), "red bag"))
    answer = _answer(service, Query(str(photo), "red bag", pick=picked(first, "0", SPEECH)), first)
    assert _titles(answer, GUIDED)[0] == "women's red dress"
    assert answer.main.result.notes[0].key == "pick_counts"
    assert "bag" in SPEECH.note(answer.main.result.notes[0])


def test_the_whole_photo_can_be_chosen(service, photo):
    first = _answer(service, Query(str(photo), "dress"))
    answer = _answer(service, Query(str(photo), "dress", pick=picked(first, "whole", SPEECH)), first)
    assert answer.main.result.box == (0, 0, 480, 360)
    assert answer.chosen is None


def test_what_is_not_there_to_be_chosen_is_refused(service, photo):
    first = _answer(service, Query(str(photo)))
    for before, place in ((None, "0"), (first, "3"), (first, "-1"), (first, "x"), (first, None)):
        with pytest.raises(ValueError, match="kept no more"):
            picked(before, place, SPEECH)


def test_filters_hold(service, photo):
    answer = _answer(service, Query(str(photo), "bag", {"colour": ["green", "blue"], "price_max": 21}))
    assert _titles(answer, GUIDED) == ["women's green bag"]
    with pytest.raises(ValueError, match="it has accessories, bag, clothing"):
        service.plan(Query(str(photo), "", {"category": "watch"}), None, SPEECH)


def test_an_items_look_alikes_leave_it_out(service, gallery):
    item = service.engine.within(lambda search: search.catalogue.find("red bag", 1))[0][0]
    *_, answer = run(service.similar_plan(item.id, "deep", {}, SPEECH), lambda ask, awaited: ask())
    assert [outcome.kind for outcome in answer.outcomes] == [SIMILAR, CLASSIC]
    for outcome in answer.outcomes:
        assert item.uri not in {hit.item.uri for hit in outcome.result.hits}
        assert outcome.result.hits[0].item.title.endswith("bag")
    with pytest.raises(ValueError, match="no item 9999"):
        service.similar_plan(9999, "deep", {}, SPEECH)


def test_an_items_picture_may_be_gone(service, gallery):
    item = service.engine.within(lambda search: search.catalogue.find("black top", 1))[0][0]
    path = gallery.parent / "pictures" / "black-top.png"
    path.rename(path.with_suffix(".away"))
    try:
        with pytest.raises(ValueError, match="no picture file"):
            service.similar_plan(item.id, "deep", {}, SPEECH)
    finally:
        path.with_suffix(".away").rename(path)


def test_duplicates_are_folded_and_counted(service, photo):
    answer = _answer(service, Query(str(photo), "green bag"))
    best = answer.result(GUIDED).hits[0]
    assert len(best.duplicates) == 1
    assert "1 more pictures" in shown(answer, False, SPEECH)[-1]


def test_no_good_match_is_said_so(service, tmp_path):
    path = scene(tmp_path / "odd.png", ("top", "black"))
    answer = _answer(service, Query(str(path), filters={"category": "bag"}))
    assert not answer.result(UNGUIDED).good
    found = shown(answer, False, SPEECH)[-1]
    assert "No good match: the best scores 0." in found
    assert "weak match" in found
    assert "<li" not in shown(answer, True, SPEECH)[-1].partition('data-kind="classic"')[0]


def test_a_garment_that_is_not_there_is_said_so(service, tmp_path):
    path = scene(tmp_path / "odd.png", ("top", "black"))
    parts = shown(_answer(service, Query(str(path), "dress")), False, SPEECH)
    assert "No dress was found in the photo" in parts[3]


@pytest.mark.parametrize(
    ("names", "kinds"),
    [
        (("planet-fashion-classic",), [CLASSIC]),
        (("planet-fashion-classic", "planet-fashion-encoder"), [CLASSIC]),
        (("planet-fashion-detector", "planet-fashion-encoder"), [GUIDED, UNGUIDED]),
    ],
)
def test_some_models_are_enough(gallery, photo, names, kinds):
    alone = FashionService([fakes()[name] for name in names], gallery)
    answer = _answer(alone, Query(str(photo), "red bag"))
    assert [outcome.kind for outcome in answer.outcomes] == kinds
    assert _titles(answer, kinds[0])[0] == "women's red bag"
    assert answer.garments
    assert len(shown(answer, False, SPEECH)) == 6


def test_without_models_the_page_says_so(photo):
    for models in ([], [FakeFashion("planet-fashion-detector")]):
        with pytest.raises(ValueError, match="No model is published"):
            FashionService(models).plan(Query(str(photo)), None, SPEECH)
    with pytest.raises(ValueError, match="planet-nmt"):
        engines([FakeFashion("planet-nmt-zh-ko")])


def test_without_a_gallery_the_photo_is_described_all_the_same(photo, tmp_path):
    bare = FashionService(list(fakes().values()), tmp_path / "nowhere")
    parts = shown(_answer(bare, Query(str(photo), "red bag")), False, SPEECH)
    assert "2 · bag" in parts[1]
    assert "There is no gallery to search in yet" in parts[3]
    assert "handbag" in parts[4]
    assert filter_choices(bare, SPEECH)


def test_a_gallery_of_another_revision_is_a_problem_of_its_column_only(gallery, photo, tmp_path):
    shutil.copytree(gallery.parent, tmp_path / "copy")
    (tmp_path / "copy" / "index-classic" / "index.json").write_text("{", encoding="utf-8")
    broken = FashionService(list(fakes().values()), tmp_path / "copy" / "index")
    query = Query(str(photo), "red bag")
    *_, last = stepping(lambda: broken.plan(query, None, SPEECH), False, SPEECH)
    assert "index.json" in last[0].outcome(CLASSIC).problem
    assert last[0].result(GUIDED).hits


def test_a_failing_model_is_told_without_its_reasons(gallery, photo):
    models = fakes()
    failing = FashionService(list(models.values()), gallery)
    _answer(failing, Query(str(photo)))
    models["planet-fashion-classic"].fails = RuntimeError("secret")
    *_, last = stepping(lambda: failing.plan(Query(str(photo)), None, SPEECH), False, SPEECH)
    assert "on our side" in last[0].outcome(CLASSIC).problem
    assert "secret" not in str(last)


def test_an_unreadable_picture_takes_the_answers_place(service, tmp_path):
    path = tmp_path / "notes.jpg"
    path.write_text("no picture")
    (last,) = stepping(lambda: service.plan(Query(str(path)), None, SPEECH), False, SPEECH)
    assert last[0] is None
    assert 'role="alert"' in last[1]
    assert last[3:] == ("", "", "")


def test_an_example_is_answered_once_per_revision(gallery, photo):
    models = fakes()
    service = FashionService(list(models.values()), gallery)
    plan = service.example(photo, "dress", SPEECH)
    assert len(plan.steps) == 3
    *_, answer = run(plan, lambda ask, awaited: ask())
    service.keep_example(photo, answer)
    assert service.example(photo, "dress", SPEECH).answer is answer
    assert service.example(photo, "bag", SPEECH).steps
    models["planet-fashion-encoder"].revision = "ffffffffffff"
    assert service.example(photo, "dress", SPEECH).steps


def test_the_choices_of_filters_are_words_of_the_visitor(service):
    category, colour, gender = filter_choices(service, Speech("ko"))
    assert ("가방 (5)", "bag") in category.choices
    assert category.choices[0] == ("전체", "")
    assert ("레드 (3)", "red") in colour.choices
    assert [value for _, value in gender.choices] == ["", "women"]
