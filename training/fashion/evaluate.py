"""Judges the parts of the fashion search and the whole, on pictures that nothing was chosen by.

    python -m training.fashion.evaluate --data FOLDER
    python -m training.fashion.evaluate --data FOLDER --only index search

Writes results.json of hub_cards/planet-fashion-detector, planet-fashion-encoder and planet-fashion-classic. Every part
keeps what it measured in `--measured`, so that with `--only` the others need not be measured again. Run it once per
published model: thresholds and weights come from validation, never from here.
"""

from __future__ import annotations

import argparse
import datetime
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from transformers import AutoModel

from modeling.fashion_search import DeepEyes, FashionSearch, ModelEyes, NewItem
from training.fashion import (
    export_encoder,
    measure_classic,
    measure_detector,
    measure_guide,
    measure_index,
    measure_search,
)
from training.fashion.encoder_features import FeatureStore
from training.fashion.headline import classic_rows, detector_rows, encoder_rows
from training.fashion.result_tables import class_table, encoder_tables
from training.fashion.sets import items_sha256, read_garments, read_products
from training.fashion.street import photos_sha256, read_photos

CARDS = {name: Path(f"hub_cards/planet-fashion-{name}") for name in ("detector", "encoder", "classic")}
COMMAND = "python -m training.fashion.evaluate --data DATA"
PHOTO = 640
"""Longest side in pixels of the photographs a whole query is timed on."""


class Judge:
    """Measures one part at a time on the data of one folder, on one thread.

    Args:
        options: of the command line.
    """

    def __init__(self, options: argparse.Namespace):
        torch.set_num_threads(1)
        cv2.setNumThreads(1)
        self.options, self.data = options, options.data
        self.models = {
            name: AutoModel.from_pretrained(folder, trust_remote_code=True).float().eval()
            for name, folder in CARDS.items()
            if (folder / "config.json").is_file()
        }

    def detector(self) -> dict:
        """Boxes on street photographs, and on flat lays."""
        model = self.models["detector"]
        photos = read_photos(self.data / "street" / "val.json", model.config.classes)[: self.options.limit]
        lays = measure_detector.measure_lays(
            model, self.data / "garments", self.data / "products", self.options.lays, self.options.seed
        )
        return measure_detector.measure(model, photos, self.options.seed) | {
            "lays": lays,
            "sha256": photos_sha256(photos),
            "classes": list(model.config.classes),
        }

    def encoder(self) -> dict:
        """Categories, attributes and features on whole pictures."""
        with tempfile.TemporaryDirectory() as folder:
            return export_encoder.measure(
                self.models["encoder"], self.data, FeatureStore(self.models["encoder"], Path(folder))
            )

    def classic(self) -> dict:
        """The same of the traditional rival."""
        return measure_classic.measure(self.models["classic"], self.data)

    def guide(self) -> dict:
        """Guides taken from titles."""
        return measure_guide.measure() | {"catalogue": measure_guide.measure_products(self.data / "products")}

    def index(self) -> dict:
        """Speed and size of the vector index."""
        return measure_index.measure(self.options.sizes)

    def search(self) -> dict:
        """The whole, of networks and rival, and a whole query's time on photographs of `PHOTO` pixels."""
        items = read_products(self.data / "products", "test")[: self.options.limit]
        deep = DeepEyes(self.models["detector"], self.models["encoder"])
        queries = self.options.queries
        return {
            "deep": measure_search.measure(deep, items, queries),
            "classic": measure_search.measure(
                ModelEyes(self.models["classic"], CARDS["classic"].name), items, queries, ("unguided",)
            ),
            "photo": self._timed(deep),
        }

    def _timed(self, eyes: DeepEyes) -> dict:
        """Milliseconds of whole queries with a guide, by stage, and their whole."""
        photos = read_photos(self.data / "street" / "val.json", self.models["detector"].config.classes)
        some = read_products(self.data / "products", "test")[:50]
        stages: list[dict[str, float]] = []
        whole = []
        with tempfile.TemporaryDirectory() as folder, FashionSearch.create(Path(folder) / "index", eyes) as search:
            search.add([NewItem(uri=item.path.name, file=str(item.path)) for item in some])
            for photo in photos[: self.options.timed + 1]:
                bgr = cv2.imread(str(photo.path))
                scale = PHOTO / max(bgr.shape[:2])
                rgb = cv2.cvtColor(cv2.resize(bgr, None, fx=scale, fy=scale), cv2.COLOR_BGR2RGB)
                began = time.perf_counter()
                result = search.search(rgb, guide={"category": "footwear"})
                whole.append(1e3 * (time.perf_counter() - began))
                stages.append(dict(result.ms))
        names = stages[-1].keys()
        # The first query warms everything up.
        return {
            "n": len(whole) - 1,
            "p50": float(np.median(whole[1:])),
            "p95": float(np.quantile(whole[1:], 0.95)),
            "stages": {name: float(np.median([stage.get(name, 0.0) for stage in stages[1:]])) for name in names},
        }


