"""What a run needs of the machine: devices, processes, a loader that can be replayed, signals that ask it to stop."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from accelerate import Accelerator
from accelerate.state import AcceleratorState, GradientState
from accelerate.utils import DataLoaderConfiguration, InitProcessGroupKwargs
from torch.utils.data import DataLoader, IterableDataset

from training.config import LoopConfig
from training.seeds import SeededDataset


def make_accelerator(config: LoopConfig) -> Accelerator:
    """The accelerator of one run: precision, accumulation, device and processes."""
    # Accelerate keeps the first precision and device of a process for good; forget them, so that one process can
    # train two models after each other.
    AcceleratorState._reset_state(reset_partial_state=True)
    GradientState._reset_state()
    return Accelerator(
        cpu=config.cpu,
        mixed_precision=config.mixed_precision,
        gradient_accumulation_steps=config.gradient_accumulation_steps,
        dataloader_config=DataLoaderConfiguration(use_seedable_sampler=True, data_seed=config.seed),
        # Evaluation runs on one process while the others wait.
        kwargs_handlers=[InitProcessGroupKwargs(backend=None, timeout=timedelta(hours=2))],
    )


def seeded_loader(loader: DataLoader, seed: int) -> DataLoader:
    """The same loader over a dataset whose samples do not depend on the order they are drawn in."""
    if isinstance(loader.dataset, IterableDataset) or loader.batch_sampler is None:
        raise ValueError("train() needs batches of a map-style dataset: a stream cannot be resumed exactly")
    return DataLoader(
        SeededDataset(loader.dataset, seed),
        batch_sampler=loader.batch_sampler,
        num_workers=loader.num_workers,
        collate_fn=loader.collate_fn,
        pin_memory=loader.pin_memory,
        timeout=loader.timeout,
        worker_init_fn=loader.worker_init_fn,
        multiprocessing_context=loader.multiprocessing_context,
        prefetch_factor=loader.prefetch_factor,
        persistent_workers=loader.persistent_workers,
    )


@contextmanager
def stop_signals() -> Iterator[threading.Event]:
    """Turn the first SIGTERM or SIGINT into an event; a second one acts as usual."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    former = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def remember(number: int, frame: object) -> None:
        asked.set()
        signal.signal(number, former[number])

    for number in former:
        signal.signal(number, remember)
    try:
        yield asked
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
