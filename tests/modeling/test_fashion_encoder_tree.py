"""The category tree and hedging, against naive loops over nodes and leaves."""

import itertools
import math

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from modeling.fashion_encoder.tree_fashion_encoder import CategoryTree, marginal_nll

PARENTS = {"thing": "", "top": "thing", "shoe": "thing", "shirt": "top", "coat": "top", "boot": "shoe", "hat": "thing"}
TREE = CategoryTree(PARENTS)


def distributions(leaves: int = len(TREE.leaves)) -> st.SearchStrategy[list[float]]:
    """Leaf probabilities."""
    weights = st.lists(st.floats(0.01, 1, allow_subnormal=False), min_size=leaves, max_size=leaves)
    return weights.map(lambda values: [value / sum(values) for value in values])


def leaves_under(node: str) -> set[str]:
    """By going up from every leaf."""
    found = set()
    for leaf in TREE.leaves:
        above = leaf
        while above and above != node:
            above = PARENTS[above]
        if above == node:
            found.add(leaf)
    return found


class TestTree:
    def test_nodes_come_after_their_parents(self):
        places = {node: place for place, node in enumerate(TREE.nodes)}
        assert all(places[node] > places[parent] for node, parent in PARENTS.items() if parent)
        assert set(TREE.leaves) == {"shirt", "coat", "boot", "hat"}
        assert TREE.path("boot") == ("thing", "shoe", "boot")
        assert set(TREE.below("top")) == {"top", "shirt", "coat"}

    def test_the_order_of_the_mapping_does_not_matter(self):
        turned = CategoryTree(dict(reversed(PARENTS.items())))
        assert turned.nodes == TREE.nodes
        assert turned.leaves == TREE.leaves

    @pytest.mark.parametrize("node", PARENTS)
    def test_membership_is_what_going_up_finds(self, node):
        column = TREE.membership[:, TREE.nodes.index(node)]
        assert {leaf for leaf, inside in zip(TREE.leaves, column, strict=True) if inside} == leaves_under(node)
        assert TREE.information[TREE.nodes.index(node)] == pytest.approx(math.log2(4 / len(leaves_under(node))))

    @pytest.mark.parametrize(
        ("parents", "message"),
        [
            ({"a": "", "b": ""}, "exactly one root"),
            ({"a": "", "b": "c"}, "'c' of 'b'"),
            ({"a": "", "b": "c", "c": "b"}, "Not below the root: b, c"),
        ],
    )
    def test_what_is_no_tree_is_refused(self, parents, message):
        with pytest.raises(ValueError, match=message):
            CategoryTree(parents)

    def test_an_unknown_node_is_named(self):
        with pytest.raises(ValueError, match="'sock' is not a category; known are thing"):
            TREE.path("sock")


class TestHedging:
    @given(distributions(), st.floats(0, 20, allow_subnormal=False))
    def test_the_node_of_highest_reward_is_answered(self, probabilities, strength):
        rewards = {}
        for node in PARENTS:
            under = leaves_under(node)
            probability = sum(p for leaf, p in zip(TREE.leaves, probabilities, strict=True) if leaf in under)
            rewards[node] = (math.log2(4 / len(under)) + strength) * probability
        answer = TREE.nodes[TREE.hedge(torch.tensor([probabilities], dtype=torch.float64), strength).item()]
        assert rewards[answer] == pytest.approx(max(rewards.values()), rel=1e-5)

    @given(distributions())
    def test_more_hedging_is_never_less_sure(self, probabilities):
        rows = torch.tensor([probabilities], dtype=torch.float64)
        nodes = rows @ TREE.membership.double()
        answers = [TREE.hedge(rows, strength).item() for strength in (0, 0.5, 2, 8, 32, 1e6)]
        sure = [nodes[0, node].item() for node in answers]
        assert all(later >= earlier - 1e-9 for earlier, later in itertools.pairwise(sure))
        assert TREE.nodes[answers[-1]] == "thing"

    def test_of_a_node_and_its_only_child_the_child_is_answered(self):
        rows = torch.tensor([[float(leaf == "boot") for leaf in TREE.leaves]])
        assert TREE.nodes[TREE.hedge(rows, 1.0).item()] == "boot"


class TestMarginalLikelihood:
    def test_it_is_the_log_of_the_summed_probabilities(self):
        torch.manual_seed(3)
        log_probabilities = torch.randn(5, 7).log_softmax(1)
        allowed = torch.rand(5, 7) < 0.4
        allowed[:, 2] = True
        expected = [-math.log(sum(p for p, may in zip(r.exp().tolist(), a, strict=True) if may))
                    for r, a in zip(log_probabilities, allowed.tolist(), strict=True)]  # fmt: skip
        torch.testing.assert_close(marginal_nll(log_probabilities, allowed), torch.tensor(expected))

    def test_leaves_that_are_not_allowed_get_no_push_up(self):
        logits = torch.zeros(1, 5, requires_grad=True)
        allowed = torch.tensor([[True, True, False, False, False]])
        marginal_nll(logits.log_softmax(1), allowed).sum().backward()
        assert (logits.grad[0, :2] < 0).all()
        assert (logits.grad[0, 2:] > 0).all()
