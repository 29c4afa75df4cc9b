"""The tables, the same for every database. `service.corpus` and `service.jobs` read and write them."""

import sys
from array import array
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    REAL,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeEngine

Document = JSON(none_as_null=True)
"""A record as pydantic writes it in JSON mode. Not PostgreSQL's JSONB: that refuses NUL, which a model may reply."""


class UtcDateTime(TypeDecorator[datetime]):
    """An instant: kept in UTC where the database knows no zones, and always read as UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Takes an instant of any zone. SQLite keeps it without one.

        Raises:
            ValueError: the value has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value} has no zone")
        instant = value.astimezone(UTC)
        return instant.replace(tzinfo=None) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Gives the instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Words(TypeDecorator[str]):
    """Text that others wrote, for lists and searches: NUL, which PostgreSQL cannot keep, is kept as U+FFFD."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Takes any text."""
        return None if value is None else value.replace("\x00", "\N{REPLACEMENT CHARACTER}")


class Floats(TypeDecorator[bytes]):
    """Numbers of four bytes, little endian: a BLOB in SQLite, in PostgreSQL real[], which pgvector casts."""

    impl = LargeBinary
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """See the class."""
        return dialect.type_descriptor(ARRAY(REAL()) if dialect.name == "postgresql" else LargeBinary())

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> Any:
        """Takes the bytes."""
        if value is None or dialect.name == "sqlite":
            return value
        numbers = array("f", value)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers.tolist()


class Table(DeclarativeBase):
    """What the tables have in common: one metadata."""


