"""Pairs of texts, and whether the line takes them for one origin or two.

What is a decision here: whether a text copies another is a matter of its wording. FNC-1 labels that (by shared runs of
five words itself, so agreement with it is no independent proof); ECB+ and StoryChains label whether two texts tell of
one event, and two reports of one event are two origins. Where a reading found that pairs of those sets do copy, their
labels are replaced when the data is read (`--relabel`).
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum

from pydantic import Field

from schemas.article import Article, ArticleSubmission
from schemas.record import Record
from service.evaluation.answers import Answer
from service.evaluation.items import Item, Source
from service.evaluation.labelled import Estimate, mean
from service.pipeline.ingest import ingest
from service.text.origins import containment, group, own_words, prose


class Kinship(StrEnum):
    """What one text is to another."""

    COPY = "copy"
    PARTIAL_REUSE = "partial_reuse"
    APART = "apart"


class Answered(StrEnum):
    """What the line takes two texts for."""

    ONE_ORIGIN = "one_origin"
    TWO_ORIGINS = "two_origins"


_LABELS = {
    "exact_copy": Kinship.COPY,
    "near_duplicate": Kinship.COPY,
    "partial_reuse": Kinship.PARTIAL_REUSE,
    "copy": Kinship.COPY,
}
"""Every other label is of texts apart."""


class PairItem(Item):
    """Two texts, and what the data set says that they are to each other. `group`: the story they tell."""

    a: Source
    b: Source
    label: str
    group: str

    @property
    def gold(self) -> Kinship:
        """The label in our terms."""
        return _LABELS.get(self.label, Kinship.APART)


class PairAnswer(Answer):
    """What the line takes one pair for, and why."""

    group: str
    gold: Kinship
    answered: Answered
    containment: float = Field(description="Shared runs of five words, as a share of those of the smaller text.")
    own: float = Field(description="The same of what stands outside quotations.")
    one_credit: bool = Field(description="Both texts name the same outlet as their own origin.")


class OriginScore(Record):
    """Shares of pairs. The intervals are of a bootstrap over stories: the pairs of one story stand and fall together.

    Where all pairs of a kind came out alike, the interval says nothing; then n stories without a failure leave room
    for a true rate of about 3/n.
    """

    pairs: dict[Kinship, int]
    stories: dict[Kinship, int]
    copies_found: Estimate
    wrongly_merged: Estimate = Field(description="Of pairs apart whose texts do not name one outlet as their origin.")
    apart_of_one_credit: int = Field(description="Pairs apart that name one outlet: one origin by rule.")
    reuse_merged: Estimate


def answer(item: PairItem) -> PairAnswer:
    """What ingest and the grouping of origins make of a pair. Publisher and date are left out: the text decides.

    Raises:
        InputError: a text cannot be ingested.
    """
    pair = [_article(source.text) for source in (item.a, item.b)]
    texts = [prose(article) for article in pair]
    return PairAnswer(
        dataset=item.dataset,
        id=item.id,
        group=item.group,
        gold=item.gold,
        answered=Answered.ONE_ORIGIN if len(set(group(pair).values())) == 1 else Answered.TWO_ORIGINS,
        containment=round(containment(*texts), 4),
        own=round(containment(*map(own_words, texts)), 4),
        one_credit=pair[0].credit is not None and pair[0].credit == pair[1].credit,
    )


def score(answers: Sequence[PairAnswer]) -> OriginScore:
    """Copies found, independent reports wrongly merged, and what became of partial reuse."""
    kinds = {kind: [one for one in answers if one.gold is kind] for kind in Kinship}
    apart = [one for one in kinds[Kinship.APART] if not one.one_credit]
    return OriginScore(
        pairs={kind: len(found) for kind, found in kinds.items()},
        stories={kind: len({one.group for one in found}) for kind, found in kinds.items()},
        copies_found=_share(kinds[Kinship.COPY]),
        wrongly_merged=_share(apart),
        apart_of_one_credit=len(kinds[Kinship.APART]) - len(apart),
        reuse_merged=_share(kinds[Kinship.PARTIAL_REUSE]),
    )


def _share(answers: Sequence[PairAnswer]) -> Estimate:
    """The share of pairs that were taken for one origin."""
    stories: defaultdict[str, list[bool]] = defaultdict(list)
    for one in answers:
        stories[one.group].append(one.answered is Answered.ONE_ORIGIN)
    return mean([(sum(found), len(found)) for found in stories.values()])


def _article(text: str) -> Article:
    submission = ArticleSubmission(text=text, language="en")
    return ingest(submission, languages=("en",), max_chars=len(text), now=datetime.now(UTC))
