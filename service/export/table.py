"""A report for a terminal, and as plain text where there is none."""

from collections.abc import Iterator, Mapping, Sequence
from io import StringIO

from rich.box import SQUARE
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from schemas.article import ArticleSource
from schemas.evidence import Evidence, Stance
from schemas.report import ClaimReport, Report, Verdict
from service.export.sections import Section, named, sections, sources, summary, total
from service.export.words import (
    FLAGS,
    KINDS,
    PARTIAL,
    STANCES,
    SYMBOLS,
    confidence,
    cost,
    day,
    folded,
    link,
    places,
    publisher,
    reason,
    saying,
    searched,
    verdict,
)
from service.pipeline.assemble import plural

_COLOURS = {
    Verdict.CONTRADICTED: "bold red",
    Verdict.DISPUTED: "bold yellow",
    Verdict.CORROBORATED: "bold green",
    Verdict.SUPPORTED: "green",
    Verdict.NOTHING_FOUND: "cyan",
    Verdict.NOT_ASSESSED: "magenta",
}


def render(report: Report, width: int = 100) -> str:
    """The report as plain text, no line of it wider than `width` columns."""
    console = Console(file=StringIO(), width=width, color_system=None, force_terminal=False, legacy_windows=False)
    with console.capture() as capture:
        console.print(table(report))
    return "\n".join(line.rstrip() for line in capture.get().splitlines()) + "\n"


def table(report: Report) -> RenderableType:
    """The report as rich shows it: as wide as the terminal, in colour where the terminal has any.

    Foreign text goes in as `Text` made visible, never as markup.
    """
    return Group(*_blocks(report))


def _blocks(report: Report) -> Iterator[RenderableType]:
    yield from _head(report)
    known = sources(report)
    for section in sections(report):
        yield Text()
        yield Rule(f"[bold]{section.name}[/] ({len(section.claims)})", align="left", characters="─")
        yield from _claims(section, known)
    if report.unread:
        yield Text()
        yield Rule("[bold]Not read[/]", align="left", characters="─")
        for unread in report.unread:
            yield _text(f"{places(unread.quote.sentences)}: {unread.failure.detail} ({unread.failure.code})")
    yield Text()
    yield from _foot(report)


def _head(report: Report) -> Iterator[RenderableType]:
    source = report.article
    yield _text(source.title or "Untitled article", "bold")
    yield _text(" · ".join(filter(None, (publisher(source), day(source.published_at), link(source.url)))))
    yield _text(summary(report))
    for warning in report.warnings:
        yield _text(f"! {warning}", "yellow")


def _claims(section: Section, known: Mapping[str, ArticleSource]) -> Iterator[RenderableType]:
    for number, claim in enumerate(section.claims, start=section.first):
        yield Text()
        yield Text.assemble(
            f"{number}. ",
            (f"{SYMBOLS[claim.verdict]} {verdict(claim)}", _COLOURS[claim.verdict]),
            (f"  {folded(claim.claim.text)}", "bold"),
        )
        yield Padding(Group(*_claim(claim, known)), (0, 0, 0, 3))


def _claim(claim: ClaimReport, known: Mapping[str, ArticleSource]) -> Iterator[RenderableType]:
    quote = claim.claim.quote
    words = "in these words" if quote.exact == claim.claim.text else f"“{quote.exact}”"
    yield _text(f"In the article, {places(quote.sentences)}: {words}")
    if claim.claim.attribution:
        yield _text(f"Said by {saying(claim.claim.attribution)}")
    yield _text(reason(claim))
    for flag in claim.flags:
        yield _text(f"! {FLAGS[flag]}", "yellow")
    if sides := [side for side in Stance if _of(claim, side)]:
        yield _sides(claim, sides, known)
    yield _text(f"Searched: {searched(claim.searched)}.", "dim")
    if claim.verdict is Verdict.NOT_ASSESSED:  # what was found is all that there is for a person to go by
        for passage in claim.searched.passages:
            where = f"{named(passage.article_id, known)}, {places(passage.quote.sentences)}"
            yield Padding(_text(f"{where}: “{passage.quote.exact}”", "dim"), (0, 0, 0, 2))


def _of(claim: ClaimReport, stance: Stance) -> Sequence[Evidence]:
    return claim.supporting if stance is Stance.SUPPORTS else claim.conflicting


def _sides(claim: ClaimReport, sides: Sequence[Stance], known: Mapping[str, ArticleSource]) -> Table:
    """Both sides next to each other; a side without evidence has no column."""
    counted = {
        Stance.SUPPORTS: claim.origins.supporting + claim.origins.partly,
        Stance.CONFLICTS: claim.origins.conflicting,
    }
    grid = Table(expand=True, box=SQUARE, header_style="bold")
    for side in sides:
        grid.add_column(f"{STANCES[side]} ({plural(len(counted[side]), 'origin')})", ratio=1, overflow="fold")
    grid.add_row(*(_stacked(_of(claim, side), known) for side in sides))
    return grid


def _stacked(evidence: Sequence[Evidence], known: Mapping[str, ArticleSource]) -> Group:
    cell: list[Text] = []
    for item in evidence:
        cell += [Text(), *_evidence(item, known)] if cell else _evidence(item, known)
    return Group(*cell)


def _evidence(item: Evidence, known: Mapping[str, ArticleSource]) -> Iterator[Text]:
    yield _text(f"“{folded(item.quote.exact)}”")
    yield _text(" · ".join(filter(None, (publisher(item.article), day(item.article.published_at)))), "bold")
    if item.article.title:
        yield _text(item.article.title)
    if address := link(item.article.url):
        yield _text(address, "blue")
    if item.kind:
        yield _text(KINDS[item.kind])
    if item.partial:
        yield _text(PARTIAL)
    yield _text(f"{places(item.quote.sentences).capitalize()}. Origin: {named(item.origin, known)}.")
    yield _text(f"The model's confidence: {confidence(item)}.")
    if item.why:
        yield _text(f"The model's words: {item.why}", "italic")
    for flag in item.flags:
        yield _text(f"! {FLAGS[flag]}", "yellow")


def _foot(report: Report) -> Iterator[RenderableType]:
    usage, made = report.usage, report.provenance
    calls = sum(stage.calls for stage in usage.stages)
    price = cost(total(usage.stages)) if calls else "nothing, no model was asked"
    yield _text(f"{plural(calls, 'call')}, {usage.seconds:.1f} s, cost: {price}", "dim")
    prompts = ", ".join(f"{prompt.name} v{prompt.version}" for prompt in made.prompts)
    yield _text(
        f"{made.model} · {prompts} · code {made.code_version} · {plural(made.corpus.articles, 'other article')} held · "
        f"checked {day(made.checked_at)} {made.checked_at:%H:%M %Z}",
        "dim",
    )


def _text(foreign: str, style: str = "") -> Text:
    return Text(folded(foreign), style=style, overflow="fold")
