"""The webhooks of a store, and the messages to them. `service.jobs.delivery` sends these."""

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any, NamedTuple
from uuid import uuid4

from sqlalchemy import Row, delete, func, insert, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from schemas.webhook import (
    TEST,
    Deliveries,
    Delivery,
    DeliveryState,
    EventType,
    Message,
    Webhook,
    WebhookRegistration,
    WebhookWithSecret,
)
from service.errors import NotFound
from service.store.database import Store, finished
from service.store.tables import DeliveryRow, WebhookRow

BOTH_SIGN = timedelta(hours=24)
"""How long an old secret signs beside the new one."""

GIVE_UP = timedelta(days=5)
"""A webhook that has taken nothing for so long is disabled when one more message to it has failed for good."""

_SECRET_BYTES = 32
_SHOWN = [getattr(WebhookRow, name) for name in Webhook.model_fields]
_TOLD = [getattr(DeliveryRow, name) for name in Delivery.model_fields]


class Due(NamedTuple):
    """A message as it is to be sent, or not any more."""

    id: str
    webhook_id: str
    type: str
    body: str
    state: DeliveryState
    attempts: int
    """Those made already."""
    url: str
    secrets: Sequence[str]
    """All of them sign, the newest first."""
    disabled: bool


class Attempt(NamedTuple):
    """What one attempt came to."""

    state: DeliveryState
    status: int | None
    reason: str | None
    at: datetime


