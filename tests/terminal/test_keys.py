"""`secondsource keys` makes, lists and revokes, and prints the key once."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from schemas.key import Key, Scope
from service.terminal.keys import keys, told

run = CliRunner()


@pytest.fixture(autouse=True)
def _database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECONDSOURCE_DATABASE_URL", f"sqlite:///{tmp_path / 'held.sqlite'}")


def test_a_key_is_made_listed_and_revoked() -> None:
    """Standard output of `create` is the key alone; no later command shows it again."""
    made = run.invoke(keys, ["create", "desk", "--scope", "write"])
    secret = made.stdout.strip()
    assert (made.exit_code, len(secret), secret[:3]) == (0, 67, "ss_")
    assert secret not in made.stderr
    listed = run.invoke(keys, ["list"])
    _, row = listed.stdout.splitlines()
    assert row.split()[:3] == [secret[:11], "desk", "write"]
    ended = run.invoke(keys, ["revoke", secret[:11]])
    assert (ended.exit_code, ended.stdout) == (0, f"Revoked {secret[:11]}, desk.\n")
    assert secret[11:] not in listed.output + ended.output


@pytest.mark.parametrize("scope", Scope)
def test_every_scope_can_be_given(scope: Scope) -> None:
    """No more and no fewer than there are."""
    assert run.invoke(keys, ["create", "desk", "--scope", scope]).exit_code == 0
    assert run.invoke(keys, ["create", "desk", "--scope", "all"]).exit_code == 2


def test_a_key_reads_where_nothing_is_said() -> None:
    """The least is what is given by default."""
    run.invoke(keys, ["create", "desk"])
    assert run.invoke(keys, ["list"]).stdout.splitlines()[1].split()[2] == "read"


@pytest.mark.parametrize("name", ["", "a" * 101, "red\x1b[31m", "two\nlines"])
def test_a_name_fits_on_a_line(name: str) -> None:
    """Anything else is wrong use, and makes no key."""
    assert run.invoke(keys, ["create", name]).exit_code == 2
    assert len(run.invoke(keys, ["list"]).stdout.splitlines()) == 1


def test_what_is_no_key_is_told() -> None:
    """By its code and a sentence, with exit code 1."""
    answer = run.invoke(keys, ["revoke", "ss_00000000"])
    assert answer.exit_code == 1
    assert answer.stderr.startswith("error [not_found]: ")


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:"])
def test_a_database_that_is_not_kept_takes_no_keys(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key would be shown and forgotten."""
    monkeypatch.setenv("SECONDSOURCE_DATABASE_URL", url)
    answer = run.invoke(keys, ["create", "desk"])
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith("error [configuration]: ")


def test_columns_stand_under_each_other() -> None:
    """Whatever the length of a name."""
    at = datetime(2024, 12, 9, 8, 30, tzinfo=UTC)
    listed = [
        Key(id="0" * 32, name=name, prefix="ss_01234567", scopes=(Scope.READ,), created_at=at, revoked_at=revoked)
        for name, revoked in (("a desk with a long name", None), ("b", at))
    ]
    assert list(told(listed)) == [
        "PREFIX       NAME                     SCOPE  CREATED           USED  REVOKED",
        "ss_01234567  a desk with a long name  read   2024-12-09 08:30  -     -",
        "ss_01234567  b                        read   2024-12-09 08:30  -     2024-12-09 08:30",
    ]
