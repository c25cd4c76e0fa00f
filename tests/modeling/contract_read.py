"""What a card reader answers, as plain numbers; a stranger's process runs this file too, so it imports no project."""

import hashlib
import json
import sys


def describe(reading) -> dict:
    """Everything in a reading that does not depend on the clock; floats in full precision."""
    return {
        "number": reading.number,
        "decision": reading.decision,
        "reason": reading.reason,
        "message": reading.message,
        "confidence": float(reading.confidence),
        "groups": [int(count) for count in reading.groups],
        "digits": [
            [
                digit.value,
                float(digit.confidence),
                [float(p) for p in digit.probabilities],
                [[float(x), float(y)] for x, y in digit.corners],
                [float(column) for column in digit.span],
            ]
            for digit in reading.digits
        ],
        "stages": [
            [
                stage.name,
                None if stage.picture is None else hashlib.sha256(stage.picture.tobytes()).hexdigest(),
                [[[float(x), float(y)] for x, y in region] for region in stage.regions],
            ]
            for stage in reading.stages
        ],
    }


def answers(model, paths: list[str]) -> list[dict]:
    """One by one, then as a batch."""
    return [describe(model.read(path)) for path in paths] + [describe(r) for r in model.read_batch(paths)]


def main() -> None:
    """`sys.argv`: the folder or repository, then the pictures."""
    from transformers import AutoModel

    model = AutoModel.from_pretrained(sys.argv[1], trust_remote_code=True)
    print(json.dumps(answers(model, sys.argv[2:])))


if __name__ == "__main__":
    main()
