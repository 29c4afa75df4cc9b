"""Webhooks and the messages to them, as rows."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from schemas.webhook import DeliveryState, EventType, WebhookRegistration, WebhookWithSecret
from service.errors import NotFound
from service.jobs.webhooks import BOTH_SIGN, GIVE_UP, Attempt, Due, WebhookStore, announce
from service.store.database import Store, open_store
from service.store.tables import DeliveryRow

CHECKS = (EventType.CHECK_COMPLETED, EventType.CHECK_FAILED)
URL = "https://cms.example/hook"


@pytest.fixture
async def store() -> AsyncIterator[Store]:
    async with open_store("sqlite://") as opened:
        yield opened


@pytest.fixture
def webhooks(store: Store) -> WebhookStore:
    return WebhookStore(store)


async def _registered(webhooks: WebhookStore, *events: EventType) -> WebhookWithSecret:
    return await webhooks.register(WebhookRegistration(url=URL, events=events or CHECKS))


async def _announced(store: Store, event: EventType = EventType.CHECK_COMPLETED) -> tuple[str, ...]:
    async with store.writing() as connection:
        return await announce(connection, event, {"check_id": "1"})


async def _due(webhooks: WebhookStore, delivery_id: str, now: datetime | None = None) -> Due:
    due = await webhooks.due(delivery_id, now or datetime.now(UTC))
    assert due is not None
    return due


async def test_a_webhook_is_held(webhooks: WebhookStore) -> None:
    """As it was asked for, each event once; the secret is shown when it is made and never after."""
    made = await _registered(webhooks, *CHECKS, *CHECKS)
    assert made.events == CHECKS
    assert len(base64.b64decode(made.secret.removeprefix("whsec_"))) == 32
    held = await webhooks.one(made.id)
    assert held.model_dump() == made.model_dump(exclude={"secret"})
    assert await webhooks.all() == (held,)
    assert made.secret not in repr(held)


async def test_secrets_differ(webhooks: WebhookStore) -> None:
    """Every webhook has its own."""
    assert len({(await _registered(webhooks)).secret for _ in range(5)}) == 5


async def test_what_is_not_held_is_not_found(webhooks: WebhookStore) -> None:
    """In whatever way it is asked for."""
    for asked in (
        webhooks.one("0"),
        webhooks.remove("0"),
        webhooks.rotate("0"),
        webhooks.deliveries("0"),
        webhooks.try_out("0"),
        webhooks.delivery("0"),
    ):
        with pytest.raises(NotFound):
            await asked


async def test_who_wants_an_event_is_told(store: Store, webhooks: WebhookStore) -> None:
    """One message each, with ids of their own; nobody else."""
    first, second = await _registered(webhooks), await _registered(webhooks, EventType.CLAIM_CHANGED, *CHECKS)
    await _registered(webhooks, EventType.CLAIM_CHANGED)
    ids = await _announced(store)
    assert {(await _due(webhooks, one)).webhook_id for one in ids} == {first.id, second.id}
    assert len(set(ids)) == 2
    assert await _announced(store, EventType.CHECK_FAILED) != ids


async def test_nobody_to_tell(store: Store, webhooks: WebhookStore) -> None:
    """Then there is no message."""
    await _registered(webhooks)
    assert await _announced(store, EventType.CLAIM_CHANGED) == ()


async def test_what_is_taken_back_is_not_told(store: Store, webhooks: WebhookStore) -> None:
    """Messages belong to the transaction of what they tell."""
    await _registered(webhooks)

    async def fail() -> None:
        async with store.writing() as connection:
            await announce(connection, EventType.CHECK_COMPLETED, {})
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await webhooks.waiting(datetime.now(UTC)) == []


async def test_the_message(store: Store, webhooks: WebhookStore) -> None:
    """Type, time and data, and nothing else."""
    await _registered(webhooks)
    (delivery_id,) = await _announced(store)
    due = await _due(webhooks, delivery_id)
    delivery = await webhooks.delivery(delivery_id)
    at = delivery.created_at.isoformat().replace("+00:00", "Z")
    assert due.body == f'{{"type":"check.completed","timestamp":"{at}","data":{{"check_id":"1"}}}}'
    assert (delivery.state, delivery.attempts, delivery.status) == (DeliveryState.WAITING, 0, None)


async def test_a_message_is_small(store: Store) -> None:
    """An article's text does not fit."""
    async with store.writing() as connection:
        with pytest.raises(ValueError, match="ids and links"):
            await announce(connection, EventType.CHECK_COMPLETED, {"text": "x" * 20_000})


