"""What passages are searched by, beside the tables: made with them, and kept in step by triggers.

SQLite: `passages_fts`, FTS5 over `passages.exact`, stemmed and without diacritics; its rowid is `passages.id`.

PostgreSQL: `passages_stems` has a row for each passage: its length in tokens, and a tsvector in which the position of
a stem is how often the passage has it. It is written with the passage, by the stems of `service.corpus.stems`, for
PostgreSQL's own parser finds other words than FTS5 does. `stems` counts, for each stem, the passages that have it and
how often they do; its row of the empty stem counts all passages and all their tokens.
"""

from collections.abc import Mapping

_FTS5 = (
    """CREATE VIRTUAL TABLE passages_fts USING fts5(
        exact, content='passages', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
        INSERT INTO passages_fts(rowid, exact) VALUES (new.id, new.exact); END""",
    """CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
        INSERT INTO passages_fts(passages_fts, rowid, exact) VALUES ('delete', old.id, old.exact); END""",
)

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

FULL_TEXT: Mapping[str, tuple[str, ...]] = {"sqlite": _FTS5, "postgresql": _TSVECTOR}
"""The statements that make them, by the database's name."""
