"""Types that differ between databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import Dialect, make_url

from service.store.tables import Floats, UtcDateTime, Words

SQLITE = make_url("sqlite://").get_dialect()()
POSTGRESQL = make_url("postgresql+psycopg://").get_dialect()()
INSTANT = datetime(2024, 12, 8, 1, 30, tzinfo=timezone(timedelta(hours=3)))


def test_sqlite_keeps_utc_without_a_zone() -> None:
    """It knows no zones: what is kept is UTC, what is read says so."""
    kept = UtcDateTime().process_bind_param(INSTANT, SQLITE)
    assert kept == datetime(2024, 12, 7, 22, 30)  # noqa: DTZ001 - without a zone is the point
    assert UtcDateTime().process_result_value(kept, SQLITE) == INSTANT


def test_postgresql_keeps_the_instant() -> None:
    """It knows zones, and answers in the session's: what is read is UTC."""
    kept = UtcDateTime().process_bind_param(INSTANT, POSTGRESQL)
    assert kept == INSTANT
    read = UtcDateTime().process_result_value(INSTANT, POSTGRESQL)
    assert read == INSTANT
    assert read is not None
    assert read.tzinfo is UTC


def test_no_date_is_no_date() -> None:
    """None stays None."""
    assert UtcDateTime().process_bind_param(None, SQLITE) is None
    assert UtcDateTime().process_result_value(None, SQLITE) is None


def test_a_time_without_a_zone_is_refused() -> None:
    """It could be any of 26 hours."""
    with pytest.raises(ValueError, match="no zone"):
        UtcDateTime().process_bind_param(INSTANT.replace(tzinfo=None), SQLITE)


@pytest.mark.parametrize("dialect", [SQLITE, POSTGRESQL])
def test_what_one_database_cannot_keep_no_database_keeps(dialect: Dialect) -> None:
    """NUL is kept as the sign for what cannot be shown; no text is no text."""
    assert Words().process_bind_param("a\x00b", dialect) == "a\N{REPLACEMENT CHARACTER}b"
    assert Words().process_bind_param(None, dialect) is None


def test_numbers_are_bytes_or_numbers() -> None:
    """SQLite keeps the bytes of a vector as they are, PostgreSQL its numbers."""
    vector = b"\x00\x00\x80\x3f\x00\x00\x20\xc1"
    assert Floats().process_bind_param(vector, SQLITE) == vector
    assert Floats().process_bind_param(vector, POSTGRESQL) == [1.0, -10.0]
    assert Floats().process_bind_param(None, POSTGRESQL) is None
