"""How the translator's events are queued and named, for page and API alike."""

from __future__ import annotations

PREFIX = "translation_"
"""Of this page's texts; its own words for failures are among them."""

# One text at a time, one file at a time: between two batches of a file, a visitor's sentence gets its turn.
SHORT = {"concurrency_id": "translation", "concurrency_limit": 1}
LONG = {"concurrency_id": "translation_files", "concurrency_limit": 1}

PRIVATE = {"api_visibility": "private"}

# Gradio would check and refuse in its own words; ours are in the visitor's language. That a file was uploaded here is
# checked by Gradio all the same.
UNTOUCHED = {"preprocess": False}
