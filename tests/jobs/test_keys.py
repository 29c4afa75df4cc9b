"""Keys to the interface: shown once, found by their hash, noted when used, ended for good."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError
from sqlalchemy import Executable, delete, select

from schemas.key import Scope
from service.errors import NotFound
from service.jobs.keys import FRESH, Keys
from service.store.database import Store, finished, open_store
from service.store.tables import KeyRow


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2024, 12, 9, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, by: timedelta) -> None:
        """Later by so much."""
        self.now += by


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with open_store("sqlite://") as opened:
        yield opened


@pytest.fixture
def keys(store: Store, clock: Clock) -> Keys:
    return Keys(store, clock=clock)


async def _remove_all(store: Store) -> None:
    async with store.writing() as connection:
        await connection.execute(delete(KeyRow))


@pytest.mark.parametrize(
    ("given", "wanted", "allows"),
    [
        ("read", "read", True),
        ("read", "write", False),
        ("read", "admin", False),
        ("write", "read", True),
        ("write", "write", True),
        ("write", "admin", False),
        ("admin", "read", True),
        ("admin", "write", True),
        ("admin", "admin", True),
    ],
)
async def test_a_scope_includes_those_below(keys: Keys, given: str, wanted: str, allows: bool) -> None:
    """Admin includes write, and write read."""
    key, _ = await keys.create("desk", Scope(given))
    assert key.allows(Scope(wanted)) is allows


async def test_only_the_hash_is_kept(keys: Keys, store: Store) -> None:
    """The database has a hash and eleven characters; the key has 256 random bits behind its mark."""
    key, secret = await keys.create("desk", Scope.WRITE)
    assert re.fullmatch(r"ss_[0-9a-f]{64}", secret)
    (row,) = await store.rows(select(KeyRow.prefix, KeyRow.sha256, KeyRow.scopes, KeyRow.name))
    assert tuple(row) == (secret[:11], hashlib.sha256(secret.encode()).hexdigest(), ["write"], "desk")
    assert key.prefix == secret[:11]
    assert secret[11:] not in key.model_dump_json()


async def test_a_key_is_found_and_no_other_is(keys: Keys) -> None:
    """One character more, less or other is another key."""
    key, secret = await keys.create("desk", Scope.READ)
    other = secret[:-1] + ("0" if secret[-1] != "0" else "1")
    assert await keys.find(secret) == key
    for wrong in (other, secret[:-1], secret + "0", key.prefix, key.id, "", secret.upper(), "é"):
        assert await keys.find(wrong) is None


async def test_keys_are_listed_newest_first(keys: Keys, clock: Clock) -> None:
    """Revoked keys stay in the list."""
    first, _ = await keys.create("first", Scope.READ)
    clock.move(timedelta(seconds=1))
    second, _ = await keys.create("second", Scope.READ, Scope.ADMIN)
    ended = await keys.revoke(first.id)
    assert ended.revoked_at == clock.now
    assert await keys.listed() == [second, ended]


@pytest.mark.parametrize("part", ["id", "prefix", "key"])
async def test_a_key_is_revoked_by_whatever_names_it(keys: Keys, part: str) -> None:
    """By its id, its first characters or itself; another one goes on."""
    key, secret = await keys.create("gone", Scope.READ)
    _, kept = await keys.create("kept", Scope.READ)
    await keys.revoke({"id": key.id, "prefix": key.prefix, "key": secret}[part])
    assert await keys.find(secret) is None
    assert await keys.find(kept)


@pytest.mark.parametrize("name", ["", "ss_", "ss_00000000", "desk", "%", "0" * 32])
async def test_what_names_no_key_revokes_none(keys: Keys, name: str) -> None:
    """The error says where keys are listed."""
    await keys.create("desk", Scope.READ)
    with pytest.raises(NotFound, match="keys list"):
        await keys.revoke(name)


async def test_a_key_is_revoked_once(keys: Keys) -> None:
    """The time of its end does not move."""
    key, _ = await keys.create("desk", Scope.READ)
    await keys.revoke(key.id)
    with pytest.raises(NotFound):
        await keys.revoke(key.id)


async def test_once_there_was_a_key_one_is_needed(keys: Keys) -> None:
    """Revoking the last one shuts the door and does not open it."""
    assert not await keys.needed()
    key, _ = await keys.create("desk", Scope.READ)
    assert await keys.needed()
    await keys.revoke(key.id)
    assert await keys.needed()


async def test_what_others_do_is_known_after_a_while(store: Store, keys: Keys, clock: Clock) -> None:
    """A server sees the command line's keys and revocations, each when what it knows is no longer fresh."""
    server = Keys(store, clock=clock)
    assert not await server.needed()
    key, secret = await keys.create("desk", Scope.READ)
    clock.move(FRESH - timedelta(milliseconds=1))
    assert await server.find(secret) is None
    clock.move(timedelta(milliseconds=1))
    assert await server.find(secret)
    await keys.revoke(key.id)
    clock.move(FRESH)
    assert await server.find(secret) is None


