"""Training of the garment detector: losses against naive loops, views, flat lays, and a toy problem it must learn."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from modeling.fashion_detector import FashionDetectorConfig, FashionDetectorModel
from modeling.fashion_detector.boxes_fashion_detector import overlaps
from training.fashion import export_detector, train_detector
from training.fashion.cutouts import Cutout, cut_all, white_mask
from training.fashion.detection_scores import average_precision, find_all
from training.fashion.detector_losses import match_anchors, sample_regions
from training.fashion.detector_views import FRAME, Views, view
from training.fashion.flat_sources import flat_sources
from training.fashion.flatlays import flat_lay, lay_photos
from training.fashion.street import Photo, divide, photos_sha256, read_photos, repeated
from training.loop import LoopConfig

CLASSES = ("bag", "hat", "tie")


def _photo(folder: Path, name: str, boxes, labels, seed: int = 0, size=(192, 128)) -> Photo:
    """Noise with a filled garment of its class's colour in every box."""
    picture = np.random.default_rng(seed).integers(90, 160, (*size, 3), dtype=np.uint8)
    for (x0, y0, x1, y1), label in zip(boxes, labels, strict=True):
        picture[y0:y1, x0:x1] = [(230, 40, 40), (30, 200, 60), (40, 60, 230)][label]
    cv2.imwrite(str(folder / name), picture)
    return Photo(folder / name, np.array(boxes, np.float32).reshape(-1, 4), np.array(labels, np.int64))


def _coco(folder: Path, photos: list[Photo], name: str = "train.json", classes=CLASSES) -> Path:
    annotations = []
    for image, photo in enumerate(photos):
        for label, (x0, y0, x1, y1) in zip(photo.labels.tolist(), photo.boxes.tolist(), strict=True):
            box = [x0, y0, x1 - x0, y1 - y0]
            annotations.append({"image_id": image, "category_id": label + 1, "bbox": box})
    images = [{"id": i, "file_name": photo.path.name} for i, photo in enumerate(photos)]
    categories = [{"id": k + 1, "name": name} for k, name in enumerate(classes)]
    data = {"images": images, "annotations": annotations, "categories": categories}
    (folder / name).write_text(json.dumps(data))
    return folder / name


def test_coco_files_come_back(tmp_path):
    photos = [_photo(tmp_path, "a.png", [(3, 5, 40, 60)], [2]), _photo(tmp_path, "b.png", [], [])]
    got = read_photos(_coco(tmp_path, photos), CLASSES)
    assert [photo.path for photo in got] == [photo.path for photo in photos]
    np.testing.assert_allclose(got[0].boxes, [[3, 5, 40, 60]])
    assert got[0].labels.tolist() == [2]
    assert got[1].boxes.shape == (0, 4)
    assert photos_sha256(got) == photos_sha256(photos)
    assert photos_sha256(got[:1]) != photos_sha256(got)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda p: p.write_text("{"), "COCO"),
        (lambda p: p.write_text(json.dumps({"images": []})), "COCO"),
        (lambda p: (p.parent / "a.png").unlink(), "1 pictures that are missing"),
    ],
)
def test_files_that_cannot_be_used_are_named(tmp_path, damage, said):
    path = _coco(tmp_path, [_photo(tmp_path, "a.png", [(3, 5, 40, 60)], [2])])
    damage(path)
    with pytest.raises(ValueError, match=said):
        read_photos(path, CLASSES)


def test_unknown_classes_are_named(tmp_path):
    path = _coco(tmp_path, [_photo(tmp_path, "a.png", [], [])])
    with pytest.raises(ValueError, match="unknown here: tie"):
        read_photos(path, CLASSES[:2])


def test_development_photos_depend_on_the_name_only():
    photos = [Photo(Path(f"{i}.jpg"), np.zeros((0, 4)), np.zeros(0)) for i in range(500)]
    first, second = divide(photos)
    assert len(first) + len(second) == 500
    assert 20 <= len(second) <= 70
    assert divide(photos[::-1])[1] == second[::-1]


