"""The compact reader: folding, code books, packing, export, and the scripts that make and judge it."""

from __future__ import annotations

import json
import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from modeling.card_ocr import CardOcrConfig, CardOcrModel
from modeling.card_ocr.compact_card_ocr import pack, unpack
from modeling.card_ocr.engine_card_ocr import OnnxNetwork
from training.card_ocr.codebooks import cluster, settle, share_weights
from training.card_ocr.export_onnx import export
from training.card_ocr.folding import folded
from training.card_ocr.measures import lost
from training.card_ocr.render import draw, render

BASE = Path("hub_cards/planet-card-ocr")
SMALL = {"detector_channels": [2, 3, 5, 7, 11], "recogniser_channels": [3, 5, 7, 11, 13]}


@pytest.fixture
def small() -> CardOcrModel:
    """A tiny reader whose normalisations have seen something, so that folding them matters."""
    torch.manual_seed(3)
    model = CardOcrModel(CardOcrConfig(**SMALL)).train()
    for _ in range(3):
        model(frames=torch.rand(2, 1, 64, 96) * 255, bands=torch.rand(2, 1, 32, 52) * 255)
    return model.eval()


def outputs(model: CardOcrModel) -> list[torch.Tensor]:
    rng = torch.Generator().manual_seed(5)
    pixels = {"frames": (1, 1, 96, 160), "bands": (1, 1, 32, 76)}
    with torch.no_grad():
        found = model(**{name: torch.rand(shape, generator=rng) * 255 for name, shape in pixels.items()})
    return [found[name] for name in ("maps", "logits", "extents")]


def compacted(model: CardOcrModel, bits: int) -> CardOcrModel:
    plain = folded(model)
    for network in (plain.detector, plain.recogniser):
        share_weights(network, bits)
    return settle(plain, {"detector": bits, "recogniser": bits})


def test_folding_changes_nothing(small):
    plain = folded(small)
    assert not any(isinstance(module, torch.nn.BatchNorm2d) for module in plain.modules())
    for before, after in zip(outputs(small), outputs(plain), strict=True):
        torch.testing.assert_close(before, after, atol=1e-4, rtol=1e-4)


def test_clusters_of_well_apart_weights_are_found():
    centres = torch.tensor([-1.0, -0.2, 0.3, 2.0])
    rng = torch.Generator().manual_seed(2)
    weight = centres[torch.randint(4, (5, 7, 3, 3), generator=rng)] + 0.01 * torch.randn(5, 7, 3, 3, generator=rng)
    book = cluster(weight, bits=2)
    shared = book(book.right_inverse(weight))
    assert len(shared.unique()) == 4
    assert (shared - weight).abs().max() < 0.05


def test_pruned_weights_are_zero_and_stay_so():
    weight = torch.randn(11, 5, 3, 3, generator=torch.Generator().manual_seed(4))
    book = cluster(weight, bits=4, pruned=0.4)
    values = book.right_inverse(weight).requires_grad_()
    shared = book(values)
    assert len(shared.unique()) == 16
    assert ((shared == 0).float().mean() - 0.4).abs() < 0.01
    shared.square().sum().backward()
    assert values.grad[book.zero] == 0
    assert (values.grad != 0).sum() == 15


def test_gradients_of_shared_weights_add_up():
    weight = torch.tensor([[[[0.0, 1.0, 1.0]]]])
    book = cluster(weight, bits=1)
    values = book.right_inverse(weight).requires_grad_()
    (book(values) * torch.tensor([3.0, 5.0, 7.0])).sum().backward()
    assert sorted(values.grad.tolist()) == [3.0, 12.0]


