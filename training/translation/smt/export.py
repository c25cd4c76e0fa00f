"""Writes the published folder: grammar, language model, tuned weights.

python -m training.translation.smt.export --run runs/translation/smt --text FOLDER --out hub_cards/planet-smt-zh-ko
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

from modeling.planet_smt import PlanetSmt, PlanetSmtConfig
from modeling.planet_smt.grammar_planet_smt import Grammar
from modeling.planet_smt.processing_zh_ko import PreProcessor
from modeling.planet_smt.scoring_planet_smt import LanguageModel


def compact(grammar: Grammar) -> Grammar:
    """The same grammar without the words that no rule holds."""
    label, symbol = grammar.arrays["label"], grammar.arrays["symbol"]
    source_kept = sorted(set(label.tolist()) - {0})
    target_kept = sorted({0} | set(symbol[symbol >= 0].tolist()))
    new_source = {old: new for new, old in enumerate(source_kept, 1)} | {0: 0}
    new_target = {old: new for new, old in enumerate(target_kept)}
    arrays = dict(grammar.arrays)
    arrays["label"] = label.copy()
    arrays["label"][:] = [new_source[old] for old in label.tolist()]
    arrays["symbol"] = symbol.copy()
    arrays["symbol"][:] = [new_target.get(old, old) for old in symbol.tolist()]
    return Grammar(
        arrays,
        [grammar.source_words[old - 1] for old in source_kept],
        [grammar.target_words[old] for old in target_kept],
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the folder, with tuning.json about how it came to be, and prints the sizes of its files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, required=True, help="folder with grammar, language model and tuned.json")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--text", type=Path, required=True, help="folder of segmenter.crfsuite")
    parser.add_argument("--pop-limit", type=int, default=PlanetSmtConfig().pop_limit)
    options = parser.parse_args(arguments)
    tuned = json.loads((options.run / "tuned.json").read_text(encoding="utf-8"))
    config = PlanetSmtConfig(weights=tuned["weights"], pop_limit=options.pop_limit)
    language_model = LanguageModel(options.run / "language_model.arpa.gz")
    preprocessor = PreProcessor.from_folder(options.text)
    model = PlanetSmt(config, compact(Grammar.load(options.run)), language_model, preprocessor)
    model.save_pretrained(options.out)
    grammar = json.loads((options.run / "grammar.json").read_text(encoding="utf-8"))
    report = {"grammar": grammar, "tuning": {name: tuned[name] for name in ("seed", "bleu", "mean", "deviation")}}
    (options.out / "tuning.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({path.name: path.stat().st_size for path in sorted(options.out.iterdir()) if path.is_file()}))


if __name__ == "__main__":
    main()
