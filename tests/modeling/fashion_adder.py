"""Adds pictures to an index until it is killed: `python -m tests.modeling.fashion_adder INDEX PICTURES`."""

import sys
from pathlib import Path

from modeling.fashion_search import FashionSearch, building_fashion_search, from_folder
from tests.modeling.fashion_fakes import FakeExtractor, FakeEyes

if __name__ == "__main__":
    building_fashion_search.CHUNK = 3
    search = FashionSearch.open(sys.argv[1], FakeEyes(), FakeExtractor())
    pictures = from_folder(Path(sys.argv[2]))
    # Each line says how many are done; those of the chunks before are kept by then.
    search.add(pictures, lambda done, total: print(done, flush=True))
    search.close()
