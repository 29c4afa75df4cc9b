"""Types that differ between databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import make_url

from service.corpus.tables import UtcDateTime

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
