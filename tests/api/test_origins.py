"""Pages of other sites read nothing, unless their site is named."""

import pytest
from fastapi import FastAPI

from schemas.key import Scope
from service.api.origins import allow_origins
from service.errors import WrongSetting
from tests.api.gated import gated

DESK = "https://desk.example"


def test_no_site_is_allowed_by_default() -> None:
    """No answer has a header that would let a page read it, and asking first is refused."""
    with gated() as client:
        answer = client.get("/read", headers={"Origin": DESK})
        assert "access-control-allow-origin" not in answer.headers
        asked = client.options("/write", headers={"Origin": DESK, "Access-Control-Request-Method": "POST"})
        assert (asked.status_code, asked.json()["code"]) == (405, "method_not_allowed")


def test_a_named_site_is_let_in_and_no_other() -> None:
    """Its pages may send a key and read the answers' headers, errors' too; cookies are no matter."""
    with gated(origins=(DESK,)) as client:
        client.key(Scope.READ)
        asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "X-API-Key, Prefer"}
        asked = client.options("/write", headers={"Origin": DESK, **asking})
        assert asked.status_code == 200
        assert asked.headers["access-control-allow-origin"] == DESK
        assert "access-control-allow-credentials" not in asked.headers
        refused = client.get("/read", headers={"Origin": DESK})
        assert refused.status_code == 401
        assert refused.headers["access-control-allow-origin"] == DESK
        assert "Retry-After" in refused.headers["access-control-expose-headers"]
        other = client.get("/read", headers={"Origin": "https://elsewhere.example"})
        assert "access-control-allow-origin" not in other.headers


@pytest.mark.parametrize(
    "origin", ["*", "null", "desk.example", "https://desk.example/", "https://*.example", "ftp://desk.example", ""]
)
def test_what_is_no_origin_is_a_wrong_setting(origin: str) -> None:
    """A star is none either: not every page of the web is meant."""
    with pytest.raises(WrongSetting, match="SECONDSOURCE_ORIGINS"):
        allow_origins(FastAPI(), [DESK, origin])


@pytest.mark.parametrize("origin", ["http://localhost:3000", "https://desk.example:8443", "http://[::1]:8000"])
def test_an_origin_is_scheme_host_and_port(origin: str) -> None:
    """As browsers write them."""
    allow_origins(FastAPI(), [origin])
