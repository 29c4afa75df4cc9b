"""A fresh database for each test, in a file and on PostgreSQL."""

from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where it is."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/x.sqlite"
    url: str = request.getfixturevalue("postgres_url")
    return url
