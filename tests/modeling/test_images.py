"""`load_image`: a right answer or a sentence a person can act on, for every picture one may hand over."""

import ast
import io
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from modeling.card_ocr import images_card_ocr as images
from modeling.card_ocr.images_card_ocr import LONGEST_SIDE, MAX_PIXELS, load_image

FASHION = sorted(Path(__file__).parents[2].glob("modeling/*/images_fashion.py"))
H, W = 67, 83  # prime, so that swapped axes fail


@pytest.fixture
def scene() -> np.ndarray:
    """H x W x 3 with a red upper left quarter, a green upper right one, blue below; smooth enough for JPEG."""
    array = np.zeros((H, W, 3), np.uint8)
    array[: H // 2, : W // 2] = (230, 20, 20)
    array[: H // 2, W // 2 :] = (20, 230, 20)
    array[H // 2 :] = (20, 20, 230)
    return array


def close(left: np.ndarray, right: np.ndarray, tolerance: float = 12) -> bool:
    return left.shape == right.shape and float(np.abs(left.astype(int) - right.astype(int)).mean()) < tolerance


def test_rgb_array_comes_back_equal_writable_and_apart_from_the_source(scene):
    before = scene.copy()
    loaded = load_image(scene)
    assert loaded.dtype == np.uint8
    assert np.array_equal(loaded, before)
    loaded[:] = 0
    assert np.array_equal(scene, before)


@pytest.mark.parametrize("suffix", ["png", "bmp", "tif", "ppm"])
def test_lossless_files_are_exact(scene, tmp_path, suffix):
    path = tmp_path / f"card.{suffix}"
    Image.fromarray(scene).save(path)
    assert np.array_equal(load_image(path), scene)
    assert np.array_equal(load_image(str(path)), scene)


@pytest.mark.parametrize("suffix", ["jpg", "webp", "avif", "jp2"])
def test_lossy_files_are_close(scene, tmp_path, suffix):
    path = tmp_path / f"card.{suffix}"
    Image.fromarray(scene).save(path)
    assert close(load_image(path), scene)


def test_the_extension_does_not_matter(scene, tmp_path):
    path = tmp_path / "card.jpg"
    Image.fromarray(scene).save(path, format="PNG")
    assert np.array_equal(load_image(path), scene)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_undone(scene, tmp_path, orientation):
    # The stored pixels are the upright ones moved by the inverse of what the tag asks for.
    moves = {
        1: lambda a: a,
        2: lambda a: a[:, ::-1],
        3: lambda a: a[::-1, ::-1],
        4: lambda a: a[::-1],
        5: lambda a: a.transpose(1, 0, 2),
        6: lambda a: np.rot90(a, 1),
        7: lambda a: a[::-1, ::-1].transpose(1, 0, 2),
        8: lambda a: np.rot90(a, -1),
    }
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "card.png"
    Image.fromarray(np.ascontiguousarray(moves[orientation](scene))).save(path, exif=exif)
    assert np.array_equal(load_image(path), scene)
    with Image.open(path) as image:
        assert np.array_equal(load_image(image), scene)


def test_unknown_orientation_leaves_the_picture(scene, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 77
    Image.fromarray(scene).save(tmp_path / "card.png", exif=exif)
    assert np.array_equal(load_image(tmp_path / "card.png"), scene)


def test_transparency_lies_over_white(scene, tmp_path):
    alpha = np.full((H, W), 255, np.uint8)
    alpha[H // 2 :] = 0
    expected = scene.copy()
    expected[H // 2 :] = 255
    rgba = np.dstack([scene, alpha])
    Image.fromarray(rgba).save(tmp_path / "card.png")
    assert np.array_equal(load_image(tmp_path / "card.png"), expected)
    assert np.array_equal(load_image(rgba), expected)


def test_half_transparent_black_is_grey():
    rgba = np.zeros((H, W, 4), np.uint8)
    rgba[..., 3] = 128
    assert np.unique(load_image(rgba)).tolist() == [127]


def test_palette_with_a_transparent_colour(scene, tmp_path):
    paletted = Image.fromarray(scene).quantize(4)
    blue = paletted.getpixel((5, H - 5))
    paletted.save(tmp_path / "card.png", transparency=blue)
    loaded = load_image(tmp_path / "card.png")
    assert np.all(loaded[H - 5] == 255)
    assert np.abs(loaded[5, 5].astype(int) - scene[5, 5]).max() < 10


def test_grey_with_alpha_and_one_bit(tmp_path):
    grey = np.tile(np.linspace(0, 255, W).astype(np.uint8), (H, 1))
    Image.fromarray(np.dstack([grey, np.full_like(grey, 255)])).save(tmp_path / "la.png")
    assert np.array_equal(load_image(tmp_path / "la.png"), np.dstack([grey] * 3))
    Image.fromarray(grey > 127).save(tmp_path / "bit.png")
    assert np.array_equal(load_image(tmp_path / "bit.png"), np.dstack([(grey > 127).astype(np.uint8) * 255] * 3))


def test_cmyk_jpeg(scene, tmp_path):
    Image.fromarray(scene).convert("CMYK").save(tmp_path / "card.jpg", quality=95)
    assert close(load_image(tmp_path / "card.jpg"), scene)


@pytest.mark.parametrize("suffix", ["png", "tif"])
def test_sixteen_bits_are_scaled_not_clipped(tmp_path, suffix):
    deep = np.tile(np.linspace(0, 65535, W).astype(np.uint16), (H, 1))
    path = tmp_path / f"card.{suffix}"
    Image.fromarray(deep).save(path)
    loaded = load_image(path)
    expected = np.rint(deep / 257).astype(np.uint8)
    assert np.array_equal(loaded, np.dstack([expected] * 3))
    assert np.array_equal(load_image(deep), loaded)


@pytest.mark.parametrize("mode", ["I", "F"])
def test_deep_pil_modes(mode):
    grey = np.tile(np.linspace(0, 255, W).astype(np.uint8), (H, 1))
    eight_bits = Image.fromarray(grey).convert(mode)
    assert np.array_equal(load_image(eight_bits)[..., 0], grey)
    unit = Image.fromarray(grey.astype(np.float32) / 255)
    assert np.array_equal(load_image(unit)[..., 0], grey)
    sixteen = Image.fromarray(grey.astype(np.int32) * 257)
    assert np.array_equal(load_image(sixteen)[..., 0], grey)
    with pytest.raises(ValueError, match="run from"):
        load_image(Image.fromarray(grey.astype(np.int32) * 1000))
    with pytest.raises(ValueError, match="run from"):
        load_image(Image.fromarray(np.full((H, W), np.nan, np.float32)))


def test_animation_gives_its_first_frame(scene, tmp_path):
    first, second = Image.fromarray(scene), Image.fromarray(255 - scene)
    first.save(tmp_path / "card.gif", save_all=True, append_images=[second])
    assert close(load_image(tmp_path / "card.gif"), scene)


@pytest.mark.parametrize(
    ("convert", "expected"),
    [
        (lambda a: a, lambda a: a),
        (lambda a: a.astype(np.float64) / 255, lambda a: a),
        (lambda a: a.astype(np.uint16) * 257, lambda a: a),
        (lambda a: a[..., 0], lambda a: np.dstack([a[..., 0]] * 3)),
        (lambda a: a[..., :1], lambda a: np.dstack([a[..., 0]] * 3)),
        (lambda a: a[..., 0] > 99, lambda a: np.dstack([(a[..., 0] > 99).astype(np.uint8) * 255] * 3)),
        (lambda a: a[::-1, ::-1], lambda a: a[::-1, ::-1]),
    ],
    ids=["uint8", "float", "uint16", "grey", "one channel", "bool", "strided"],
)
def test_arrays(scene, convert, expected):
    assert np.array_equal(load_image(convert(scene)), expected(scene))


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.zeros((H, W, 3), np.int64), "int64"),
        (np.full((H, W), 2.0), "0 to 255 is uint8"),
        (np.full((H, W), -0.5), "0 to 255 is uint8"),
        (np.full((H, W), np.nan), "nan"),
        (np.zeros((3, H, W), np.uint8), f"3 x {H} x {W}"),
        (np.zeros((1, H, W, 3), np.uint8), f"1 x {H} x {W} x 3"),
        (np.zeros((H, W, 2), np.uint8), f"{H} x {W} x 2"),
        (np.zeros((), np.uint8), "shape"),
        (np.zeros((0, 0, 3), np.uint8), "too small"),
        (np.zeros((31, W, 3), np.uint8), "too small"),
        (np.zeros((H, 31), np.uint8), "too small"),
    ],
)
def test_arrays_that_are_no_pictures(array, said):
    with pytest.raises(ValueError, match=said):
        load_image(array)


@pytest.mark.parametrize("source", [None, 7, b"bytes", [1, 2], io.BytesIO(b"x")])
def test_other_types(source):
    with pytest.raises(ValueError, match=type(source).__name__):
        load_image(source)


def test_smallest_side_is_read(scene):
    assert load_image(scene[:32, :32]).shape == (32, 32, 3)


def make_bad_file(kind: str, folder: Path, scene: np.ndarray) -> Path:
    path = folder / "secret-folder" / "card.jpg"
    path.parent.mkdir()
    if kind == "text":
        path.write_text("not a picture, 4000 0000 0000 0002\n" * 50)
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "folder":
        path.mkdir()
    elif kind == "eps":
        Image.fromarray(scene).save(path, format="EPS")
    elif kind.startswith("half"):
        Image.fromarray(np.random.default_rng(3).integers(0, 256, (H, W, 3), np.uint8)).save(path, format=kind[5:])
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("text", "not a picture"),
        ("empty", "empty"),
        ("folder", "folder"),
        ("missing", "no picture file"),
        ("eps", "not a picture"),
        ("half JPEG", "damaged or incomplete"),
        ("half PNG", "damaged or incomplete"),
        ("half GIF", "damaged or incomplete"),
        ("half TIFF", "damaged or incomplete|not a picture"),
        ("half WEBP", "damaged or incomplete|not a picture"),
    ],
)
def test_bad_files_give_a_sentence_without_the_folder(kind, said, scene, tmp_path):
    with pytest.raises(ValueError, match=said) as caught:
        load_image(make_bad_file(kind, tmp_path, scene))
    assert "secret-folder" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("name", ["x" * 5000, "nul\0byte.jpg", "", "/dev/zero"])
def test_strange_paths(name):
    with pytest.raises(ValueError, match=r"\.$"):
        load_image(name)


def test_a_pixel_bomb_is_refused_by_its_header(tmp_path):
    side = int(MAX_PIXELS**0.5) + 1
    Image.new("1", (side, side)).save(tmp_path / "bomb.png")
    start = time.perf_counter()
    with pytest.raises(ValueError, match=f"{side} x {side}.*52 million"):
        load_image(tmp_path / "bomb.png")
    assert time.perf_counter() - start < 0.2


def test_a_bomb_that_pillow_itself_refuses(tmp_path):
    Image.new("1", (20_000, 20_000)).save(tmp_path / "bomb.png")
    with pytest.raises(ValueError, match="52 million"):
        load_image(tmp_path / "bomb.png")


def test_a_large_array_is_refused_without_a_copy():
    with pytest.raises(ValueError, match="52 million"):
        load_image(np.broadcast_to(np.uint8(0), (20_000, 20_000, 3)))


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_twenty_thousand_pixels_wide(tmp_path, suffix):
    wide = np.zeros((1500, 20_000, 3), np.uint8)
    wide[:, :10_000] = 255
    path = tmp_path / f"wide.{suffix}"
    Image.fromarray(wide).save(path)
    start = time.perf_counter()
    loaded = load_image(path)
    assert time.perf_counter() - start < 5
    assert loaded.shape == (192, LONGEST_SIDE, 3)
    assert loaded[:, 100].min() == 255
    assert loaded[:, -100].max() == 0


def test_a_sliver_is_refused(tmp_path):
    Image.new("RGB", (20_000, 100)).save(tmp_path / "sliver.png")
    with pytest.raises(ValueError, match="long and narrow"):
        load_image(tmp_path / "sliver.png")


def test_large_pictures_are_shrunk_and_small_ones_left_alone(tmp_path):
    Image.new("RGB", (4000, 3000)).save(tmp_path / "phone.jpg")
    assert load_image(tmp_path / "phone.jpg").shape == (1920, LONGEST_SIDE, 3)
    assert load_image(np.zeros((LONGEST_SIDE, 50, 3), np.uint8)).shape == (LONGEST_SIDE, 50, 3)


def test_a_large_rotated_jpeg_keeps_its_orientation(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (6000, 3000)).save(tmp_path / "phone.jpg", exif=exif)
    assert load_image(tmp_path / "phone.jpg").shape == (LONGEST_SIDE, 1280, 3)


def test_the_callers_image_is_not_changed(scene):
    image = Image.fromarray(np.dstack([scene, np.full((H, W), 9, np.uint8)]))
    before = image.tobytes()
    load_image(image)
    assert image.mode == "RGBA"
    assert image.tobytes() == before


@pytest.mark.parametrize("name", ["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"])
def test_corrupted_bytes_never_raise_anything_else(name, scene, tmp_path):
    """Property: whatever bytes are damaged, the answer is an array or a ValueError."""
    buffer = io.BytesIO()
    Image.fromarray(scene).save(buffer, format=name)
    rng = np.random.default_rng(11)
    refused = 0
    for _ in range(60):
        data = bytearray(buffer.getvalue())
        for place in rng.integers(0, min(len(data), 400), 6):
            data[place] = rng.integers(0, 256)
        (tmp_path / "card.jpg").write_bytes(data)
        try:
            assert load_image(tmp_path / "card.jpg").ndim == 3
        except ValueError:
            refused += 1
    assert refused > 0


def test_formats_are_those_pillow_has_here():
    Image.init()
    assert {"JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"} <= set(images._FORMATS) & set(Image.OPEN)


def test_every_fashion_part_has_the_same_loader():
    assert len(FASHION) == 4
    assert len({path.read_bytes() for path in FASHION}) == 1


def test_the_fashion_loader_is_the_card_reader_s_but_for_its_words():
    """What is tested above holds for it too: the code between the sentences is the same."""

    def code(path: Path) -> str:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                node.value = ""
        return ast.dump(tree)

    assert code(FASHION[0]) == code(Path(images.__file__))
