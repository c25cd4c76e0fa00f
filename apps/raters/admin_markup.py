"""The administrator's page as HTML: login, campaigns, one campaign with its raters and links."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from apps.i18n import Text
from apps.raters.campaign import PROTOCOLS
from apps.raters.content import TASKS
from apps.raters.office import MOST_RATERS, CampaignInfo
from apps.raters.progress import Progress, RaterProgress
from apps.raters.room import ADMINS, FEWEST_CHARACTERS, PASSWORD

_SHOWN_RATERS = 500


def login(has_password: bool, text: Text) -> str:
    """The form for the password; how to set one where none is set."""
    if not has_password:
        how = text("raters_admin_unset", variable=f"<code>{PASSWORD}</code>", count=FEWEST_CHARACTERS)
        space = text("raters_admin_unset_space", variable=f"<code>{ADMINS}</code>")
        title = f'<h2 tabindex="-1">{text("raters_admin_closed")}</h2>'
        return f'<section class="ph-verdict">{title}<p>{how}</p><p>{space}</p></section>'
    return (
        f'<form class="ph-form ph-verdict" data-post="/login"><h2 tabindex="-1">{text("raters_admin_login")}</h2>'
        f'<label>{text("raters_admin_password")}<input type="password" name="password" autocomplete="current-password" '
        f'required></label><button class="ph-open">{text("raters_admin_log_in")}</button></form>'
    )


def overview(found: Sequence[CampaignInfo], demonstrations: frozenset[str], text: Text) -> str:
    """All campaigns, and the form for a new one."""
    columns = ("campaign", "kind", "items", "raters", "votes", "state")
    head = "".join(f'<th scope="col">{text(f"raters_admin_{name}")}</th>' for name in columns)
    rows = "".join(_row(one, one.name in demonstrations, text) for one in found)
    table = _table(head, rows) if found else f'<p class="ph-quiet">{text("raters_admin_none")}</p>'
    return (
        f'<h2 tabindex="-1">{text("raters_admin_campaigns")}</h2>{table}{_new(text)}'
        f'<form data-post="/logout"><button class="ph-copy">{text("raters_admin_log_out")}</button></form>'
    )


def _table(head: str, rows: str) -> str:
    return (
        f'<div class="ph-scroll"><table class="ph-plain"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )


def _row(one: CampaignInfo, demonstration: bool, text: Text) -> str:
    state = text("raters_admin_open" if one.open else "raters_admin_shut")
    mark = f"<small>{text('raters_admin_demonstration')}</small>" if demonstration else ""
    kind = f"{text(f'raters_task_{one.task}')}<small>{text(f'raters_protocol_{one.protocol}')}</small>"
    return (
        f'<tr><th scope="row"><a class="ph-link" href="#" data-get="{_path(one.name)}">{escape(one.name)}</a>'
        f"<small>{escape(one.title)}</small>{mark}</th><td>{kind}</td><td>{one.items:,}</td><td>{one.raters:,}</td>"
        f"<td>{one.votes:,}</td><td>{state}</td></tr>"
    )


def _new(text: Text) -> str:
    as_file = f'<option value="">{text("raters_admin_as_file")}</option>'
    tasks = "".join(f'<option value="{task}">{text(f"raters_task_{task}")}</option>' for task in TASKS)
    protocols = "".join(f'<option value="{one}">{text(f"raters_protocol_{one}")}</option>' for one in PROTOCOLS)
    fields = (
        _field("file", text, 'type="file" accept=".jsonl,.csv" required'),
        _field("name", text, 'pattern="[a-z0-9][a-z0-9_\\-]*" maxlength="64"'),
        _field("title", text, 'maxlength="200"'),
        f'<label>{text("raters_admin_field_task")}<select name="task">{as_file}{tasks}</select></label>',
        f'<label>{text("raters_admin_field_protocol")}<select name="protocol">{as_file}{protocols}</select></label>',
        _field("overlap", text, 'type="number" min="1"'),
        _field("per_rater", text, 'type="number" min="1"'),
        f'<label class="ph-check"><input type="checkbox" name="show_reference" value="yes"> '
        f"{text('raters_admin_field_show_reference')}</label>",
    )
    return (
        f'<details class="ph-new"><summary>{text("raters_admin_new")}</summary>'
        f'<p class="ph-quiet">{text("raters_admin_new_note")}</p>'
        f'<form class="ph-form ph-wide" data-post="/campaigns">{"".join(fields)}'
        f'<button class="ph-open">{text("raters_admin_create")}</button></form></details>'
    )


def _field(name: str, text: Text, attributes: str) -> str:
    return f'<label>{text(f"raters_admin_field_{name}")}<input name="{name}" {attributes}></label>'


def campaign(info: CampaignInfo, progress: Progress, tokens: Sequence[str], text: Text) -> str:
    """One campaign: links just made, inviting, progress, results, files."""
    path = _path(info.name)
    systems = ", ".join(f"<code>{escape(system)}</code>" for system in info.systems)
    covered = text("raters_admin_covered", covered=progress.covered, units=progress.units, overlap=progress.overlap)
    planned = text("raters_admin_planned", planned=progress.planned, units=progress.units)
    files = "".join(
        f'<a class="ph-link" download href="./raters-api/admin{path}/{file}">{text(f"raters_admin_{key}")}</a>'
        for key, file in (("jsonl", "export.jsonl"), ("csv", "export.csv"), ("report", "report.zip"))
    )
    return (
        f'<p><a class="ph-link" href="#" data-get="/campaigns">← {text("raters_admin_campaigns")}</a></p>'
        f'<h2 tabindex="-1">{escape(info.title)}</h2><p class="ph-quiet">{escape(info.name)} · {systems}</p>'
        f"<p>{covered} {planned}</p>{_links(tokens, text)}{_invite(path, text)}{_raters(path, progress.raters, text)}"
        f'<h3>{text("raters_admin_results")}</h3><p class="ph-actions"><button type="button" class="ph-open" '
        f'data-get="{path}/results" data-into="results">{text("raters_admin_compute")}</button>{files}</p>'
        f"<div data-results></div>{_switch(path, info.open, text)}"
    )


def _links(tokens: Sequence[str], text: Text) -> str:
    if not tokens:
        return ""
    items = "".join(f'<li><code data-link="./raters?rater={escape(token)}"></code></li>' for token in tokens)
    return (
        f'<section class="ph-verdict ph-accepted"><h3>{text("raters_admin_links")}</h3>'
        f'<p class="ph-reason">{text("raters_admin_links_note")}</p><ol class="ph-links">{items}</ol>'
        f'<button type="button" class="ph-copy" data-copy-links data-copy="" '
        f'data-done="{text("translation_copy_done")}">{text("raters_admin_copy")}</button></section>'
    )


def _invite(path: str, text: Text) -> str:
    return (
        f'<form class="ph-form" data-post="{path}/invite"><label>{text("raters_admin_invite_count")}'
        f'<input type="number" name="count" value="3" min="1" max="{MOST_RATERS}" required></label>'
        f'<button class="ph-open">{text("raters_admin_invite")}</button></form>'
    )


def _raters(path: str, raters: Sequence[RaterProgress], text: Text) -> str:
    if not raters:
        return f'<p class="ph-quiet">{text("raters_admin_no_raters")}</p>'
    columns = ("rater", "done", "checks", "state")
    head = "".join(f'<th scope="col">{text(f"raters_admin_{name}")}</th>' for name in columns)
    rows = "".join(_rater(path, rater, text) for rater in raters[:_SHOWN_RATERS])
    return f"<h3>{text('raters_admin_raters')}</h3>{_table(head + '<td></td>', rows)}"


def _rater(path: str, rater: RaterProgress, text: Text) -> str:
    share = 100 * rater.done / max(rater.total, 1)
    states = [
        text(f"raters_admin_{name}")
        for name, holds in (
            ("flagged", rater.flagged),
            ("withdrawn", rater.withdrawn),
            ("through", rater.total > 0 and rater.done == rater.total),
        )
        if holds
    ]
    form = "" if rater.withdrawn else _withdraw(path, rater.number, text)
    bar = f'<span class="ph-bar" aria-hidden="true"><i style="width:{share:.0f}%"></i></span>'
    flagged = ' class="ph-flagged"' if rater.flagged else ""
    return (
        f'<tr{flagged}><th scope="row">{rater.number} <small><code>{escape(rater.alias)}</code></small></th>'
        f"<td>{rater.done} / {rater.total}{bar}</td><td>{rater.failed} / {rater.checks}</td>"
        f"<td>{' · '.join(states) or '–'}</td><td>{form}</td></tr>"
    )


def _withdraw(path: str, number: int, text: Text) -> str:
    sure = escape(text("raters_admin_sure", number=number))
    return (
        f'<form data-post="{path}/withdraw" data-sure="{sure}"><input type="hidden" name="rater" value="{number}">'
        f'<button class="ph-copy">{text("raters_admin_withdraw")}<span class="ph-sr"> {number}</span></button></form>'
    )


def _switch(path: str, is_open: bool, text: Text) -> str:
    label, value = ("close", "no") if is_open else ("reopen", "yes")
    return (
        f'<form data-post="{path}/open"><input type="hidden" name="open" value="{value}">'
        f'<button class="ph-copy">{text(f"raters_admin_{label}")}</button></form>'
    )


def _path(name: str) -> str:
    return f"/campaigns/{quote(name)}"
