"""Vectors of passages, compared one with all. numpy is an extra: it is imported where there are vectors, not before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from service.corpus.search import Place, candidates

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

Vectors: TypeAlias = "NDArray[np.float32]"
"""Vectors as rows, or one vector."""


@dataclass(frozen=True, slots=True)
class Matrix:
    """One row of unit length a place. 100,000 rows of 384 take 154 MB, and tens of milliseconds to search."""

    places: tuple[Place, ...]
    rows: Vectors

    @classmethod
    def empty(cls, dim: int) -> Self:
        """A matrix of no rows, `dim` wide."""
        import numpy as np

        return cls((), np.empty((0, dim), dtype=np.float32))

    def extended(self, places: Iterable[Place], rows: Vectors) -> Self:
        """This matrix with more rows below; a search that is still reading the old one is not disturbed."""
        import numpy as np

        return type(self)((*self.places, *places), np.concatenate([self.rows, rows]))

    def without(self, article_id: str) -> Self:
        """This matrix without the rows of an article."""
        left = [row for row, place in enumerate(self.places) if place.article_id != article_id]
        return type(self)(tuple(self.places[row] for row in left), self.rows[left])

    def nearest(self, vector: Vectors, *, without: str, within: str | None = None, floor: float) -> list[Place]:
        """The places most similar to a vector, best first, of all articles but one, or of one; none below `floor`."""
        # Rounded: how a processor adds up must not decide between equals.
        similarity = (self.rows @ vector).round(5)
        near = [(-float(similarity[row]), self.places[row]) for row in (similarity >= floor).nonzero()[0]]
        places = [place for _, place in sorted(near) if place.article_id != without]
        return candidates([place for place in places if within in {None, place.article_id}])


def packed(vector: Vectors) -> bytes:
    """A vector as it is stored: float32, little endian."""
    return vector.astype("<f4").tobytes()


def unpacked(blobs: Sequence[bytes], dim: int) -> Vectors:
    """Stored vectors as the rows of an array."""
    import numpy as np

    return np.frombuffer(b"".join(blobs), dtype="<f4").reshape(len(blobs), dim).astype(np.float32)
