"""Attributes as a sequence: decoding against a naive loop, guides, and a toy problem only a sequence can solve."""

import itertools

import pytest
import torch
from torch.nn import functional as F

from modeling.fashion_encoder.guiding_fashion_encoder import spell_out
from modeling.fashion_encoder.heads_fashion_encoder import SoftmaxHeads
from modeling.fashion_encoder.sequence_fashion_encoder import END, AttributeDecoder, Words
from modeling.fashion_encoder.tree_fashion_encoder import CategoryTree

TREE = CategoryTree({
    "product": "", "clothing": "product", "top": "clothing", "shirt": "top", "vest": "top", "dress": "clothing",
    "shoes": "product", "boot": "shoes", "clog": "shoes",
})  # fmt: skip
ATTRIBUTES = {
    "parent": ["top", "shoes", "clothing"],
    "category": ["shirt", "vest", "boot"],
    "colour": ["red", "blue", "black", "white", "green"],
}
WORDS = Words(ATTRIBUTES)
SIZE = 13


def decoder(seed: int = 0) -> AttributeDecoder:
    torch.manual_seed(seed)
    net = AttributeDecoder(len(WORDS), SIZE, 7, 11, 0.0).eval()
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.8)  # opinions strong enough to differ from picture to picture
    return net


def naive_decode(net: AttributeDecoder, feature: torch.Tensor, guide: dict[str, str]) -> dict[str, tuple[str, float]]:
    """One picture, the whole sequence computed anew for every group, words listed one by one."""
    spoken, found = [], {}
    for place, group in enumerate(WORDS.groups):
        logits = net(feature[None], torch.tensor([[*spoken, END]]))[0, -1]
        possible = [n for n, (other, _) in enumerate(WORDS.words) if n == END or WORDS.groups.index(other) >= place]
        shares = dict(zip(possible, logits[possible].softmax(0).tolist(), strict=True))
        own = [n for n in possible if WORDS.words[n][0] == group]
        best = max(own, key=lambda n: shares[n])
        if group in guide:
            best = WORDS.index[group, guide[group]]
        elif shares[best] <= sum(share for n, share in shares.items() if n not in own):
            continue
        found[group] = (WORDS.words[best][1], shares[best])
        spoken.append(best)
    return found


def decode(net, features, orders) -> list[dict[str, tuple[str, float]]]:
    forced, allowed = torch.tensor([o.forced for o in orders]), torch.tensor([o.allowed for o in orders])
    words, shares = net.decode(features, torch.tensor(WORDS.group_of), forced, allowed)
    return [
        {group: (WORDS.words[n][1], share) for group, n, share in zip(WORDS.groups, line, sure, strict=True) if n}
        for line, sure in zip(words.tolist(), shares.tolist(), strict=True)
    ]


class TestWords:
    def test_labels_become_words_in_order_and_back(self):
        line = WORDS.encode({"colour": "blue", "parent": "top", "category": "unheard of"})
        assert [WORDS.words[number] for number in line] == [("parent", "top"), ("colour", "blue"), ("", "")]
        assert line[-1] == END

    def test_every_word_knows_its_group(self):
        for (group, _), place in zip(WORDS.words[1:], WORDS.group_of[1:], strict=True):
            assert WORDS.groups[place] == group
        assert WORDS.group_of[END] == len(WORDS.groups)


class TestDecoding:
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("guide", [
        {}, {"colour": "white"}, {"parent": "shoes"}, {"parent": "top", "colour": "green"},
        {"parent": "top", "category": "vest"},
    ])  # fmt: skip
    def test_a_batch_is_decoded_as_one_picture_after_the_other(self, seed, guide):
        net, features = decoder(seed), torch.randn(17, SIZE)
        forced = tuple(WORDS.index.get((group, guide.get(group, "")), END) for group in WORDS.groups)
        words, shares = net.decode(features, torch.tensor(WORDS.group_of), torch.tensor([forced] * 17))
        for feature, line, sure in zip(features, words.tolist(), shares.tolist(), strict=True):
            expected = naive_decode(net, feature, guide)
            found = {g: (WORDS.words[n][1], s) for g, n, s in zip(WORDS.groups, line, sure, strict=True) if n}
            assert {group: word for group, (word, _) in found.items()} == {g: w for g, (w, _) in expected.items()}
            for group, (_, share) in found.items():
                assert share == pytest.approx(expected[group][1], abs=1e-5)

    def test_each_picture_follows_its_own_guide(self):
        guides = [{"colour": "red"}, None, {"category": "boot"}, {"category": "shirt", "colour": "blue"}]
        net, features = decoder(), torch.randn(4, SIZE)
        orders = [spell_out(guide, WORDS, TREE) for guide in guides]
        together = decode(net, features, orders)
        alone = [decode(net, feature[None], [order])[0] for feature, order in zip(features, orders, strict=True)]
        for one, other in zip(together, alone, strict=True):
            assert one == {group: (word, pytest.approx(share, abs=1e-5)) for group, (word, share) in other.items()}
        assert together[0]["colour"][0] == "red"
        assert [together[2][group][0] for group in ("parent", "category")] == ["shoes", "boot"]
        assert [together[3][group][0] for group in WORDS.groups] == ["top", "shirt", "blue"]


