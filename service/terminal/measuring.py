"""`secondsource evaluate` over labelled data of one task, and its figures as tables."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table as RichTable

from schemas.article import Article
from service.bootstrap import open_desk
from service.corpus.embedding import MiniLm
from service.errors import ExtraMissing, InputError
from service.evaluation.answers import Answer, read_answers
from service.evaluation.figures import Figures, figures
from service.evaluation.injection import read_attacks
from service.evaluation.items import read_items, relabelled, sample
from service.evaluation.retrieval import Remembered
from service.evaluation.tables import tables
from service.evaluation.tasks import OF_REPLIES, WORK, Line, Task, answered, task_of
from service.settings import Settings
from service.terminal.evaluating import articles_of

_ATTACKS = frozenset({Task.INJECTION, Task.FENCE})


@dataclass(frozen=True, slots=True)
class Sample:
    """Which items of a data set are asked about, and where the answers go."""

    size: int | None
    seed: int
    skip: int
    out: Path | None
    """None: answers/NAME.TASK.jsonl."""
    calls: int | None
    """After so many calls no further item is begun."""
    relabel: Path | None = None
    """YAML: item id -> label, in place of the data's own."""
    articles: Path | None = None
    """The folder of the articles in which attacks are planted."""


def check_installed() -> None:
    """Proves that the figures can be made, before anything is asked of a model.

    Raises:
        ExtraMissing: the extra `evaluation` is not installed.
    """
    if find_spec("numpy") is None:
        raise ExtraMissing("Figures need numpy; run: pip install 'second-source[evaluation]'")


async def measure(dataset: Path, task: Task, settings: Settings, wanted: Sample) -> Figures:
    """Works through a sample of a data set, with what was answered before, and tells its figures.

    Raises:
        InputError: the data or the answers cannot be read.
        ConfigurationError: as `open_desk` raises it.
    """
    if task is Task.INJECTION and settings.model == "none":
        task = Task.FENCE
    read = read_attacks(dataset) if task in _ATTACKS else read_items(dataset, WORK[task].item)
    items = sample(relabelled(read, wanted.relabel), wanted.size, seed=wanted.seed, skip=wanted.skip)
    articles = _articles(wanted.articles, settings) if task in _ATTACKS else ()
    out = wanted.out or Path("answers") / f"{_name(dataset)}.{task}.jsonl"
    embedder = Remembered(MiniLm()) if task is Task.RETRIEVE and settings.embeddings else None
    async with open_desk(settings) as desk:
        line = Line(desk, articles, embedder)
        with _followed(dataset.name, len(items)) as step:
            done = await answered(items, task, line, out, calls=wanted.calls, watch=step)
    if all(one.failure and one.failure not in OF_REPLIES for one in done):
        raise InputError("Nothing was answered; the model could not be asked, or --calls is too small.")
    return figures(_name(dataset), task, done)


def _name(file: Path) -> str:
    """The data set of a file, NAME.TASK.jsonl."""
    return file.stem.rpartition(".")[0]


def _articles(folder: Path | None, settings: Settings) -> tuple[Article, ...]:
    if folder is None:
        raise InputError("Attacks are planted in articles; name their folder with --articles.")
    found = tuple(articles_of(folder, settings).values())
    if len(found) < 4:
        raise InputError(f"{folder} holds {len(found)} articles; attacks are tried in four or more.")
    return found


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
        told.append(figures(_name(file), task, answers))
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
