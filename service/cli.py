"""The command line: `secondsource`. Standard output holds the answer and nothing else.

Exit codes: 0 done; 1 failed; 2 wrong use; 3 done, but some claims were not assessed or some sentences not read.

What a command needs is imported when it runs, because `--help` should not wait for it.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from service.errors import WrongSetting
from service.terminal.failures import failures_told
from service.terminal.keys import keys
from service.terminal.operating import db, workers

if TYPE_CHECKING:
    from service.llm.protocol import Reply
    from service.settings import Settings

app = typer.Typer(
    add_completion=False, no_args_is_help=True, rich_markup_mode=None, pretty_exceptions_show_locals=False
)

app.add_typer(keys, name="keys")
app.add_typer(workers, name="workers")
app.add_typer(db, name="db")

_STANDARD_INPUT = Path("-")
_IN_MEMORY = "sqlite://"
_NO_MODEL = (
    "No model is set: sentences stand for claims, and nothing is judged. "
    "Name one with --model or SECONDSOURCE_MODEL; `secondsource models` tells how."
)


class Form(StrEnum):
    """How a report is written."""

    TABLE = "table"
    JSON = "json"
    MARKDOWN = "markdown"
    HTML = "html"


Model = Annotated[str | None, typer.Option("--model", "-m", help="The model, in place of SECONDSOURCE_MODEL.")]
BaseUrl = Annotated[str | None, typer.Option(help="Where an OpenAI-compatible server answers, with /v1.")]


def main() -> None:
    """The entrance of the installed command."""
    app()


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("second-source"))
        raise typer.Exit


@app.callback()
def secondsource(
    _: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Tell the version.")] = False,
) -> None:
    """Checks the claims of news articles against the other articles a newsroom holds."""


# secondsource check


def _moment(text: str) -> datetime:
    """A day, which begins in UTC, or a time with its offset, as ISO 8601 writes them."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            "Write a day (2024-12-01) or a time with its offset (2024-12-01T06:30+01:00)."
        ) from None
    if moment.tzinfo is None and len(text) > len("2024-12-01"):
        raise typer.BadParameter("The time has no offset; write 2024-12-01T06:30+01:00, or Z for UTC.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


@app.command()
def check(  # noqa: PLR0913, PLR0917 - each is an option
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Articles; - is standard input.")],
    against: Annotated[
        list[Path] | None,
        typer.Option(exists=True, metavar="PATH", help="A file or folder to check against; may be given repeatedly."),
    ] = None,
    model: Model = None,
    base_url: BaseUrl = None,
    form: Annotated[Form, typer.Option("--format", "-f", help="How the reports are written.")] = Form.TABLE,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", dir_okay=False, help="The file to write, whole or not at all.")
    ] = None,
    window: Annotated[int | None, typer.Option(help="Sentences per extraction call.")] = None,
    passages: Annotated[int | None, typer.Option(help="The most passages that a claim is judged against.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who published the one FILE.")] = None,
    title: Annotated[str | None, typer.Option(help="The title of the one FILE.")] = None,
    published: Annotated[
        datetime | None,
        typer.Option(parser=_moment, metavar="WHEN", help="The day of the one FILE, or its time with offset."),
    ] = None,
) -> None:
    """Checks each FILE against all others.

    The others are the other FILEs, and what --against names.

    Files are plain text, or HTML by their ending (.html, .htm). Folders are searched for such files. A manifest.yaml
    beside a file may tell its publisher, title, published_at, url and language: a list of entries, each with its file.

    As json, one FILE gives one indented document, several give one a line (JSON Lines). A page (html) takes one FILE.

    Exits with 3 where some claims were not assessed or some sentences not read, with 1 where a FILE failed.
    """
    told = {"publisher": publisher, "title": title, "published_at": published}
    given = {name: value for name, value in told.items() if value is not None}
    _agree(files, form, out, bool(given))
    with failures_told():
        import asyncio

        from service.terminal.checking import check_files
        from service.terminal.delivery import deliver

        settings = _settings(model=model, base_url=base_url, window=window, passages=passages, database_url=_IN_MEMORY)
        if settings.model == "none":
            typer.echo(_NO_MODEL, err=True)
        reports = asyncio.run(check_files(files, against or (), given, settings))
        deliver(reports, form, out, single=len(files) == 1)
    if len(reports) < len(files):
        raise typer.Exit(1)
    if any(report.unread or any(claim.failure for claim in report.claims) for report in reports):
        raise typer.Exit(3)


