"""Pictures: where they may come from, and what is left of them."""

from __future__ import annotations

import base64
import io

import pytest
from PIL import Image

from apps.raters.pictures import LONGEST_SIDE, data_uri, encode_picture, load_picture
from tests.apps.raters.building import picture


def opened(data):
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_format_becomes_the_same(kind):
    data = load_picture(picture((10, 200, 30), kind, note="secret"), None)
    encoded = encode_picture(data)
    assert opened(encoded).format == "JPEG"
    assert opened(encoded).size == (37, 23)
    assert b"secret" not in encoded
    assert opened(encoded).getpixel((5, 5)) == pytest.approx((10, 200, 30), abs=4)


def test_large_pictures_are_made_smaller_and_turned_upright():
    exif = Image.Exif()
    exif[0x0112] = 6
    out = io.BytesIO()
    Image.new("RGB", (1601, 401)).save(out, "JPEG", exif=exif)
    assert opened(encode_picture(out.getvalue())).size == (240, LONGEST_SIDE)


def test_names_lead_no_further_than_the_folder(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jpg").write_bytes(b"inside")
    (tmp_path / "out.jpg").write_bytes(b"outside")
    (tmp_path / "in" / "link.jpg").symlink_to(tmp_path / "out.jpg")
    assert load_picture("a.jpg", tmp_path / "in") == b"inside"
    for entry in ("../out.jpg", str(tmp_path / "out.jpg"), "link.jpg"):
        with pytest.raises(ValueError, match="beside the campaign's file"):
            load_picture(entry, tmp_path / "in")
    with pytest.raises(ValueError, match=r"no picture 'b\.jpg' in in/"):
        load_picture("b.jpg", tmp_path / "in")
    with pytest.raises(ValueError, match="only data URIs"):
        load_picture("a.jpg", None)


@pytest.mark.parametrize("entry", ["data:image/png,abc", "data:image/png;base64,###", "data:"])
def test_broken_uris(entry):
    with pytest.raises(ValueError, match="not a base64 data URI"):
        load_picture(entry, None)


@pytest.mark.parametrize("data", [b"", b"nonsense", base64.b64decode(picture((1, 2, 3)).partition(",")[2])[:60]])
def test_what_is_no_picture(data):
    with pytest.raises(ValueError, match="no readable picture"):
        encode_picture(data)


def test_as_uri():
    assert data_uri(b"\xff\xd8") == "data:image/jpeg;base64,/9g="
