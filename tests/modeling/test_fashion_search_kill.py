"""An index whose writer is killed (SIGKILL, at random moments) opens again and has lost one chunk at most."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from modeling.fashion_search import FashionSearch, from_folder
from tests.modeling.fashion_fakes import DIMENSION, FakeExtractor, FakeEyes, gallery

KILLS, CHUNK = 10, 3
ROOT = Path(__file__).resolve().parents[2]


def killed_run(index: Path, pictures: Path, patience: float, at_least: int) -> int:
    """Adds in another process and kills it a while after it has done something; how many pictures it had done."""
    command = [sys.executable, "-m", "tests.modeling.fashion_adder", str(index), str(pictures)]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={**os.environ, "OMP_NUM_THREADS": "1"}
    )
    done = 0
    while done < at_least:
        line = process.stdout.readline()
        assert line, "the process ended before it was killed"
        done = int(line)
    time.sleep(patience)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read().split()
    process.wait(30)
    assert process.returncode == -signal.SIGKILL, "it was done before it was killed: give it more pictures"
    return int(rest[-1]) if rest else done


def test_an_index_survives_being_killed_while_it_is_added_to(tmp_path):
    pictures = gallery(tmp_path / "pictures", 401)
    index = tmp_path / "index"
    FashionSearch.create(
        index, FakeEyes(), FakeExtractor(), dimension=DIMENSION, bits=DIMENSION, duplicate_bits=0
    ).close()
    moments = random.Random(5)
    kept = 0
    for _ in range(KILLS):
        done = killed_run(index, pictures, moments.uniform(0, 0.08), kept + moments.randrange(1, 12))
        with FashionSearch.open(index, FakeEyes(), FakeExtractor()) as search:
            count = len(search.catalogue)
            assert count >= done - CHUNK  # the chunk in flight at most
            assert count >= kept
            assert len(search) == count == len(search.store.postings.all)
            found = search.search(pictures / "000.png", k=1)
            assert [hit.item.uri for hit in found.hits] == ["000.png"] * bool(count)
            # Every item has its vectors, and no picture is there twice.
            items = list(search.catalogue.items())
            assert len(search.catalogue.vectors([item.id for item in items])) == count
            assert [item.uri for item in items] == [f"{number:03}.png" for number in range(count)]
        kept = count
    with FashionSearch.open(index, FakeEyes(), FakeExtractor()) as search:
        report = search.add(from_folder(pictures)[: kept + 5])  # what was lost is added by running again
        assert (report.skipped, len(report.added)) == (kept, 5)
