"""The training loop: a run that was interrupted, killed or spread over processes is the run it would have been."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from threading import Timer

import pytest
import torch
from accelerate import Accelerator
from safetensors.torch import load_file
from torch import nn
from torch.utils.data import DataLoader, IterableDataset, TensorDataset

from tests.training.toy_run import evaluate, make_loader, make_model, run_toy, squared_error, toy_config
from training.checkpoints import all_checkpoints, load_checkpoint, save_best, save_checkpoint
from training.loop import LoopConfig, NonFiniteLossError, load_best, read_journal, train
from training.optimisation import make_optimizer

ROOT = Path(__file__).parents[2]
STEPS = 11


def toy_process(*arguments: str, processes: int = 1) -> list[str]:
    start = [sys.executable, "-m"]
    if processes > 1:
        start += ["torch.distributed.run", "--standalone", f"--nproc_per_node={processes}", "-m"]
    return [*start, "tests.training.toy_run", *arguments]


def run_process(*arguments: str, processes: int = 1) -> str:
    done = subprocess.run(
        toy_process(*arguments, processes=processes), cwd=ROOT, env=quiet(), capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def quiet() -> dict[str, str]:
    """One thread a process: its weights can be compared with those of another such process, not with those of ours.

    With more threads batch normalisation sums in another order. The bias before it, whose gradient is nothing but
    rounding, then differs by 0.03 after eleven steps of Adam.
    """
    return os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}


def assert_same_weights(one: dict[str, torch.Tensor], other: dict[str, torch.Tensor]) -> None:
    assert one.keys() == other.keys()
    for name in one:
        assert torch.equal(one[name], other[name]), name


def without_times(records: list[dict]) -> list[dict]:
    times = ("seconds", "samples_per_second", "took_seconds")
    return [{k: v for k, v in record.items() if k not in times} for record in records if record["kind"] != "end"]


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, torch.Tensor]]:
    output_dir = tmp_path_factory.mktemp("uninterrupted")
    model, summary = run_toy(output_dir)
    assert (summary.step, summary.stopped_by, summary.resumed_from) == (STEPS, "finished", 0)
    return output_dir, model.state_dict()


@pytest.mark.parametrize("stop_after", [1, 4, 6, 7])
def test_resume_is_exact(uninterrupted, tmp_path: Path, stop_after: int) -> None:
    """Stopped in the middle of an epoch (4 steps each), at its end, between checkpoints and right after one."""
    whole_dir, whole = uninterrupted
    seen = 0

    def interrupting_loss(model, batch):
        nonlocal seen
        seen += 1
        if seen == 2 * stop_after - (stop_after >= 4):  # 7 batches an epoch, two a step: the fourth step has only one
            os.kill(os.getpid(), signal.SIGTERM)
        return squared_error(model, batch)

    first = train(make_model(), make_loader(), toy_config(tmp_path), interrupting_loss, evaluate)
    assert (first.stopped_by, first.step, first.complete) == ("signal", stop_after, False)
    model, second = run_toy(tmp_path)
    assert (second.resumed_from, second.step, second.complete) == (stop_after, STEPS, True)
    assert_same_weights(model.state_dict(), whole)
    best, whole_best = make_model(), make_model()
    assert load_best(best, tmp_path) == load_best(whole_best, whole_dir)
    assert_same_weights(best.state_dict(), whole_best.state_dict())
    assert without_times(read_journal(tmp_path / "log.jsonl")) == without_times(read_journal(whole_dir / "log.jsonl"))


def test_worker_processes_change_nothing(uninterrupted, tmp_path: Path) -> None:
    model, _ = run_toy(tmp_path, workers=2)
    assert_same_weights(model.state_dict(), uninterrupted[1])


def test_another_seed_changes_the_weights(uninterrupted, tmp_path: Path) -> None:
    model, _ = run_toy(tmp_path, seed=8)
    assert not torch.equal(model.state_dict()["0.weight"], uninterrupted[1]["0.weight"])


def test_kill_without_warning_then_resume(tmp_path: Path) -> None:
    """Killed at the eighth step, when the log knows of the seventh and the last checkpoint is of the sixth."""
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    run_process(str(whole))
    pausing = toy_process(str(killed), "--pause-at", "14")
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(pausing, cwd=ROOT, env=quiet(), **pipes) as process:
        patience = Timer(600, process.kill)
        patience.start()
        try:
            said = process.stdout.readline()
        finally:
            process.kill()
            patience.cancel()
    assert (said, process.returncode) == ("paused\n", -signal.SIGKILL)
    assert [path.name for path in all_checkpoints(killed)] == ["step-00000004", "step-00000006"]
    assert read_journal(killed / "log.jsonl")[-1]["step"] == 7
    with (killed / "log.jsonl").open("a") as log:
        log.write('{"kind": "tra')
    assert f"step={STEPS} resumed_from=6" in run_process(str(killed))
    assert_same_weights(load_file(killed / "last-0.safetensors"), load_file(whole / "last-0.safetensors"))
    assert without_times(read_journal(killed / "log.jsonl")) == without_times(read_journal(whole / "log.jsonl"))


class Killed(BaseException):
    """Ends training where it is raised, as a kill does: nothing in the loop catches it."""


save_whole = Accelerator.save_state


def save_half(accelerator: Accelerator, folder: str, **options: object) -> None:
    """`save_whole`, until it comes to the checkpoint of the sixth step."""
    if not folder.endswith("6"):
        return save_whole(accelerator, folder, **options)
    Path(folder, "pytorch_model.bin").write_bytes(b"cut short")
    raise Killed


def remove_half(folder: Path, **options: object) -> None:
    """`shutil.rmtree`, until it comes to a checkpoint."""
    if folder.name not in ("best", "checkpoints"):
        next(folder.glob("pytorch_model.bin")).unlink()
        raise Killed


@pytest.mark.parametrize(
    ("target", "name", "half", "resumed_from"),
    [(Accelerator, "save_state", save_half, 4), (shutil, "rmtree", remove_half, 6)],
    ids=["saving", "pruning"],
)
def test_killed_in_a_checkpoint(uninterrupted, tmp_path, monkeypatch, target, name, half, resumed_from) -> None:
    """At the sixth step: while its checkpoint is written, or after that, while that of the second is removed."""
    with monkeypatch.context() as patch:
        patch.setattr(target, name, half)
        with pytest.raises(Killed):
            run_toy(tmp_path)
    assert all_checkpoints(tmp_path)[-1].name == f"step-{resumed_from:08d}"
    for checkpoint in all_checkpoints(tmp_path):
        assert {"run.json", "pytorch_model.bin"} <= {path.name for path in checkpoint.iterdir()}, "half a checkpoint"
    model, summary = run_toy(tmp_path)
    assert (summary.resumed_from, summary.step) == (resumed_from, STEPS)
    assert_same_weights(model.state_dict(), uninterrupted[1])
    assert not list(tmp_path.glob("checkpoints/partial-*"))


def test_killed_while_the_former_run_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run_toy(tmp_path, max_steps=3)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "rmtree", remove_half)
        with pytest.raises(Killed):
            run_toy(tmp_path, max_steps=5, resume=False)
    _, summary = run_toy(tmp_path, max_steps=5)
    assert (summary.resumed_from, summary.step) == (3, 5)
    run_toy(tmp_path, max_steps=5, resume=False)
    assert not list(tmp_path.glob("checkpoints/partial-*"))


def test_two_processes_agree_learn_and_resume(tmp_path: Path) -> None:
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    run_process(str(whole), processes=2)
    assert_same_weights_but_statistics(whole)
    losses = [r["loss"] for r in read_journal(whole / "log.jsonl") if r["kind"] == "train"]
    assert len(losses) == STEPS
    assert sum(losses[-3:]) < 0.8 * sum(losses[:3])
    # Each process signals itself, as torchrun does to all of them when it is told to end.
    assert "stopped_by=signal step=3" in run_process(str(halves), "--interrupt-at", "5", processes=2)
    assert f"step={STEPS} resumed_from=3" in run_process(str(halves), processes=2)
    assert_same_weights(load_file(halves / "last-0.safetensors"), load_file(whole / "last-0.safetensors"))
    with pytest.raises(ValueError, match="processes was 2 and is now 1"):
        run_toy(halves)


def assert_same_weights_but_statistics(folder: Path) -> None:
    """Gradients are averaged over processes, running statistics are each process's own."""
    one, other = (load_file(folder / f"last-{rank}.safetensors") for rank in range(2))
    for name in one:
        if "running" not in name:
            assert torch.equal(one[name], other[name]), name


