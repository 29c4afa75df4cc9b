"""Messages as they are sent: signed, tried again on schedule, given up. The receiver is a real server on loopback."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from itertools import pairwise

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from schemas.webhook import DeliveryState, EventType, WebhookRegistration, WebhookWithSecret
from service.jobs.delivery import LONGEST_WAIT, SCHEDULE, Courier, Outcome, wait
from service.jobs.webhooks import WebhookStore, announce
from service.outbound.addresses import Reach
from service.outbound.fetcher import Fetcher
from service.store.database import Store, open_store
from tests.outbound.receiver import Answer, Asked, Receiver, receiving

pytestmark = pytest.mark.block_network(allowed_hosts=["127.0.0.1"])

OK, FAULT = Answer(204), Answer(500)


@dataclass
class Newsroom:
    """A store, a clock that only sleep moves, and a courier by that clock that may reach one server."""

    store: Store
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    slept: list[float] = field(default_factory=list)
    chance: float = 0.0

    @property
    def webhooks(self) -> WebhookStore:
        return WebhookStore(self.store)

    async def register(self, url: str) -> WebhookWithSecret:
        return await self.webhooks.register(WebhookRegistration(url=url, events=tuple(EventType)))

    async def announce(self) -> str:
        async with self.store.writing() as connection:
            (delivery_id,) = await announce(connection, EventType.CHECK_COMPLETED, {"check_id": "1"})
        return delivery_id

    def courier(self, port: int, *networks: str) -> Courier:
        reach = Reach([ip_network(one) for one in networks or ("127.0.0.0/8",)], frozenset({port}))
        return Courier(self.webhooks, Fetcher(reach, seconds=5), now=lambda: self.now, chance=lambda: self.chance)

    async def deliver(self, delivery_id: str, courier: Courier) -> None:
        """As the queue does it, with a clock of our own."""
        while (seconds := (await courier.attempt(delivery_id)).wait) is not None:
            self.slept.append(seconds)
            self.now += timedelta(seconds=seconds)


@pytest.fixture
async def newsroom() -> AsyncIterator[Newsroom]:
    async with open_store("sqlite://") as store:
        yield Newsroom(store)


async def _sent(newsroom: Newsroom, server: Receiver) -> tuple[WebhookWithSecret, str]:
    """Registers the server, tells it something to the end; the webhook and the delivery."""
    webhook = await newsroom.register(f"{server.url}/hook")
    delivery_id = await newsroom.announce()
    await newsroom.deliver(delivery_id, newsroom.courier(server.port))
    return webhook, delivery_id


async def test_a_message_is_signed(newsroom: Newsroom) -> None:
    """The receiver's library takes it by the secret, and refuses it where a byte is changed."""
    with receiving([OK]) as server:
        webhook, delivery_id = await _sent(newsroom, server)
        (asked,) = server.asked
        assert (asked.method, asked.path, asked.headers["content-type"]) == ("POST", "/hook", "application/json")
        assert asked.headers["webhook-id"] == delivery_id
        told = Webhook(webhook.secret).verify(asked.body, dict(asked.headers))
        assert (told["type"], told["data"]) == ("check.completed", {"check_id": "1"})
        assert told.keys() == {"type", "timestamp", "data"}
        with pytest.raises(WebhookVerificationError):
            Webhook(webhook.secret).verify(asked.body.replace(b"1", b"2"), dict(asked.headers))
    told_of = await newsroom.webhooks.delivery(delivery_id)
    assert (told_of.state, told_of.attempts, told_of.status) == (DeliveryState.DELIVERED, 1, 204)
    assert newsroom.slept == []


async def test_both_secrets_sign(newsroom: Newsroom) -> None:
    """After a rotation a receiver that has only the old secret, or only the new one, takes the message."""
    with receiving([OK]) as server:
        old = await newsroom.register(server.url)
        new = await newsroom.webhooks.rotate(old.id)
        await newsroom.deliver(await newsroom.announce(), newsroom.courier(server.port))
        (asked,) = server.asked
        assert len(asked.headers["webhook-signature"].split(" ")) == 2
        for secret in (old.secret, new.secret):
            assert Webhook(secret).verify(asked.body, dict(asked.headers))


