"""Fills the tables of docs/judgement.md from the answers in docs/judgement: `make judgement`.

A table stands between `<!-- table NAME -->` and `<!-- end -->`. The figures are `service.evaluation`'s own.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from service.evaluation.figures import Figures
from service.evaluation.labelled import Estimate
from service.evaluation.tables import Table, pooled, tables, words
from service.terminal.measuring import recomputed
from tests.seeds import ROOT

PAGE = ROOT / "docs" / "judgement.md"
ANSWERS = ROOT / "docs" / "judgement"

PLAINLY = {
    "averitec": "0.93, macro-F1 0.78",
    "fever_symmetric": "0.94",
    "fm2": "0.90",
    "summedits_news": "0.85",
    "factcheckbench": "0.72",
    "climate_fever": "0.50, F1 conflicting 0.17",
}
"""Accuracy of a strong model asked plainly for one label, on other items of these sets: a yardstick, not ours."""


def answers(run: str, kind: str = "*") -> list[Figures]:
    """The figures of one run, by data set."""
    return recomputed(sorted((ANSWERS / run).glob(f"*.{kind}.jsonl")))


def by_name(run: str, kind: str) -> Mapping[str, Figures]:
    """The figures of one run's files of one task, by data set."""
    return {one.dataset: one for one in answers(run, kind)}


def judging() -> Table:
    """Accuracy and macro-F1, before and after, on the first sample and on a fresh one."""
    before, after, fresh = (by_name(run, "verify") for run in ("v1", "v2", "fresh"))
    rows = []
    for name in after:
        cells = [f"{_of(one[name], 'accuracy')}; {_of(one[name], 'macro_f1')}" for one in (before, after, fresh)]
        rows.append((name, _items(fresh[name]), PLAINLY.get(name, ""), *cells))
    header = ("data set", "items a sample", "asked plainly", "v1", "v2", "v2, fresh")
    return Table("Accuracy; macro-F1", header, tuple(rows))


def conflicting() -> Table:
    """The label that needs both sides kept apart."""
    rows = [
        (name, run, str(one.items), *map(words, (one.precision, one.recall, one.f1)))
        for name in ("averitec", "climate_fever")
        for run in ("v1", "v2", "fresh")
        for score in [by_name(run, "verify")[name].score]
        for one in (score.classes if score else ())
        if one.label == "conflicting"
    ]
    return Table("Conflicting", ("data set", "run", "items", "precision", "recall", "F1"), tuple(rows))


def mistakes() -> Table:
    """The mistakes of the fresh sample by name."""
    return _named("Mistakes by name", answers("fresh", "verify"))


def documents() -> Table:
    """Sides of documents that were searched and judged, before and after."""
    rows = []
    for run in ("v1", "v2"):
        for told in answers(run, "crosssource"):
            for one in told.score.classes if told.score else ():
                if one.label != "neither":
                    figures = map(words, (one.precision, one.recall, one.f1))
                    rows.append((told.dataset, run, one.label, str(one.items), *figures))
    return Table("Document by document", ("data set", "run", "side", "pairs", "precision", "recall", "F1"), tuple(rows))


def claims() -> Table:
    """What was found in texts, with the first prompt and with today's."""
    rows = []
    for run in ("v1", "v2"):
        for told in (*answers(run, "decompose"), *answers(run, "extract")):
            names = ("faithful", "self-contained", "recall", "claims a sentence")
            rows.append((told.dataset, run, *(words(told.shares[name]) for name in names)))
    header = ("data set", "run", "faithful", "self-contained", "labelled claims found", "claims a sentence")
    return Table("Claims", header, tuple(rows))


def worthy() -> Table:
    """Sentences worth checking."""
    rows = [
        (told.dataset, run, _of(told, "accuracy"), _of(told, "macro_f1"))
        for run in ("v1", "v2")
        for told in answers(run, "checkworthy")
    ]
    return Table("Worth checking", ("data set", "run", "accuracy", "macro-F1"), tuple(rows))


def search() -> Table:
    """Recall and reciprocal rank of every way to search."""
    rows = [
        (one.dataset, str(one.items), one.ranker.value, *(words(one.recall[at]) for at in (5, 8)), words(one.mrr))
        for told in answers("no-model", "retrieve")
        for one in told.rankings
    ]
    header = ("data set", "claims", "ranking", "recall at 5", "recall at 8", "MRR")
    return Table("Search", header, tuple(rows))


def origins() -> Table:
    """Copies and independent reports."""
    return _named("Origins", [*answers("no-model", "neardup"), *answers("no-model", "sameevent")])


def fence() -> Table:
    """Attacks that met the fence alone."""
    return _named("Attacks", answers("no-model", "fence"))


def attacks() -> Table:
    """Attacks that a model read."""
    return _named("Attacks", answers("v2", "injection"))


def calls() -> Table:
    """The same claims judged one a call and several a call."""
    rows = [
        (told.dataset, how, str(told.score.items), words(told.score.accuracy), words(told.score.macro_f1))
        for how, run in (("one a call", "one-a-call"), ("several a call", "several-a-call"))
        for told in answers(run)
        if told.score
    ]
    return Table("Claims a call", ("data set", "claims", "labels", "accuracy", "macro-F1"), tuple(sorted(rows)))


def confidence() -> Table:
    """What a stated confidence was worth: all samples that today's prompt judged."""
    return pooled([*answers("v2", "verify"), *answers("fresh", "verify"), *answers("v2", "crosssource")])


TABLES: Sequence[Callable[[], Table]] = (
    judging,
    conflicting,
    mistakes,
    documents,
    claims,
    worthy,
    search,
    origins,
    fence,
    attacks,
    calls,
    confidence,
)


def filled(page: str) -> str:
    """The page with every table made anew."""
    for make in TABLES:
        table = make().markdown().partition("\n\n")[2]
        block = re.compile(rf"(<!-- table {make.__name__} -->\n).*?(<!-- end -->)", re.DOTALL)
        page, count = block.subn(lambda found, table=table: f"{found[1]}{table}\n{found[2]}", page)  # type: ignore[misc]
        if count != 1:
            raise SystemExit(f"{PAGE.name} should have one place for the table {make.__name__}.")
    return page


def _named(title: str, told: Sequence[Figures]) -> Table:
    """The table of that title that the figures fill."""
    return next(table for table in tables(told) if table.title == title)


def _of(told: Figures, figure: str) -> str:
    estimate: Estimate = getattr(told.score, figure)
    return words(estimate)


def _items(told: Figures) -> str:
    return str(told.score.items) if told.score else ""


def main() -> None:
    """Writes the page."""
    PAGE.write_text(filled(PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
