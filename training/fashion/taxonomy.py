"""The category tree, and which node of it a label of either data set stands for."""

from __future__ import annotations

GARMENT_CLASSES = (
    "footwear", "top", "bag", "outer", "pants", "eyewear", "dress", "belt", "skirt", "legwear", "headwear", "scarf",
    "tie",
)  # fmt: skip
"""The classes of the garment detector, most frequent first."""

_BELOW = {
    "product": ("clothing", "footwear", "accessories"),
    "clothing": ("top", "outer", "pants", "dress", "skirt", "legwear", "innerwear", "tracksuit"),
    "top": ("t-shirt", "shirt", "blouse", "kurta", "kurti", "tunic", "sweater", "sweatshirt", "long-sleeve"),
    "outer": ("jacket", "outwear"),
    "pants": ("jeans", "trousers", "shorts", "track-pants", "leggings", "capris"),
    "legwear": ("socks", "stockings"),
    "innerwear": ("briefs", "trunk", "innerwear-vest", "bra"),
    "footwear": ("casual-shoes", "sports-shoes", "formal-shoes", "heels", "flats", "sandals", "flip-flops"),
    "accessories": (
        "bag", "watch", "eyewear", "wallet", "belt", "headwear", "tie", "scarf", "cufflinks", "gift-set",
        "mobile-pouch", "gloves", "umbrella",
    ),
    "bag": ("handbag", "backpack", "clutch", "laptop-bag", "duffel-bag", "messenger-bag"),
    "eyewear": ("sunglasses",),
    "headwear": ("cap", "hat"),
}  # fmt: skip

TREE: dict[str, str] = {"product": ""} | {node: parent for parent, nodes in _BELOW.items() for node in nodes}
"""Node -> parent; the root's is ""."""

ARTICLE_NODES: dict[str, str] = {
    "Tshirts": "t-shirt", "Shirts": "shirt", "Tops": "blouse", "Kurtas": "kurta", "Kurtis": "kurti", "Tunics": "tunic",
    "Sweaters": "sweater", "Sweatshirts": "sweatshirt", "Jackets": "jacket", "Waistcoat": "outer", "Shrug": "outer",
    "Jeans": "jeans", "Trousers": "trousers", "Shorts": "shorts", "Lounge Shorts": "shorts",
    "Track Pants": "track-pants", "Lounge Pants": "track-pants", "Leggings": "leggings", "Tights": "leggings",
    "Churidar": "leggings", "Capris": "capris", "Dresses": "dress", "Skirts": "skirt", "Socks": "socks",
    "Stockings": "stockings", "Briefs": "briefs", "Trunk": "trunk", "Boxers": "trunk",
    "Innerwear Vests": "innerwear-vest", "Bra": "bra", "Tracksuits": "tracksuit", "Kurta Sets": "clothing",
    "Sarees": "clothing", "Casual Shoes": "casual-shoes", "Sports Shoes": "sports-shoes",
    "Formal Shoes": "formal-shoes", "Heels": "heels", "Flats": "flats", "Sandals": "sandals",
    "Sports Sandals": "sandals", "Flip Flops": "flip-flops", "Handbags": "handbag", "Backpacks": "backpack",
    "Rucksacks": "backpack", "Clutches": "clutch", "Laptop Bag": "laptop-bag", "Duffel Bag": "duffel-bag",
    "Messenger Bag": "messenger-bag", "Waist Pouch": "bag", "Watches": "watch", "Sunglasses": "sunglasses",
    "Wallets": "wallet", "Belts": "belt", "Caps": "cap", "Hat": "hat", "Headband": "headwear", "Ties": "tie",
    "Mufflers": "scarf", "Scarves": "scarf", "Stoles": "scarf", "Dupatta": "scarf", "Cufflinks": "cufflinks",
    "Accessory Gift Set": "gift-set", "Mobile Pouch": "mobile-pouch", "Gloves": "gloves", "Umbrellas": "umbrella",
    "Shoe Accessories": "accessories", "Travel Accessory": "accessories", "Necklace and Chains": "accessories",
    "Bracelet": "accessories",
}  # fmt: skip
"""`articleType` of the catalogue -> node. Types with a handful of photos stand for the node above them."""

GARMENT_NODES: dict[str, list[str]] = {
    "dress": ["dress"],
    "hat": ["headwear"],
    "longsleeve": ["long-sleeve", "sweater", "sweatshirt"],
    "outwear": ["outer"],
    "pants": ["jeans", "trousers", "track-pants", "leggings", "capris"],
    "shirt": ["shirt"],
    "shoes": ["footwear"],
    "shorts": ["shorts"],
    "skirt": ["skirt"],
    "t-shirt": ["t-shirt"],
}
"""Folder of the garment set -> the nodes it stands for; no two share a leaf, so that ten sums can be compared."""


def garment_class(node: str) -> str:
    """The detector's class that `node` is or lies under, or "" where the detector has none.

    Raises:
        ValueError: if `node` is not in the tree.
    """
    if node not in TREE:
        raise ValueError(f"{node!r} is not a node of the category tree")
    while node and node not in GARMENT_CLASSES:
        node = TREE[node]
    return node
