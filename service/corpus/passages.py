"""Cuts an article into passages: what a search finds and a model is shown."""

from collections.abc import Iterator, Sequence

from schemas.article import Article, Sentence
from schemas.evidence import Passage
from service.errors import ConfigurationError

FURNITURE = 400
"""More characters than this between two sentences, white space apart, are a menu or a footer: windows end there."""


def passages(article: Article, size: int = 2, stride: int = 1) -> tuple[Passage, ...]:
    """Windows of `size` consecutive sentences, a new one every `stride` sentences, in the order of the text.

    Every sentence is in at least one window; the last window of a run may be shorter, and always says something
    that the one before does not.

    Raises:
        ConfigurationError: the stride is not between 1 and the size, so that sentences would be left out.
    """
    if not 1 <= stride <= size:
        raise ConfigurationError(
            f"Passages of {size} sentences every {stride} leave sentences out; let 1 <= every <= of."
        )
    return tuple(
        Passage(article_id=article.id, quote=article.quote(*(sentence.number for sentence in window)))
        for run in _runs(article)
        for window in _windows(run, size, stride)
    )


def _runs(article: Article) -> Iterator[Sequence[Sentence]]:
    """Stretches of sentences with no furniture between them."""
    run: list[Sentence] = []
    for sentence in article.sentences:
        if run and _is_furniture(article.text[run[-1].end : sentence.start]):
            yield run
            run = []
        run.append(sentence)
    yield run


def _is_furniture(gap: str) -> bool:
    return sum(map(len, gap.split())) > FURNITURE


def _windows(run: Sequence[Sentence], size: int, stride: int) -> Iterator[Sequence[Sentence]]:
    """Stops with the window that reaches the end of the run: another would only repeat it."""
    for first in range(0, max(len(run) - size, 0) + stride, stride):
        yield run[first : first + size]