async def test_it_is_tried_again_on_schedule(newsroom: Newsroom) -> None:
    """With the same id and body, a time and a signature of its own, until it is taken."""
    with receiving([FAULT, Answer(302, {"location": "/other"}), Answer(404), OK]) as server:
        _, delivery_id = await _sent(newsroom, server)
        assert newsroom.slept == [5, 300, 1800]
        assert {asked.headers["webhook-id"] for asked in server.asked} == {delivery_id}
        assert len({asked.body for asked in server.asked}) == 1
        assert {asked.path for asked in server.asked} == {"/hook"}
        times = [int(asked.headers["webhook-timestamp"]) for asked in server.asked]
        assert [late - early for early, late in pairwise(times)] == newsroom.slept
        assert len({asked.headers["webhook-signature"] for asked in server.asked}) == 4
    told = await newsroom.webhooks.delivery(delivery_id)
    assert (told.state, told.attempts, told.status, told.reason) == (DeliveryState.DELIVERED, 4, 204, None)


async def test_it_is_given_up(newsroom: Newsroom) -> None:
    """After ten attempts. The webhook stays: five days are not over."""
    with receiving([FAULT]) as server:
        webhook, delivery_id = await _sent(newsroom, server)
        assert len(server.asked) == len(SCHEDULE) == 10
        assert newsroom.slept == list(SCHEDULE[1:])
    told = await newsroom.webhooks.delivery(delivery_id)
    assert (told.state, told.reason) == (DeliveryState.FAILED, "The receiver answered 500.")
    assert (await newsroom.webhooks.one(webhook.id)).disabled_at is None


async def test_a_dead_receiver_is_disabled(newsroom: Newsroom) -> None:
    """By the second message that fails for good, six days on; the third is not made."""
    with receiving([FAULT]) as server:
        webhook, _ = await _sent(newsroom, server)
        await newsroom.deliver(await newsroom.announce(), newsroom.courier(server.port))
    held = await newsroom.webhooks.one(webhook.id)
    assert held.reason == "It has taken no message for 5 days."
    async with newsroom.store.writing() as connection:
        assert await announce(connection, EventType.CHECK_FAILED, {}) == ()


@pytest.mark.parametrize(("status", "seconds"), [(429, "90"), (503, "90"), (500, "90"), (429, "date")])
async def test_a_receiver_may_ask_for_time(newsroom: Newsroom, status: int, seconds: str) -> None:
    """In seconds or as a date; less than the schedule's wait shortens nothing."""
    said = format_datetime(newsroom.now.replace(microsecond=0) + timedelta(seconds=91), usegmt=True)
    asking = Answer(status, {"retry-after": said if seconds == "date" else seconds})
    with receiving([asking, asking, OK]) as server:
        await _sent(newsroom, server)
    assert newsroom.slept == pytest.approx([90, 300], abs=1)


async def test_gone_is_gone(newsroom: Newsroom) -> None:
    """410 ends the message and disables the webhook; another message that waits is dropped."""
    with receiving([FAULT, Answer(410)]) as server:
        webhook = await newsroom.register(server.url)
        waiting = await newsroom.announce()
        courier = newsroom.courier(server.port)
        assert await courier.attempt(waiting) == Outcome(DeliveryState.WAITING, 5)
        last = await newsroom.announce()
        assert await courier.attempt(last) == Outcome(DeliveryState.FAILED)
        assert await courier.attempt(waiting) == Outcome(DeliveryState.DROPPED)
        assert len(server.asked) == 2
    assert (await newsroom.webhooks.one(webhook.id)).reason == "The receiver answered 410 Gone."
    assert (await newsroom.webhooks.delivery(waiting)).state is DeliveryState.DROPPED


