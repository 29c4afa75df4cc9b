"""Log lines, ours and the libraries', through one pipe: JSON for programs, colours for a person at a terminal.

Our code logs with the standard library, the name of an event and its particulars: `log.info("request", extra={...})`.
What is bound by `structlog.contextvars.bound_contextvars` (request_id, check_id) stands in every line below it.

Our own lines hold nothing of an article because the code writes none into them. Others cannot be asked to: SQLAlchemy
quotes a statement's values, DBOS and asyncio the text of an error. So a library's message is cut before what it
quotes, and of every exception the type and the lines of code are told, never its message.
"""

import logging
import re
import sys
import traceback
from types import TracebackType
from typing import Literal, TextIO

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

Form = Literal["json", "console"]

_OURS = ("service", "uvicorn")
"""Loggers whose messages were read and are told whole."""
_QUOTED = re.compile(r"[:(\[{<\n].*", re.DOTALL)
_FORGED = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NAME = "secondsource"
_LEVELS = {
    "service": logging.INFO,
    "uvicorn": logging.INFO,
    "uvicorn.error": logging.INFO,
    "dbos": logging.WARNING,
    "trafilatura": logging.CRITICAL,  # its errors are faults of the pages handed in
    "LiteLLM": logging.CRITICAL,  # its errors come back to us as exceptions
}
_KNOWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "color_message"}


class _Handler(logging.StreamHandler[TextIO]):
    """Writes to a stream, or to what is standard error at the time of the line."""

    def __init__(self, stream: TextIO | None) -> None:
        self._given = stream
        super().__init__(stream)
        self.name = _NAME

    @property
    def stream(self) -> TextIO:
        """Where the next line goes."""
        return self._given or sys.stderr

    @stream.setter
    def stream(self, _: TextIO) -> None:
        """The standard library sets it; what was given stays."""


def configure(form: Form | None = None, stream: TextIO | None = None) -> None:
    """Sends every log line through our pipe. For entry points; calling it again replaces what was set before.

    Args:
        form: `json`, one object a line, or `console`; None: `console` where the stream is a terminal.
        stream: where lines go; None: standard error.
    """
    root = logging.getLogger()
    for before in [handler for handler in root.handlers if handler.name == _NAME]:
        root.removeHandler(before)
    handler = _Handler(stream)
    handler.setFormatter(_formatter(form or ("console" if handler.stream.isatty() else "json"), handler.stream))
    root.addHandler(handler)
    for name, level in _LEVELS.items():
        logger = logging.getLogger(name)
        logger.handlers, logger.filters, logger.propagate = [], [], True
        logger.setLevel(level)
    _hush()


def fault(error: BaseException) -> dict[str, str]:
    """The particulars of an error nobody foresaw, for `extra`: its type and where it came from, not its message."""
    return {"error": type(error).__name__, "exception": places(error)}


def places(error: BaseException) -> str:
    """The lines of code that led to an error, and to what caused it."""
    causes = [error]
    while (before := causes[-1].__cause__ or causes[-1].__context__) and before not in causes:
        causes.append(before)
    return "caused by\n".join(_lines(cause.__traceback__) for cause in causes)


def _lines(trace: TracebackType | None) -> str:
    return "".join(traceback.format_tb(trace))


def _hush() -> None:
    """What would say a thing twice, or tell a plain event as a fault."""
    access = logging.getLogger("uvicorn.access")  # its lines hold the query, and that may hold a title
    access.handlers, access.propagate = [], False
    dbos = logging.getLogger("dbos")
    dbos.addHandler(logging.NullHandler())  # without one it brings its own
    dbos.addFilter(_is_a_fault)
    logging.getLogger("uvicorn.error").addFilter(_shortened)


def _is_a_fault(record: logging.LogRecord) -> bool:
    """Not the end of a check that was cancelled, or left to be taken up again: DBOS tells both as errors."""
    kind = record.exc_info[0] if record.exc_info else None
    return "Cancelled" not in (kind.__name__ if kind else "") and "task cancelled" not in record.getMessage()


def _shortened(record: logging.LogRecord) -> bool:
    """Of a start that failed uvicorn logs the traceback as text: its last line, whole where the error is ours."""
    message = record.getMessage()
    if message.startswith("Traceback"):
        last = message.strip().rpartition("\n")[2]
        record.msg, record.args = last if last.startswith("service.errors.") else last.partition(":")[0], ()
    return True


def _formatter(form: Form, stream: TextIO) -> logging.Formatter:
    renderer: Processor = (
        structlog.processors.JSONRenderer()
        if form == "json"
        else structlog.dev.ConsoleRenderer(colors=stream.isatty(), sort_keys=False)
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=(
            structlog.stdlib.add_logger_name,
            structlog.stdlib.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.contextvars.merge_contextvars,
            _particulars,
        ),
        processors=(structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer),
    )


def _particulars(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """A line as it may be told: our extra fields, a library's message cut before what it quotes, errors by place."""
    record: logging.LogRecord = event["_record"]
    if record.name.startswith(_OURS):
        event.update({name: value for name, value in vars(record).items() if name not in _KNOWN})
        event["event"] = _FORGED.sub(" ", event["event"])
    else:
        event["event"] = _QUOTED.sub("", event["event"])[:200].rstrip()
        event["at"] = f"{record.module}:{record.lineno}"
        if "check_id" not in event and (workflow := getattr(record, "operationUUID", None)):
            event["check_id"] = workflow  # DBOS's name for it
    event.pop("stack_info", None)
    if error := event.pop("exc_info", None):
        event.update(fault(error[1]))
    return event
