"""Which sentences of the passages support a claim, and which conflict with it."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.article import Article
from schemas.claim import Claim
from schemas.drafts import EvidenceDraft, JudgementDraft
from schemas.evidence import Evidence, Stance
from schemas.usage import Stage
from service.llm.structured import Model
from service.pipeline.retrieve import Found
from service.prompting import Prompt, Rendered
from service.text.credits import cited


@dataclass(frozen=True, slots=True)
class Stretch:
    """Consecutive sentences of one article, and the line numbers under which the prompt shows them."""

    article: Article
    sentences: range
    lines: range

    def quotable(self) -> list[range]:
        """The lines that may be cited together: a quote does not run over a heading or a menu between sentences."""
        return [
            range(self.lines[self.sentences.index(run[0])], self.lines[self.sentences.index(run[-1])] + 1)
            for run in self.article.paragraphs(self.sentences)
        ]

    def sentence(self, line: int) -> int:
        """The article's own number of the sentence shown on a line."""
        return self.sentences[self.lines.index(line)]


def stretches(found: Found) -> tuple[Stretch, ...]:
    """The passages put together: those that overlap or touch become one, in the order of their articles and text."""
    read: dict[str, set[int]] = {}
    for passage in found.searched.passages:
        read.setdefault(passage.article_id, set()).update(passage.quote.sentences)
    result: list[Stretch] = []
    line = 1
    for article_id, numbers in read.items():
        for run in _runs(sorted(numbers)):
            result.append(Stretch(found.articles[article_id], run, range(line, line + len(run))))
            line += len(run)
    return tuple(result)


def _runs(numbers: list[int]) -> list[range]:
    """Sorted numbers as ranges without gaps."""
    starts = [number for index, number in enumerate(numbers) if index == 0 or numbers[index - 1] != number - 1]
    ends = [
        number for index, number in enumerate(numbers) if index + 1 == len(numbers) or numbers[index + 1] != number + 1
    ]
    return [range(start, end + 1) for start, end in zip(starts, ends, strict=True)]


def question(claim: Claim, article: Article, shown: tuple[Stretch, ...], prompt: Prompt) -> Rendered:
    """The prompt for one claim and its passages."""
    return prompt.render(
        claim=claim.text,
        source=_source(article),
        passages=[
            {
                "source": None if index and shown[index - 1].article is stretch.article else _source(stretch.article),
                "first": stretch.lines.start,
                "lines": [stretch.article.quote(number).exact for number in stretch.sentences],
            }
            for index, stretch in enumerate(shown)
        ],
    )


async def judge(claim: Claim, article: Article, found: Found, model: Model, prompt: Prompt) -> tuple[Evidence, ...]:
    """All that bears on a claim, on either side.

    Raises:
        ModelError: there was no usable answer.
    """
    shown = stretches(found)
    if not shown:
        return ()
    asked = question(claim, article, shown, prompt)
    draft = await model.ask(
        Stage.JUDGE, asked, JudgementDraft, [run for stretch in shown for run in stretch.quotable()]
    )
    return tuple(located(item, shown, found.origins, article.id) for item in draft.evidence)


def located(draft: EvidenceDraft, shown: tuple[Stretch, ...], origins: Mapping[str, str], checked: str) -> Evidence:
    """A draft as evidence with its exact place and its origin: the outlet that the words cite, else the article's.

    In a copy of the `checked` article (its id), words are that article's own, whomever they cite.
    """
    stretch = next(item for item in shown if draft.lines[0] in item.lines)
    quote = stretch.article.quote(*(stretch.sentence(line) for line in draft.lines))
    source, attributed_to = origins[stretch.article.id], cited(quote.exact)
    return Evidence(
        article=stretch.article.source,
        quote=quote,
        stance=Stance.CONFLICTS if draft.stance.kind else Stance.SUPPORTS,
        kind=draft.stance.kind,
        why=draft.why.strip(),
        confidence=draft.confidence,
        origin=source if source == origins[checked] else attributed_to or source,
        attributed_to=attributed_to,
    )


def _source(article: Article) -> str:
    """Publisher and day on one line; what is not known is left out."""
    day = article.published_at.date().isoformat() if article.published_at else None
    return ", ".join(filter(None, (article.publisher, day)))