def _agree(files: Sequence[Path], form: Form, out: Path | None, given: bool) -> None:
    """Refuses options that do not go together, before anything is paid for."""
    for file in files:  # typer's own check takes "-" for a file that does not exist
        if file != _STANDARD_INPUT and (file.is_dir() or not file.exists()):
            raise typer.BadParameter(f"There is no file {file}. A folder goes behind --against.")
    if len(files) > 1 and given:
        raise typer.BadParameter(
            "--publisher, --title and --published tell of one FILE; for several, write a manifest.yaml."
        )
    if len(files) > 1 and form is Form.HTML:
        raise typer.BadParameter("A page shows one report; with --format html, check one FILE at a time.")
    if files.count(_STANDARD_INPUT) > 1:
        raise typer.BadParameter("Standard input can be read once.")
    if out and not out.parent.is_dir():
        raise typer.BadParameter(f"There is no folder {out.parent} to write to.")


# secondsource models


@app.command()
def models(
    model: Model = None,
    base_url: BaseUrl = None,
    probe: Annotated[
        bool, typer.Option("--probe", help="Send one small request, to see whether the model answers.")
    ] = False,
) -> None:
    """Tells which model is set, and how to set one."""
    with failures_told():
        settings = _settings(model=model, base_url=base_url, database_url=_IN_MEMORY)
        for line in _model_lines(settings):
            typer.echo(line)
        if probe:
            import asyncio

            started = time.monotonic()
            reply = asyncio.run(_probed(settings))
            typer.echo(f"It answers, as {reply.model}, within {time.monotonic() - started:.1f} s.")


def _model_lines(settings: "Settings") -> Iterator[str]:
    from importlib.util import find_spec

    from service.llm.backends import FORMS

    yield f"Model     {settings.model}"
    yield f"Base URL  {settings.base_url or 'not set: the provider decides'}"
    yield f"API key   {'set' if settings.api_key else 'not set: the variable of the provider is read, if any'}"
    for extra, module in (("embedded", "xllamacpp"), ("embeddings", "onnxruntime")):
        yield f"Extra     {extra}: {'installed' if find_spec(module) else 'not installed'}"
    yield f"Forms     {FORMS}"
    yield "Set with  SECONDSOURCE_MODEL, SECONDSOURCE_BASE_URL, SECONDSOURCE_API_KEY, or --model and --base-url"


async def _probed(settings: "Settings") -> "Reply":
    from schemas.usage import Stage
    from service.bootstrap import open_desk
    from service.llm.protocol import Format, Message, Request

    question = Message("user", "Answer with the word yes.")
    request = Request(Stage.EXTRACT, (question,), schema_name="probe", schema={}, format=Format.TEXT, max_tokens=64)
    async with open_desk(settings) as desk:
        return await desk.backend.complete(request)


# secondsource serve


@app.command()
def ingest(
    places: Annotated[list[str], typer.Argument(metavar="PLACE...", help="Files, folders, and http(s) URLs of pages.")],
) -> None:
    """Puts articles into the database of SECONDSOURCE_DATABASE_URL, as sources for checks.

    Pages are fetched from the public network only, unless SECONDSOURCE_ALLOWED_NETWORKS opens others. Exits with 1
    where an article could not be taken; the others are.
    """
    with failures_told():
        import asyncio

        from service.terminal.ingesting import ingest_all
        from service.terminal.operating import kept_settings

        if asyncio.run(ingest_all(places, kept_settings())):
            raise typer.Exit(1)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on, in place of SECONDSOURCE_HOST.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on, in place of SECONDSOURCE_PORT.")] = None,
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Run the checks too, or leave them to `secondsource work`.")
    ] = True,
) -> None:
    """Serves the HTTP interface, and runs the checks, until it is interrupted."""
    with failures_told():
        from service.main import serve as serve_until_interrupted

        serve_until_interrupted(_settings(host=host, port=port), worker=worker)


@app.command()
def work() -> None:
    """Does the work of the database, beside the servers that share it, until it is told to end."""
    with failures_told():
        from service.main import work as work_until_told
        from service.terminal.operating import kept_settings

        work_until_told(kept_settings())


