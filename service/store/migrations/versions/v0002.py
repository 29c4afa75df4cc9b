"""The schema of release 0.2.0: durable checks, withdrawal, keys, webhooks, standing claims; and PostgreSQL."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_INSTANT = sa.DateTime(timezone=True)
_TSVECTOR = (
    """CREATE TABLE passages_stems (
        article_id VARCHAR(24) NOT NULL, start INTEGER NOT NULL, length INTEGER NOT NULL, stems TSVECTOR NOT NULL,
        PRIMARY KEY (article_id, start),
        FOREIGN KEY (article_id, start) REFERENCES passages (article_id, start) ON DELETE CASCADE)""",
    # Without the list of what was added lately, which every search would read through.
    "CREATE INDEX passages_by_stem ON passages_stems USING gin (stems) WITH (fastupdate = off)",
    'CREATE TABLE stems (stem TEXT COLLATE "C" PRIMARY KEY, passages BIGINT NOT NULL, occurrences BIGINT NOT NULL)',
    # In order of the stems: two transactions that take the same rows in one order do not wait for each other in a ring.
    """CREATE FUNCTION stems_counted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        INSERT INTO stems AS held (stem, passages, occurrences)
        SELECT stem, TG_ARGV[0]::int * count(*), TG_ARGV[0]::int * sum(often) FROM (
            SELECT '' COLLATE "C" AS stem, length AS often FROM changed
            UNION ALL SELECT one.lexeme, one.positions[1] FROM changed, unnest(changed.stems) AS one) AS counted
        GROUP BY stem ORDER BY stem
        ON CONFLICT (stem) DO UPDATE SET
            passages = held.passages + excluded.passages, occurrences = held.occurrences + excluded.occurrences;
        RETURN NULL; END $$""",
    """CREATE TRIGGER passages_stems_added AFTER INSERT ON passages_stems REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION stems_counted('1')""",
    """CREATE TRIGGER passages_stems_removed AFTER DELETE ON passages_stems REFERENCING OLD TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION stems_counted('-1')""",
)


def upgrade() -> None:
    """Makes what is new. The reports of release 0.1.0 become the reports of checks that are done."""
    _articles()
    _checks()
    _answers()
    _interface()
    _claims()
    _move_reports()
    if op.get_bind().dialect.name == "postgresql":
        for statement in _TSVECTOR:
            op.execute(statement)
    else:
        op.execute("PRAGMA user_version = 2")


def _articles() -> None:
    """When an article came in was not kept: now, in the order in which they came."""
    connection, now = op.get_bind(), datetime.now(UTC)
    # A constant that is replaced at once: SQLite adds no column that must be filled and is not.
    op.add_column(
        "articles", sa.Column("added_at", _INSTANT, nullable=False, server_default="2000-01-01 00:00:00.000000")
    )
    op.add_column("articles", sa.Column("withdrawn_at", _INSTANT, nullable=True))
    in_order = sa.text("SELECT article_id FROM passages GROUP BY article_id ORDER BY min(id)")
    filled = sa.text("UPDATE articles SET added_at = :at WHERE id = :id").bindparams(sa.bindparam("at", type_=_INSTANT))
    for number, (article_id,) in enumerate(connection.execute(in_order).all()):
        connection.execute(filled, {"id": article_id, "at": _kept(now + timedelta(microseconds=number))})
    if connection.dialect.name == "postgresql":
        op.alter_column("articles", "added_at", server_default=None)
    op.create_index("articles_in_order", "articles", ["added_at", "id"])
    op.create_index("ix_articles_withdrawn_at", "articles", ["withdrawn_at"])


def _checks() -> None:
    """What becomes of a check, and what it was answered."""
    op.create_table(
        "checks",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("article_id", sa.String(24), sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("version", sa.Text()),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("started_at", _INSTANT),
        sa.Column("ended_at", _INSTANT),
        sa.Column("progress", sa.JSON(), nullable=False),
        sa.Column("usage", sa.JSON(), nullable=False),
        sa.Column("failure", sa.JSON()),
        sa.Column("behind", sa.Boolean(), nullable=False),
        sa.Column("report", sa.JSON()),
    )
    op.create_index("checks_in_order", "checks", ["created_at", "id"])
    op.create_index("ix_checks_article_id", "checks", ["article_id"])
    op.create_index("ix_checks_ended_at", "checks", ["ended_at"])
    op.create_index("ix_checks_state", "checks", ["state"])
    op.create_table(
        "events",
        sa.Column("check_id", sa.String(32), sa.ForeignKey("checks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.UniqueConstraint("check_id", "key"),
    )
    op.create_table(
        "calls",
        sa.Column("check_id", sa.String(32), sa.ForeignKey("checks.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("outcome", sa.JSON(), nullable=False),
    )


def _answers() -> None:
    """What is kept for all checks."""
    op.create_table(
        "replies",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("reply", sa.JSON(), nullable=False),
        sa.Column("kept_at", _INSTANT, nullable=False),
    )
    op.create_index("ix_replies_kept_at", "replies", ["kept_at"])
    op.create_table(
        "idempotency",
        sa.Column("owner", sa.String(32), primary_key=True),
        sa.Column("key", sa.String(200), primary_key=True),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("article_id", sa.String(24), nullable=False),
        sa.Column("check_id", sa.String(32)),
        sa.Column("at", _INSTANT, nullable=False),
    )
    op.create_index("ix_idempotency_at", "idempotency", ["at"])


def _interface() -> None:
    """Who may ask, and who is told."""
    op.create_table(
        "keys",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("prefix", sa.String(16), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("used_at", _INSTANT),
        sa.Column("revoked_at", _INSTANT),
        sa.UniqueConstraint("sha256"),
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("old_secret", sa.Text()),
        sa.Column("rotated_at", _INSTANT),
        sa.Column("failing_since", _INSTANT),
        sa.Column("disabled_at", _INSTANT),
        sa.Column("reason", sa.Text()),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("webhook_id", sa.String(32), sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("type", sa.String(32), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("reason", sa.Text()),
        sa.Column("created_at", _INSTANT, nullable=False),
        sa.Column("attempted_at", _INSTANT),
    )
    op.create_index("ix_deliveries_state", "deliveries", ["state"])
    op.create_index("ix_deliveries_webhook_id", "deliveries", ["webhook_id"])


def _claims() -> None:
    """Claims that stand, what they rest on, and their history."""
    op.create_table(
        "claims",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("article_id", sa.String(24), sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
        sa.Column("check_id", sa.String(32), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(16), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("first_at", _INSTANT, nullable=False),
        sa.Column("changed_at", _INSTANT, nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("retired_at", _INSTANT),
        sa.UniqueConstraint("id"),
    )
    op.create_index("claims_in_order", "claims", ["changed_at", "id"])
    op.create_index("ix_claims_article_id", "claims", ["article_id"])
    op.create_index("ix_claims_verdict", "claims", ["verdict"])
    op.create_table(
        "claim_words",
        sa.Column("word", sa.String(64), primary_key=True),
        sa.Column("claim_number", sa.Integer(), sa.ForeignKey("claims.number", ondelete="CASCADE"), primary_key=True),
    )
    op.create_index("ix_claim_words_claim_number", "claim_words", ["claim_number"])
    op.create_table(
        "claim_sources",
        sa.Column("claim_id", sa.String(16), sa.ForeignKey("claims.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("article_id", sa.String(24), primary_key=True),
    )
    op.create_index("ix_claim_sources_article_id", "claim_sources", ["article_id"])
    op.create_table(
        "changes",
        sa.Column("claim_id", sa.String(16), sa.ForeignKey("claims.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", _INSTANT, nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
    )


def _move_reports() -> None:
    connection = op.get_bind()
    reports = sa.table("reports", sa.column("article_id", sa.String), sa.column("document", sa.JSON()))
    checks = sa.table(
        "checks",
        *map(sa.column, ("id", "article_id", "state", "model", "runs")),
        *(sa.column(name, _INSTANT) for name in ("created_at", "started_at", "ended_at")),
        *(sa.column(name, sa.JSON()) for name in ("progress", "usage", "report")),
        sa.column("behind", sa.Boolean()),
    )
    for article_id, document in connection.execute(sa.select(reports)):
        connection.execute(sa.insert(checks).values(**_check(article_id, document)))
    op.drop_table("reports")


def _check(article_id: str, report: dict[str, Any]) -> dict[str, Any]:
    """The check that a report must have come from."""
    at = _kept(datetime.fromisoformat(report["provenance"]["checked_at"]))
    claims = len(report["claims"])
    return {
        "id": hashlib.sha256(f"0.1.0 {article_id}".encode()).hexdigest()[:32],
        "article_id": article_id,
        "state": "done",
        "behind": False,
        "model": report["provenance"]["model"],
        "runs": 1,
        **dict.fromkeys(("created_at", "started_at", "ended_at"), at),
        "progress": {"stretches": 0, "claims": claims, "assessed": claims},
        "usage": report["usage"]["stages"],
        "report": report,
    }


def _kept(instant: datetime) -> datetime:
    """An instant as the database keeps it: SQLite knows no zones, and keeps UTC."""
    instant = instant.astimezone(UTC)
    return instant.replace(tzinfo=None) if op.get_bind().dialect.name == "sqlite" else instant