async def test_a_webhook_that_is_removed_is_not_told(newsroom: Newsroom) -> None:
    """A message that waits ends without another attempt."""
    with receiving([FAULT]) as server:
        webhook = await newsroom.register(server.url)
        delivery_id = await newsroom.announce()
        courier = newsroom.courier(server.port)
        await courier.attempt(delivery_id)
        await newsroom.webhooks.remove(webhook.id)
        assert await courier.attempt(delivery_id) == Outcome(DeliveryState.DROPPED)
        assert len(server.asked) == 1


async def test_what_was_told_is_not_told_again(newsroom: Newsroom) -> None:
    """An attempt that is asked for again after its end sends nothing."""
    with receiving([OK]) as server:
        _, delivery_id = await _sent(newsroom, server)
        assert await newsroom.courier(server.port).attempt(delivery_id) == Outcome(DeliveryState.DELIVERED)
        assert len(server.asked) == 1


async def test_inside_is_refused_at_every_attempt(newsroom: Newsroom) -> None:
    """What was registered while it was allowed is not told once it is not; the reason is kept, without the path."""
    with receiving([OK]) as server:
        await newsroom.register(f"{server.url}/secret-token")
        delivery_id = await newsroom.announce()
        closed = newsroom.courier(server.port, "10.0.0.0/8")
        assert (await closed.attempt(delivery_id)).state is DeliveryState.WAITING
        assert server.asked == []
        told = await newsroom.webhooks.delivery(delivery_id)
        assert (told.status, told.attempts) == (None, 1)
        assert told.reason is not None
        assert "SECONDSOURCE_ALLOWED_NETWORKS" in told.reason
        assert "secret-token" not in told.reason
        assert (await newsroom.courier(server.port).attempt(delivery_id)).state is DeliveryState.DELIVERED


async def test_nobody_there(newsroom: Newsroom) -> None:
    """A receiver that is down is tried again."""
    with receiving([OK]) as server:
        port = server.port
        await newsroom.register(server.url)
    delivery_id = await newsroom.announce()
    assert await newsroom.courier(port).attempt(delivery_id) == Outcome(DeliveryState.WAITING, 5)


async def test_a_trial_is_made_once(newsroom: Newsroom) -> None:
    """A test message that fails has failed."""
    with receiving([FAULT]) as server:
        webhook = await newsroom.register(server.url)
        delivery_id = await newsroom.webhooks.try_out(webhook.id)
        assert await newsroom.courier(server.port).attempt(delivery_id) == Outcome(DeliveryState.FAILED)
        assert json.loads(server.asked[0].body)["type"] == "webhook.test"


async def test_a_failing_receiver_is_alone(newsroom: Newsroom) -> None:
    """Each webhook's message has a delivery of its own, and ends on its own."""

    def answer(asked: Asked) -> Answer:
        return OK if asked.path == "/good" else FAULT

    with receiving(answer) as server:
        for path in ("good", "bad"):
            await newsroom.register(f"{server.url}/{path}")
        async with newsroom.store.writing() as connection:
            ids = await announce(connection, EventType.CLAIM_CHANGED, {"claim_id": "1"})
        outcomes = {(await newsroom.courier(server.port).attempt(one)).state for one in ids}
    assert outcomes == {DeliveryState.DELIVERED, DeliveryState.WAITING}


@pytest.mark.parametrize(
    ("attempts", "asked", "chance", "seconds"),
    [
        (1, None, 0.0, 5),
        (1, None, 1.0, 5.5),
        (2, 0.0, 0.0, 300),
        (2, 299.0, 0.0, 300),
        (2, 301.0, 0.0, 301),
        (9, None, 0.0, 86400),
        (1, 1e9, 0.0, LONGEST_WAIT),
        (10, None, 0.0, None),
        (10, 5.0, 0.0, None),
    ],
)
def test_the_schedule(attempts: int, asked: float | None, chance: float, seconds: float | None) -> None:
    """The specification's waits, more where the receiver asks for more, and up to a tenth on top."""
    assert wait(attempts, asked, chance) == (None if seconds is None else pytest.approx(seconds))