def test_anchors_match_as_a_loop_would():
    torch.manual_seed(4)
    anchors = torch.rand(211, 4) * 50
    anchors[:, 2:] += anchors[:, :2] + 4
    boxes = torch.tensor([[5.0, 5, 40, 30], [60, 60, 64, 64], [10, 8, 44, 33]])
    matched, overlap = match_anchors(anchors, boxes), overlaps(anchors, boxes)
    for index, row in enumerate(overlap.tolist()):
        best = max(range(3), key=lambda g: row[g])
        nearest = [g for g in range(3) if row[g] >= overlap[:, g].max() - 1e-4]
        if nearest:
            assert matched[index] in nearest
        elif row[best] >= 0.5:
            assert matched[index] == best
        else:
            assert matched[index] == (-2 if row[best] >= 0.3 else -1)
    assert set(range(3)) <= set(matched.tolist())  # no garment goes without
    assert (match_anchors(anchors, torch.zeros(0, 4)) == -1).all()


def test_sampled_regions_have_the_class_of_what_they_cover():
    torch.manual_seed(5)
    boxes, labels = torch.tensor([[0.0, 0, 40, 40], [50, 50, 90, 90]]), torch.tensor([1, 2])
    regions = torch.tensor([[1.0, 1, 41, 41], [52, 48, 92, 88], [0, 60, 30, 90]])
    got, classes, targets = sample_regions(regions, boxes, labels)
    named = {tuple(box): k for box, k in zip(got.tolist(), classes.tolist(), strict=True)}
    assert named[1, 1, 41, 41] == 2
    assert named[52, 48, 92, 88] == 3
    assert named[0, 60, 30, 90] == 0
    assert named[0, 0, 40, 40] == 2  # the garments themselves are among the samples
    assert torch.isfinite(targets).all()
    nothing = sample_regions(regions, boxes[:0], labels[:0])
    assert (nothing[1] == 0).all()


def test_average_precision_golden(tmp_path):
    photos = [_photo(tmp_path, "a.png", [(0, 0, 40, 40), (60, 60, 90, 90)], [0, 1]), _photo(tmp_path, "b.png", [], [])]
    right = [("bag", 0.9, (0, 0, 40, 40)), ("hat", 0.8, (60, 60, 90, 90))]
    scores = average_precision(photos, [right, []], CLASSES)
    assert (scores["ap"], scores["ap50"]) == (pytest.approx(1), pytest.approx(1))
    assert set(scores["classes"]) == {"bag", "hat"}  # a class that does not occur has no average
    false_first = average_precision(photos, [right, [("bag", 0.95, (0, 0, 9, 9))]], CLASSES)
    assert false_first["classes"]["bag"]["ap50"] == pytest.approx(0.5)
    loose = average_precision(photos, [[("bag", 0.9, (0, 0, 40, 26))], []], CLASSES)  # IoU 0.65
    assert (loose["classes"]["bag"]["ap50"], loose["classes"]["bag"]["ap75"]) == (pytest.approx(1), 0)
    assert average_precision(photos, [[], []], CLASSES)["ap50"] == 0


@pytest.mark.parametrize("seed", range(7))
def test_a_view_moves_boxes_with_what_is_in_them(tmp_path, seed):
    boxes = np.array([[60, 90, 180, 240], [200, 300, 290, 420]], np.float32)
    picture = np.full((480, 320, 3), 40, np.uint8)
    for x0, y0, x1, y1 in boxes.astype(int):
        picture[y0:y1, x0:x1] = 220
    frame, moved, kept = view(picture, boxes, np.random.default_rng(seed))
    assert frame.shape == (*FRAME, 3)
    assert len(moved) == len(kept)
    grey = frame.mean(2)
    for x0, y0, x1, y1 in moved.round().astype(int):
        inner = grey[y0 + 4 : y1 - 4, x0 + 4 : x1 - 4]
        assert inner.min() > grey[grey < 200].mean() if inner.size else True
        assert 0 <= x0 < x1 <= FRAME[1]
        assert 0 <= y0 < y1 <= FRAME[0]


