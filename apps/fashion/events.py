"""How the events of this page are queued and named, and how much of what they take."""

from __future__ import annotations

PREFIX = "fashion_"
"""Of this page's texts; its own words for failures are among them."""

GUIDE_CHARACTERS = 1_000
"""Longest guide in characters: a seller's title is far shorter."""

SHOWN, MOST = 8, 100
"""Answers of each kind that the page shows, and the most that the API gives."""

# Detector, encoder and rival take a second of the processor together: one visitor at a time.
HEAVY = {"concurrency_id": "fashion", "concurrency_limit": 1}

PRIVATE = {"api_visibility": "private"}

# Gradio would check and refuse in its own words; ours are in the visitor's language. That a picture was uploaded here
# is checked by Gradio all the same.
UNTOUCHED = {"preprocess": False}
