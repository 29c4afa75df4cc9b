"""What the figures of a table were measured on."""

import os
import platform
import sqlite3
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version


def what_was_run(program: str, libraries: Iterable[str]) -> str:
    """The command, the day, the machine's cores and the versions, for the reader of a table."""
    versions = ", ".join(f"{name} {version(name)}" for name in libraries)
    return (
        f"`{' '.join(('python -m', program, *sys.argv[1:]))}`: {datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {versions}\n"
    )