PARTS: tuple[str, ...] = ("detector", "encoder", "classic", "guide", "index", "search")
OPTIONS = {"detector": ("limit", "lays"), "index": ("sizes",), "search": ("limit", "queries", "timed")}
"""What a part's figures depend on besides the data; it goes into the results with them."""


def measured(options: argparse.Namespace) -> dict[str, dict]:
    """Every part's figures: measured now where asked for, else as they were kept.

    Raises:
        ValueError: if a part was neither asked for nor kept.
    """
    options.measured.mkdir(parents=True, exist_ok=True)
    kept = {name: options.measured / f"{name}.json" for name in PARTS}
    judge = Judge(options) if options.only else None
    told = options.measured / "options.json"
    used = json.loads(told.read_text(encoding="utf-8")) if told.is_file() else {}
    for name in options.only:
        measure: Callable[[], dict] = getattr(judge, name)
        kept[name].write_text(json.dumps(measure(), indent=1), encoding="utf-8")
        used[name] = {option: getattr(options, option) for option in OPTIONS.get(name, ())}
        told.write_text(json.dumps(used, indent=1), encoding="utf-8")
        print(kept[name], flush=True)
    if missing := [name for name in PARTS if not kept[name].is_file()]:
        raise ValueError(
            f"{', '.join(missing)} not measured yet; run without --only, or with --only {' '.join(missing)}"
        )
    figures = {name: json.loads(path.read_text(encoding="utf-8")) for name, path in kept.items()}
    figures["options"] = {name: values for name, values in used.items() if values}
    for name, extra in (("backbones", options.backbones), ("orders", options.orders)):
        figures[name] = json.loads(extra.read_text(encoding="utf-8")) if extra.is_file() else None
    return figures


def write_results(options: argparse.Namespace, figures: dict[str, dict]) -> None:
    """Writes the three results.json."""
    sizes = {name: (folder / "model.safetensors").stat().st_size for name, folder in CARDS.items()}
    products = read_products(options.data / "products", "test")
    garments = read_garments(options.data / "garments", "test")
    single = {
        "name": "catalogue photographs (test split) and CC0 phone photographs (test split)",
        "sha256": items_sha256([*products, *garments]),
        "samples": len(products) + len(garments),
        "type": "products-and-garments",
    }
    street = {
        "name": "street photographs (Clothing Co-Parsing, held-out file)",
        "sha256": figures["detector"]["sha256"],
        "samples": figures["detector"]["photos"],
        "type": "street",
    }
    neural = sizes["detector"] + sizes["encoder"]
    rows = {
        "detector": detector_rows(figures["detector"], sizes["detector"]),
        "encoder": encoder_rows(figures, sizes["encoder"], neural),
        "classic": classic_rows(figures["classic"], sizes["classic"]),
    }
    kept = {
        "detector": figures["detector"] | {"table": class_table(figures["detector"])},
        "encoder": {name: part for name, part in figures.items() if name not in ("detector", "classic")}
        | {"tables": encoder_tables(figures)},
        "classic": figures["classic"],
    }
    tasks = {
        "detector": "garment detection, with and without a guide",
        "encoder": "guided fashion image search",
        "classic": "fashion image search, traditional",
    }
    for name, folder in CARDS.items():
        results = {
            "model": folder.name,
            "task": tasks[name],
            "command": COMMAND,
            "seed": options.seed,
            "date": datetime.date.today().isoformat(),
            "dataset": street if name == "detector" else single,
            "headline": rows[name],
            "weights_bytes": sizes[name],
            "figures": kept[name],
        }
        text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
        (folder / "results.json").write_text(text, encoding="utf-8")
        print(folder / "results.json")


def parse(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with street/, garments/ and products/")
    parser.add_argument("--only", nargs="*", choices=PARTS, default=PARTS, help="parts to measure now; may be none")
    parser.add_argument("--measured", type=Path, default=Path("runs/fashion/measured"), help="where parts are kept")
    parser.add_argument("--orders", type=Path, default=Path("runs/fashion/orders/validation.json"))
    parser.add_argument("--backbones", type=Path, default=Path("runs/fashion/backbones/results.json"))
    parser.add_argument("--limit", type=int, help="use only the first pictures")
    parser.add_argument("--queries", type=int, default=300, help="catalogue photos that are searched for")
    parser.add_argument("--lays", type=int, default=100, help="flat lays")
    parser.add_argument("--timed", type=int, default=40, help="photographs whose whole query is timed")
    parser.add_argument("--sizes", type=int, nargs="+", default=(10_000, 100_000, 1_000_000), help="of the index")
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> None:
    options = parse(argv)
    write_results(options, measured(options))


if __name__ == "__main__":
    main()
