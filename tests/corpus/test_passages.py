"""Windows of sentences."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.corpus.passages import FURNITURE, passages
from service.errors import ConfigurationError
from tests.corpus.articles import article


def _numbered(count: int) -> str:
    return "\n".join(f"Sentence {number}." for number in range(1, count + 1))


@pytest.mark.parametrize(
    ("count", "size", "stride", "windows"),
    [
        (1, 3, 2, [(1,)]),
        (2, 3, 2, [(1, 2)]),
        (3, 3, 2, [(1, 2, 3)]),
        (4, 3, 2, [(1, 2, 3), (3, 4)]),
        (5, 3, 2, [(1, 2, 3), (3, 4, 5)]),
        (6, 3, 2, [(1, 2, 3), (3, 4, 5), (5, 6)]),
        (3, 1, 1, [(1,), (2,), (3,)]),
        (4, 2, 2, [(1, 2), (3, 4)]),
        (5, 3, 3, [(1, 2, 3), (4, 5)]),
        (4, 3, 1, [(1, 2, 3), (2, 3, 4)]),
    ],
)
def test_windows_follow_each_other(count: int, size: int, stride: int, windows: list[tuple[int, ...]]) -> None:
    """A window begins every `stride` sentences, until one reaches the end."""
    found = passages(article(_numbered(count)), size, stride)
    assert [passage.quote.sentences for passage in found] == windows


@given(count=st.integers(1, 30), size=st.integers(1, 6), stride=st.integers(1, 6), gap=st.integers(0, 30))
def test_every_sentence_is_in_a_window_that_says_something_new(count: int, size: int, stride: int, gap: int) -> None:
    """No sentence is lost, no window repeats the one before, every quote is verbatim: wherever a menu stands."""
    lines = _numbered(count).split("\n")
    text = "\n".join([*lines[:gap], "|" + "menu " * 200, *lines[gap:]])
    whole = article(text)
    found = passages(whole, size, min(size, stride))
    seen: set[int] = set()
    for passage in found:
        assert set(passage.quote.sentences) - seen
        assert len(passage.quote.sentences) <= size
        assert whole.exact(passage.quote) == passage.quote.exact
        assert passage.article_id == whole.id
        seen.update(passage.quote.sentences)
    assert seen == set(range(1, count + 1))


@pytest.mark.parametrize(
    ("between", "joined"),
    [("", True), ("|" + "x" * (FURNITURE - 1), True), ("|" + "x" * FURNITURE, False), ("\n" * 2000, True)],
)
def test_a_window_does_not_reach_over_a_menu(between: str, joined: bool) -> None:
    """Sentences with furniture between them are no passage; white space, however much, parts nobody."""
    found = passages(article(f"Before it.\n{between}\nAfter it."))
    assert [passage.quote.sentences for passage in found] == ([(1, 2)] if joined else [(1,), (2,)])


@pytest.mark.parametrize(("size", "stride"), [(3, 4), (3, 0), (0, 0), (-1, -1)])
def test_windows_that_leave_sentences_out_are_refused(size: int, stride: int) -> None:
    """A wrong setting is named before anything is stored."""
    with pytest.raises(ConfigurationError, match="sentences"):
        passages(article("One."), size, stride)
