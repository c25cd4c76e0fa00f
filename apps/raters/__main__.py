"""The rater room from the command line.

    python -m apps.raters create apps/raters/campaigns/translation.jsonl
    python -m apps.raters invite zh-ko-100 --count 3
    python -m apps.raters progress zh-ko-100
    python -m apps.raters export zh-ko-100 --out votes.jsonl

Votes are kept in `--database`, or where the hub keeps them (PLANET_HUB_RATINGS): sqlite:///FILE or
postgresql://USER@HOST/NAME.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from apps.raters.export import to_csv, to_jsonl
from apps.raters.office import Office
from apps.raters.reading import read_campaign
from apps.raters.room import database_url
from apps.raters.store import open_store

SETTINGS = ("name", "title", "task", "protocol", "overlap", "per_rater", "seed")


def create(office: Office, args: argparse.Namespace) -> str:
    """Store a campaign file."""
    given = {name: getattr(args, name) for name in SETTINGS if getattr(args, name) is not None}
    campaign = read_campaign(args.file, **given)
    office.create(campaign)
    return f"{campaign.settings.name}: {len(campaign.items)} items, {len(campaign.systems)} systems"


def campaigns(office: Office, args: argparse.Namespace) -> str:
    """List all campaigns."""
    return "\n".join(
        f"{one.name}\t{one.task}\t{one.protocol}\t{one.items} items\t{one.raters} raters\t{one.votes} votes\t"
        f"{'open' if one.open else 'closed'}"
        for one in office.campaigns()
    )


def invite(office: Office, args: argparse.Namespace) -> str:
    """Invite raters; prints a token for each, once."""
    return "\n".join(office.invite(args.campaign, args.count))


def withdraw(office: Office, args: argparse.Namespace) -> str:
    """Make a rater's link invalid."""
    office.withdraw(args.campaign, args.number)
    return f"rater {args.number} can vote no more"


def progress(office: Office, args: argparse.Namespace) -> str:
    """Say how far everybody is."""
    found = office.progress(args.campaign)
    lines = [f"{found.covered} of {found.units} questions judged by {found.overlap} raters; {found.planned} will be"]
    for one in found.raters:
        checks = f"checks failed {one.failed} of {one.checks}{'  FLAGGED' if one.flagged else ''}"
        gone = "  withdrawn" if one.withdrawn else ""
        lines.append(f"rater {one.number} ({one.alias}): {one.done} of {one.total}, {checks}{gone}")
    return "\n".join(lines)


def export(office: Office, args: argparse.Namespace) -> str:
    """Write all votes to a file: .jsonl for reports, .csv for spreadsheets."""
    if args.out.suffix not in (".jsonl", ".csv"):
        raise ValueError(f"an export is a .jsonl or a .csv file, got {args.out.name!r}")
    votes = office.export(args.campaign)
    args.out.write_text(to_jsonl(votes) if args.out.suffix == ".jsonl" else to_csv(votes), encoding="utf-8")
    return f"{len(votes.records)} votes in {args.out}"


def close(office: Office, args: argparse.Namespace) -> str:
    """Take no more votes."""
    office.close(args.campaign)
    return f"{args.campaign} is closed"


def reopen(office: Office, args: argparse.Namespace) -> str:
    """Take votes again."""
    office.reopen(args.campaign)
    return f"{args.campaign} is open"


def make_parser() -> argparse.ArgumentParser:
    """The command line's parser; a chosen command is in `action`."""
    parser = argparse.ArgumentParser(
        prog="python -m apps.raters", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--database", default=database_url())
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(action: Callable[[Office, argparse.Namespace], str], *names: str) -> argparse.ArgumentParser:
        command = commands.add_parser(action.__name__, help=action.__doc__, description=action.__doc__)
        command.set_defaults(action=action)
        for name in names:
            command.add_argument(name)
        return command

    new = add(create)
    new.add_argument("file", type=Path, help="campaign as JSONL or CSV")
    for name in ("name", "title", "task", "protocol"):
        new.add_argument(f"--{name}", help="replaces what the file says")
    for name in ("overlap", "per-rater", "seed"):
        new.add_argument(f"--{name}", type=int, help="replaces what the file says")
    add(campaigns)
    add(invite, "campaign").add_argument("--count", type=int, default=1)
    add(withdraw, "campaign").add_argument("number", type=int)
    add(progress, "campaign")
    add(export, "campaign").add_argument("--out", type=Path, required=True, help="file ending in .jsonl or .csv")
    add(close, "campaign")
    add(reopen, "campaign")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; 0 if it went well."""
    args = make_parser().parse_args(arguments)
    try:
        store = open_store(args.database)
        try:
            print(args.action(Office(store), args))
        finally:
            store.close()
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    except SQLAlchemyError as error:
        # Its text may repeat the address, password included.
        print(f"the database cannot be used ({type(error).__name__})", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
