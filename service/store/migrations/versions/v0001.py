"""The schema of release 0.1.0, which knew SQLite alone: articles, their passages, vectors and last reports."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_FLOATS = sa.LargeBinary().with_variant(sa.ARRAY(sa.REAL()), "postgresql")


def upgrade() -> None:
    """Makes the tables in an empty database."""
    op.create_table(
        "articles",
        sa.Column("id", sa.String(24), primary_key=True),
        sa.Column("publisher", sa.Text(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
    )
    op.create_index("ix_articles_publisher", "articles", ["publisher"])
    op.create_index("ix_articles_published_at", "articles", ["published_at"])
    op.create_table(
        "passages",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("article_id", sa.String(24), sa.ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("first_sentence", sa.Integer(), nullable=False),
        sa.Column("last_sentence", sa.Integer(), nullable=False),
        sa.Column("exact", sa.Text(), nullable=False),
        sa.UniqueConstraint("article_id", "start"),
    )
    op.create_table(
        "vectors",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("passage_id", sa.Integer(), sa.ForeignKey("passages.id", ondelete="CASCADE"), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("dim", sa.Integer(), nullable=False),
        sa.Column("vector", _FLOATS, nullable=False),
        sa.UniqueConstraint("passage_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_vectors_model_id", "vectors", ["model_id"])
    op.create_table(
        "reports",
        sa.Column("article_id", sa.String(24), sa.ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("document", sa.JSON(), nullable=False),
    )
    if op.get_bind().dialect.name == "sqlite":
        _full_text()


def _full_text() -> None:
    op.execute(
        """CREATE VIRTUAL TABLE passages_fts USING fts5(
        exact, content='passages', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')"""
    )
    op.execute(
        """CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
        INSERT INTO passages_fts(rowid, exact) VALUES (new.id, new.exact); END"""
    )
    op.execute(
        """CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
        INSERT INTO passages_fts(passages_fts, rowid, exact) VALUES ('delete', old.id, old.exact); END"""
    )
    op.execute("PRAGMA application_id = 1395807043")
    op.execute("PRAGMA user_version = 1")
