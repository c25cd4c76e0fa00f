"""Training the translator: vocabularies, vectors, batches, a toy language it must learn, and a resume that is exact."""

from __future__ import annotations

import json
import random
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from modeling.planet_nmt import PlanetNmtConfig, PlanetNmtForConditionalGeneration
from modeling.planet_nmt.search_planet_nmt import beam_search
from training.loop import read_journal
from training.translation import export
from training.translation.batches import Pairs, TokenBatches, make_loader, padded
from training.translation.segmenter import train as train_segmenter
from training.translation.train import GREEDY, TranslationTask, inverse_root, main, parse
from training.translation.vocabulary import learn_subwords
from training.translation.vocabulary import main as learn_vocabulary
from training.translation.word_vectors import fill_embedding, learn_vectors
from training.translation.word_vectors import main as learn_word_vectors

WORDS = ("我", "来自", "中国", "北京", "你好", "学校", "哪里", "⟦N0⟧")
MORPHEMES = ("▁나", "▁에서", "▁중국", "▁베이징", "▁안녕", "▁학교", "▁어디", "▁⟦N0⟧")


def write_data(folder: Path, train: int = 60, dev: int = 9) -> Path:
    """A prepared corpus of a toy language: each word has one translation, and the order is turned around."""
    rng = random.Random(5)
    folder.mkdir(parents=True, exist_ok=True)
    for name, count in (("train", train), ("dev", dev)):
        rows = []
        for _ in range(count):
            chosen = [rng.randrange(len(WORDS)) for _ in range(rng.randint(2, 7))]
            korean = [MORPHEMES[index] for index in reversed(chosen)]
            rows.append(
                {"zh": [WORDS[i] for i in chosen], "ko": korean, "domain": "toy", "weight": rng.choice((0.5, 1, 2))}
            )
        text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
    learn_vocabulary(
        ["--data", str(folder), "--out", str(folder / "vocabulary"), "--source-size", "60", "--target-size", "70"]
    )
    return folder


def options(data: Path, out: Path, *more: str) -> list[str]:
    sizes = "--hidden 16 --embedding 8 --layers 1 --tokens 60 --steps 8 --warmup 2 --eval-every 4 --dev-decoded 5"
    return ["--data", str(data), "--out", str(out), *sizes.split(), "--ema", "0.9", "--threads", "1", "--cpu", *more]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_data(tmp_path_factory.mktemp("corpus"))


class TestBatches:
    def lengths(self, count: int = 211) -> tuple[np.ndarray, np.ndarray]:
        rng = np.random.default_rng(1)
        return rng.integers(2, 31, (count, 2)), rng.choice([0.0, 0.3, 1.0, 3.0], count)

    def test_fit_the_budget_and_hold_pairs_of_like_length(self):
        lengths, weights = self.lengths()
        sampler = TokenBatches(lengths, weights, 120)
        np.random.seed(0)
        batches = list(sampler)
        assert len(batches) == len(sampler)
        for batch in batches:
            assert lengths[batch, 1].max() * len(batch) <= 120
            assert lengths[batch, 0].max() * len(batch) <= 240 or len(batch) == 1
            assert np.ptp(lengths[batch, 1]) <= 6

    def test_weights_are_how_often_an_epoch_draws_a_pair(self):
        lengths, weights = self.lengths()
        sampler = TokenBatches(lengths, weights, 120)
        counts = np.zeros(len(weights))
        np.random.seed(0)
        for _ in range(60):
            for batch in sampler:
                np.add.at(counts, batch, 1 / 60)
        for weight in (0.0, 0.3, 1.0, 3.0):
            assert counts[weights == weight].mean() == pytest.approx(weight, abs=0.12)

    def test_order_depends_on_the_global_seed_alone(self):
        lengths, weights = self.lengths()
        epochs = []
        for seed in (3, 3, 4):
            np.random.seed(seed)
            epochs.append(list(TokenBatches(lengths, weights, 120)))
        assert epochs[0] == epochs[1] != epochs[2]
        assert len(epochs[2]) == len(epochs[0])

    def test_pairs_come_back_padded(self):
        pairs = Pairs([([5, 6, 2], [7, 2], 1.0), ([8, 2], [9, 10, 11, 2], 0.5)])
        batch = padded([pairs[0], pairs[1]])
        assert batch["input_ids"].tolist() == [[5, 6, 2], [8, 2, 0]]
        assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 1, 0]]
        assert batch["labels"].tolist() == [[7, 2, -100, -100], [9, 10, 11, 2]]

    def test_bad_input_names_the_value(self):
        with pytest.raises(ValueError, match="31 tokens, got 30"):
            TokenBatches(np.array([[3, 31]]), np.ones(1), 30)
        with pytest.raises(ValueError, match="no sentence pairs"):
            Pairs([])
        with pytest.raises(ValueError, match="34 special tokens, got 20"):
            learn_subwords([], 20)


class TestWordVectors:
    def test_words_of_like_use_are_close_and_the_scale_is_the_embedding_s(self):
        pytest.importorskip("gensim")
        rng = random.Random(3)
        # 0 and 1 stand before 4..6, 2 and 3 before 7..9.
        sentences = []
        for _ in range(700):
            group = rng.randrange(2)
            sentences.append([2 * group + rng.randrange(2), *(4 + 3 * group + rng.randrange(3) for _ in range(3))])
        vectors = learn_vectors(sentences, 13, 11, epochs=7)
        near = torch.nn.functional.cosine_similarity
        assert near(vectors[0], vectors[1], 0) > near(vectors[0], vectors[2], 0) + 0.1
        assert (vectors[10:] == 0).all()
        embedding = torch.nn.Embedding(13, 11)
        before = embedding.weight.detach().clone()
        assert fill_embedding(embedding, vectors) == 10
        assert torch.equal(embedding.weight[10:], before[10:])
        assert embedding.weight[:10].std().item() == pytest.approx(before.std().item(), rel=0.01)
        with pytest.raises(ValueError, match=r"\(13, 11\).*\(12, 11\)"):
            fill_embedding(torch.nn.Embedding(12, 11), vectors)