class WebhookStore:
    """Who is told, and what became of what they were told."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def register(self, asked: WebhookRegistration) -> WebhookWithSecret:
        """A new webhook with a new secret. That its URL may be asked is for the caller to see.

        Raises:
            StoreError: the database failed.
        """
        values = {"id": uuid4().hex, "url": asked.url, "events": list(asked.events), "created_at": _now()}
        secret = _secret()
        await finished(self._write(insert(WebhookRow).values(**values, secret=secret)))
        return WebhookWithSecret(**values, secret=secret)

    async def all(self) -> tuple[Webhook, ...]:
        """Every webhook, oldest first."""
        rows = await self._store.rows(select(*_SHOWN).order_by(WebhookRow.created_at, WebhookRow.id))
        return tuple(map(_webhook, rows))

    async def one(self, webhook_id: str) -> Webhook:
        """The webhook of an id.

        Raises:
            NotFound: there is none.
        """
        rows = await self._store.rows(select(*_SHOWN).where(WebhookRow.id == webhook_id))
        if not rows:
            raise NotFound("There is no webhook of this id.")
        return _webhook(rows[0])

    async def remove(self, webhook_id: str) -> None:
        """Forgets a webhook and all messages to it; one that is being sent is the last.

        Raises:
            NotFound: there is none.
        """
        await self.one(webhook_id)
        await finished(self._write(delete(WebhookRow).where(WebhookRow.id == webhook_id)))

    async def rotate(self, webhook_id: str) -> WebhookWithSecret:
        """Gives a webhook a new secret. The one it had signs too for `BOTH_SIGN`; one before that does no longer.

        Raises:
            NotFound: there is none.
        """
        secret = _secret()
        values = {"old_secret": WebhookRow.secret, "secret": secret, "rotated_at": _now()}
        await finished(self._write(update(WebhookRow).where(WebhookRow.id == webhook_id).values(**values)))
        return WebhookWithSecret(**(await self.one(webhook_id)).model_dump(), secret=secret)

    async def deliveries(self, webhook_id: str, *, before: str | None = None, limit: int = 50) -> Deliveries:
        """The messages to a webhook, newest first: the newest, or those older than the delivery `before`.

        Raises:
            NotFound: there is no such webhook, or no such delivery.
        """
        await self.one(webhook_id)
        wanted = select(*_TOLD).where(DeliveryRow.webhook_id == webhook_id)
        if before is not None:
            last = await self.delivery(before)
            wanted = wanted.where(tuple_(DeliveryRow.created_at, DeliveryRow.id) < (last.created_at, last.id))
        newest_first = wanted.order_by(DeliveryRow.created_at.desc(), DeliveryRow.id.desc())
        rows = await self._store.rows(newest_first.limit(limit + 1))
        items = tuple(_delivery(row) for row in rows[:limit])
        return Deliveries(items=items, next=items[-1].id if len(rows) > limit else None)

    async def delivery(self, delivery_id: str) -> Delivery:
        """The delivery of an id.

        Raises:
            NotFound: there is none, or its webhook was removed.
        """
        rows = await self._store.rows(select(*_TOLD).where(DeliveryRow.id == delivery_id))
        if not rows:
            raise NotFound("There is no delivery of this id.")
        return _delivery(rows[0])

    async def waiting(self, before: datetime) -> Sequence[str]:
        """The deliveries made before an instant that have not ended, newest first, at most 1000.

        Whoever made them may have died before it could have them sent.
        """
        waiting = (DeliveryRow.state == DeliveryState.WAITING) & (DeliveryRow.created_at < before)
        newest = select(DeliveryRow.id).where(waiting, DeliveryRow.type != TEST).order_by(DeliveryRow.created_at.desc())
        rows = await self._store.rows(newest.limit(1000))
        return [row.id for row in rows]

    async def try_out(self, webhook_id: str) -> str:
        """Makes a message of type `TEST` to one webhook; its id.

        Raises:
            NotFound: there is no such webhook.
        """
        await self.one(webhook_id)

        async def write() -> str:
            async with self._store.writing() as connection:
                return (await _enqueue(connection, [webhook_id], TEST, {"webhook_id": webhook_id}))[0]

        return await finished(write())

    async def due(self, delivery_id: str, now: datetime) -> Due | None:
        """A message to be sent now; None where it was removed with its webhook."""
        message = (DeliveryRow.id, DeliveryRow.webhook_id, DeliveryRow.type, DeliveryRow.body, DeliveryRow.state)
        webhook = (WebhookRow.url, WebhookRow.secret, WebhookRow.old_secret, WebhookRow.rotated_at)
        wanted = select(*message, DeliveryRow.attempts, *webhook, WebhookRow.disabled_at)
        rows = await self._store.rows(
            wanted.join(WebhookRow, WebhookRow.id == DeliveryRow.webhook_id).where(DeliveryRow.id == delivery_id)
        )
        if not rows:
            return None
        row = rows[0]
        both = row.old_secret and row.rotated_at and now < row.rotated_at + BOTH_SIGN
        signing = (row.secret, row.old_secret) if both else (row.secret,)
        state, disabled = DeliveryState(row.state), row.disabled_at is not None
        return Due(row.id, row.webhook_id, row.type, row.body, state, row.attempts, row.url, signing, disabled)

    async def note(self, due: Due, attempt: Attempt) -> None:
        """Writes an attempt down, and what it means for the webhook.

        A webhook that is gone, or has taken nothing for `GIVE_UP`, is disabled. Messages to it that wait are dropped
        when their time comes.
        """
        of_webhook = WebhookRow.id == due.webhook_id
        values = attempt._asdict() | {"attempts": due.attempts + 1, "attempted_at": attempt.at}
        del values["at"]
        waits = (DeliveryRow.id == due.id) & (DeliveryRow.state == DeliveryState.WAITING)
        noted = update(DeliveryRow).where(waits).values(**values)
        if attempt.state is DeliveryState.DELIVERED:
            await finished(self._write(update(WebhookRow).where(of_webhook).values(failing_since=None), noted))
            return
        since = func.coalesce(WebhookRow.failing_since, attempt.at)
        statements = [update(WebhookRow).where(of_webhook).values(failing_since=since)]
        if attempt.state is DeliveryState.FAILED:
            gone, long = attempt.status == HTTPStatus.GONE, WebhookRow.failing_since <= attempt.at - GIVE_UP
            reason = "The receiver answered 410 Gone." if gone else f"It has taken no message for {GIVE_UP.days} days."
            disabled = _disabled(reason, attempt.at).where(of_webhook)
            statements.append(disabled if gone else disabled.where(long))
        await finished(self._write(*statements, noted))  # the webhook first, as whoever removes it with its messages

    async def drop(self, due: Due) -> None:
        """Ends a message that is not sent any more, as its webhook is disabled."""
        values = {"state": DeliveryState.DROPPED, "reason": "The webhook was disabled."}
        await finished(self._write(update(DeliveryRow).where(DeliveryRow.id == due.id).values(**values)))

    async def _write(self, *statements: Any) -> None:
        async with self._store.writing() as connection:
            for statement in statements:
                await connection.execute(statement)


async def announce(connection: AsyncConnection, event: EventType, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Makes a message to every webhook that wants to be told, within a transaction of the caller's.

    `data` holds ids and links. Returns the deliveries' ids: once the transaction is kept, each is to be sent.

    Raises:
        ValueError: the message is too large.
    """
    # Held until the transaction ends: a webhook that is removed meanwhile must not fail what is announced.
    wanting = select(WebhookRow.id, WebhookRow.events).where(WebhookRow.disabled_at.is_(None))
    rows = await connection.execute(wanting.with_for_update(read=True, key_share=True))
    return await _enqueue(connection, [row.id for row in rows if event in row.events], event, data)


async def _enqueue(
    connection: AsyncConnection, webhook_ids: Sequence[str], kind: str, data: Mapping[str, Any]
) -> tuple[str, ...]:
    now = _now()
    body = Message(type=kind, timestamp=now, data=data).model_dump_json()
    alike = {"type": kind, "body": body, "state": DeliveryState.WAITING, "attempts": 0, "created_at": now}
    rows = [{"id": f"msg_{uuid4().hex}", "webhook_id": webhook_id, **alike} for webhook_id in webhook_ids]
    if rows:
        await connection.execute(insert(DeliveryRow), rows)
    return tuple(str(row["id"]) for row in rows)


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(**dict(zip(Webhook.model_fields, row, strict=True)))


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(**dict(zip(Delivery.model_fields, row, strict=True)))


def _disabled(reason: str, now: datetime) -> Any:
    """Disables webhooks; one that is disabled already keeps its reason."""
    return update(WebhookRow).where(WebhookRow.disabled_at.is_(None)).values(disabled_at=now, reason=reason)


def _secret() -> str:
    """A secret as Standard Webhooks writes it."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def _now() -> datetime:
    return datetime.now(UTC)