@pytest.mark.parametrize("bits", [3, 5, 8])
def test_a_compact_model_is_saved_and_loaded_without_loss(small, tmp_path, bits):
    model = compacted(small, bits)
    model.save_pretrained(tmp_path)
    again = CardOcrModel.from_pretrained(tmp_path).eval()
    assert again.config.compression == {"detector": bits, "recogniser": bits}
    for name, value in model.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name
    again.save_pretrained(tmp_path / "again")
    assert (tmp_path / "again" / "model.safetensors").read_bytes() == (tmp_path / "model.safetensors").read_bytes()


def test_fewer_bits_are_fewer_bytes(tmp_path):
    model = CardOcrModel.from_pretrained(BASE)
    sizes = []
    for bits in (4, 3):
        compacted(model, bits).save_pretrained(tmp_path / str(bits))
        sizes.append((tmp_path / str(bits) / "model.safetensors").stat().st_size)
    weights = sum(each.weight.numel() for each in model.modules() if isinstance(each, nn.Conv2d))
    assert sizes[1] < sizes[0] < 4 / 8 * weights


def test_what_does_not_fit_a_code_book_is_said(small):
    plain = folded(small)
    plain.recogniser.features[0][0].weight.data = torch.linspace(0, 1, 27).view(3, 1, 3, 3)
    with pytest.raises(ValueError, match="half precision"):
        pack({"a": torch.tensor([[0.1, 0.2]])})
    with pytest.raises(ValueError, match="300 values"):
        pack({"a": torch.arange(300.0)[None]})


@pytest.mark.parametrize("damage", ["cut", "codes", "missing", "other"])
def test_damaged_compact_weights_are_refused(small, tmp_path, damage):
    compacted(small, 3).save_pretrained(tmp_path)
    path = tmp_path / "model.safetensors"
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-100])
    else:
        from safetensors.torch import load_file, save_file

        tensors = load_file(path)
        name = next(name for name in tensors if name.endswith(".codes") and tensors[name].numel() > 20)
        if damage == "codes":
            tensors[name] = tensors[name][:-9].clone()
        elif damage == "missing":
            del tensors[name]
        else:
            tensors[name.removesuffix("codes") + "book"] = torch.zeros(1, dtype=torch.float16)
        save_file(tensors, path, metadata={"format": "pt"})
    with pytest.raises(ValueError, match=r"damaged|do not fit"):
        CardOcrModel.from_pretrained(tmp_path)


def test_unpacked_shapes_are_checked():
    packed = pack({"a": torch.tensor([[1.0, 2.0, 1.0]]), "b": torch.ones(2)})
    assert torch.equal(unpack(packed, {"a": (1, 3), "b": (2,)})["a"], torch.tensor([[1.0, 2.0, 1.0]]))
    with pytest.raises(ValueError, match="do not fit this model at a"):
        unpack(packed, {"a": (2, 3)})


def test_onnx_answers_as_pytorch_does_at_any_size(small, tmp_path):
    paths = export(small, tmp_path)
    for network, shapes in {"detector": [(64, 96), (160, 32)], "recogniser": [(32, 52), (32, 404)]}.items():
        session = OnnxNetwork(paths[network], threads=1)
        session = pickle.loads(pickle.dumps(session))
        for shape in shapes:
            pixels = torch.rand(1, 1, *shape) * 255
            with torch.no_grad():
                wanted = getattr(small, network)(pixels)
            for one, other in zip(
                *(x if isinstance(x, tuple) else (x,) for x in (wanted, session(pixels))), strict=True
            ):
                torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)


def test_code_books_stay_code_books_in_onnx(small, tmp_path):
    compact = compacted(small, 3)
    paths = export(compact, tmp_path / "books")
    pixels = torch.rand(1, 1, 32, 64) * 255
    with torch.no_grad():
        wanted = compact.recogniser(pixels)
    for one, other in zip(wanted, OnnxNetwork(paths["recogniser"], threads=1)(pixels), strict=True):
        torch.testing.assert_close(one, other, atol=1e-3, rtol=1e-3)
    plain = export(compact, tmp_path / "plain", on_code_books=False)
    for network, path in paths.items():
        assert path.stat().st_size < 0.6 * plain[network].stat().st_size
    with pytest.raises(ValueError, match="different weights"):
        export(CardOcrModel.from_pretrained(BASE), tmp_path / "full", on_code_books=True)