def test_early_stopping_keeps_the_best_weights(tmp_path: Path) -> None:
    scores = iter([3.0, 1.0, 2.0, float("nan"), 0.0])
    kept: list[torch.Tensor] = []

    def scripted(model: nn.Module) -> dict[str, float]:
        kept.append(model[0].weight.clone())
        return {"loss": next(scores)}

    config = toy_config(tmp_path, max_steps=50, eval_every=1, patience=2)
    summary = train(make_model(), make_loader(), config, squared_error, scripted)
    assert (summary.stopped_by, summary.step, summary.best_step, summary.best_score) == ("patience", 4, 2, 1.0)
    best = make_model()
    assert load_best(best, tmp_path) == (2, 1.0)
    assert torch.equal(best[0].weight, kept[1])
    assert train(make_model(), make_loader(), config, squared_error, scripted).step == 4


def test_every_evaluation_draws_the_same_noise(tmp_path: Path) -> None:
    drawn: list[float] = []

    def noisy(model: nn.Module) -> dict[str, float]:
        assert not model.training
        assert not torch.is_grad_enabled()
        drawn.append(torch.rand(()).item())
        return {"loss": 1.0}

    train(make_model(), make_loader(), toy_config(tmp_path, max_steps=3, eval_every=1), squared_error, noisy)
    assert len(drawn) == 3
    assert len(set(drawn)) == 1