class TestGuides:
    def test_a_leaf_forces_its_parent_too(self):
        orders = spell_out({"category": "vest"}, WORDS, TREE)
        assert [WORDS.words[n] for n in orders.forced[:2]] == [("parent", "top"), ("category", "vest")]
        assert orders.node == "vest"

    def test_a_node_above_leaves_forces_the_parent_and_limits_the_category(self):
        orders = spell_out({"category": "shoes"}, WORDS, TREE)
        assert orders.forced == (WORDS.index["parent", "shoes"], END, END)
        may = {
            word
            for (group, word), allowed in zip(WORDS.words, orders.allowed, strict=True)
            if allowed and group == "category"
        }
        assert may == {"boot"}

    def test_a_node_high_up_only_limits(self):
        orders = spell_out({"category": "clothing"}, WORDS, TREE)
        assert set(orders.forced) == {END}
        may = {
            pair for pair, allowed in zip(WORDS.words, orders.allowed, strict=True) if allowed and pair[0] != "colour"
        }
        assert may == {("", ""), ("parent", "top"), ("parent", "clothing"), ("category", "shirt"), ("category", "vest")}

    def test_a_word_never_learnt_silences_its_group(self):
        orders = spell_out({"category": "dress", "colour": "khaki"}, WORDS, TREE)
        assert orders.foreign == {"category": "dress", "colour": "khaki"}
        found = decode(decoder(), torch.randn(5, SIZE), [orders] * 5)
        assert all(set(line) == {"parent"} and line["parent"][0] == "clothing" for line in found)

    def test_no_guide_allows_everything(self):
        for guide in (None, {}, {"colour": ""}):
            orders = spell_out(guide, WORDS, TREE)
            assert set(orders.forced) == {END}
            assert all(orders.allowed)
            assert orders.node == "product"

    @pytest.mark.parametrize(
        ("guide", "message"), [({"collar": "round"}, "'collar'"), ({"category": "sock"}, "'sock'")]
    )
    def test_what_does_not_exist_is_refused(self, guide, message):
        with pytest.raises(ValueError, match=message):
            spell_out(guide, WORDS, TREE)


class TestSoftmaxHeads:
    def test_each_group_is_its_own_argmax(self):
        torch.manual_seed(1)
        heads, features = SoftmaxHeads(ATTRIBUTES, SIZE, 0.0).eval(), torch.randn(7, SIZE)
        forced, allowed = torch.zeros(7, 3, dtype=torch.long), torch.ones(7, len(WORDS), dtype=torch.bool)
        words, shares = heads.decode(features, forced, allowed)
        for place, (group, logits) in enumerate(heads(features).items()):
            best = logits.argmax(1).tolist()
            names = ["", *ATTRIBUTES[group]]
            assert [WORDS.words[n][1] for n in words[:, place].tolist()] == [names[index] for index in best]
            expected = [row.softmax(0).max().item() if i else 0.0 for row, i in zip(logits, best, strict=True)]
            torch.testing.assert_close(shares[:, place], torch.tensor(expected))

    def test_forced_words_are_answered_and_forbidden_ones_are_not(self):
        heads = SoftmaxHeads(ATTRIBUTES, SIZE, 0.0).eval()
        orders = [spell_out({"category": "boot", "colour": "white"}, WORDS, TREE)] * 3
        forced, allowed = torch.tensor([o.forced for o in orders]), torch.tensor([o.allowed for o in orders])
        words, _ = heads.decode(torch.randn(3, SIZE), forced, allowed)
        assert [WORDS.words[n][1] for n in words[1].tolist()] == ["shoes", "boot", "white"]


class TestLearning:
    def test_the_colour_follows_the_category_a_guide_names(self):
        """Every picture shows a red shirt and a blue boot; which colour is right depends on which one is meant."""
        torch.manual_seed(5)
        lines = [
            {"parent": "top", "category": "shirt", "colour": "red"},
            {"parent": "shoes", "category": "boot", "colour": "blue"},
        ]
        net = AttributeDecoder(len(WORDS), SIZE, 7, 11, 0.0)
        optimizer = torch.optim.Adam(net.parameters(), 0.03)
        words = torch.tensor([WORDS.encode(line) for line in lines])
        for _ in range(120):
            features = torch.randn(8, 1, SIZE).expand(8, 2, SIZE).reshape(16, SIZE)  # each picture with both answers
            targets = words.repeat(8, 1)
            loss = F.cross_entropy(net(features, targets).flatten(0, 1), targets.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        features = torch.randn(3, SIZE)
        for line in lines:
            orders = [spell_out({"category": line["category"]}, WORDS, TREE)] * 3
            for found in decode(net.eval(), features, orders):
                assert {group: word for group, (word, _) in found.items()} == line

    def test_forcing_in_the_middle_keeps_the_order(self):
        for seed, colour in itertools.product(range(3), ATTRIBUTES["colour"]):
            orders = [spell_out({"colour": colour}, WORDS, TREE)] * 5
            for found in decode(decoder(seed), torch.randn(5, SIZE), orders):
                assert found["colour"][0] == colour
                assert list(found) == [group for group in WORDS.groups if group in found]
