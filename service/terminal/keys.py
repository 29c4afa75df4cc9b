"""`secondsource keys`: makes, lists and revokes keys to the HTTP interface, in the database of the settings.

What a command needs is imported when it runs, as in `service.cli`, which imports this.
"""

from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from service.errors import ConfigurationError
from service.terminal.failures import failures_told

if TYPE_CHECKING:
    from schemas.key import Key
    from service.jobs.keys import Keys

keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Makes, lists and revokes keys to the service.")

_HEADINGS = ("PREFIX", "NAME", "SCOPE", "CREATED", "USED", "REVOKED")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what will use the key.")],
    scope: Annotated[
        Literal["read", "write", "admin"],
        typer.Option(help="What it allows: read; write, which includes read; admin, which includes both."),
    ] = "read",
) -> None:
    """Makes a key and shows it, once. From the first key on, every request needs one."""
    if not 1 <= len(name) <= 100 or not name.isprintable():
        raise typer.BadParameter("A name has 1 to 100 characters, and no control characters.", param_hint="NAME")
    with failures_told():
        import asyncio

        key, secret = asyncio.run(_create(name, scope))
    typer.echo(secret)
    typer.echo(f"Keep it: it is not shown again. Scope {scope}; in lists it is {key.prefix}.", err=True)


@keys.command("list")
def list_keys() -> None:
    """Lists the keys by their first characters, the newest first."""
    with failures_told():
        import asyncio

        for line in told(asyncio.run(_listed())):
            typer.echo(line)


@keys.command()
def revoke(
    key: Annotated[str, typer.Argument(help="The key's first characters as listed, its id, or itself.")],
) -> None:
    """Ends a key. Servers that run refuse it within a few seconds."""
    with failures_told():
        import asyncio

        ended = asyncio.run(_revoke(key))
    typer.echo(f"Revoked {ended.prefix}, {ended.name}.")


def told(listed: "Iterable[Key]") -> Iterator[str]:
    """The lines of a list of keys, in columns. Times are UTC."""
    rows = [_HEADINGS, *(_row(key) for key in listed)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    for row in rows:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(key: "Key") -> tuple[str, ...]:
    times = (key.created_at, key.used_at, key.revoked_at)
    return (key.prefix, key.name, ",".join(key.scopes), *map(_minute, times))


def _minute(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "-"


async def _create(name: str, scope: str) -> "tuple[Key, str]":
    from schemas.key import Scope

    async with _opened() as held:
        return await held.create(name, Scope(scope))


async def _listed() -> "list[Key]":
    async with _opened() as held:
        return await held.listed()


async def _revoke(name: str) -> "Key":
    async with _opened() as held:
        return await held.revoke(name)


@asynccontextmanager
async def _opened() -> "AsyncIterator[Keys]":
    from service.jobs.keys import Keys
    from service.settings import settings
    from service.store.database import open_store
    from service.store.engines import NOT_KEPT

    url = settings().database_url
    if url in NOT_KEPT:
        raise ConfigurationError(f"What is in {url} ends with this command. Name a database that is kept.")
    async with open_store(url) as store:
        yield Keys(store)
