"""Who may ask for what: by key, and without one from this machine alone."""

import pytest

from schemas.key import Scope
from service.api.auth import said_at_start
from service.errors import ConfigurationError
from tests.api.gated import gated
from tests.api.served import made_key, served

FOR = {"/read": "GET", "/metrics": "GET", "/write": "POST", "/admin": "POST"}


@pytest.mark.parametrize(
    ("scope", "reached"),
    [
        (Scope.READ, {"/read", "/metrics"}),
        (Scope.WRITE, {"/read", "/metrics", "/write"}),
        (Scope.ADMIN, {"/read", "/metrics", "/write", "/admin"}),
    ],
)
def test_a_key_reaches_as_far_as_its_scope(scope: Scope, reached: set[str]) -> None:
    """Beyond it, the answer is 403 and names the scope that is needed."""
    with gated(address="192.0.2.7") as client:
        headers = {"X-API-Key": client.key(scope)}
        answers = {path: client.request(method, path, headers=headers) for path, method in FOR.items()}
        assert {path for path, answer in answers.items() if answer.status_code == 200} == reached
        for refused in (answers[path] for path in FOR if path not in reached):
            assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
            assert refused.headers["www-authenticate"].startswith('Bearer error="insufficient_scope"')
            assert headers["X-API-Key"] not in refused.text


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({}, None),
        ({"Authorization": "Basic {key}"}, None),
        ({"Authorization": "{key}"}, None),
        ({"Authorization": "Bearer"}, None),
        ({"X-API-Key": ""}, None),
        ({"Authorization": "Bearer ss_0"}, "invalid_token"),
        ({"X-API-Key": "ss_0"}, "invalid_token"),
        ({"X-API-Key": "\xe9"}, "invalid_token"),
        ({"Authorization": "Bearer {key}", "X-API-Key": "ss_0"}, "invalid_request"),
        ({"Authorization": "Bearer ss_0", "X-API-Key": "{key}"}, "invalid_request"),
    ],
)
def test_what_carries_no_valid_key_is_refused(headers: dict[str, str], error: str | None) -> None:
    """The answer is 401 with a challenge that says how to do it."""
    with gated() as client:
        key = client.key(Scope.ADMIN)
        sent = {name.encode(): value.format(key=key).encode("latin-1") for name, value in headers.items()}
        answer = client.get("/read", headers=sent)
        assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
        assert answer.headers["www-authenticate"] == ("Bearer" if error is None else f'Bearer error="{error}"')
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": "Bearer {key}"},
        {"Authorization": "bearer {key}"},
        {"X-API-Key": "{key}"},
        {"Authorization": "Bearer {key}", "X-API-Key": "{key}"},
        {"Authorization": "Basic ZGVzazpwYXNz", "X-API-Key": "{key}"},
    ],
)
def test_a_key_is_carried_in_either_header(headers: dict[str, str]) -> None:
    """In both it may stand twice; what a proxy's own Authorization holds does not matter beside X-API-Key."""
    with gated() as client:
        key = client.key(Scope.READ)
        sent = {name: value.format(key=key) for name, value in headers.items()}
        assert client.get("/read", headers=sent).status_code == 200


def test_the_owner_is_the_key() -> None:
    """Its id where there is one; nothing where none is needed."""
    with gated() as client:
        assert client.get("/read").json() == ""
        secret = client.key(Scope.READ)
        owner = client.get("/read", headers={"X-API-Key": secret}).json()
        assert client.portal
        assert [owner] == [key.id for key in client.portal.call(client.keys.listed)]