def test_products_on_white_are_cut_out(tmp_path):
    picture = np.full((90, 70, 3), 255, np.uint8)
    cv2.ellipse(picture, (35, 45), (20, 30), 0, 0, 360, (60, 30, 120), -1)
    picture[40:50, 30:40] = 255  # white inside the product stays the product's
    solid = white_mask(picture) > 127
    assert solid[45, 35]
    assert not solid[2, 2]
    cv2.imwrite(str(tmp_path / "bag.png"), picture)
    (tmp_path / "broken.jpg").write_text("no")
    (cutout,) = cut_all([(tmp_path / "bag.png", "bag", True), (tmp_path / "broken.jpg", "bag", True)])
    assert cutout.picture.shape[:2] == cutout.mask.shape
    assert abs(cutout.mask.shape[0] - 61) <= 3


def test_flat_lays_have_the_boxes_of_what_was_laid():
    rng = np.random.default_rng(3)
    cutouts = [
        Cutout(np.full((53, 31, 3), value, np.uint8), np.full((53, 31), 255, np.uint8), name)
        for name, value in (("bag", 10), ("hat", 250))
    ]
    counts = []
    for _ in range(11):
        picture, boxes, names = flat_lay(cutouts, rng)
        counts.append(len(names))
        assert picture.dtype == np.uint8
        assert len(boxes) == len(names)
        for (x0, y0, x1, y1), name in zip(boxes.round().astype(int), names, strict=True):
            middle = picture[(y0 + y1) // 2, (x0 + x1) // 2].mean()
            assert middle < 60 if name == "bag" else middle > 150
    assert max(counts) > 2


def test_flat_lays_are_the_same_however_many_follow(tmp_path):
    cutouts = [Cutout(np.full((53, 31, 3), 10, np.uint8), np.full((53, 31), 255, np.uint8), "bag")]
    few, many = tmp_path / "few", tmp_path / "many"
    for folder, count in ((few, 2), (many, 5)):
        folder.mkdir()
        photos = lay_photos(folder, cutouts, CLASSES, count, seed=5)
        assert [photo.path for photo in photos] == sorted(folder.iterdir())
        assert all((photo.labels == CLASSES.index("bag")).all() and len(photo.boxes) for photo in photos)
    for path in sorted(few.iterdir()):
        assert path.read_bytes() == (many / path.name).read_bytes()


@pytest.mark.parametrize(("split", "expected"), [
    ("train", ["train.jpg", "1.jpg"]), ("validation", ["validation.jpg", "2.jpg"]), ("test", ["test.jpg", "3.jpg"]),
])  # fmt: skip
def test_flat_lays_are_made_of_one_split(tmp_path, split, expected):
    """The catalogue calls validation "val"."""
    for name in ("train", "validation", "test"):
        (tmp_path / "garments" / name / "dress").mkdir(parents=True)
        (tmp_path / "garments" / name / "dress" / f"{name}.jpg").touch()
    (tmp_path / "products").mkdir()
    rows = [f"{number}.jpg,Belts,{name}" for number, name in enumerate(("train", "val", "test"), 1)]
    (tmp_path / "products" / "products.csv").write_text("\n".join(["path,articleType,split", *rows, "4.jpg,Jeans,val"]))
    found = flat_sources(tmp_path / "garments", tmp_path / "products", 100, 3, split)
    assert sorted(path.name for path, _, _ in found) == sorted(expected)
    assert {(garment, white) for _, garment, white in found} == {("dress", False), ("belt", True)}


def _toy(folder: Path, count: int, seed: int) -> list[Photo]:
    rng = np.random.default_rng(seed)
    photos = []
    for index in range(count):
        label = int(rng.integers(2))
        width, height = (56, 34) if label else (38, 66)
        x, y = int(rng.integers(0, 128 - width)), int(rng.integers(0, 128 - height))
        box = x, y, x + width, y + height
        photos.append(_photo(folder, f"{seed}-{index}.png", [box], [label], seed=index, size=(128, 128)))
    return photos


def _calibrate(backbone: torch.nn.Module, photos: list[Photo]) -> None:
    """Gives the normalisations of an untrained backbone the statistics they would have after training."""
    pictures = torch.from_numpy(np.stack([cv2.imread(str(photo.path)) for photo in photos])).permute(0, 3, 1, 2)
    for module in backbone.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = None
    with torch.no_grad():
        backbone.train()(backbone.start(pictures.float()))
    backbone.eval()


def test_the_detector_learns_a_toy_problem(tmp_path):
    """Two kinds of coloured blocks on noise, from nothing: most are found where they are."""
    torch.manual_seed(1)
    model = FashionDetectorModel(FashionDetectorConfig(frame_side=128, classes=CLASSES[:2]))
    photos, held_out = _toy(tmp_path, 32, 1), _toy(tmp_path, 12, 2)
    _calibrate(model.backbone, photos)
    views = Views(photos, (), 0, CLASSES[:2], model.backbone, variants=2, size=(128, 128))
    loop = LoopConfig(
        output_dir=tmp_path / "run", max_steps=80, learning_rate=2e-3, warmup_steps=10, metric_name="ap50",
        greater_is_better=True, progress_bar=False, cpu=True, eval_every=80,
    )  # fmt: skip
    before = average_precision(held_out, find_all(model.eval().detect, held_out, [None] * 12, 0.03), CLASSES)["ap50"]
    summary = train_detector.train_detector(model, views, held_out, loop, batch_size=4)
    assert before < 0.2
    assert summary.best_score > 0.6


def _exported(folder: Path) -> dict:
    """What export reports of folder/run, thresholds chosen on one photograph and one flat lay of a bag on white."""
    (folder / "products").mkdir()
    bag = np.full((90, 70, 3), 255, np.uint8)
    cv2.ellipse(bag, (35, 45), (20, 30), 0, 0, 360, (60, 30, 120), -1)
    cv2.imwrite(str(folder / "products" / "bag.png"), bag)
    (folder / "products" / "products.csv").write_text("path,articleType,split\nbag.png,Handbags,val\n")
    sources = ["--street", str(folder), "--garments", str(folder / "none"), "--products", str(folder / "products")]
    export_detector.main([*sources, "--run", str(folder / "run"), "--out", str(folder / "card"), "--limit", "1"])
    return json.loads((folder / "card" / "thresholds.json").read_text())


def test_one_tiny_epoch_of_the_script(tmp_path):
    photos = _toy(tmp_path, 40, 3)
    names = FashionDetectorConfig().classes
    _coco(tmp_path, photos, classes=(names[0], names[1], names[2]))
    common = ["--street", str(tmp_path), "--out", str(tmp_path / "run"), "--scratch", "--limit", "4", "--variants", "1"]
    train_detector.main([*common, "--batch-size", "2", "--steps", "2", "--eval-every", "2", "--lays", "0"])
    model = FashionDetectorModel.from_pretrained(tmp_path / "run" / "model").eval()
    assert model.detect(photos[0].path, threshold=0.0)
    report = _exported(tmp_path)
    assert (report["photos"], report["lays"]) == (1, 1)
    published = FashionDetectorModel.from_pretrained(tmp_path / "card")
    assert published.config.threshold == report["threshold"] >= published.config.guided_threshold
    assert published.config.folded
    again = ["--street", str(tmp_path), "--out", str(tmp_path / "further"), "--limit", "4", "--variants", "1"]
    again += ["--start", str(tmp_path / "run" / "model"), "--rare", "0.5", "--lays", "0", "--batch-size", "2"]
    train_detector.main([*again, "--steps", "1", "--eval-every", "1"])
    further = FashionDetectorModel.from_pretrained(tmp_path / "further" / "model").state_dict()
    # One step of warm-up moves weights a little; from a new start they would be others altogether.
    differences = [
        (weight - further[name]).abs().max() for name, weight in model.state_dict().items() if weight.numel()
    ]
    assert 0 < max(differences) < 0.01


def test_a_published_model_is_nothing_to_go_on_from(tmp_path):
    model = FashionDetectorModel(FashionDetectorConfig(classes=CLASSES[:2]))
    model.fold()
    model.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="published model"):
        train_detector.beginning(tmp_path, scratch=False)


def test_photographs_of_rare_garments_are_repeated():
    """Of ten photographs one shows a tie: seen by a tenth, below the share of 0.4, so it counts sqrt(4) = 2 times."""
    photos = [
        Photo(Path(f"{k}.jpg"), np.zeros((len(labels), 4), np.float32), np.array(labels, np.int64))
        for k, labels in enumerate([[0], [0, 1], [0], [0, 0], [0], [0], [0], [0], [0], []])
    ]
    assert [photo.path.stem for photo in repeated(photos, 0.4)] == ["0", "1", "1", *"23456789"]
    assert repeated(photos, 0.0) == photos
