"""Small articles, and a small embedder, for tests of stores."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from schemas.article import Article, Sentence

if TYPE_CHECKING:
    from service.corpus.vectors import Vectors


def article(text: str, **fields: Any) -> Article:
    """An article of one sentence a line. Blank lines, and lines that begin with `|` (a menu), are no sentences."""
    sentences: list[Sentence] = []
    start = 0
    for line in text.split("\n"):
        if line.strip() and not line.startswith("|"):
            sentences.append(Sentence(start=start, end=start + len(line), number=len(sentences) + 1))
        start += len(line) + 1
    identity = sha256(text.encode()).hexdigest()[:24]
    return Article(**({"id": identity, "text": text, "language": "en", "sentences": tuple(sentences)} | fields))


class WordHashes:
    """An embedder whose vectors count hashed words: deterministic, no model. Texts with "unspeakable" break it."""

    def __init__(self, model_id: str = "word-hashes", dim: int = 512) -> None:
        self.model_id = model_id
        self.dim = dim
        self.languages = frozenset({"en"})
        self.floor = 0.1
        self.seen: list[str] = []

    async def embed(self, texts: Sequence[str]) -> Vectors:
        import numpy as np

        self.seen.extend(texts)
        await asyncio.sleep(0)  # others get their turn, as they do while a real model works
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            if "unspeakable" in text:
                raise RuntimeError("the model broke")
            for word in unicodedata.normalize("NFC", text).casefold().split() or [""]:
                row[int.from_bytes(sha256(word.encode(errors="replace")).digest()[:4]) % self.dim] += 1
        normal: Vectors = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return normal
