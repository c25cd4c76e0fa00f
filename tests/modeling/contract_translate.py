"""What a translator answers, as plain values; a stranger's process runs this file too, so it imports no project."""

import json
import sys


def describe(translation) -> dict:
    """Everything in a translation that does not depend on the clock; floats in full precision."""
    return {
        "source": translation.source,
        "text": translation.text,
        "score": float(translation.score),
        "source_tokens": list(translation.source_tokens),
        "target_tokens": list(translation.target_tokens),
        "alignment": [[float(weight) for weight in row] for row in translation.alignment],
        "copied": [[one.source, one.target, one.kind, one.how] for one in translation.copied],
        "steps": [[step.name, step.text, list(step.notes)] for step in translation.steps],
        "alternatives": list(translation.alternatives),
        "warning": translation.warning,
    }


def answers(model, texts: list[str]) -> list[dict]:
    """One by one, then as a batch."""
    one_by_one = [model.translate([text], nbest=2)[0] for text in texts]
    return [describe(translation) for translation in (*one_by_one, *model.translate(texts))]


def load(name: str):
    """The model as its card says: by its task, or, where transformers has none for it, by its class."""
    if "nmt" in name:
        from transformers import AutoModelForSeq2SeqLM

        return AutoModelForSeq2SeqLM.from_pretrained(name, trust_remote_code=True)
    from transformers.dynamic_module_utils import get_class_from_dynamic_module

    return get_class_from_dynamic_module("modeling_planet_smt.PlanetSmt", name).from_pretrained(name)


def main() -> None:
    """`sys.argv`: the folder or repository, then the texts."""
    print(json.dumps(answers(load(sys.argv[1]), sys.argv[2:])))


if __name__ == "__main__":
    main()
