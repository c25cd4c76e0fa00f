"""Targets, losses and augmentation; both networks learn a toy; one tiny epoch of every script."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from modeling.card_ocr import CardOcrConfig, CardOcrModel
from modeling.card_ocr.geometry_card_ocr import NumberLine
from modeling.card_ocr.recogniser_card_ocr import BLANK, DigitRecogniser, read_digits
from training.card_ocr.ablate import continued
from training.card_ocr.augment import AUGMENTATIONS, DECK, check_augmentations, jitter, reshape, tone
from training.card_ocr.bands import EITHER, BandWindows, Strip, cut_strip, plain_band, step_targets
from training.card_ocr.folding import normalised_layers
from training.card_ocr.frames import grid_targets
from training.card_ocr.losses import detector_loss, distillation_loss, recogniser_loss
from training.card_ocr.narrowing import keep_strongest
from training.card_ocr.own import align
from training.card_ocr.photos import line_of, read_photographs
from training.card_ocr.printing import lay_out
from training.card_ocr.render import render
from training.card_ocr.strokes import STROKE_FACES
from training.card_ocr.train import parse, resized


class TestAugmentation:
    def test_the_decks_five_can_be_switched_one_by_one(self):
        assert set(DECK) <= set(AUGMENTATIONS)
        with pytest.raises(ValueError, match="Unknown augmentation 'flip'"):
            check_augmentations(["scale", "flip"])

    def test_off_means_untouched(self):
        rng = np.random.default_rng(1)
        np.testing.assert_array_equal(jitter(rng, (), 5, 0.2, 9, 0.1), np.eye(2, 3))
        grey = np.random.default_rng(2).integers(0, 256, (7, 11)).astype(np.uint8)
        np.testing.assert_array_equal(tone(rng, grey, (), 20), grey)

    @pytest.mark.parametrize("name", ["contrast", "blur", "noise", "inversion", "shade"])
    def test_each_tone_changes_the_picture_and_stays_in_range(self, name):
        grey = np.random.default_rng(2).integers(60, 196, (32, 64)).astype(np.uint8)
        changed = [tone(np.random.default_rng(seed), grey, (name,), 20) for seed in range(20)]
        assert any(np.abs(c - grey).max() > 1 for c in changed)
        assert min(c.min() for c in changed) >= 0
        assert max(c.max() for c in changed) <= 255

    @pytest.mark.parametrize("name", ["elastic", "weight"])
    def test_each_reshaping_changes_the_picture(self, name):
        grey = np.random.default_rng(2).integers(60, 196, (32, 64)).astype(np.uint8)
        changed = [reshape(np.random.default_rng(seed), grey, (name,), 20) for seed in range(20)]
        assert any((c != grey).any() for c in changed)
        assert all(c.shape == grey.shape and c.dtype == np.uint8 for c in changed)

    def test_tiny_digits_do_not_break_the_blur(self):
        for seed in range(50):
            tone(np.random.default_rng(seed), np.zeros((9, 9), np.uint8), AUGMENTATIONS, 0.5)


class TestTargets:
    def test_steps_show_digits_borders_and_nothing(self):
        classes, extents = step_targets(np.array([[8.0, 20.0], [24.0, 36.0]]), np.array([7, 7]), 24)
        centres = (np.arange(24) + 0.5) * 2
        assert set(classes[np.abs(centres - 14) < 2]) == {7}
        assert classes[centres == 23].tolist() == [BLANK]  # between two equal digits
        assert set(classes[centres > 38]) == {BLANK}
        assert EITHER + 7 in classes
        at = int(np.flatnonzero(centres == 13)[0])
        assert extents[at].tolist() == [5.0, 7.0]

    def test_reading_perfect_steps_gives_the_number(self):
        spans = np.array([[10.0 + 9 * i, 15.0 + 9 * i] for i in range(16)])  # as narrow as print gets
        values = np.array([1, 1, 1, 7, 7, 1, 1, 0, 0, 0, 1, 1, 4, 1, 1, 1])
        classes, _ = step_targets(spans, values, 100)
        logits = 8 * F.one_hot(torch.from_numpy(np.where(classes >= EITHER, BLANK, classes)), 11).float()
        assert [d.value for d in read_digits(logits, torch.ones(100, 2), 1.0)[0]] == values.tolist()

    def test_the_grid_points_at_the_line(self):
        line = NumberLine((100.0, 203.0), (420.0, 243.0), 24.0, 30.0)
        maps = grid_targets([line])
        rows, columns = np.nonzero(maps[0] == 1)
        points = np.stack([(columns + 0.5) * 8, (rows + 0.5) * 8], 1) + 8 * maps[1:3, rows, columns].T
        slope = (points[:, 1] - 203) - (points[:, 0] - 100) * 40 / 320
        assert np.abs(slope).max() < 0.01
        assert 24 <= 8 * np.exp(maps[3, rows, columns]).min() <= 30.01

    def test_a_line_of_a_tilted_quad_measures_across(self):
        turn = np.radians(15)
        axes = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
        quad = np.array([[0, -10], [200, -10], [200, 10], [0, 10]]) @ axes + 100
        line = line_of(quad)
        assert line.height == pytest.approx(20)
        assert line.angle == pytest.approx(15)


class TestLosses:
    def test_recogniser_loss_allows_either_but_no_third(self):
        torch.manual_seed(0)
        logits, extents = torch.randn(2, 5, 11), torch.rand(2, 5, 2)
        classes = torch.tensor([[3, EITHER + 3, BLANK, 1, EITHER + 1], [BLANK, BLANK, 2, EITHER + 9, 9]])
        wanted = torch.rand(2, 5, 2)
        loss, numbers = recogniser_loss(logits, extents, classes, wanted)
        terms = []
        for step, target in zip(logits.flatten(0, 1).softmax(-1).tolist(), classes.flatten().tolist(), strict=True):
            terms.append(step[target] if target < EITHER else step[target - EITHER] + step[BLANK])
        assert numbers["entropy"] == pytest.approx(-np.log(terms).mean(), rel=1e-5)
        assert loss > numbers["entropy"]

    def test_detector_loss_is_small_only_when_right(self):
        targets = torch.from_numpy(grid_targets([NumberLine((100.0, 200.0), (400.0, 210.0), 24.0, 24.0)]))[None]
        right = targets.clone()
        right[:, 0] = torch.where(targets[:, 0] == 1, 9.0, -9.0)
        shifted = right.roll(9, 2)
        assert detector_loss(right, targets)[0] < 0.1 < detector_loss(shifted, targets)[0]


class TestOwnPhotographs:
    def test_alignment_puts_every_digit_on_its_run(self):
        classes = [BLANK, 4, 4, BLANK, 4, BLANK, BLANK, 9, 9, BLANK]
        log = (6 * F.one_hot(torch.tensor(classes), 11).float()).log_softmax(-1).numpy()
        assert align(log, [4, 4, 9]) == [(1, 2), (4, 4), (7, 8)]
        assert len(align(log, [4, 9, 9])) == 3  # also where the network disagrees with the label

    def test_a_band_too_short_is_refused(self):
        with pytest.raises(ValueError, match="too few"):
            align(np.log(np.full((2, 11), 1 / 11)), [1, 1, 1])


def toy_strips(count: int) -> list[Strip]:
    """Black stroke digits on grey, five to a strip."""
    rng, face, strips = np.random.default_rng(5), STROKE_FACES[0], []
    for _ in range(count):
        values = rng.integers(0, 10, 5)
        line = lay_out(face, ("".join(map(str, values)),), 24, 0.85, 0)
        grey = np.full((56, line.ink.shape[1] + 24), 200, np.uint8)
        grey[16:40, 12:-12] -= (line.ink * 0.7).astype(np.uint8)
        spans = np.array([[box[0] + 12, box[2] + 12] for box in line.boxes], float)
        strips.append(Strip(grey, spans, values))
    return strips


def test_the_recogniser_learns_a_toy_in_under_a_minute():
    torch.manual_seed(0)
    np.random.seed(0)
    model = CardOcrModel(CardOcrConfig(recogniser_channels=(8, 16, 24, 32, 32)))
    windows = BandWindows(toy_strips(64), ("translation",), width=96)
    loader = torch.utils.data.DataLoader(windows, 16, shuffle=True)
    optimizer = torch.optim.AdamW(model.recogniser.parameters(), 4e-3)
    for _ in range(30):
        for batch in loader:
            logits, extents = model.recogniser(batch["bands"])
            loss, _ = recogniser_loss(logits, extents, batch["classes"], batch["extents"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    model.eval()
    right = 0
    with torch.no_grad():
        for strip in toy_strips(64)[:20]:
            logits, extents = model.recogniser(plain_band(strip)[None])
            right += [d.value for d in read_digits(logits[0], extents[0], 1.0)[0]] == strip.values.tolist()
    assert right >= 17


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A few photographs each of train, validation and test."""
    folder = tmp_path_factory.mktemp("data")
    for split, count in (("train", 80), ("validation", 14), ("test", 14)):
        render(folder / split, split, count)
    return folder


