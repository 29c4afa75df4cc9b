"""What is left behind: work that was never sent, because its process ended, and what nobody needs any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from schemas.webhook import DeliveryState
from service.jobs.checks import Checks
from service.jobs.queue import Kind
from service.jobs.webhooks import WebhookStore
from service.store.database import Store, finished
from service.store.tables import ArticleRow, DeliveryRow, IdempotencyRow, ReplyRow

UNSENT = timedelta(seconds=10)
"""What was written down so long ago has been sent, unless its process ended."""

_LATEST = timedelta(days=1)
"""Articles that came in, or were withdrawn, before that have been held against earlier claims, or never will be."""

KEPT_KEYS = timedelta(days=7)
"""How long a client may send a request again under its Idempotency-Key and get the same answer."""

KEPT_MESSAGES = timedelta(days=30)
"""How long it can be looked up what became of a message to a webhook."""

KEPT_REPLIES = timedelta(days=90)
"""How long a model's reply is kept for those who ask the same."""


async def begun(store: Store, now: datetime, since: timedelta = UNSENT) -> Mapping[Kind, Sequence[str]]:
    """What was to be done a while ago and has not ended, by kind. Whether it was sent, the queue tells.

    Raises:
        StoreError: the database failed.
    """
    before = now - since
    came = (ArticleRow.added_at < before) & (ArticleRow.added_at > now - _LATEST)
    newest = select(ArticleRow.id).where(came).order_by(ArticleRow.added_at.desc()).limit(1000)
    went = (ArticleRow.withdrawn_at < before) & (ArticleRow.withdrawn_at > now - _LATEST)
    last = select(ArticleRow.id, ArticleRow.withdrawn_at).where(went).order_by(ArticleRow.withdrawn_at.desc())
    return {
        Kind.CHECK: await Checks(store).waiting(before),
        Kind.DELIVER: await WebhookStore(store).waiting(before),
        Kind.REVISE: [
            *(row.id for row in await store.rows(newest)),
            *await Checks(store).behind(now - _LATEST, before),
            *(f"{row.id}@{row.withdrawn_at.isoformat()}" for row in await store.rows(last.limit(1000))),
        ],
    }


async def tidy(store: Store, now: datetime) -> None:
    """Deletes what is kept for a time, after that time.

    Raises:
        StoreError: the database failed.
    """

    async def write() -> None:
        async with store.writing() as connection:
            await connection.execute(delete(IdempotencyRow).where(IdempotencyRow.at < now - KEPT_KEYS))
            ended = (DeliveryRow.created_at < now - KEPT_MESSAGES) & (DeliveryRow.state != DeliveryState.WAITING)
            await connection.execute(delete(DeliveryRow).where(ended))
            await connection.execute(delete(ReplyRow).where(ReplyRow.kept_at < now - KEPT_REPLIES))

    await finished(write())