# secondsource evaluate


class Layout(StrEnum):
    """How figures are written."""

    TABLE = "table"
    MARKDOWN = "markdown"
    JSON = "json"


FigureLayout = Annotated[Layout, typer.Option("--format", "-f", help="How the figures are written.")]


@app.command()
def evaluate(  # noqa: PLR0913, PLR0917 - each is an option
    dataset: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="Labelled data: NAME.TASK.jsonl.")],
    articles: Annotated[
        Path | None,
        typer.Option(exists=True, file_okay=False, help="The articles' folder: crosscheck, injection."),
    ] = None,
    at_least: Annotated[
        float, typer.Option(min=0, max=1, help="crosscheck: the share of items that must be right.")
    ] = 1.0,
    size: Annotated[int | None, typer.Option("--sample", min=1, help="So many items; by default all.")] = None,
    seed: Annotated[int, typer.Option(help="Which items are drawn first.")] = 0,
    skip: Annotated[int, typer.Option(min=0, help="Pass over so many drawn before: a fresh sample.")] = 0,
    answers: Annotated[
        Path | None,
        typer.Option(
            dir_okay=False, help="Where answers are kept and found again; by default answers/NAME.TASK.jsonl."
        ),
    ] = None,
    replies: Annotated[
        Path | None,
        typer.Option(file_okay=False, help="A folder that keeps the model's replies; none is paid for twice."),
    ] = None,
    calls: Annotated[int | None, typer.Option(min=1, help="Begin no further item after so many calls.")] = None,
    relabel: Annotated[
        Path | None, typer.Option(exists=True, dir_okay=False, help="YAML: item id -> label, in place of the data's.")
    ] = None,
    claims: Annotated[int | None, typer.Option(help="The most claims that one judging call is asked about.")] = None,
    layout: FigureLayout = Layout.TABLE,
    model: Model = None,
    base_url: BaseUrl = None,
) -> None:
    """Runs the line over labelled data, and tells how well it did.

    The file's name tells the task. verify: claims with evidence and a label. crosssource: claims with documents on
    each side. checkworthy: sentences. decompose, extract: texts with their claims. retrieve: claims with a pool.
    neardup, sameevent: pairs of texts. injection: attacks. crosscheck: labelled articles,
    checked against each other; so is a file whose name tells none of these.

    What was answered before, in the file of --answers, is not asked again.

    crosscheck exits with 1 where fewer items than --at-least are right.
    """
    with failures_told():
        import asyncio

        settings = _settings(model=model, base_url=base_url, claims=claims, replies=replies, database_url=_IN_MEMORY)
        from service.evaluation.tasks import task_of

        if (task := task_of(dataset)) is None:
            from service.terminal.evaluating import evaluate_files, told

            found = asyncio.run(evaluate_files(dataset, articles or dataset.resolve().parent.parent, settings))
            typer.echo(told(found))
            if found.right < at_least:
                raise typer.Exit(1)
            return
        from service.terminal.measuring import Sample, check_installed, measure, written

        check_installed()

        wanted = Sample(size=size, seed=seed, skip=skip, out=answers, calls=calls, relabel=relabel, articles=articles)
        typer.echo(written([asyncio.run(measure(dataset, task, settings, wanted))], layout.value))


@app.command()
def scores(
    answers: Annotated[list[Path], typer.Argument(exists=True, metavar="ANSWERS...", help="What evaluate kept.")],
    layout: FigureLayout = Layout.TABLE,
) -> None:
    """Tells the figures of answers that are kept, data sets side by side. Nothing is asked of a model."""
    with failures_told():
        from service.terminal.measuring import check_installed, recomputed, written

        check_installed()
        typer.echo(written(recomputed(answers), layout.value))


# What the commands share


def _settings(**given: Any) -> "Settings":
    """The environment's settings, with those that options gave in their place.

    Raises:
        typer.BadParameter: an option is out of bounds.
        WrongSetting: a variable is, or is no setting.
    """
    from service.settings import settings

    options = {name: value for name, value in given.items() if value is not None}
    try:
        return settings(**options)
    except WrongSetting as error:
        if error.setting not in options:
            raise
        fault = str(error).partition(": ")[2]
        raise typer.BadParameter(f"--{error.setting.replace('_', '-')}: {fault}") from None


if __name__ == "__main__":
    main()
