"""Which sentences of the passages support a claim, and which conflict with it.

Claims that stand near each other are judged in one call: their passages are mostly the same.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from schemas.article import Article
from schemas.claim import Claim
from schemas.drafts import EvidenceDraft, JudgementsDraft, Shown, StanceDraft
from schemas.evidence import Evidence, Passage, Stance
from schemas.usage import Stage
from service.llm.structured import Model
from service.pipeline.retrieve import Together
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


def batches(claims: Sequence[Claim], most: int) -> list[Sequence[Claim]]:
    """The claims in groups of about equal size, none over `most`, in the order given."""
    parts = -(-len(claims) // most)
    return [claims[len(claims) * part // parts : len(claims) * (part + 1) // parts] for part in range(parts)]


def stretches(passages: Sequence[Passage], articles: Mapping[str, Article]) -> tuple[Stretch, ...]:
    """The passages put together: those that overlap or touch become one, in the order of their articles and text."""
    read: dict[str, set[int]] = {}
    for passage in passages:
        read.setdefault(passage.article_id, set()).update(passage.quote.sentences)
    result: list[Stretch] = []
    line = 1
    for article_id, numbers in read.items():
        for run in _runs(sorted(numbers)):
            result.append(Stretch(articles[article_id], run, range(line, line + len(run))))
            line += len(run)
    return tuple(result)


def _runs(numbers: list[int]) -> list[range]:
    """Sorted numbers as ranges without gaps."""
    starts = [number for index, number in enumerate(numbers) if index == 0 or numbers[index - 1] != number - 1]
    ends = [
        number for index, number in enumerate(numbers) if index + 1 == len(numbers) or numbers[index + 1] != number + 1
    ]
    return [range(start, end + 1) for start, end in zip(starts, ends, strict=True)]


def question(claims: Sequence[Claim], article: Article, shown: Sequence[Stretch], prompt: Prompt) -> Rendered:
    """The prompt for claims of one article and the passages found for them."""
    return prompt.render(
        claims=[claim.text for claim in claims],
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


async def judge(
    claims: Sequence[Claim], article: Article, found: Together, model: Model, prompt: Prompt
) -> tuple[tuple[Evidence, ...], ...]:
    """For each claim all that bears on it, on either side.

    Raises:
        ModelError: there was no usable answer.
    """
    shown = stretches(found.passages, found.articles)
    if not shown:
        return ((),) * len(claims)
    asked = question(claims, article, shown, prompt)
    citable = Shown([run for stretch in shown for run in stretch.quotable()], len(claims))
    draft = await model.ask(Stage.JUDGE, asked, JudgementsDraft, citable)
    judged = {one.claim: one.evidence for one in draft.claims}
    return tuple(
        tuple(located(item, shown, found.origins, article.id) for item in judged[number])
        for number in range(1, len(claims) + 1)
    )


def located(draft: EvidenceDraft, shown: Sequence[Stretch], origins: Mapping[str, str], checked: str) -> Evidence:
    """A draft as evidence with its exact place and its origin. `checked`: the id of the article that is checked."""
    stretch = next(item for item in shown if draft.lines[0] in item.lines)
    quote = stretch.article.quote(*(stretch.sentence(line) for line in draft.lines))
    source, attributed_to = origins[stretch.article.id], cited(quote.exact)
    return Evidence(
        article=stretch.article.source,
        quote=quote,
        stance=Stance.CONFLICTS if draft.stance.kind else Stance.SUPPORTS,
        kind=draft.stance.kind,
        partial=draft.stance is StanceDraft.SUPPORTS_IN_PART,
        why=draft.why.strip(),
        confidence=draft.confidence,
        origin=told_by(source, attributed_to, origins[checked]),
        attributed_to=attributed_to,
    )


def told_by(source: str, attributed_to: str | None, own: str) -> str:
    """The origin of words: the outlet that they cite, else that of the article they stand in (`source`).

    In a copy of the checked article (`own`: its origin), words are that article's own, whomever they cite.
    """
    return source if source == own else attributed_to or source


def _source(article: Article) -> str:
    """Publisher, day and title on one line; what is not known is left out."""
    day = article.published_at.date().isoformat() if article.published_at else None
    return ", ".join(filter(None, (article.publisher, day, article.title)))