def test_norms_and_biases_do_not_decay() -> None:
    decaying, other = make_optimizer(make_model(), learning_rate=0.1, weight_decay=0.3).param_groups
    assert (decaying["weight_decay"], [p.ndim for p in decaying["params"]]) == (0.3, [2, 2])
    assert (other["weight_decay"], [p.ndim for p in other["params"]]) == (0.0, [1, 1, 1, 1])


def test_greater_is_better(tmp_path: Path) -> None:
    scores = iter([0.5, 0.9, 0.7])
    config = toy_config(tmp_path, max_steps=3, eval_every=1, metric_name="accuracy", greater_is_better=True)
    summary = train(make_model(), make_loader(), config, squared_error, lambda model: {"accuracy": next(scores)})
    assert (summary.best_score, summary.best_step) == (0.9, 2)


def test_missing_metric_is_named(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="must answer 'accuracy'"):
        run_toy(tmp_path, metric_name="accuracy", max_steps=1)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_non_finite_loss_stops_the_run(tmp_path: Path, value: float) -> None:
    def broken(model, batch):
        loss, numbers = squared_error(model, batch)
        broken.calls += 1
        return (loss * value if broken.calls == 6 else loss), numbers

    broken.calls = 0
    with pytest.raises(NonFiniteLossError, match="at step 3"):
        train(make_model(), make_loader(), toy_config(tmp_path), broken, evaluate)
    assert [path.name for path in all_checkpoints(tmp_path)] == ["step-00000002"]


def test_non_finite_gradient_stops_the_run(tmp_path: Path) -> None:
    def root_at_zero(model, batch):
        return (0 * model(batch[0])).abs().sum().sqrt(), {}

    with pytest.raises(NonFiniteLossError, match="gradient norm"):
        train(make_model(), make_loader(), toy_config(tmp_path), root_at_zero)


def test_accumulation_equals_one_big_batch(tmp_path: Path) -> None:
    inputs = torch.randn(24, 5, generator=torch.Generator().manual_seed(1))
    data = TensorDataset(inputs, inputs.sum(1))
    weights = []
    for batch_size, steps in ((3, 4), (12, 1)):
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(5, 7), nn.Tanh(), nn.Linear(7, 1))
        config = toy_config(tmp_path / str(steps), max_steps=9, gradient_accumulation_steps=steps, ema_decay=0)
        train(model, DataLoader(data, batch_size=batch_size), config, squared_error)
        weights.append(model[0].weight.detach())
    torch.testing.assert_close(weights[0], weights[1], rtol=1e-4, atol=1e-6)
    assert not torch.equal(weights[0], nn.Linear(5, 7).weight)


