"""`secondsource workers` and `db`: who does the work of a database, and the database itself.

What a command needs is imported when it runs, as in `service.cli`, which imports this.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import typer

from service.terminal.failures import failures_told

if TYPE_CHECKING:
    from service.jobs.queue import Queue
    from service.jobs.slots import Slots
    from service.settings import Settings

workers = typer.Typer(
    no_args_is_help=True, rich_markup_mode=None, help="Tells who does the work of the database, and who has died."
)
db = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Looks after the database of the settings.")

_KEPT_NOWHERE = "This database ends with the process; set SECONDSOURCE_DATABASE_URL to one that is kept."


@workers.command("list")
def list_workers() -> None:
    """Lists the workers that live, and the dead that have left work."""
    with failures_told():
        import asyncio

        rows = asyncio.run(_listed(kept_settings()))
    for name, lives, begun in rows:
        typer.echo(f"{name}  {'alive' if lives else 'dead'}  {begun} begun")


@workers.command()
def rescue() -> None:
    """Has the work of dead workers taken up by those that live. They do so by themselves every few seconds."""
    with failures_told():
        import asyncio

        typer.echo(f"Taken up again: {asyncio.run(_rescued(kept_settings()))}.")


@db.command()
def upgrade() -> None:
    """Makes the database's tables, or brings them up to this version. Back it up before."""
    with failures_told():
        import asyncio

        from service.jobs.queue import open_queue
        from service.store.database import upgrade as upgraded

        settings = kept_settings()

        async def both() -> tuple[int, int]:
            versions = await upgraded(settings.database_url)
            async with open_queue(settings.database_url):
                return versions

        before, after = asyncio.run(both())
    typer.echo(f"The schema is {after}; it was {before}." if before != after else f"The schema is {after} already.")


def kept_settings() -> "Settings":
    """The environment's settings, of a database that is kept.

    Raises:
        ConfigurationError: a setting is wrong, or there is nothing to work on.
    """
    from service.errors import ConfigurationError
    from service.settings import settings
    from service.store.engines import NOT_KEPT

    wanted = settings()
    if wanted.database_url in NOT_KEPT:
        raise ConfigurationError(_KEPT_NOWHERE)
    return wanted


@asynccontextmanager
async def _opened(settings: "Settings") -> "AsyncIterator[tuple[Queue, Slots]]":
    """The queue of a database and the slots of its workers."""
    from service.jobs.queue import open_queue
    from service.jobs.slots import Slots
    from service.store.database import open_store

    url = settings.database_url
    async with open_store(url) as store, open_queue(url) as queue:
        yield queue, Slots(store, url)


async def _listed(settings: "Settings") -> list[tuple[str, bool, int]]:
    """The workers that live, or have left work: name, whether it lives, how much it has begun."""
    async with _opened(settings) as (queue, slots):
        begun = await queue.pending()
        living = {f"worker-{number}" for number in await slots.living()}
        return [(name, name in living, len(begun.get(name, ()))) for name in sorted(living | begun.keys())]


async def _rescued(settings: "Settings") -> int:
    from service.jobs.worker import rescue as rescued

    async with _opened(settings) as (queue, slots):
        return await rescued(queue, slots)