class TestTraining:
    def test_learns_to_turn_a_sequence_around(self):
        """The toy task of JoeyNMT: new sequences must come out reversed."""
        torch.manual_seed(1)
        threads = torch.get_num_threads()
        torch.set_num_threads(1)
        low, high = 34, 46
        config = PlanetNmtConfig(
            source_vocab_size=high,
            vocab_size=high,
            embedding_size=32,
            hidden_size=64,
            layers=1,
            dropout=0.0,
            label_smoothing=0.0,
        )
        model = PlanetNmtForConditionalGeneration(config).train()
        optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
        steps = 500
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 5e-3, steps, pct_start=0.1)

        def draw(count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
            length = int(torch.randint(2, 9, ()))
            words = torch.randint(low, high, (count, length))
            end = torch.full((count, 1), 2)
            source = torch.cat((words, end), 1)
            return source, torch.ones_like(source), torch.cat((words.flip(1), end), 1)

        for _ in range(steps):
            loss, _ = model.training_loss(*draw(64))
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
        model.eval()
        exact = total = 0
        for _ in range(7):
            source, mask, labels = draw(41)
            for row, (one,) in enumerate(beam_search(model, source, mask, GREEDY)):
                exact += [*one.ids, 2] == labels[row].tolist()
                total += 1
        torch.set_num_threads(threads)
        assert exact / total >= 0.95

    def test_every_promised_file_is_there_and_a_resume_is_exact(self, data: Path, tmp_path: Path):
        whole = main(options(data, tmp_path / "whole"))
        assert (whole.step, whole.stopped_by) == (8, "finished")
        records = [record for record in read_journal(tmp_path / "whole/log.jsonl") if record["kind"] == "evaluation"]
        assert {"loss", "chrf"} <= records[-1].keys()
        first = main(options(data, tmp_path / "halves", "--max-minutes", "0.0000001"))
        assert first.stopped_by == "time"
        second = main(options(data, tmp_path / "halves"))
        assert second.resumed_from == first.step > 0
        one, other = (load_file(tmp_path / name / "best/model.safetensors") for name in ("whole", "halves"))
        assert whole.best_step == second.best_step
        for name in one:
            assert torch.equal(one[name], other[name]), name
        model = PlanetNmtForConditionalGeneration.from_pretrained(tmp_path / "whole/model")
        assert model.translate(["我在北京。"], beam=2)[0].source_tokens

    def test_the_published_folder_needs_nothing_else(self, data: Path, tmp_path: Path):
        main(options(data, tmp_path / "run"))
        text, out = tmp_path / "text", tmp_path / "published"
        train_segmenter([["我", "在", "北京"], ["你好", "学校"]] * 5, text / "segmenter.crfsuite", 0, 0.0, 0.01, 10)
        (text / "segmenter.json").write_text("{}")
        places = ["--run", str(tmp_path / "run"), "--text", str(text), "--data", str(data), "--out", str(out)]
        export.main([*places, "--sentences", "5"])
        tried = json.loads((out / "search.json").read_text())["tried"]
        assert len(tried) == len(export.LENGTH_PENALTIES) * len(export.COVERAGE_PENALTIES)
        assert load_file(out / "model.safetensors")["encoder.embedding.weight"].dtype == torch.float16
        model = PlanetNmtForConditionalGeneration.from_pretrained(out)
        assert model.config.search_length_penalty == tried[0]["length_penalty"]
        assert model.dtype == torch.float32
        assert model.translate(["我在北京。"])[0].source_tokens == ("我", "在", "⟦P0⟧", "。")

    def test_word_vectors_and_a_start_from_a_model(self, data: Path, tmp_path: Path):
        pytest.importorskip("gensim")
        vectors = tmp_path / "vectors.safetensors"
        learn_word_vectors(
            ["--data", str(data), "--vocabulary", str(data / "vocabulary"), "--out", str(vectors), "--size", "8"]
        )
        main(options(data, tmp_path / "first", "--vectors", str(vectors), "--steps", "2", "--schedule", "inverse-root"))
        summary = main(
            options(data, tmp_path / "second", "--start", str(tmp_path / "first/model"), "--steps", "2", "--ema", "0")
        )
        assert summary.step == 2

    def test_inverse_root_schedule(self):
        optimizer = torch.optim.AdamW([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule, rates = inverse_root(optimizer, 4), []
        for _ in range(16):
            rates.append(schedule.get_last_lr()[0])
            optimizer.step()
            schedule.step()
        assert rates[:4] == pytest.approx([0.25, 0.5, 0.75, 1.0])
        assert rates[15] == pytest.approx(0.5)

    def test_the_task_answers_what_the_model_does(self, data: Path):
        loader = make_loader(Pairs([([40, 41, 2], [42, 2], 1.0)]), 60)
        model = PlanetNmtForConditionalGeneration(
            PlanetNmtConfig(source_vocab_size=50, vocab_size=50, embedding_size=3, hidden_size=6, layers=1)
        ).eval()
        batch = next(iter(loader))
        torch.testing.assert_close(TranslationTask(model)(batch)[0], model(**batch).loss)
        assert parse(["--data", str(data)]).layers == 1