class ArticleRow(Table):
    """An article whole, and beside it what lists of articles are sought and sorted by."""

    __tablename__ = "articles"
    __table_args__ = (Index("articles_in_order", "added_at", "id"),)

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    publisher: Mapped[str | None] = mapped_column(Words, index=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    language: Mapped[str] = mapped_column(String(2))
    added_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    """Since then it is no source any more: killed by its publisher. It has no passages."""
    document: Mapped[dict[str, Any]] = mapped_column(Document)


class PassageRow(Table):
    """A passage: its place, its sentences, and its words, verbatim."""

    __tablename__ = "passages"
    __table_args__ = (UniqueConstraint("article_id", "start"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"))
    start: Mapped[int]
    end: Mapped[int]
    first_sentence: Mapped[int]
    last_sentence: Mapped[int]
    exact: Mapped[str] = mapped_column(Text)


class VectorRow(Table):
    """The vector of a passage. Ids grow in the order of commits, so that what is new is known by its id."""

    __tablename__ = "vectors"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    passage_id: Mapped[int] = mapped_column(ForeignKey("passages.id", ondelete="CASCADE"), unique=True)
    model_id: Mapped[str] = mapped_column(Text, index=True)
    dim: Mapped[int]
    vector: Mapped[bytes] = mapped_column(Floats)


class CheckRow(Table):
    """A check. `runs` fences: whoever took it up last may write, a worker that was thought dead may not."""

    __tablename__ = "checks"
    __table_args__ = (Index("checks_in_order", "created_at", "id"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16), index=True)
    model: Mapped[str] = mapped_column(Text)
    version: Mapped[str | None] = mapped_column(Text)
    """The line that began it: code and prompts. Another one does not go on with it."""
    runs: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    progress: Mapped[dict[str, Any]] = mapped_column(Document)
    usage: Mapped[list[Any]] = mapped_column(Document)
    failure: Mapped[dict[str, Any] | None] = mapped_column(Document)
    behind: Mapped[bool] = mapped_column(default=False)
    """Articles came in while it ran: its claims are to be held against them."""
    report: Mapped[dict[str, Any] | None] = mapped_column(Document)


class EventRow(Table):
    """What happened in a check. `key` names it within the check, so that a second run does not tell it again."""

    __tablename__ = "events"
    __table_args__ = (UniqueConstraint("check_id", "key"),)

    check_id: Mapped[str] = mapped_column(ForeignKey("checks.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    data: Mapped[dict[str, Any]] = mapped_column(Document)


class CallRow(Table):
    """What a check was answered to a question, and what that took: a run that goes on does not ask again."""

    __tablename__ = "calls"

    check_id: Mapped[str] = mapped_column(ForeignKey("checks.id", ondelete="CASCADE"), primary_key=True)
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    outcome: Mapped[dict[str, Any]] = mapped_column(Document)


class ReplyRow(Table):
    """A model's reply by the hash of what it was asked, for all checks."""

    __tablename__ = "replies"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    reply: Mapped[dict[str, Any]] = mapped_column(Document)
    kept_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class IdempotencyRow(Table):
    """A client's Idempotency-Key, what it was sent with, and what came of it."""

    __tablename__ = "idempotency"

    owner: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The id of the client's key; empty where no key is needed."""
    key: Mapped[str] = mapped_column(String(200), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    status: Mapped[int]
    article_id: Mapped[str] = mapped_column(String(24))
    check_id: Mapped[str | None] = mapped_column(String(32))
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class KeyRow(Table):
    """A key to the interface: of the key itself only its hash and its first characters."""

    __tablename__ = "keys"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    prefix: Mapped[str] = mapped_column(String(16))
    sha256: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[Any]] = mapped_column(Document)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class WebhookRow(Table):
    """Where events are sent. The secret is kept as it is: every message is signed with it."""

    __tablename__ = "webhooks"

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    url: Mapped[str] = mapped_column(Text)
    secret: Mapped[str] = mapped_column(Text)
    events: Mapped[list[Any]] = mapped_column(Document)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    old_secret: Mapped[str | None] = mapped_column(Text)
    """Signs beside the new one for a day after `rotated_at`."""
    rotated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    failing_since: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """When the first attempt failed after the last that did not."""
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(Text)


class DeliveryRow(Table):
    """A message to a webhook, and what has become of it."""

    __tablename__ = "deliveries"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    webhook_id: Mapped[str] = mapped_column(ForeignKey("webhooks.id", ondelete="CASCADE"), index=True)
    type: Mapped[str] = mapped_column(String(32))
    body: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(16), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    status: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ClaimRow(Table):
    """A standing claim: the last report on it, by a check of its own article or because another article came in."""

    __tablename__ = "claims"
    __table_args__ = (Index("claims_in_order", "changed_at", "id"),)

    number: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(String(16), unique=True)
    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), index=True)
    check_id: Mapped[str] = mapped_column(String(32))
    text: Mapped[str] = mapped_column(Words)
    verdict: Mapped[str] = mapped_column(String(16), index=True)
    document: Mapped[dict[str, Any]] = mapped_column(Document)
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changes: Mapped[int]
    """So many. Who writes says how many there were when it read: a change made meanwhile is not written over."""
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Since then a check of its article finds it no more."""


class ClaimWordRow(Table):
    """A word of a standing claim, as `service.jobs.bearing` cuts it: what a new article may bear on is found by it."""

    __tablename__ = "claim_words"

    word: Mapped[str] = mapped_column(String(64), primary_key=True)
    claim_number: Mapped[int] = mapped_column(
        ForeignKey("claims.number", ondelete="CASCADE"), primary_key=True, index=True
    )


class ClaimSourceRow(Table):
    """An article that the evidence of a standing claim quotes."""

    __tablename__ = "claim_sources"

    claim_id: Mapped[str] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"), primary_key=True)
    article_id: Mapped[str] = mapped_column(String(24), primary_key=True, index=True)


class ChangeRow(Table):
    """A change of a standing claim: when, because of what, and what it was before and after."""

    __tablename__ = "changes"

    claim_id: Mapped[str] = mapped_column(ForeignKey("claims.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    document: Mapped[dict[str, Any]] = mapped_column(Document)