async def test_a_clock_set_back_makes_nothing_fresh(store: Store, keys: Keys, clock: Clock) -> None:
    """What was read in the future is read again."""
    server = Keys(store, clock=clock)
    assert not await server.needed()
    await keys.create("desk", Scope.READ)
    clock.move(timedelta(hours=-1))
    assert await server.needed()


async def test_the_database_is_not_asked_at_each_request(store: Store, clock: Clock) -> None:
    """A hundred requests at once and one a moment later ask it once, and note the use once."""
    read: list[Executable] = []

    class Watched(Store):
        async def rows(self, statement: Executable, values: object = None) -> object:  # type: ignore[override]
            read.append(statement)
            return await super().rows(statement)

    maker = Keys(store, clock=clock)
    _, secret = await maker.create("desk", Scope.READ)
    watched = Keys(Watched(store.engine), clock=clock)
    found = await asyncio.gather(*(watched.find(secret) for _ in range(100)))
    clock.move(timedelta(seconds=1))
    assert all([*found, await watched.find(secret)])
    assert len(read) == 1


async def test_use_is_noted_once_a_minute(keys: Keys, clock: Clock) -> None:
    """The first use, and then the next after a minute."""
    _, secret = await keys.create("desk", Scope.READ)
    noted = []
    for seconds in (0, 30, 29, 1, 59):
        clock.move(timedelta(seconds=seconds))
        await keys.find(secret)
        noted.append((await keys.listed())[0].used_at)
    start = noted[0]
    assert start == clock.now - timedelta(seconds=119)
    assert noted == [start, start, start, start + timedelta(seconds=60), start + timedelta(seconds=60)]


async def test_who_only_reads_needs_no_room_on_the_disk(store: Store, keys: Keys) -> None:
    """A use that cannot be written down refuses nobody."""
    _, secret = await keys.create("desk", Scope.READ)
    assert await keys.needed()
    async with store.writing() as connection:
        await connection.exec_driver_sql("PRAGMA query_only = ON")
    assert await keys.find(secret)


@pytest.mark.parametrize(("name", "scopes"), [("", (Scope.READ,)), ("a" * 101, (Scope.READ,)), ("desk", ())])
async def test_a_key_has_a_name_and_a_scope(keys: Keys, name: str, scopes: tuple[Scope, ...]) -> None:
    """What would be a key without them is not stored."""
    with pytest.raises(ValidationError):
        await keys.create(name, *scopes)
    assert not await keys.needed()


async def test_an_emptied_table_is_an_open_door(store: Store, keys: Keys, clock: Clock) -> None:
    """Only who can write the database can take the need of keys away."""
    await keys.create("desk", Scope.READ)
    await finished(_remove_all(store))
    clock.move(FRESH)
    assert not await keys.needed()
