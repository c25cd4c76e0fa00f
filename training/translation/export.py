"""Writes the published folder of the neural translator, its search penalties chosen on the development set.

    python -m training.translation.export --run runs/translation/nmt --text FOLDER

FOLDER holds the segmenter, as training.translation.segmenter writes it. What was tried goes to search.json.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
from pathlib import Path

import torch
from tqdm import tqdm

from modeling.planet_nmt import PlanetNmtForConditionalGeneration, PlanetNmtTokenizer
from modeling.planet_nmt import names_zh_ko as names
from modeling.planet_nmt import segmenting_zh_ko as segmenting
from modeling.planet_nmt.search_planet_nmt import SearchOptions, beam_search
from training.translation.batches import Pairs, padded, read_pairs
from training.translation.train import chrf
from training.weights import save_half

CARD = Path("hub_cards/planet-nmt-zh-ko")
LENGTH_PENALTIES = (0.0, 0.4, 0.8, 1.2)
COVERAGE_PENALTIES = (0.0, 0.2)
BATCH = 32


@torch.inference_mode()
def measure(
    model: PlanetNmtForConditionalGeneration, tokenizer: PlanetNmtTokenizer, pairs: Pairs, options: SearchOptions
) -> float:
    """chrF (Popovic 2015) of the subwords' text, placeholders unrestored: enough to compare searches."""
    answers, references = [], []
    order = sorted(range(len(pairs)), key=lambda index: tuple(pairs.lengths[index]))
    for start in range(0, len(order), BATCH):
        rows = [pairs[index] for index in order[start : start + BATCH]]
        batch = padded(rows)
        found = beam_search(model, batch["input_ids"], batch["attention_mask"], options)
        answers += [tokenizer.decode(list(one[0].ids), skip_special_tokens=True) for one in found]
        references += [tokenizer.decode(target.tolist(), skip_special_tokens=True) for _, target in rows]
    return chrf(answers, references)


def choose_search(
    model: PlanetNmtForConditionalGeneration, tokenizer: PlanetNmtTokenizer, pairs: Pairs
) -> list[dict[str, float]]:
    """Every pair of length and coverage penalty (Wu et al., 2016) with its chrF, the best first."""
    tried = []
    for length, coverage in tqdm(list(itertools.product(LENGTH_PENALTIES, COVERAGE_PENALTIES)), desc="search"):
        options = SearchOptions(beam=model.config.beam_size, length_penalty=length, coverage_penalty=coverage)
        score = measure(model, tokenizer, pairs, options)
        tried.append({"length_penalty": length, "coverage_penalty": coverage, "chrf": round(score, 3)})
    return sorted(tried, key=lambda one: -one["chrf"])


def main(arguments: list[str] | None = None) -> None:
    """Writes weights, vocabularies, segmenter, names, code and search.json; prints the sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, default=Path("runs/translation/nmt"))
    parser.add_argument("--text", type=Path, default=CARD, help="folder of segmenter.crfsuite")
    parser.add_argument("--data", type=Path, default=Path("runs/translation/corpus/prepared/cpu"), help="has dev.jsonl")
    parser.add_argument("--out", type=Path, default=CARD)
    parser.add_argument("--sentences", type=int, default=300, help="of the development set; 0 leaves the penalties")
    options = parser.parse_args(arguments)
    model = PlanetNmtForConditionalGeneration.from_pretrained(options.run / "model").eval()
    tokenizer = PlanetNmtTokenizer.from_pretrained(options.run / "model")
    tried = []
    if options.sentences:
        pairs = read_pairs(options.data / "dev.jsonl", tokenizer, limit=options.sentences)
        tried = choose_search(model, tokenizer, pairs)
        model.config.search_length_penalty = tried[0]["length_penalty"]
        model.config.search_coverage_penalty = tried[0]["coverage_penalty"]
    options.out.mkdir(parents=True, exist_ok=True)
    save_half(model, options.out)
    tokenizer.save_pretrained(options.out)
    for name in (segmenting.FILE, "segmenter.json"):
        if (options.text / name).resolve() != (options.out / name).resolve():
            shutil.copyfile(options.text / name, options.out / name)
    shutil.copyfile(Path(names.__file__).with_name(names.FILE), options.out / names.FILE)
    report = {"development_sentences": options.sentences, "tried": tried}
    (options.out / "search.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({path.name: path.stat().st_size for path in sorted(options.out.iterdir()) if path.is_file()}))


if __name__ == "__main__":
    main()
