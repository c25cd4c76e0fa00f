"""The look of every page: Gradio's own parts take their colours from here, ours from `hub.css`, both the same ones."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

# The system's own fonts only: nothing is fetched, and Korean and Chinese are there wherever people read them.
FONTS = ("system-ui", "-apple-system", "Segoe UI", "Apple SD Gothic Neo", "Malgun Gothic", "PingFang SC")
FONTS += ("Microsoft YaHei", "Noto Sans CJK KR", "Noto Sans CJK SC", "sans-serif")
MONO = ("ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "DejaVu Sans Mono", "monospace")

_FOLDER = Path(__file__).parent


def _joined(kind: str) -> str:
    """The hub's own file of a kind, then those of the pages."""
    paths = [_FOLDER / f"hub.{kind}", *sorted(_FOLDER.glob(f"*/*.{kind}"))]
    return "\n".join(path.read_text(encoding="utf-8") for path in paths)


# Style sheets go into the page's head: there they apply before the first paint, to the page as a whole.
HEAD = f"<style>{_joined('css')}</style><script>{_joined('js')}</script>"

_COLOURS = {
    "body_text_color_subdued": "var(--ph-quiet)",
    "background_fill_primary": "var(--ph-surface)",
    "background_fill_secondary": "var(--ph-paper)",
    "border_color_primary": "var(--ph-line)",
    "border_color_accent": "var(--ph-teal)",
    "color_accent_soft": "var(--ph-teal-soft)",
    "link_text_color": "var(--ph-teal)",
    "link_text_color_hover": "var(--ph-teal)",
    "link_text_color_active": "var(--ph-teal)",
    "link_text_color_visited": "var(--ph-teal)",
    "code_background_fill": "var(--ph-sunk)",
    "block_background_fill": "var(--ph-surface)",
    "block_border_color": "var(--ph-line)",
    "block_label_background_fill": "var(--ph-surface)",
    "block_label_border_color": "var(--ph-line)",
    "block_label_text_color": "var(--ph-quiet)",
    "block_title_text_color": "var(--ph-quiet)",
    "accordion_text_color": "var(--ph-ink)",
    "panel_background_fill": "var(--ph-surface)",
    "input_background_fill": "var(--ph-surface)",
    "input_border_color": "var(--ph-line)",
    "input_border_color_focus": "var(--ph-teal)",
    "checkbox_background_color_selected": "var(--ph-teal)",
    "checkbox_border_color_focus": "var(--ph-teal)",
    "checkbox_border_color_selected": "var(--ph-teal)",
    "checkbox_label_background_fill": "var(--ph-surface)",
    "checkbox_label_background_fill_hover": "var(--ph-teal-soft)",
    "checkbox_label_background_fill_selected": "var(--ph-teal-soft)",
    "checkbox_label_text_color": "var(--ph-ink)",
    "loader_color": "var(--ph-teal)",
    "button_primary_background_fill": "var(--ph-teal)",
    "button_primary_background_fill_hover": "var(--ph-teal-strong)",
    "button_primary_border_color": "var(--ph-teal)",
    "button_primary_text_color": "var(--ph-on-teal)",
    "button_primary_text_color_hover": "var(--ph-on-teal)",
    "button_secondary_background_fill": "var(--ph-surface)",
    "button_secondary_background_fill_hover": "var(--ph-teal-soft)",
    "button_secondary_border_color": "var(--ph-line)",
    "button_secondary_border_color_hover": "var(--ph-teal)",
    "button_secondary_text_color": "var(--ph-ink)",
    "button_secondary_text_color_hover": "var(--ph-ink)",
}


# Gradio puts these four on the root element, where the dark class and our variables do not reach.
_PAGE = {
    "body_background_fill": "#f6f4ee",
    "body_background_fill_dark": "#10181a",
    "body_text_color": "#1b2624",
    "body_text_color_dark": "#e8eeec",
}


def theme() -> gr.themes.Base:
    """The theme `launch()` takes. Every colour is one variable of `hub.css`, which holds its light and dark value."""
    base = gr.themes.Base(font=list(FONTS), font_mono=list(MONO), radius_size=gr.themes.sizes.radius_md)
    names = set(vars(base))
    dark = {f"{name}_dark": value for name, value in _COLOURS.items() if f"{name}_dark" in names}
    return base.set(
        **_COLOURS,
        **dark,
        **_PAGE,
        block_border_width="1px",
        block_shadow="none",
        block_radius="14px",
        button_border_width="1px",
        button_large_radius="12px",
        button_small_radius="10px",
        button_large_text_weight="600",
    )
