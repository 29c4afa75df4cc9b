"""How far a check is, on standard error: a bar on a terminal, elsewhere a line for each step."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from schemas.report import ClaimReport
from service.export.words import folded, places, verdict
from service.llm.metering import Meter
from service.pipeline.assemble import plural
from service.pipeline.run import Watch, WindowRead


@contextmanager
def watched(name: str) -> Iterator[Watch]:
    """Follows the check of a file for as long as the context lasts."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda step, _: typer.echo(f"{name}: {told(step)}", err=True)
        return
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(f"{folded(name)}: claims", total=None)

        def watch(step: WindowRead | ClaimReport, _: Meter) -> None:
            if isinstance(step, ClaimReport):
                bar.advance(task)
            else:
                bar.update(task, total=(bar.tasks[0].total or 0) + len(step.claims))

        yield watch


def told(step: WindowRead | ClaimReport) -> str:
    """A step in a line."""
    if isinstance(step, ClaimReport):
        return f"{verdict(step).lower()}: {folded(step.claim.text)}"
    if step.error:
        return f"{places(step.window)} not read: {folded(str(step.error))}"
    return f"{places(step.window)} read: {plural(len(step.claims), 'claim')}"