def test_a_strip_holds_the_digits_it_says(data):
    photograph = next(p for p in read_photographs(data / "train") if p.number and p.legible)
    strip = cut_strip(photograph)
    assert strip.grey.shape[0] == 56
    assert "".join(map(str, strip.values)) == photograph.number
    assert (np.diff(strip.spans[:, 0]) > 0).all()
    assert strip.spans.max() < strip.grey.shape[1]


def run(*arguments: str) -> str:
    done = subprocess.run([sys.executable, "-m", *arguments], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_one_tiny_epoch_of_every_script(data, tmp_path):
    """train → resume → own photographs → export, each promised file checked."""
    runs, card = tmp_path / "runs", tmp_path / "card"
    tiny = ["--data", str(data), "--out", str(runs), "--batch-size", "4", "--eval-every", "2", "--workers", "0"]
    for network, widths in (("detector", []), ("recogniser", ["--channels", "6", "8", "12", "16", "20"])):
        once = [*tiny, "--processes", "1", *widths]
        run("training.card_ocr.train", network, *once, "--steps", "2")
        again = run("training.card_ocr.train", network, *once, "--steps", "3")
        assert "resumed_from=2" in again
        assert (runs / network / "best").is_dir()
    run("training.card_ocr.export", "--data", str(data), "--runs", str(runs), "--out", str(card), "--limit", "6")
    assert {"config.json", "model.safetensors", "modeling_card_ocr.py", "calibration.json"} <= {
        p.name for p in card.iterdir()
    }
    config = json.loads((card / "config.json").read_text())
    assert config["auto_map"]["AutoModel"]
    assert config["recogniser_channels"] == [6, 8, 12, 16, 20]
    tiny_ablation = ["--photographs", "33", "--cards", "2", "--steps", "1", "--variants", "none", "deck"]
    run("training.card_ocr.ablate", "--data", str(data), "--runs", str(runs), "--card", str(card), *tiny_ablation)
    assert set(json.loads((runs / "ablation.json").read_text())["variants"]) == {"none", "deck"}
    own = data / "test"
    run(
        "training.card_ocr.train", "recogniser", *tiny, "--steps", "1", "--processes", "1",
        "--own", str(own), "--start", str(card), "--fresh",
    )  # fmt: skip


def test_other_widths_begin_anew_and_the_other_network_stays():
    given = CardOcrModel(CardOcrConfig(detector_channels=(2, 3, 5, 7, 11), recogniser_channels=(3, 5, 7, 11, 13)))
    wider = resized(given, {"recogniser": [4, 6, 8, 12, 14]})
    assert wider.config.recogniser_channels == [4, 6, 8, 12, 14]
    assert given.config.recogniser_channels == (3, 5, 7, 11, 13)
    torch.testing.assert_close(wider.detector.state_dict(), given.detector.state_dict())
    same = resized(given, {"recogniser": [3, 5, 7, 11, 13]})
    torch.testing.assert_close(same.state_dict(), given.state_dict())


def test_a_narrower_recogniser_keeps_the_filters_that_matter():
    settings = CardOcrConfig(detector_channels=(2, 3, 5, 7, 11), recogniser_channels=(3, 5, 7, 11, 13))
    given = CardOcrModel(settings).eval()
    for index, (_, norm) in enumerate(normalised_layers(given.recogniser)[:-1]):
        for values in (norm.weight, norm.bias):
            values.data[index % 3] = 0.0  # nothing leaves this filter, whatever comes in
    narrower = resized(given, {"recogniser": [2, 4, 6, 10, 12]}).eval()
    bands = 255 * torch.rand(2, 1, 32, 64)
    torch.testing.assert_close(narrower.recogniser(bands), given.recogniser(bands))


def test_a_narrower_recogniser_cannot_have_a_wider_stage():
    given, wider = (DigitRecogniser(widths, 20) for widths in ((3, 5, 7, 11, 13), (3, 5, 8, 9, 9)))
    with pytest.raises(ValueError, match="wider than the given"):
        keep_strongest(given, wider)
    with pytest.raises(ValueError, match="start from the whole one"):
        keep_strongest(DigitRecogniser((3, 5, 7, 11, 13), 20, folded=True), given)


def test_a_detector_has_no_teacher(capsys):
    with pytest.raises(SystemExit):
        parse(["detector", "--teacher", "hub_cards/planet-card-ocr"])
    assert "teaches the recogniser only" in capsys.readouterr().err


def test_a_network_learns_nothing_more_of_a_teacher_it_agrees_with():
    logits = torch.randn(2, 8, 11)
    assert distillation_loss(logits, logits + 3.0).item() == pytest.approx(0.0, abs=1e-6)
    assert distillation_loss(logits, -logits).item() > 0.1


def test_an_ablation_of_other_settings_starts_anew(tmp_path):
    path, settings = tmp_path / "ablation.json", {"photographs": 33, "cards": 2, "steps": 1, "seed": 7}
    assert continued(path, settings) == settings | {"variants": {}}
    report = settings | {"variants": {"none": {}}}
    path.write_text(json.dumps(report))
    assert continued(path, settings) == report
    assert continued(path, settings | {"steps": 2}) == settings | {"steps": 2, "variants": {}}


def test_a_tiny_evaluation_fills_both_results(data, tmp_path):
    card, classic = tmp_path / "planet-card-ocr", tmp_path / "planet-card-ocr-classic"
    for folder in (card, classic):
        shutil.copytree(Path("hub_cards") / folder.name, folder)
        (folder / "results.json").unlink(missing_ok=True)
    run(
        "training.card_ocr.evaluate", "--data", str(data / "test"), "--engines", "--engine-sample", "1",
        "--adversarial", "2", "--card", str(card), "--classic", str(classic), "--ablation", str(tmp_path / "none.json"),
    )  # fmt: skip
    results = json.loads((card / "results.json").read_text())
    assert results["dataset"]["samples"] == 14
    assert {"exact_flat", "silent_errors", "ms", "weights"} <= {row["key"] for row in results["headline"]}
    assert results["figures"]["adversarial"]["luhn_alone_misses"]["one_digit"] == 0
    assert (card / "risk_coverage.png").stat().st_size > 5_000
    assert json.loads((classic / "results.json").read_text())["headline"]
    places = "--data", str(data / "test"), "--card", str(card), "--classic", str(classic)
    run("training.card_ocr.evaluate", *places, "--timing-only", "--timed", "1", "--engines")
    again = json.loads((card / "results.json").read_text())
    assert again["figures"].pop("ms") != results["figures"].pop("ms")
    assert again["figures"].pop("timed") <= 4
    results["figures"].pop("timed")
    assert again["figures"] == results["figures"]