async def test_removal_takes_the_messages_along(store: Store, webhooks: WebhookStore) -> None:
    """They are not due any more, and take no room."""
    made = await _registered(webhooks)
    (delivery_id,) = await _announced(store)
    await webhooks.remove(made.id)
    assert await webhooks.due(delivery_id, datetime.now(UTC)) is None
    assert (await store.rows(select(func.count()).select_from(DeliveryRow)))[0][0] == 0
    assert await _announced(store) == ()


async def test_both_secrets_sign_for_a_day(store: Store, webhooks: WebhookStore) -> None:
    """After a rotation the new one is first; of two rotations within the day only the last old one is left."""
    made = await _registered(webhooks)
    (delivery_id,) = await _announced(store)
    assert (await _due(webhooks, delivery_id)).secrets == (made.secret,)
    second = await webhooks.rotate(made.id)
    assert second.rotated_at is not None
    assert (await _due(webhooks, delivery_id)).secrets == (second.secret, made.secret)
    over = second.rotated_at + BOTH_SIGN
    assert (await _due(webhooks, delivery_id, over)).secrets == (second.secret,)
    third = await webhooks.rotate(made.id)
    assert (await _due(webhooks, delivery_id)).secrets == (third.secret, second.secret)


async def test_deliveries_in_pages(store: Store, webhooks: WebhookStore) -> None:
    """Newest first, each once, of this webhook alone."""
    made = await _registered(webhooks)
    made_by_time = [(await _announced(store))[0] for _ in range(5)]
    await _registered(webhooks)
    await _announced(store)
    pages, cursor = [], None
    while True:
        page = await webhooks.deliveries(made.id, before=cursor, limit=2)
        pages.append([one.id for one in page.items])
        cursor = page.next
        if cursor is None:
            break
    assert [len(page) for page in pages] == [2, 2, 2]
    told = [one for page in pages for one in page]
    assert told[1:] == made_by_time[::-1]


async def test_what_waits_is_found_again(store: Store, webhooks: WebhookStore) -> None:
    """Messages that nobody sent, newest first; none that has ended, none made later."""
    await _registered(webhooks)
    ids = [(await _announced(store))[0] for _ in range(3)]
    now = datetime.now(UTC)
    await webhooks.note(await _due(webhooks, ids[1]), Attempt(DeliveryState.DELIVERED, 200, None, now))
    assert await webhooks.waiting(now) == [ids[2], ids[0]]
    assert await webhooks.waiting((await webhooks.delivery(ids[0])).created_at) == []


async def test_an_attempt_is_written_down(store: Store, webhooks: WebhookStore) -> None:
    """On the message, and on its webhook since when it fails; success ends that."""
    made = await _registered(webhooks)
    ids = [(await _announced(store))[0] for _ in range(2)]
    now = datetime.now(UTC)
    for late in (0, 7):
        at = now + timedelta(seconds=late)
        await webhooks.note(await _due(webhooks, ids[0]), Attempt(DeliveryState.WAITING, 500, "It failed.", at))
    told = await webhooks.delivery(ids[0])
    assert (told.attempts, told.status, told.reason, told.attempted_at) == (2, 500, "It failed.", at)
    assert (await webhooks.one(made.id)).failing_since == now
    await webhooks.note(await _due(webhooks, ids[1]), Attempt(DeliveryState.DELIVERED, 204, None, now))
    assert (await webhooks.one(made.id)).failing_since is None


@pytest.mark.parametrize(
    ("attempt", "failing", "disabled"),
    [
        ((DeliveryState.FAILED, 500), GIVE_UP, True),
        ((DeliveryState.FAILED, None), GIVE_UP, True),
        ((DeliveryState.FAILED, 500), GIVE_UP - timedelta(seconds=1), False),
        ((DeliveryState.WAITING, 500), GIVE_UP, False),
        ((DeliveryState.DELIVERED, 200), GIVE_UP, False),
        ((DeliveryState.FAILED, 410), timedelta(0), True),
    ],
)
async def test_who_takes_nothing_is_disabled(
    store: Store, webhooks: WebhookStore, attempt: tuple[DeliveryState, int | None], failing: timedelta, disabled: bool
) -> None:
    """After five days without success, when a message has failed for good; or at once where it is gone."""
    made = await _registered(webhooks)
    ids = [(await _announced(store))[0] for _ in range(2)]
    now = datetime.now(UTC)
    await webhooks.note(await _due(webhooks, ids[0]), Attempt(DeliveryState.WAITING, 500, "It failed.", now))
    await webhooks.note(await _due(webhooks, ids[1]), Attempt(*attempt, "It failed.", now + failing))
    held = await webhooks.one(made.id)
    assert (held.disabled_at is not None, held.reason is not None) == (disabled, disabled)
    assert (await _due(webhooks, ids[0])).disabled == disabled
    assert (await _announced(store) == ()) == disabled
