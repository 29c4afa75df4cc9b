"""The tables of a store, the same for every database. Only `service.corpus` knows them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, DateTime, Dialect, ForeignKey, LargeBinary, String, Text, TypeDecorator, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

Document = JSON().with_variant(JSONB(), "postgresql")
"""A record as pydantic writes it in JSON mode."""


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


class Table(DeclarativeBase):
    """What the tables have in common: one metadata."""


class ArticleRow(Table):
    """An article whole, and beside it what lists of articles are sought and sorted by."""

    __tablename__ = "articles"

    id: Mapped[str] = mapped_column(String(24), primary_key=True)
    publisher: Mapped[str | None] = mapped_column(Text, index=True)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    language: Mapped[str] = mapped_column(String(2))
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
    vector: Mapped[bytes] = mapped_column(LargeBinary)


class ReportRow(Table):
    """The last report of an article."""

    __tablename__ = "reports"

    article_id: Mapped[str] = mapped_column(ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True)
    document: Mapped[dict[str, Any]] = mapped_column(Document)
