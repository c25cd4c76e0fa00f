"""What the detector is trained by: the losses of both stages of Faster R-CNN (Ren et al. 2015, section 3.1.2).

B pictures, N anchors, R sampled regions, K classes, G garments of one picture.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from modeling.fashion_detector.boxes_fashion_detector import encode, overlaps
from modeling.fashion_detector.modeling_fashion_detector import FashionDetectorModel, Seen
from modeling.fashion_detector.proposals_fashion_detector import propose

NEAR, FAR = 0.5, 0.3
"""Anchors that overlap a garment at least NEAR are positive, those that overlap none by FAR are negative (IoU)."""

ANCHORS, REGIONS = 128, 64
"""Anchors and regions per picture that count in the loss."""

POSITIVE = 0.5, 0.3
"""Largest share of positives among them."""

BETA = 0.5
"""Where the smooth L1 loss turns from square to straight, in units of the regression targets."""


def detector_loss(model: FashionDetectorModel, seen: Seen, batch: dict) -> tuple[Tensor, dict[str, float]]:
    """Both stages together.

    Args:
        model: judges the regions.
        seen: its first stage on the batch.
        batch: "started" B x C x h x w, "boxes" per picture G x 4 in frame pixels, "labels" per picture G.

    Returns:
        The sum of the four losses, and each of them.
    """
    size = tuple(8 * side for side in batch["started"].shape[-2:])
    boxes, labels = batch["boxes"], batch["labels"]
    objectness, moves = proposal_loss(seen, boxes)
    regions = propose(
        seen.logits, seen.deltas, seen.anchors, size, 2 * model.config.proposals, model.config.proposal_overlap
    )
    samples = [sample_regions(region, box, label) for region, box, label in zip(regions, boxes, labels, strict=True)]
    logits, deltas = model.judge(seen, [sample[0] for sample in samples], [size] * len(samples))
    classes, targets = torch.cat([s[1] for s in samples]), torch.cat([s[2] for s in samples])
    naming = F.cross_entropy(logits, classes)
    garment = classes > 0
    mine = deltas[garment, classes[garment] - 1]
    fitting = F.smooth_l1_loss(mine, targets[garment], beta=BETA, reduction="sum") / max(len(classes), 1)
    loss = objectness + moves + naming + fitting
    return loss, {
        "objectness": objectness.item(), "moves": moves.item(), "naming": naming.item(), "fitting": fitting.item(),
    }  # fmt: skip


def proposal_loss(seen: Seen, boxes: list[Tensor]) -> tuple[Tensor, Tensor]:
    """Whether an anchor holds a garment (binary cross entropy), and its box where it does (smooth L1)."""
    logits, deltas = torch.cat(seen.logits, 1), torch.cat(seen.deltas, 1)
    anchors = torch.cat(seen.anchors)
    objectness, moves = logits.new_zeros(()), logits.new_zeros(())
    for picture, box in enumerate(boxes):
        matched = match_anchors(anchors, box)
        positive = _choose(matched >= 0, int(ANCHORS * POSITIVE[0]))
        negative = _choose(matched == -1, ANCHORS - len(positive))
        chosen = torch.cat([positive, negative])
        truth = torch.zeros(len(chosen), device=chosen.device)
        truth[: len(positive)] = 1
        objectness = objectness + F.binary_cross_entropy_with_logits(logits[picture, chosen], truth)
        if len(positive):
            wanted = encode(box[matched[positive]], anchors[positive])
            missed = F.smooth_l1_loss(deltas[picture, positive], wanted, beta=BETA, reduction="sum")
            moves = moves + missed / ANCHORS
    return objectness / len(boxes), moves / len(boxes)


def match_anchors(anchors: Tensor, boxes: Tensor) -> Tensor:
    """The garment each anchor stands for: N indices into G; -1 for none, -2 where that is undecided.

    The anchors nearest to a garment count even where they are not near, so that no garment goes without.
    """
    matched = torch.full((len(anchors),), -1, dtype=torch.long, device=anchors.device)
    if not len(boxes):
        return matched
    overlap = overlaps(anchors, boxes)
    best, garment = overlap.max(1)
    matched[best >= FAR] = -2
    matched[best >= NEAR] = garment[best >= NEAR]
    top = overlap.max(0).values.clamp(min=1e-6)
    anchor, whose = (overlap >= top - 1e-4).nonzero(as_tuple=True)
    matched[anchor] = whose
    return matched


def sample_regions(regions: Tensor, boxes: Tensor, labels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Regions of one picture to learn from: proposals and the garments themselves.

    Returns:
        Boxes R x 4, classes R (0 is background, else label + 1), and regression targets R x 4.
    """
    regions = torch.cat([regions, boxes])
    if not len(boxes):
        chosen = _choose(torch.ones(len(regions), dtype=torch.bool, device=regions.device), REGIONS // 2)
        return regions[chosen], torch.zeros(len(chosen), dtype=torch.long), torch.zeros(len(chosen), 4)
    best, garment = overlaps(regions, boxes).max(1)
    positive = _choose(best >= 0.5, int(REGIONS * POSITIVE[1]))
    negative = _choose(best < 0.5, REGIONS - len(positive))
    chosen = torch.cat([positive, negative])
    classes = labels[garment[chosen]] + 1
    classes[len(positive) :] = 0
    return regions[chosen], classes, encode(boxes[garment[chosen]], regions[chosen])


def _choose(mask: Tensor, most: int) -> Tensor:
    """Indices where `mask` holds, at most `most` of them, at random."""
    found = mask.nonzero()[:, 0]
    return found[torch.randperm(len(found))[:most]] if len(found) > most else found
