"""A private PostgreSQL server from the system's package: no password, no network, a socket in a folder of its own."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

PROGRAMS = Path("/usr/lib/postgresql")
USER = "rater_tests"


def programs() -> Path | None:
    """Where initdb and pg_ctl of the newest installed version are; None where there is none."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/initdb") if (path.parent / "pg_ctl").exists()]
    if found:
        return max(found, key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("initdb")
    return Path(on_path).parent if on_path else None


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A server while the block runs; the URL of its empty database.

    Args:
        folder: holds initdb and pg_ctl.
    """
    # Socket paths have 107 bytes at most, so not in pytest's long folders.
    home = Path(tempfile.mkdtemp(prefix="rater-pg-"))
    account = _account()
    if account:
        os.chown(home, account.pw_uid, account.pw_gid)
    data = home / "data"

    def run(*command: str) -> None:
        done = subprocess.run(
            command, cwd=home, user=account.pw_uid if account else None, group=account.pw_gid if account else None,
            extra_groups=[] if account else None, env={"PATH": os.environ["PATH"], "LC_ALL": "C"},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=60,
        )  # fmt: skip
        assert done.returncode == 0, f"{command[0]}: {done.stderr[-2000:]}"

    run(str(folder / "initdb"), "-D", str(data), "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
    options = f"-c listen_addresses= -c unix_socket_directories={home} -c max_connections=60 -c shared_buffers=16MB"
    try:
        run(str(folder / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
        yield f"postgresql://{USER}@/postgres?host={quote(str(home), safe='')}"
    finally:
        run(str(folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
        shutil.rmtree(home, ignore_errors=True)


def _account() -> pwd.struct_passwd | None:
    """Whom the server runs as: itself refuses to run as root."""
    if os.geteuid() != 0:
        return None
    return pwd.getpwnam("postgres" if any(entry.pw_name == "postgres" for entry in pwd.getpwall()) else "nobody")
