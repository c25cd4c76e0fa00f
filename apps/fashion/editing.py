"""Who may change keywords: whoever sits at the machine that runs the hub, or everyone where its owner says so."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from ipaddress import ip_address

import gradio as gr

VARIABLE = "PLANET_HUB_EDIT"
"""1: every visitor may edit. 0: nobody. Not set: only from the same machine, and never on a public Space."""

_LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")


def may_edit(request: gr.Request | None) -> bool:
    """Whether the visitor behind a request may change keywords."""
    if request is None:
        return False
    host = request.client.host if request.client else ""
    return allowed(os.environ, host, request.headers)


def allowed(environment: Mapping[str, str], host: str, headers: Mapping[str, str]) -> bool:
    """The same, of plain values.

    Args:
        environment: of this process.
        host: the visitor's address.
        headers: of the request, their names in lower case.
    """
    setting = environment.get(VARIABLE, "").strip()
    if setting:
        return setting == "1"
    # A proxy on this machine makes everyone's address local; it says for whom it asks, or what it is called.
    forwarded = any(name in headers for name in ("x-forwarded-for", "forwarded", "x-real-ip"))
    name = re.sub(r":\d+$", "", headers.get("host", ""))
    return not environment.get("SPACE_ID") and _is_loopback(host) and not forwarded and name in _LOCAL_NAMES


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