def test_log_is_well_formed(uninterrupted) -> None:
    records = read_journal(uninterrupted[0] / "log.jsonl")
    training = [record for record in records if record["kind"] == "train"]
    assert [record["step"] for record in training] == list(range(1, STEPS + 1))
    fields = {"kind", "step", "epoch", "lr", "loss", "root", "grad_norm", "seconds", "samples_per_second"}
    assert all(record.keys() == fields for record in training)
    assert training[3]["epoch"] == 1.0
    rates = [record["lr"] for record in training]
    assert rates.index(max(rates)) == 1
    assert rates[-1] == pytest.approx(0.01 * 0.01)
    assert [record["step"] for record in records if record["kind"] == "evaluation"] == [3, 6, 9, 11]
    assert records[-1]["kind"] == "end"


def test_checkpoints_are_kept_and_forgotten(uninterrupted) -> None:
    names = [path.name for path in all_checkpoints(uninterrupted[0])]
    assert names == ["step-00000010", "step-00000011"]


def test_finished_run_is_not_trained_again_unless_told(tmp_path: Path) -> None:
    run_toy(tmp_path, max_steps=3)
    _, again = run_toy(tmp_path, max_steps=3)
    assert (again.resumed_from, again.step, again.stopped_by) == (3, 3, "finished")
    _, anew = run_toy(tmp_path, max_steps=2, resume=False)
    assert (anew.resumed_from, anew.step) == (0, 2)
    _, longer = run_toy(tmp_path, max_steps=5)
    assert (longer.resumed_from, longer.step) == (2, 5)


def test_time_budget_leaves_a_checkpoint(uninterrupted, tmp_path: Path) -> None:
    _, summary = run_toy(tmp_path, max_minutes=1e-9)
    assert (summary.stopped_by, summary.step) == ("time", 1)
    model, summary = run_toy(tmp_path)
    assert summary.resumed_from == 1
    assert_same_weights(model.state_dict(), uninterrupted[1])


def test_model_is_handed_back_plain_after_mixed_precision(tmp_path: Path) -> None:
    model, summary = run_toy(tmp_path, mixed_precision="bf16", max_steps=3)
    assert summary.complete
    assert model.forward.__func__ is nn.Sequential.forward
    assert all(parameter.dtype == torch.float32 for parameter in model.parameters())


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 2}, "one of epochs and max_steps"),
        ({"max_steps": None}, "one of epochs and max_steps"),
        ({"max_steps": 0}, "max_steps must be at least 1, got 0"),
        ({"mixed_precision": "int8"}, "got 'int8'"),
        ({"ema_decay": 1.0}, "ema_decay"),
        ({"learning_rate": 0.0}, "learning_rate"),
        ({"gradient_accumulation_steps": 0}, "gradient_accumulation_steps must be at least 1"),
        ({"patience": -1}, "patience must be at least 0, got -1"),
    ],
)
def test_wrong_settings_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        toy_config("unused", **changes)


def test_epochs_count_steps(tmp_path: Path) -> None:
    config = LoopConfig(output_dir=tmp_path, epochs=2, cpu=True, progress_bar=False)
    summary = train(make_model(), make_loader(), config, squared_error)
    assert (summary.step, summary.epoch, summary.best_score) == (14, 2, None)
    assert load_best(make_model(), tmp_path) == (14, None)


def test_streams_are_refused(tmp_path: Path) -> None:
    class Stream(IterableDataset):
        def __iter__(self):
            yield torch.zeros(5), torch.zeros(())

    with pytest.raises(ValueError, match="map-style"):
        train(make_model(), DataLoader(Stream()), toy_config(tmp_path), squared_error)


def test_best_weights_before_any_evaluation(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No best weights"):
        load_best(make_model(), tmp_path)


def test_weights_that_are_views_of_one_storage_are_kept_each(tmp_path):
    """As an LSTM's are on a GPU."""
    model = nn.Linear(3, 2)
    flat = torch.arange(8.0)
    model.weight.data, model.bias.data = flat[:6].view(2, 3), flat[6:]
    accelerator = Accelerator(cpu=True)
    accelerator.prepare(model)
    folder = save_checkpoint(accelerator, tmp_path, 1, {}, keep=1)
    save_best(model, tmp_path, 1, 0.5)
    flat.zero_()
    load_checkpoint(accelerator, folder, {})
    assert model.bias.tolist() == [6, 7]
    fresh = nn.Linear(3, 2)
    assert load_best(fresh, tmp_path) == (1, 0.5)
    assert fresh.weight.tolist() == [[0, 1, 2], [3, 4, 5]]