def test_the_engine_is_a_matter_of_configuration(tmp_path):
    model = CardOcrModel.from_pretrained(BASE).eval()
    model.save_pretrained(tmp_path)
    export(model, tmp_path)
    engine = CardOcrModel.from_pretrained(tmp_path, engine="onnxruntime").eval()
    kinds = ("flat", "embossed", "scene", "odd", "negative", "bad_checksum")
    for index, kind in enumerate(kinds):
        picture = draw("validation", 40 + index, kind)[1].picture
        mine, theirs = engine.read(picture), model.read(picture)
        assert (mine.raw, mine.reason, mine.groups) == (theirs.raw, theirs.reason, theirs.groups)
        assert mine.confidence == pytest.approx(theirs.confidence, abs=1e-3)
    with pytest.raises(ValueError, match="engine must be one of"):
        CardOcrConfig(engine="abacus")
    (tmp_path / "detector.onnx").write_bytes(b"not a network")
    with pytest.raises(ValueError, match=r"detector\.onnx is not a network"):
        CardOcrModel.from_pretrained(tmp_path, engine="onnxruntime")
    (tmp_path / "detector.onnx").unlink()
    with pytest.raises(OSError, match=r"detector\.onnx"):
        CardOcrModel.from_pretrained(tmp_path, engine="onnxruntime")


def test_loss_of_exact_cards_is_paired():
    before = np.array([True] * 90 + [False] * 10)
    after = before.copy()
    assert lost(before, after, seed=1) == {"value": 0.0, "ci95": [0.0, 0.0], "n": 100}
    after[:5] = False
    found = lost(before, after, seed=1)
    assert found["value"] == 0.05
    assert 0 < found["ci95"][0] < 0.05 < found["ci95"][1] < 0.15


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_tiny_epoch_from_code_books_to_results(tmp_path):
    data, card = tmp_path / "data", tmp_path / "planet-card-ocr-compact"
    for split, count in (("train", 16), ("validation", 14), ("test", 14)):
        render(data / split, split, count)
    run(
        "training.card_ocr.compress", "--data", str(data), "--out", str(card), "--runs", str(tmp_path / "runs"),
        "--detector-bits", "3", "--recogniser-bits", "3", "--detector-steps", "1", "--recogniser-steps", "2",
        "--batch-size", "4", "--workers", "0", "--processes", "1", "--teacher", str(BASE),
    )  # fmt: skip
    int8 = tmp_path / "int8"
    run(
        "training.card_ocr.export_onnx", str(card), "--int8", "--out", str(int8), "--data", str(data / "train"),
        "--calibration", "3",
    )  # fmt: skip
    run("training.card_ocr.export_onnx", str(card), "--out", str(card))
    point = shutil.copytree(card, tmp_path / "3 bits")
    run(
        "training.card_ocr.evaluate_compact", "--data", str(data / "test"), "--card", str(card), "--processes", "1",
        "--points", str(point), "--points-limit", "5", "--timed", "1", "--precisions", str(BASE),
        "--int8", str(int8),
    )  # fmt: skip
    results = json.loads((card / "results.json").read_text())
    assert results["model"] == "planet-card-ocr-compact"
    assert {"weights", "exact_loss", "onnx_same", "int8_same", "int8_ms"} <= {row["key"] for row in results["headline"]}
    assert set(results["figures"]["points"]) == {"3 bits", "double", "single", "half", "published"}
    assert results["figures"]["onnx"]["same_digits"]["value"] == 1.0
    assert results["figures"]["speed"]["torch"]["times_faster"] == 1.0
    assert (card / "size_accuracy.png").stat().st_size > 5_000
