"""Nearest vectors."""

import pytest

from service.corpus.search import CANDIDATES, Place
from service.corpus.vectors import Matrix, packed, unpacked

np = pytest.importorskip("numpy")


def test_the_nearest_come_first() -> None:
    """By similarity, then by place; what is below the floor or of the article itself is left out."""
    rows = np.array([[1, 0], [0, 1], [0.6, 0.8], [1, 0], [0.8, 0.6]], dtype=np.float32)
    places = [Place("b", 0), Place("b", 5), Place("c", 0), Place("a", 0), Place("own", 0)]
    matrix = Matrix.empty(2).extended(places[:2], rows[:2]).extended(places[2:], rows[2:])
    nearest = matrix.nearest(np.array([1, 0], dtype=np.float32), without="own", floor=0.5)
    assert nearest == [Place("a", 0), Place("b", 0), Place("c", 0)]


def test_a_long_article_leaves_room() -> None:
    """However many passages of one article are nearer, the best of another is among the candidates."""
    near = np.tile(np.array([1, 0], dtype=np.float32), (CANDIDATES + 9, 1))
    matrix = Matrix.empty(2).extended([Place("long", number) for number in range(len(near))], near)
    matrix = matrix.extended([Place("short", 0)], np.array([[0.6, 0.8]], dtype=np.float32))
    nearest = matrix.nearest(near[0], without="", floor=0.5)
    assert len(nearest) == CANDIDATES
    assert nearest[-1] == Place("short", 0)


def test_an_empty_matrix_has_nothing_near() -> None:
    """A store without vectors is no error."""
    assert Matrix.empty(3).nearest(np.ones(3, dtype=np.float32), without="", floor=0) == []


def test_a_vector_is_stored_to_the_bit() -> None:
    """Four bytes a number, little endian, whatever the processor."""
    vector = np.array([0.1, -1e-30, 3], dtype=np.float32)
    assert len(packed(vector)) == 12
    assert packed(vector)[-4:] == b"\x00\x00\x40\x40"
    assert (unpacked([packed(vector)] * 2, 3) == vector).all()
