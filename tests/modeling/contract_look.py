"""What the traditional fashion eyes answer, as plain numbers; a stranger's process runs this file too."""

import json
import sys


def answers(model, paths: list[str]) -> list[dict]:
    """Without a guide, and with a box."""
    found = []
    for path in paths:
        for box in (None, (8.0, 16.0, 200.0, 300.0)):
            look = model.look(path, None, box)
            found.append(
                {
                    "box": [float(side) for side in look.box],
                    "garment": look.garment,
                    "category": [look.category.leaf, look.category.hedged],
                    "feature": [float(value) for value in look.feature[::31]],
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
