"""What the fashion encoder answers, as plain numbers; a stranger's process runs this file too."""

import json
import sys


def answers(model, paths: list[str]) -> list[dict]:
    """Without a guide, with one, and by independent softmaxes."""
    found = []
    for guide, way in ((None, "sequence"), ({"category": "footwear"}, "sequence"), (None, "softmax")):
        for described in model.describe(paths, [guide] * len(paths), way):
            category = described.category
            found.append(
                {
                    "attributes": [[one.group, one.value, bool(one.forced)] for one in described.attributes],
                    "confidences": [float(one.confidence) for one in described.attributes],
                    "category": [category.leaf, category.hedged, *category.path],
                    "sure": [float(category.confidence), float(category.hedged_confidence)],
                    "feature": [float(value) for value in described.feature[::31]],
                }
            )
    return found


def main() -> None:
    """`sys.argv`: the folder or repository, then the pictures."""
    from transformers import AutoModel

    model = AutoModel.from_pretrained(sys.argv[1], trust_remote_code=True).eval()
    print(json.dumps(answers(model, sys.argv[2:])))


if __name__ == "__main__":
    main()
