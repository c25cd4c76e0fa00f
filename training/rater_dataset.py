"""The campaigns of the rater room as a dataset: the files as they are, a table for the Hub's viewer, and a card.

    load_dataset("user/planet-raters", "zh-ko-100")    one row for each item and system

Votes are not part of it. The rater room can append them to the same repository, under `VOTES`, while it runs.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from training.cards import TEMPLATES
from training.figures import markdown_table
from training.publish_checks import published_files

VOTES = "votes/"
TEMPLATE = "rater_dataset.md.j2"
LANGUAGES = {"translation": ["zh", "ko"]}


@dataclass(frozen=True)
class CampaignFile:
    """A campaign as it is published.

    Attributes:
        path: the JSONL file.
        settings: its first line: name, title, task, protocol, systems...
        rows: one for each item and system, all with the same fields.
    """

    path: Path
    settings: dict[str, Any]
    rows: list[dict[str, Any]]

    @property
    def name(self) -> str:
        return self.settings["name"]

    @property
    def items(self) -> int:
        return len(self.rows) // len(self.settings["systems"])


def stage_dataset(campaigns: Path, target: Path, repo_id: str) -> None:
    """Write what will be published into the empty folder `target`.

    Args:
        campaigns: `apps/raters/campaigns`: a JSONL file a campaign, and the pictures they name.
        repo_id: the dataset's name on the Hub, for the card.

    Raises:
        ValueError: if there is no campaign, two have the same name, or a file is none.
    """
    found = [read_campaign_file(path) for path in sorted(campaigns.glob("*.jsonl"))]
    names = [campaign.name for campaign in found]
    if not found or len(set(names)) < len(names):
        raise ValueError(f"{campaigns} must hold campaigns of different names, got {', '.join(names) or 'none'}")
    for path in published_files(campaigns):
        target.joinpath("campaigns", path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(campaigns / path, target / "campaigns" / path)
    for campaign in found:
        lines = (json.dumps(row, ensure_ascii=False) for row in campaign.rows)
        file = target / "data" / f"{campaign.name}.jsonl"
        file.parent.mkdir(exist_ok=True)
        file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    target.joinpath("README.md").write_text(render_dataset_card(found, repo_id), encoding="utf-8")


def read_campaign_file(path: Path) -> CampaignFile:
    """A campaign's settings and its items, a row for each system.

    Raises:
        ValueError: with the line, if one is not JSON or lacks what a campaign has.
    """
    settings: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    for number, line in ((number, line) for number, line in enumerate(lines, 1) if line.strip()):
        try:
            fields = json.loads(line)
            if settings:
                rows += [_row(fields, system) for system in settings["systems"]]
            else:
                settings = {name: fields[name] for name in ("name", "title", "task", "systems")} | fields
        except KeyError as error:
            raise ValueError(f"{path.name}, line {number}: {error.args[0]} is missing") from error
        except ValueError as error:
            raise ValueError(f"{path.name}, line {number}: not JSON: {error}") from error
    if not rows:
        raise ValueError(f"{path.name}: a campaign has settings in its first line and an item in each further one")
    return CampaignFile(path, settings, _same_fields(rows))


def _row(item: dict[str, Any], system: str) -> dict[str, Any]:
    row = {"id": item["id"], "domain": item["domain"], "system": system}
    contents = {"source": item["source"], "reference": item.get("reference"), "output": item["outputs"][system]}
    for name, content in contents.items():
        fields = content if isinstance(content, dict) else {"text": content}
        row |= {name if field == "text" else f"{name}_{field}": value for field, value in fields.items()}
    return row


def _same_fields(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Fields that no row fills are left out; the others are in every row, because a table has columns."""
    fields = list(dict.fromkeys(name for row in rows for name, value in row.items() if value))
    return [{name: row.get(name) for name in fields} for row in rows]


def render_dataset_card(campaigns: list[CampaignFile], repo_id: str) -> str:
    """The dataset's README.md: metadata that lets the Hub show each campaign, and a table of them."""
    tasks = sorted({campaign.settings["task"] for campaign in campaigns})
    languages = list(dict.fromkeys(code for task in tasks for code in LANGUAGES.get(task, ["en"])))
    fields = {
        "license": "apache-2.0",
        "pretty_name": "Planet Hub, campaigns for raters",
        "language": languages,
        "tags": ["human-evaluation", "side-by-side", *(task.replace("_", "-") for task in tasks)],
        "configs": [{"config_name": c.name, "data_files": f"data/{c.name}.jsonl"} for c in campaigns],
    }
    rows = []
    for campaign in campaigns:
        protocol, systems = campaign.settings.get("protocol", "score012"), ", ".join(campaign.settings["systems"])
        rows.append([campaign.name, campaign.settings["task"], protocol, f"{campaign.items:,}", systems])
    environment = Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False)
    return (
        environment.get_template(TEMPLATE).render(
            metadata=yaml.safe_dump(fields, sort_keys=False, allow_unicode=True).rstrip(),
            repo_id=repo_id,
            first=campaigns[0].name,
            columns=", ".join(f"`{name}`" for name in dict.fromkeys(name for c in campaigns for name in c.rows[0])),
            table=markdown_table(["Campaign", "Task", "Protocol", "Items", "Systems"], rows),
            votes=VOTES,
        )
        + "\n"
    )
