"""What a card reader answers, as plain numbers; a stranger's process runs this file too, so it imports no project."""

import json
import sys

import numpy as np


def tiles(picture) -> dict:
    """The size of a picture and the mean of each of 4 x 16 tiles: a pixel rounded the other way hardly moves them."""
    return {
        "shape": list(picture.shape),
        "tiles": [
            [float(tile.mean()) for tile in np.array_split(row, 16, axis=1)]
            for row in np.array_split(picture, 4, axis=0)
        ],
    }


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
            {
                "value": digit.value,
                "confidence": float(digit.confidence),
                "probabilities": [float(p) for p in digit.probabilities],
                "corners": [[float(x), float(y)] for x, y in digit.corners],
                "span": [float(column) for column in digit.span],
            }
            for digit in reading.digits
        ],
        "stages": [
            {
                "name": stage.name,
                "picture": None if stage.picture is None else tiles(stage.picture),
                "regions": [[[float(x), float(y)] for x, y in region] for region in stage.regions],
            }
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
