"""Vectors that are made up: they cost nothing to make, and lie in space somewhat as those of texts do.

A text's vector is a random point of 24 dimensions, drawn by the hash of the text, laid into 384, with a little noise
in all of them. Which texts are near each other has nothing to do with what they say: what is measured is how long a
search takes and what it misses, not whether it is of use.
"""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np

from service.corpus.vectors import Vectors

_WITHIN, _NOISE = 24, 0.3


class MadeUp:
    """An `Embedder` of such vectors."""

    model_id = "made-up"
    dim = 384
    languages = frozenset({"en"})
    floor = 0.2

    def __init__(self) -> None:
        draw = np.random.default_rng(0)
        self._axes = np.linalg.qr(draw.normal(size=(self.dim, _WITHIN)))[0].T

    async def embed(self, texts: Sequence[str]) -> Vectors:
        """See `Embedder`."""
        return self.made(texts)

    def made(self, texts: Sequence[str]) -> Vectors:
        """The same, at once."""
        drawn = np.stack([_drawn(text, _WITHIN + self.dim) for text in texts])
        inner, noise = drawn[:, :_WITHIN], drawn[:, _WITHIN:]
        rows = inner @ self._axes / np.sqrt(_WITHIN) + _NOISE * noise / np.sqrt(self.dim)
        unit: Vectors = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
        return unit


def _drawn(text: str, count: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.random.default_rng(int.from_bytes(sha256(text.encode()).digest()[:8])).standard_normal(count)
