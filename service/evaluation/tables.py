"""Figures as tables of words, the same for a terminal and for a document. All pure."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from schemas.evidence import Confidence
from service.evaluation.figures import Figures
from service.evaluation.labelled import Estimate, score
from service.evaluation.tasks import Task


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under a header, all in words."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def markdown(self) -> str:
        """The table as Markdown writes it, under its title."""
        lines = [self.header, tuple("---" for _ in self.header), *self.rows]
        return "\n".join([f"**{self.title}**", "", *(f"| {' | '.join(line)} |" for line in lines)])


def tables(told: Sequence[Figures]) -> Iterator[Table]:
    """Every table that the figures fill, data sets side by side."""
    verified = [one for one in told if one.task is Task.VERIFY]
    crossed = [one for one in told if one.task is Task.CROSSSOURCE]
    worthy = [one for one in told if one.task is Task.CHECKWORTHY]
    extracted = [one for one in told if one.task in {Task.DECOMPOSE, Task.EXTRACT}]
    if verified:
        yield _accuracy("Labels", verified)
        yield _classes("Label by label", verified)
        yield _mistakes(verified)
    if crossed:
        yield _classes("Document by document", crossed)
    if worthy:
        yield _accuracy("Worth checking", worthy)
        yield _classes("Worth checking, label by label", worthy)
    if extracted:
        yield _shares(extracted)
    yield from _rankings([one for one in told if one.rankings])
    yield from _origins([one for one in told if one.origins])
    yield from _counts([one for one in told if one.harms])
    if verified or crossed:
        yield pooled([*verified, *crossed])
    if len(told) == 1 and told[0].score:
        yield _confusion(told[0])
    if any(one.spent.calls for one in told):
        yield _spent(told)


def words(estimate: Estimate) -> str:
    """A figure with its interval: "0.93 (0.88 to 0.97)"."""
    if estimate.value is None:
        return "none"
    if estimate.low is None or estimate.high is None:
        return f"{estimate.value:.2f}"
    return f"{estimate.value:.2f} ({estimate.low:.2f} to {estimate.high:.2f})"


def _accuracy(title: str, told: Sequence[Figures]) -> Table:
    rows = [
        (
            one.dataset,
            str(one.score.items),
            str(one.score.not_assessed),
            words(one.score.accuracy),
            words(one.score.macro_f1),
        )
        for one in told
        if one.score
    ]
    return Table(title, ("data set", "items", "not assessed", "accuracy", "macro-F1"), tuple(rows))


def _classes(title: str, told: Sequence[Figures]) -> Table:
    rows = [
        (one.dataset, each.label, str(each.items), words(each.precision), words(each.recall), words(each.f1))
        for one in told
        if one.score
        for each in one.score.classes
    ]
    return Table(title, ("data set", "label", "items", "precision", "recall", "F1"), tuple(rows))


def _mistakes(told: Sequence[Figures]) -> Table:
    names = list(told[0].mistakes)
    rows = [(one.dataset, *(str(one.mistakes[name]) for name in names)) for one in told]
    return Table("Mistakes by name", ("data set", *(name.replace("_", " ") for name in names)), tuple(rows))


def _shares(told: Sequence[Figures]) -> Table:
    names = list(told[0].shares)
    rows = [(one.dataset, *(words(one.shares[name]) for name in names)) for one in told]
    return Table("Claims found", ("data set", *names), tuple(rows))


def _rankings(told: Sequence[Figures]) -> Iterator[Table]:
    scores = [score for one in told for score in one.rankings]
    if scores:
        places = list(scores[0].recall)
        rows = [
            (one.dataset, str(one.items), one.ranker, *(words(one.recall[at]) for at in places), words(one.mrr))
            for one in scores
        ]
        yield Table("Recall at", ("data set", "items", "ranker", *map(str, places), "MRR"), tuple(rows))


def _origins(told: Sequence[Figures]) -> Iterator[Table]:
    scores = [(one.dataset, one.origins) for one in told if one.origins]
    rows = [
        (
            dataset,
            *(str(one.pairs[kind]) for kind in one.pairs),
            *map(words, (one.copies_found, one.wrongly_merged, one.reuse_merged)),
        )
        for dataset, one in scores
    ]
    if rows:
        kinds = [kind.value.replace("_", " ") for kind in scores[0][1].pairs]
        header = ("data set", *kinds, "copies found", "apart, merged", "partial reuse, merged")
        yield Table("Origins", header, tuple(rows))


def _counts(told: Sequence[Figures]) -> Iterator[Table]:
    if told:
        names = list(dict.fromkeys(name for one in told for name in one.harms))
        rows = [(one.dataset, *(str(one.harms.get(name, 0)) for name in names)) for one in told]
        yield Table("Attacks", ("data set", *names), tuple(rows))


def pooled(told: Sequence[Figures]) -> Table:
    """What a stated confidence was worth, over all data sets: one alone has too few pieces of some kinds."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for each in (one for figures in told for one in figures.reliability):
        right = round(each.pieces * (each.right.value or 0))
        counts[each.stance, each.confidence, "right"] += right
        counts[each.stance, each.confidence, "wrong"] += each.pieces - right
    kinds = dict.fromkeys((one.stance, one.confidence.value) for figures in told for one in figures.reliability)
    rows = []
    for stance, confidence in sorted(kinds, key=lambda kind: (kind[0], list(Confidence).index(Confidence(kind[1])))):
        pairs = [("right", said) for said in ("right", "wrong") for _ in range(counts[stance, confidence, said])]
        rows.append((stance, confidence, str(len(pairs)), words(score(pairs).accuracy)))
    return Table("Stated confidence", ("stance", "confidence", "pieces of evidence", "on the right side"), tuple(rows))


def _confusion(told: Figures) -> Table:
    table = told.score.confusion if told.score else {}
    answers = list(dict.fromkeys(answer for row in table.values() for answer in row))
    rows = [(label, *(str(row[answer]) for answer in answers)) for label, row in table.items()]
    return Table(f"{told.dataset}: label against answer", ("label", *answers), tuple(rows))


def _spent(told: Sequence[Figures]) -> Table:
    def number(value: int | None) -> str:
        return "unknown" if value is None else f"{value:,}"

    rows = [
        (one.dataset, *map(number, (one.spent.calls, one.spent.prompt_tokens, one.spent.completion_tokens)))
        for one in told
    ]
    return Table("Spent", ("data set", "calls", "prompt tokens", "completion tokens"), tuple(rows))
