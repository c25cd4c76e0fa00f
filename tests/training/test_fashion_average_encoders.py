"""Encoders that branch from one are averaged as far as validation gains by it."""

from __future__ import annotations

import pytest
import torch

from modeling.fashion_encoder import FashionEncoderModel
from tests.training.fashion_toys import draw, small_config
from training.fashion import average_encoders


class TestAverage:
    def test_an_average_is_the_mean_of_each_tensor(self):
        one = {"a": torch.tensor([1.0, 5.0]), "count": torch.tensor(3)}
        other = {"a": torch.tensor([3.0, -1.0]), "count": torch.tensor(8)}
        mean = average_encoders.average([one, other])
        assert mean["a"].tolist() == [2, 2]
        assert mean["count"] == 3
        with pytest.raises(ValueError, match="averaged: b"):
            average_encoders.average([one, one | {"b": torch.zeros(1)}])

    def test_what_lowers_the_score_stays_out(self):
        candidates = [{"a": torch.tensor(value)} for value in (8.0, 2.0, 3.0, 7.5)]
        taken, alone = average_encoders.greedy_soup(candidates, lambda weights: -abs(weights["a"].item() - 5))
        # 3 is best alone; with 7.5 it is 5.25; with 8 or with 2 besides it would be further from 5 again.
        assert taken == [2, 3]
        assert alone == [-3, -3, -2, -2.5]

    def test_trained_encoders_are_averaged_into_one(self, tmp_path, monkeypatch):
        checked = draw(tmp_path, 8, white=True)
        model = FashionEncoderModel(small_config(checked)).eval()
        for name in ("one", "two"):
            model.save_pretrained(tmp_path / name)
        monkeypatch.setattr(average_encoders, "read_products", lambda *_: checked)
        monkeypatch.setattr(average_encoders, "read_garments", lambda *_: draw(tmp_path, 8, white=False, seed=21))
        results = average_encoders.main(
            [str(tmp_path / "one"), str(tmp_path / "two"), "--data", str(tmp_path), "--out", str(tmp_path / "out")]
        )
        assert results["averaged"] == [str(tmp_path / "one"), str(tmp_path / "two")]
        averaged = FashionEncoderModel.from_pretrained(tmp_path / "out" / "model").state_dict()
        for name, value in model.state_dict().items():
            torch.testing.assert_close(averaged[name], value)
        assert (tmp_path / "out" / "averaged.json").is_file()
