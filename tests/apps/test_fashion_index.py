"""The command that makes pictures searchable."""

import json

import pytest

from apps.fashion import index
from modeling.fashion_search import FashionSearch
from tests.modeling.fashion_fakes import DIMENSION, FakeEyes, draw, gallery


class TinyEyes(FakeEyes):
    """Eyes whose looks are as long as an index expects by default."""

    feature_size = 1024

    def look(self, image, guide=None, box=None):
        from dataclasses import replace

        import numpy as np

        look = super().look(image, guide, box)
        feature = np.tile(look.feature, 1024 // DIMENSION) / (1024 // DIMENSION) ** 0.5
        return replace(look, feature=feature, signature=np.packbits(feature > 0))


@pytest.fixture(autouse=True)
def eyes(monkeypatch):
    chosen = [TinyEyes("e1")]
    monkeypatch.setattr(index, "load_eyes", lambda kind, models: chosen[0])
    return chosen


def test_a_folder_is_indexed_and_searched(tmp_path, capsys):
    pictures = gallery(tmp_path / "pictures" / "dress", 7)
    assert index.main([str(tmp_path / "pictures"), "--into", str(tmp_path / "index")]) == 0
    assert "7 added" in capsys.readouterr().out
    assert index.main([str(tmp_path / "pictures"), "--into", str(tmp_path / "index")]) == 0
    assert "7 were there already" in capsys.readouterr().out
    with FashionSearch.open(tmp_path / "index", TinyEyes("e1")) as search:
        assert search.search(pictures / "003.png", k=1).hits[0].item.uri == "dress/003.png"
        assert {item.guide["category"] for item in search.catalogue.items()} == {"dress"}  # the folder's name


def test_a_csv_file_with_missing_files_keeps_the_rest(tmp_path, capsys):
    draw(tmp_path, "a.png")
    (tmp_path / "goods.csv").write_text("picture,words\na.png,red shirt for men\nb.png,gone\n")
    arguments = [str(tmp_path / "goods.csv"), "--into", str(tmp_path / "index"), "--text-column", "words"]
    assert index.main(arguments) == 1
    out = capsys.readouterr().out
    assert "1 added" in out
    assert "line 3: b.png: There is no picture file 'b.png'" in out
    log = (tmp_path / "index" / "failures.tsv").read_text()
    assert log.splitlines()[1].startswith("3\tb.png\tThere is no picture")
    with FashionSearch.open(tmp_path / "index") as search:
        (item,) = search.catalogue.items()
    assert (item.title, item.gender) == ("red shirt for men", "men")


def test_a_rebuild_keeps_what_people_wrote(tmp_path, eyes, capsys):
    gallery(tmp_path / "pictures", 5)
    into = str(tmp_path / "index")
    index.main([str(tmp_path / "pictures"), "--into", into, "--postings", "off"])
    with FashionSearch.open(into) as search:
        search.catalogue.set_keywords(2, ["my favourite"])
    eyes[0] = TinyEyes("e2")
    assert index.main([str(tmp_path / "pictures"), "--into", into]) == 2
    assert "--rebuild" in capsys.readouterr().err
    assert index.main(["--into", into, "--rebuild"]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "pictures"]
    assert json.loads((tmp_path / "index" / "index.json").read_text())["postings"] == "off"
    with FashionSearch.open(into, TinyEyes("e2")) as search:
        items = list(search.catalogue.items())
        assert [item.keywords for item in items if item.keywords] == [("my favourite",)]
        assert len(items) == 5
        assert all(search.file_of(item).is_file() for item in items)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere"], "There is no file 'nowhere'"),
        ([], "SOURCE is missing"),
        ([".", "--title-column", "x"], "are for CSV files"),
        (["--rebuild"], "is no index folder"),
    ],
)
def test_what_cannot_be_done_is_told(tmp_path, arguments, message, capsys):
    assert index.main([*arguments, "--into", str(tmp_path / "index")]) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "index").exists()
