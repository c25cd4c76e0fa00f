"""Failures as messages for people: what they can fix in its own words, anything else without a detail."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import gradio as gr

from apps.i18n import Text

T = TypeVar("T")

_log = logging.getLogger(__name__)


def guarded(work: Callable[[], T], text: Text, prefix: str = "") -> T:
    """Runs `work`; failures become messages for people, and the log learns their kind but nothing of the input.

    Args:
        work: what may fail.
        text: the visitor's language.
        prefix: of the page's own `error_title_input` and `error_unexpected`.
    """
    try:
        return work()
    except ValueError as error:
        raise gr.Error(str(error), title=text(f"{prefix}error_title_input"), print_exception=False) from None
    except Exception as error:
        frame = error.__traceback__
        while frame is not None and frame.tb_next is not None:
            frame = frame.tb_next
        where = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}" if frame else "?"
        _log.error("failed: %s at %s", type(error).__name__, where)
        raise gr.Error(text(f"{prefix}error_unexpected"), title=text("error_title"), print_exception=False) from None
