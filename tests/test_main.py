"""What the server's entrance does with a setting that is wrong."""

from decimal import Decimal

import pytest
from fastapi import FastAPI

from service.errors import ConfigurationError
from service.main import app, serve
from service.settings import Settings


def test_a_wrong_setting_is_said_in_a_sentence(caplog: pytest.LogCaptureFixture) -> None:
    """The server does not start, and the error comes out as itself, without a traceback in the log."""
    with pytest.raises(ConfigurationError, match="SECONDSOURCE_MODEL is 'nonsense'"):
        serve(Settings(model="nonsense"))
    assert "Traceback" not in caplog.text


def test_a_limit_that_cannot_be_kept_is_said_at_the_start() -> None:
    """Without a price nobody could say when the dollars are spent: no check is taken that would fail by it."""
    settings = Settings(model="openai/unpriced", base_url="http://127.0.0.1:9/v1", max_dollars=Decimal(1))
    with pytest.raises(ConfigurationError, match="SECONDSOURCE_MAX_TOKENS"):
        serve(settings.model_copy(update={"database_url": "sqlite://"}))


def test_the_factory_makes_the_application() -> None:
    """What `uvicorn service.main:app --factory` runs; nothing is opened before it starts."""
    assert isinstance(app(), FastAPI)
