"""What log lines hold, and what they cannot be made to hold."""

import asyncio
import logging

import pytest
from structlog.contextvars import bound_contextvars

from service.telemetry.logs import configure, fault
from tests.telemetry.piped import lines, piped

SECRET = "Rebels took the airport"


class _WorkflowCancelledError(Exception):
    pass


def _raised(error: Exception, cause: Exception | None = None) -> Exception:
    def fail() -> None:
        raise error from cause

    try:
        fail()
    except Exception as caught:
        return caught
    raise AssertionError


def test_a_line_is_an_object_with_its_particulars() -> None:
    """Event, logger, level, time, what is bound and what was given: each a field."""
    with piped() as written, bound_contextvars(request_id="r-1", check_id="c-1"):
        logging.getLogger("service.api").info("request", extra={"status": 200})
    (line,) = lines(written)
    assert line.pop("timestamp").endswith("Z")
    told = {"event": "request", "logger": "service.api", "level": "info"}
    assert line == told | {"request_id": "r-1", "check_id": "c-1", "status": 200}


async def test_what_is_bound_belongs_to_its_task() -> None:
    """Two checks at once do not get each other's ids; after the block nothing is bound."""
    log = logging.getLogger("service.jobs")

    async def check(name: str) -> None:
        with bound_contextvars(check_id=name):
            await asyncio.sleep(0)
            log.info(name)

    with piped() as written:
        await asyncio.gather(*(check(name) for name in ("a", "b")))
        log.info("c")
    assert [(line["event"], line.get("check_id")) for line in lines(written)] == [("a", "a"), ("b", "b"), ("c", None)]


def test_an_error_is_told_by_type_and_place() -> None:
    """Its message is not told, nor its cause's; both of their places are."""
    error = _raised(RuntimeError(SECRET), _raised(ValueError(SECRET)))
    with piped() as written:
        logging.getLogger("service.jobs").error("unforeseen", exc_info=error)
        logging.getLogger("service.jobs").error("unforeseen", extra=fault(error))
    assert SECRET not in written.getvalue()
    for line in lines(written):
        assert line["error"] == "RuntimeError"
        assert line["exception"].count("in _raised") == 2
        assert "caused by" in line["exception"]


@pytest.mark.parametrize(
    ("logger", "message", "told"),
    [
        ("dbos", f"Error executing workflow 7f3a: {SECRET}", "Error executing workflow 7f3a"),
        ("asyncio", f"Task exception was never retrieved\nfuture: {SECRET}", "Task exception was never retrieved"),
        ("sqlalchemy.engine", f"[generated in 0.1 s] ('{SECRET}',)", ""),
        ("somebody", f"Failed ({SECRET})", "Failed"),
    ],
)
def test_a_library_is_cut_before_what_it_quotes(logger: str, message: str, told: str) -> None:
    """The plain beginning of its message is told, and the line of code that it comes from."""
    with piped() as written:
        logging.getLogger(logger).error(message)
    (line,) = lines(written)
    assert (line["event"], line["logger"], line["at"].split(":")[0]) == (told, logger, "test_logs")
    assert SECRET not in written.getvalue()


def test_a_library_adds_no_fields() -> None:
    """Whatever it hangs on a record stays there, save the check that DBOS runs."""
    with piped() as written:
        logging.getLogger("dbos").error("Failed", extra={"body": SECRET, "operationUUID": "c-1"})
    (line,) = lines(written)
    assert line["check_id"] == "c-1"
    assert SECRET not in written.getvalue()


@pytest.mark.parametrize(
    ("logger", "level", "told"),
    [
        ("service.api", logging.INFO, True),
        ("service.api", logging.DEBUG, False),
        ("uvicorn.error", logging.INFO, True),
        ("uvicorn.access", logging.CRITICAL, False),
        ("dbos", logging.INFO, False),
        ("dbos", logging.WARNING, True),
        ("sqlalchemy.engine", logging.INFO, False),
        ("httpx", logging.INFO, False),
        ("trafilatura", logging.ERROR, False),
    ],
)
def test_each_logger_has_its_level(logger: str, level: int, told: bool) -> None:
    """Ours and the server's from info on, others from warning on, access lines never: they hold the query."""
    with piped() as written:
        logging.getLogger(logger).log(level, "Something happened")
    assert bool(written.getvalue()) == told


def test_a_cancelled_check_is_no_fault_of_dbos() -> None:
    """Its traceback is dropped; that of another error is told."""
    with piped() as written:
        log = logging.getLogger("dbos")
        log.error("Exception encountered in asynchronous workflow:", exc_info=_raised(_WorkflowCancelledError()))
        log.warning("Asyncio task cancelled for workflow or step <function>")
        log.error("Exception encountered in asynchronous workflow:", exc_info=_raised(KeyError()))
    assert [line["error"] for line in lines(written)] == ["KeyError"]


@pytest.mark.parametrize(
    ("last", "told"),
    [
        ("service.errors.ConfigurationError: SECONDSOURCE_MODEL is 'x'.", None),
        (f"RuntimeError: {SECRET}", "RuntimeError"),
    ],
)
def test_a_start_that_failed_is_one_line(last: str, told: str | None) -> None:
    """Of the traceback that uvicorn logs as text the last line is left, and of a foreign error only its type."""
    with piped() as written:
        logging.getLogger("uvicorn.error").error("Traceback (most recent call last):\n  File ...\n%s\n", last)
    (line,) = lines(written)
    assert line["event"] == (told or last)


def test_no_value_can_forge_a_line() -> None:
    """Line breaks in a message or a field do not break the line, in either form."""
    for form in ("json", "console"):
        with piped("json" if form == "json" else "console") as written:
            logging.getLogger("service.api").info("one\ntwo", extra={"field": "one\ntwo"})
        assert len(written.getvalue().splitlines()) == 1


def test_configured_twice_a_line_is_written_once(capsys: pytest.CaptureFixture[str]) -> None:
    """The later configuration stands; without a stream it writes to standard error as it is at that time."""
    with piped() as written:
        configure()
        logging.getLogger("service.api").info("once")
    assert not written.getvalue()
    told = capsys.readouterr()
    assert told.err.count("once") == 1
    assert not told.out
