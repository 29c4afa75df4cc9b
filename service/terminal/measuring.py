"""`secondsource evaluate` over labelled data of one task, and its figures as tables."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from service.bootstrap import open_desk
from service.errors import InputError
from service.evaluation.answers import Answer, read_answers
from service.evaluation.figures import Figures, figures
from service.evaluation.items import read_items, sample
from service.evaluation.tables import tables
from service.evaluation.tasks import WORK, Task, answered, task_of
from service.llm.kept import Kept
from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Sample:
    """Which items of a data set are asked about, and where the answers go."""

    size: int | None
    seed: int
    skip: int
    out: Path
    kept: Path | None
    """The folder of replies that were paid for already."""
    calls: int | None
    """After so many calls no further item is begun."""


async def measure(dataset: Path, task: Task, settings: Settings, wanted: Sample) -> Figures:
    """Works through a sample of a data set, with what was answered before, and tells its figures.

    Raises:
        InputError: the data or the answers cannot be read.
        ConfigurationError: as `open_desk` raises it.
    """
    items = sample(read_items(dataset, WORK[task].item), wanted.size, seed=wanted.seed, skip=wanted.skip)
    async with open_desk(settings) as desk:
        backend = Kept(desk.backend, wanted.kept) if wanted.kept else desk.backend
        with _followed(dataset.name, len(items)) as step:
            done = await answered(
                items, task, replace(desk, backend=backend), wanted.out, calls=wanted.calls, watch=step
            )
    if not done:
        raise InputError("Nothing was answered; the model could not be asked, or --calls is too small.")
    return figures(dataset.name.removesuffix(f".{task}.jsonl"), task, done)


def recomputed(files: Sequence[Path]) -> list[Figures]:
    """The figures of files of answers, each named NAME.TASK.jsonl.

    Raises:
        InputError: a file cannot be read, or holds no answer of its task.
    """
    told = []
    for file in files:
        task = task_of(file)
        if task is None:
            raise InputError(
                f"{file.name} does not tell its task; name it NAME.TASK.jsonl, with one of {', '.join(Task)}."
            )
        answers = list(read_answers(file, WORK[task].answer).values())
        if not answers:
            raise InputError(f"{file} holds no answer.")
        told.append(figures(file.name.removesuffix(f".{task}.jsonl"), task, answers))
    return told


@contextmanager
def _followed(name: str, count: int) -> Iterator[Callable[[Answer], None]]:
    """A bar on a terminal; elsewhere a line for every tenth part."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(name, total=count)
        seen = 0

        def step(_: Answer) -> None:
            nonlocal seen
            seen += 1
            bar.advance(task)
            if not console.is_terminal and seen * 10 // count > (seen - 1) * 10 // count:
                typer.echo(f"{name}: {seen} of {count}", err=True)

        yield step


def written(told: Sequence[Figures], layout: str) -> str:
    """The figures as "table" (for a terminal), "markdown" or "json"."""
    if layout == "json":
        return json.dumps([one.model_dump(mode="json") for one in told], indent=2)
    if layout == "markdown":
        return "\n\n".join(each.markdown() for each in tables(told))
    file = StringIO()
    console = Console(file=file, width=140)
    for each in tables(told):
        table = RichTable(*each.header, title=each.title, title_justify="left")
        for row in each.rows:
            table.add_row(*row)
        console.print(table)
    return file.getvalue().rstrip()
