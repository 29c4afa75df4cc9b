"""How the application starts."""

import pytest
from starlette.testclient import TestClient

from service.api.app import create_app
from service.errors import ConfigurationError
from service.settings import Settings


def test_an_error_at_the_start_is_kept() -> None:
    """Whoever runs the server finds why it did not start."""
    app = create_app(Settings(model="nonsense"))
    with pytest.raises(ConfigurationError) as caught, TestClient(app):
        pass
    assert app.state.failure is caught.value
