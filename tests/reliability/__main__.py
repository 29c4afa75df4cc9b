"""`make reliability`: kills, dead workers, faults of the model, load. Prints Markdown tables."""

import argparse
from collections.abc import Callable, Iterator, Mapping

from tests.reliability import crash, faults, load, workers
from tests.reliability.databases import KINDS
from tests.reliability.machine import what_was_run

_PROGRAM = "tests.reliability"
_LIBRARIES = ("dbos", "sqlalchemy", "psycopg", "fastapi", "uvicorn", "openai")
_TABLES: Mapping[str, tuple[Callable[[str, int], Iterator[str]], int]] = {
    "crash": (crash.table, 50),
    "workers": (workers.table, 5),
    "faults": (faults.table, 100),
    "load": (load.table, 200),
}
"""The programs, and how many kills, deaths, checks or POSTs each is about."""


def main() -> None:
    """Runs one of the programs on one database, or on both."""
    parser = argparse.ArgumentParser(prog=f"python -m {_PROGRAM}")
    parser.add_argument("program", choices=_TABLES)
    parser.add_argument("--count", type=int, help="so many kills, deaths of workers, checks, or POSTs")
    parser.add_argument("--database", choices=KINDS, help="one alone")
    given = parser.parse_args()
    print(what_was_run(_PROGRAM, _LIBRARIES))
    table, count = _TABLES[given.program]
    for kind in (given.database,) if given.database else KINDS:
        print(f"### {kind}\n")
        for line in table(kind, given.count or count):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    main()