def test_the_first_key_shuts_the_door() -> None:
    """It is demanded from then on, and a revoked one is not taken; without any in use nobody is let in."""
    with gated() as client:
        assert client.post("/admin").status_code == 200
        secret = client.key(Scope.ADMIN)
        assert client.post("/admin").status_code == 401
        assert client.post("/admin", headers={"X-API-Key": secret}).status_code == 200
        client.revoke(secret)
        assert client.post("/admin", headers={"X-API-Key": secret}).status_code == 401
        assert client.post("/admin").status_code == 401


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("127.0.0.1", 200),
        ("127.8.8.8", 200),
        ("::1", 200),
        ("::ffff:127.0.0.1", 200),
        ("192.0.2.7", 401),
        ("10.0.0.1", 401),
        ("::ffff:192.0.2.7", 401),
        ("fe80::1", 401),
        ("testclient", 401),
    ],
)
def test_without_keys_only_this_machine_is_served(address: str, status: int) -> None:
    """Even where the server listens on every address in spite of all."""
    with gated(address=address) as client:
        assert {client.request(method, path).status_code for path, method in FOR.items()} == {status}


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8000", 200),
        ("localhost", 200),
        ("LOCALHOST:8000", 200),
        ("desk.localhost", 200),
        ("[::1]:8000", 200),
        ("192.0.2.7", 200),
        ("rebound.example", 403),
        ("localhost.example", 403),
        ("127.0.0.1.example", 403),
        ("127.0.0.1@rebound.example", 403),
        ("[::1", 403),
        ("", 403),
    ],
)
def test_without_keys_the_server_has_no_name(host: str, status: int) -> None:
    """A name that leads here may be another site's, made to lead here so that its page may read."""
    with gated() as client:
        assert client.get("/read", headers={"Host": host}).status_code == status
        key = client.key(Scope.READ)
        assert client.get("/read", headers={"Host": host, "X-API-Key": key}).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Origin": "http://127.0.0.1"}, 200),
        ({"Origin": "https://desk.example", "Sec-Fetch-Site": "cross-site"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.example"}, 403),
        ({"Origin": "null"}, 403),
    ],
)
def test_without_keys_other_sites_write_nothing(headers: dict[str, str], status: int) -> None:
    """Their links are followed; what they send is refused, unless they are named. A key makes up for it all."""
    with gated(origins=("https://desk.example",)) as client:
        assert client.get("/read", headers=headers).status_code == 200
        answer = client.post("/write", headers=headers)
        assert answer.status_code == status
        assert status == 200 or answer.json()["code"] == "foreign_site"
        key = client.key(Scope.WRITE)
        assert client.post("/write", headers={**headers, "X-API-Key": key}).status_code == 200


@pytest.mark.parametrize("address", ["127.0.0.1", "::1", "192.0.2.7"])
def test_figures_need_a_key_where_there_are_keys(address: str) -> None:
    """From this machine too: whoever comes through a proxy on it seems to be on it."""
    with gated(address=address) as client:
        key = client.key(Scope.READ)
        assert client.get("/metrics", headers={"X-Forwarded-For": "192.0.2.7"}).status_code == 401
        assert client.get("/metrics", headers={"X-API-Key": key}).status_code == 200


def test_the_application_guards_its_figures() -> None:
    """The real one does as the small one of these tests."""
    with served() as client:
        assert client.get("/metrics").status_code == 200
        key = made_key(client, Scope.READ)
        assert client.get("/metrics").status_code == 401
        assert client.get("/metrics", headers={"Authorization": f"Bearer {key}"}).status_code == 200


def test_either_header_is_declared() -> None:
    """The OpenAPI document has two schemes, and either is enough."""
    with gated() as client:
        document = client.get("/openapi.json").json()
        assert document["paths"]["/write"]["post"]["security"] == [{"bearer": []}, {"header": []}]
        schemes = document["components"]["securitySchemes"]
        assert schemes["bearer"].items() >= {"type": "http", "scheme": "bearer"}.items()
        assert schemes["header"].items() >= {"type": "apiKey", "in": "header", "name": "X-API-Key"}.items()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "localhost", "::1", "::ffff:127.0.0.1"])
def test_without_keys_a_server_listens_here(host: str) -> None:
    """It says so, and how a key is made."""
    assert "secondsource keys create" in said_at_start(host, key_needed=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "192.0.2.7", "desk.example", "127.1", "localhost.example"])  # noqa: S104
def test_without_keys_a_server_listens_nowhere_else(host: str) -> None:
    """It refuses to start, and says what to do; with a key it starts."""
    with pytest.raises(ConfigurationError, match="secondsource keys create"):
        said_at_start(host, key_needed=False)
    assert "X-API-Key" in said_at_start(host, key_needed=True)
