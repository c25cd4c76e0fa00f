"""Which words translate each other? Both directions by eflomal, joined by grow-diag-final-and.

python -m training.translation.smt.align --data prepared/train.jsonl --out runs/smt
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tqdm import tqdm

from training.translation.prepared import read_rows
from training.translation.smt.corpus import Links, read_links, write_links

_AROUND = ((-1, 0), (0, -1), (1, 0), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1))


def grow_diag_final_and(forward: Iterable[tuple[int, int]], backward: Iterable[tuple[int, int]]) -> Links:
    """Joins the alignments of both directions (Koehn, Och and Marcu 2003; Koehn et al. 2005).

    Starts from the links both have, adds neighbouring links of either as long as one of the two words is unaligned,
    then links of either direction between two words that are both still unaligned.

    Args:
        forward, backward: links (source position, target position).

    Returns:
        The joined links, sorted.
    """
    forward, backward = set(forward), set(backward)
    union, links = forward | backward, forward & backward
    sources, targets = {s for s, _ in links}, {t for _, t in links}
    queue = sorted(links)
    while queue:
        grown = []
        for s, t in queue:
            for ds, dt in _AROUND:
                link = (s + ds, t + dt)
                if link in union and link not in links and (link[0] not in sources or link[1] not in targets):
                    links.add(link)
                    sources.add(link[0])
                    targets.add(link[1])
                    grown.append(link)
        queue = grown
    for direction in (forward, backward):
        for s, t in sorted(direction - links):
            if s not in sources and t not in targets:
                links.add((s, t))
                sources.add(s)
                targets.add(t)
    return sorted(links)


def align(pairs: Sequence[tuple[Sequence[str], Sequence[str]]], iterations: float = 1.0) -> list[Links]:
    """Symmetrised word alignments of sentence pairs (Östling and Tiedemann 2016).

    Args:
        pairs: source and target words; a pair with an empty side has no links.
        iterations: multiple of eflomal's own choice.
    """
    from eflomal import Aligner  # Compiled, and needed for training only.

    kept = [index for index, (zh, ko) in enumerate(pairs) if zh and ko]
    with TemporaryDirectory() as folder:
        forward, backward = Path(folder) / "forward", Path(folder) / "backward"
        Aligner(rel_iterations=iterations).align(
            [" ".join(pairs[index][0]) + "\n" for index in kept],
            [" ".join(pairs[index][1]) + "\n" for index in kept],
            links_filename_fwd=str(forward),
            links_filename_rev=str(backward),
        )
        joined: list[Links] = [[] for _ in pairs]
        both = zip(kept, read_links(forward), read_links(backward), strict=True)
        for index, one, other in tqdm(both, "symmetrise", len(kept), mininterval=2):
            joined[index] = grow_diag_final_and(one, other)
    return joined


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes alignments.txt to the run's folder, unless it is there."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="prepared pairs, JSON lines")
    parser.add_argument("--out", type=Path, required=True, help="the run's folder")
    parser.add_argument("--limit", type=int, help="take the first pairs only")
    parser.add_argument("--iterations", type=float, default=1.0, help="multiple of eflomal's own choice")
    options = parser.parse_args(arguments)
    path = options.out / "alignments.txt"
    if path.is_file():
        print(f"{path} is there already")
        return
    options.out.mkdir(parents=True, exist_ok=True)
    pairs = [(row["zh"], row["ko"]) for row in read_rows(options.data, options.limit)]
    write_links(path, align(pairs, options.iterations))


if __name__ == "__main__":
    main()
