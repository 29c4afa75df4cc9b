-- A corpus as release 0.1.0 wrote it: two articles, and a report of the first.
CREATE TABLE articles (
	id VARCHAR(24) NOT NULL,
	publisher TEXT,
	published_at DATETIME,
	language VARCHAR(2) NOT NULL,
	document JSON NOT NULL,
	PRIMARY KEY (id)
);
CREATE INDEX ix_articles_publisher ON articles (publisher);
CREATE INDEX ix_articles_published_at ON articles (published_at);
CREATE TABLE passages (
	id INTEGER NOT NULL,
	article_id VARCHAR(24) NOT NULL,
	start INTEGER NOT NULL,
	"end" INTEGER NOT NULL,
	first_sentence INTEGER NOT NULL,
	last_sentence INTEGER NOT NULL,
	exact TEXT NOT NULL,
	PRIMARY KEY (id),
	UNIQUE (article_id, start),
	FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE reports (
	article_id VARCHAR(24) NOT NULL,
	document JSON NOT NULL,
	PRIMARY KEY (article_id),
	FOREIGN KEY(article_id) REFERENCES articles (id) ON DELETE CASCADE
);
CREATE TABLE vectors (
	id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
	passage_id INTEGER NOT NULL,
	model_id TEXT NOT NULL,
	dim INTEGER NOT NULL,
	vector BLOB NOT NULL,
	UNIQUE (passage_id),
	FOREIGN KEY(passage_id) REFERENCES passages (id) ON DELETE CASCADE
);
CREATE INDEX ix_vectors_model_id ON vectors (model_id);
CREATE VIRTUAL TABLE passages_fts USING fts5(
        exact, content='passages', content_rowid='id', tokenize='porter unicode61 remove_diacritics 2');
CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN
        INSERT INTO passages_fts(rowid, exact) VALUES (new.id, new.exact); END;
CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN
        INSERT INTO passages_fts(passages_fts, rowid, exact) VALUES ('delete', old.id, old.exact); END;
INSERT INTO articles VALUES ('4928f07b45e75c2d5e84789a', 'The Paper', '2024-12-01 09:00:00.000000', 'en', '{"id": "4928f07b45e75c2d5e84789a", "text": "Rebels seized Aleppo on Friday.\nThe army withdrew to Hama.", "publisher": "The Paper", "title": null, "published_at": "2024-12-01T09:00:00Z", "url": null, "language": "en", "sentences": [{"start": 0, "end": 31, "number": 1}, {"start": 32, "end": 58, "number": 2}], "credit": null}');
INSERT INTO articles VALUES ('33dcb29c4a8cd795563500d7', 'The Paper', '2024-12-01 09:00:00.000000', 'en', '{"id": "33dcb29c4a8cd795563500d7", "text": "The central bank raised interest rates.", "publisher": "The Paper", "title": null, "published_at": "2024-12-01T09:00:00Z", "url": null, "language": "en", "sentences": [{"start": 0, "end": 39, "number": 1}], "credit": null}');
INSERT INTO passages VALUES (1, '4928f07b45e75c2d5e84789a', 0, 58, 1, 2, 'Rebels seized Aleppo on Friday.
The army withdrew to Hama.');
INSERT INTO passages VALUES (2, '33dcb29c4a8cd795563500d7', 0, 39, 1, 1, 'The central bank raised interest rates.');
INSERT INTO reports VALUES ('4928f07b45e75c2d5e84789a', '{"article": {"id": "4928f07b45e75c2d5e84789a", "publisher": "The Paper", "title": null, "published_at": "2024-12-01T09:00:00Z", "url": null}, "claims": [], "unread": [], "sources": [], "usage": {"stages": [{"stage": "extract", "calls": 1, "failed": 0, "prompt_tokens": null, "completion_tokens": 3, "seconds": 0.1, "cost": "0.10"}], "seconds": 1.5}, "provenance": {"model": "none", "answered_by": [], "prompts": [], "code_version": "1", "corpus": {"articles": 0, "sha256": "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}, "checked_at": "2024-12-02T10:30:00Z"}, "warnings": ["a warning"]}');
PRAGMA application_id = 1395807043;
PRAGMA user_version = 1;
