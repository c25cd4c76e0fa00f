"""The code beside published weights is the code in modeling/."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PUBLISHED = sorted((ROOT / "hub_cards").glob("*/*.py"))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_published_code_is_the_tested_code(path):
    (source,) = (ROOT / "modeling").glob(f"*/{path.name}")
    assert path.read_text(encoding="utf-8") == source.read_text(encoding="utf-8"), "export the model again"


def test_there_is_published_code():
    assert PUBLISHED
