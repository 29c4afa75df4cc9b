"""An article, its sentences, and exact places in its text.

Offsets count Unicode code points into `Article.text`, start inclusive, end exclusive.
"""

import hashlib
import re
from datetime import datetime
from itertools import pairwise
from typing import Annotated, Self

from pydantic import AwareDatetime, BeforeValidator, Field, StringConstraints, model_validator

from schemas.record import Record

ArticleId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{24}$")]
"""The first 24 hexadecimal digits of the SHA-256 of the article's text in UTF-8."""


def article_id(text: str) -> str:
    """The id of an article of this text: an `ArticleId`."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


class Span(Record):
    """A stretch of a text: at least one code point."""

    start: int = Field(ge=0)
    end: int = Field(gt=0)

    @model_validator(mode="after")
    def _is_not_empty(self) -> Self:
        if self.end <= self.start:
            raise ValueError(f"a span ends after it starts; {self.start} to {self.end} does not")
        return self

    def overlaps(self, other: "Span") -> bool:
        """Whether the two stretches of one text share a code point."""
        return self.start < other.end and other.start < self.end


class Sentence(Span):
    """One sentence of an article, numbered from 1. Menus, footers and the like have no sentences."""

    number: int = Field(ge=1)


class Quote(Span):
    """Words of an article, verbatim: `article.text[start:end] == exact`."""

    exact: str = Field(min_length=1)
    sentences: tuple[int, ...] = Field(min_length=1, description="Numbers of the sentences that the words belong to.")

    @model_validator(mode="after")
    def _is_as_long_as_its_span(self) -> Self:
        if len(self.exact) != self.end - self.start:
            raise ValueError("a quote is as long as its span")
        return self


class ArticleSource(Record):
    """Who published an article, and when: what evidence shows of it."""

    id: ArticleId
    publisher: str | None = None
    title: str | None = None
    published_at: AwareDatetime | None = None
    url: str | None = None


class Listed(Record):
    """An article as lists show it."""

    source: ArticleSource
    language: str = Field(description="ISO 639-1 code.", pattern=r"^[a-z]{2}$")
    added_at: AwareDatetime = Field(description="When it came in.")
    withdrawn_at: AwareDatetime | None = Field(default=None, description="Since then it is no evidence any more.")


class Article(Record):
    """A text as it was handed in, whole and unchanged, with the sentences found in it.

    An article posted as HTML is held as its text content: what a browser shows, menus and all.
    """

    id: ArticleId
    text: str = Field(min_length=1)
    publisher: str | None = None
    title: str | None = None
    published_at: AwareDatetime | None = None
    url: str | None = None
    language: str = Field(description="ISO 639-1 code.", pattern=r"^[a-z]{2}$")
    sentences: tuple[Sentence, ...] = Field(min_length=1)
    credit: str | None = Field(default=None, description="Whose text this is by its own credit line: 'cnn', 'reuters'.")

    @model_validator(mode="after")
    def _sentences_lie_in_the_text_in_order(self) -> Self:
        end = 0
        for number, sentence in enumerate(self.sentences, start=1):
            if sentence.number != number or sentence.start < end or sentence.end > len(self.text):
                raise ValueError(f"sentence {sentence.number} is out of order, overlaps, or lies outside the text")
            end = sentence.end
        return self

    @property
    def source(self) -> ArticleSource:
        """What evidence shows of this article."""
        return ArticleSource.model_validate(self.model_dump(include=set(ArticleSource.model_fields)))

    def exact(self, span: Span) -> str:
        """The words at a span."""
        return self.text[span.start : span.end]

    def paragraphs(self, numbers: range) -> list[range]:
        """These sentences in runs with nothing but white space and marks between them: no heading, no menu."""
        cuts = [number for number in numbers[1:] if any(map(str.isalnum, self._before(number)))]
        return [range(start, end) for start, end in pairwise((numbers.start, *cuts, numbers.stop))]

    def _before(self, number: int) -> str:
        """What stands between a sentence and the one before it."""
        return self.text[self.sentences[number - 2].end : self.sentences[number - 1].start]

    def quote(self, *numbers: int) -> Quote:
        """The stretch from the first to the last of these sentences, verbatim.

        Raises:
            KeyError: no sentence has such a number.
        """
        if not numbers or min(numbers) < 1 or max(numbers) > len(self.sentences):
            raise KeyError(numbers)
        first, last = min(numbers), max(numbers)
        start, end = self.sentences[first - 1].start, self.sentences[last - 1].end
        return Quote(start=start, end=end, exact=self.text[start:end], sentences=tuple(range(first, last + 1)))


def _written_as_a_time(value: object) -> object:
    """Reads a time and refuses what a lenient reader takes for one: seconds since 1970, a bare day, a year of no press.

    A bare day comes as a date where YAML has read it before.
    """
    if value is None or isinstance(value, datetime):
        return value
    if not re.match(r"(1[5-9]|2\d)\d\d-\d\d-\d\d[T ]", str(value)):
        raise ValueError("a time is written as 2024-12-01T09:30:00Z, with its UTC offset")
    return datetime.fromisoformat(str(value))


class ArticleSubmission(Record):
    """What a newsroom hands in. The text may be plain or HTML; only the text is required."""

    text: str = Field(description="The article, plain text or HTML, at most the configured number of characters.")
    media_type: str = Field(default="text/plain", pattern=r"^text/(plain|html)$")
    publisher: str | None = Field(default=None, min_length=1, max_length=200)
    title: str | None = Field(default=None, min_length=1, max_length=500)
    published_at: Annotated[AwareDatetime | None, BeforeValidator(_written_as_a_time)] = Field(
        default=None, description="When it was published, with its UTC offset: 2024-12-01T09:30:00Z."
    )
    url: str | None = Field(default=None, max_length=2000, pattern=r"^https?://\S+$")
    language: str | None = Field(
        default=None, pattern=r"^[a-z]{2}$", description="ISO 639-1; detected where not given."
    )
