"""Judges the card reader in a headless browser: time a frame, first answer, and videos in which frames vote.

    make phone                                            # prints where it built the site
    python -m training.card_ocr.evaluate_phone SITE

Frames are handed to the very worker the page uses, and its own vote decides. The figures go to
hub_cards/planet-card-ocr-compact/results.json, beside what `evaluate_compact` wrote there; those of
`--split validation` are only printed.
"""

from __future__ import annotations

import argparse
import base64
import gzip
import json
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright
from tqdm import tqdm

from training.card_ocr.compact_headline import compact_headline
from training.card_ocr.measures import share
from training.card_ocr.video import frames

CARD = Path("hub_cards/planet-card-ocr-compact")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")

_OPEN = """async () => {
  const { ReaderClient } = await import(new URL("ui/client.js", document.baseURI));
  window.Vote = (await import(new URL("reader/vote.js", document.baseURI))).Vote;
  window.client = new ReaderClient();
  await window.client.ready;
}"""
_WATCH = """async (files) => {
  const vote = new window.Vote();
  const seen = [];
  for (const text of files) {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const frame = await createImageBitmap(new Blob([bytes]));
    const began = performance.now();
    const { reading } = await window.client.read(frame);
    const ms = performance.now() - began;
    const { number } = vote.add(reading);
    seen.push({ ms, one: reading.number, number });
    if (number) break;
  }
  return seen;
}"""


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {".js": "text/javascript", ".mjs": "text/javascript"}

    def log_message(self, *_) -> None:
        """Says nothing: the progress bar does."""


def watch(page: Page, split: str, cards: int, longest: int, first: int) -> dict:
    """Plays one video a card until its number is accepted or its frames are over."""
    times, accepted, wrong, single = [], [], 0, 0
    for index in tqdm(range(first, first + cards), desc="videos", mininterval=2):
        number, files = frames(split, index, longest)
        seen = page.evaluate(_WATCH, [base64.b64encode(data).decode() for data in files])
        times += [one["ms"] for one in seen]
        single += sum(one["one"] is not None and one["one"] != number for one in seen)
        if seen[-1]["number"] is not None:
            accepted.append(len(seen))
            wrong += seen[-1]["number"] != number
    return {
        "videos": {
            "accepted": share(len(accepted), cards).as_dict(),
            "wrong": share(wrong, len(accepted)).as_dict(),
            "wrong_single_frames": share(single, len(times)).as_dict(),
            "frames_to_accept": {"median": float(np.median(accepted)), "longest": longest} if accepted else None,
        },
        "ms": {"median": round(float(np.median(times)), 1), "p95": round(float(np.percentile(times, 95)), 1)},
        "timed": len(times),
    }


def first_answer(page: Page, address: str) -> float:
    """Milliseconds from the load of the page to the answer to its example."""
    page.goto(address)
    page.locator(".accepted").wait_for()
    answered, loaded = page.evaluate(
        "[performance.getEntriesByName('answered')[0].startTime,"
        " performance.getEntriesByType('navigation')[0].loadEventEnd]"
    )
    return round(answered - loaded, 1)


def site_sizes(site: Path) -> dict[str, dict[str, int]]:
    """Bytes by part of the built site, as files and as gzip sends them."""
    parts: dict[str, dict[str, int]] = {}
    for path in sorted(path for path in site.rglob("*") if path.is_file()):
        part = {"models": "weights", "runtime": "runtime"}.get(path.relative_to(site).parts[0], "page")
        found = parts.setdefault(part, {"bytes": 0, "gzip": 0})
        found["bytes"] += path.stat().st_size
        found["gzip"] += len(gzip.compress(path.read_bytes(), mtime=0))
    return parts


def measure(site: Path, split: str, cards: int, longest: int, first: int) -> dict:
    """Everything that is measured in the browser."""
    executable = next(filter(None, map(shutil.which, BROWSERS)), None)
    if executable is None:
        raise SystemExit(f"No browser found ({', '.join(BROWSERS)}); on Debian: apt-get install chromium")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
            page = browser.new_page()
            page.set_default_timeout(120_000)
            firsts = [first_answer(page, address) for _ in range(3)]
            page.goto(f"{address}manifest.webmanifest")
            page.evaluate(_OPEN)
            found = watch(page, split, cards, longest, first)
            found["browser"] = browser.version
            browser.close()
    finally:
        server.shutdown()
    return found | {"first_answer_ms": sorted(firsts)[1], "sizes": site_sizes(site), "seed": first}


def main(argv: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", type=Path, help="built by make phone")
    parser.add_argument(
        "--split", choices=("test", "validation"), default="test", help="validation is for whoever changes the vote"
    )
    parser.add_argument("--cards", type=int, default=200, help="videos, one a card")
    parser.add_argument("--frames", type=int, default=5, help="frames in which a number must be accepted")
    parser.add_argument("--first", type=int, default=100_000, help="index of the first card: none of the test split's")
    parser.add_argument("--card", type=Path, default=CARD)
    args = parser.parse_args(argv)
    found = measure(args.site, args.split, args.cards, args.frames, args.first)
    print(json.dumps(found, indent=1))
    if args.split != "test":
        return
    path = args.card / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    results["figures"]["browser"] = found
    results["headline"] = compact_headline(results["figures"])
    path.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
