"""How a command fails: with a sentence on standard error, and 1."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from service.errors import SecondSourceError


@contextmanager
def failures_told() -> Iterator[None]:
    """Tells an error of ours by its code and its sentence, and ends with 1."""
    try:
        yield
    except SecondSourceError as error:
        typer.echo(f"error [{error.code}]: {error}", err=True)
        raise typer.Exit(1) from None
