"""Labelled data: claims with the sentences of other articles that support them or conflict with them."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from schemas.article import Article, Span
from schemas.record import Record
from service.errors import InputError
from service.evaluation.items import read_lines


class GoldQuote(Record):
    """Words of an article, by the article's file name."""

    article: str
    quote: str = Field(min_length=1)


class GoldItem(Record):
    """One labelled claim. Both sides empty: no other article bears on it."""

    id: str
    article: str
    quote: str = Field(min_length=1)
    claim: str
    supporting: tuple[GoldQuote, ...]
    conflicting: tuple[GoldQuote, ...]
    note: str = ""


def read(path: Path) -> tuple[GoldItem, ...]:
    """The items of a JSON Lines file.

    Raises:
        InputError: the file cannot be read, or a line of it is not such an item.
    """
    return read_lines(path, GoldItem, "labelled claim")


def place(quote: str, article: Article) -> Span:
    """Where a labelled quote stands in its article.

    Raises:
        InputError: it does not stand there.
    """
    start = article.text.find(quote)
    if start < 0:
        raise InputError(f"The labelled quote {quote[:60]!r} does not stand in its article.")
    return Span(start=start, end=start + len(quote))


def check_places(items: tuple[GoldItem, ...], articles: Mapping[str, Article]) -> None:
    """Proves every quote of the data against the articles, before anything is spent on a model.

    Raises:
        InputError: an article is missing, or a quote does not stand in it.
    """
    for item in items:
        for labelled in (GoldQuote(article=item.article, quote=item.quote), *item.supporting, *item.conflicting):
            if labelled.article not in articles:
                raise InputError(f"Item {item.id} names {labelled.article}, which is not among the articles.")
            place(labelled.quote, articles[labelled.article])
