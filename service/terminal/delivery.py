"""Reports on their way out: into a file, onto a terminal, into a pipe. Always in UTF-8."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from shutil import get_terminal_size

from rich.console import Console

from schemas.report import Report
from service.errors import ConfigurationError
from service.export import markdown, page, table


def deliver(reports: Sequence[Report], form: str, out: Path | None, *, single: bool) -> None:
    """Writes the reports to a file, else to standard output: tables in colours where that is a terminal.

    Raises:
        ConfigurationError: the file cannot be written; what it held stands.
    """
    console = Console()
    if out:
        write(out, written(reports, form, single=single).encode())
    elif form == "table" and console.is_terminal:
        console.print(*map(table.table, reports), sep="\n")
    else:
        sys.stdout.buffer.write(written(reports, form, single=single).encode())
        sys.stdout.flush()


def written(reports: Sequence[Report], form: str, *, single: bool) -> str:
    """The reports in a form: table, json, markdown or html.

    `single`: one file was asked for, so that its JSON is indented; that of several is a line each (JSON Lines).
    """
    match form:
        case "json":
            return "".join(report.model_dump_json(indent=2 if single else None) + "\n" for report in reports)
        case "markdown":
            return "\n---\n\n".join(map(markdown.render, reports))
        case "html":
            return "".join(map(page.render, reports))
    width = get_terminal_size((100, 24)).columns
    return "\n".join(table.render(report, width) for report in reports)


def write(out: Path, data: bytes) -> None:
    """Puts a whole file in the place of the old one; what is no file, such as /dev/null, is written to as it is.

    Raises:
        ConfigurationError: it cannot be written; what it held stands.
    """
    target = out.resolve()
    is_file = target.is_file() or not target.exists()
    part = target.with_name(f".{target.name}.{os.getpid()}") if is_file else target
    try:
        part.write_bytes(data)
        part.replace(target)
    except OSError as error:
        raise ConfigurationError(f"{out} cannot be written: {error.strerror}.") from None
    finally:
        if is_file:
            part.unlink(missing_ok=True)
