"""`make reliability`: kills, dead workers, faults of the model, load. Prints Markdown tables."""

import argparse
import os
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from importlib.metadata import version

from tests.reliability import crash, faults, load, workers
from tests.reliability.databases import KINDS

_LIBRARIES = ("dbos", "sqlalchemy", "psycopg", "fastapi", "uvicorn", "openai")


def what_was_run() -> str:
    """The day, the machine and the versions, for the reader of a table."""
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {libraries}\n"
    )


def main() -> None:
    """Runs one of the programs."""
    parser = argparse.ArgumentParser(prog="python -m tests.reliability")
    parser.add_argument("program", choices=("crash", "workers", "faults", "load"))
    parser.add_argument("--count", type=int, help="kills, times that a worker dies, checks, or POSTs")
    parser.add_argument("--database", choices=KINDS, help="by default each that the program can use")
    given = parser.parse_args()
    print(f"`python -m tests.reliability {' '.join(sys.argv[1:])}`: {what_was_run()}")
    for kind in (given.database,) if given.database else KINDS:
        tables = {
            "crash": lambda kind: crash.table(kind, given.count or 50, latency=0.35),
            "workers": lambda kind: workers.table(kind, given.count or 5),
            "faults": lambda kind: faults.table(kind, given.count or 100),
            "load": lambda kind: load.table(kind, given.count or 200),
        }
        print(f"### {kind}\n")
        for line in tables[given.program](kind):
            print(line, flush=True)


if __name__ == "__main__":
    main()
