"""Log lines as they leave the process, caught before they do."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from service.telemetry import logs

_TOUCHED = ("service", "uvicorn", "uvicorn.error", "uvicorn.access", "dbos", "trafilatura", "LiteLLM")


@contextmanager
def piped(form: logs.Form = "json") -> Iterator[io.StringIO]:
    """What is written while the block runs; afterwards logging is as it was."""
    root, loggers = logging.getLogger(), [logging.getLogger(name) for name in _TOUCHED]
    handlers = list(root.handlers)
    before = [(each, each.level, each.handlers, each.filters, each.propagate) for each in loggers]
    written = io.StringIO()
    logs.configure(form, written)
    try:
        yield written
    finally:
        root.handlers = handlers
        for each, level, held, filters, propagate in before:
            each.setLevel(level)
            each.handlers, each.filters, each.propagate = held, filters, propagate


def lines(written: io.StringIO) -> list[dict[str, Any]]:
    """The lines of the JSON form."""
    return [json.loads(line) for line in written.getvalue().splitlines()]
