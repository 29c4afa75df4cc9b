"""A report in Markdown (CommonMark), for a message, a ticket or a wiki page.

Foreign text is folded to one line and escaped, so that it cannot become a heading, a list, a link, a table or HTML.
"""

import re
from collections.abc import Iterator, Sequence
from urllib.parse import quote as percent_encoded

from schemas.evidence import Evidence
from schemas.report import ClaimReport, Report
from service.export.sections import named, sections, sources, summary, total
from service.export.words import (
    FLAGS,
    KINDS,
    PARTIAL,
    SYMBOLS,
    WITHDRAWN,
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
    tokens,
    verdict,
)
from service.pipeline.assemble import plural

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!&$^])|(?<=http)(:)|(?<=https)(:)|(?<=www)(\.)", re.IGNORECASE)
_OPENS_A_BLOCK = re.compile(r"^(\d{1,9})?([-+=.):])")


def render(report: Report) -> str:
    """The report as Markdown, ending in a line break."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_lines(report))) + "\n"


def escaped(foreign: str) -> str:
    """Foreign text on one line, shown as it is: no character of it has a meaning in Markdown."""
    marked = _MARKS.sub(lambda mark: "\\" + mark[0], folded(foreign))
    return _OPENS_A_BLOCK.sub(r"\1\\\2", marked)


def linked(words: str, url: str | None) -> str:
    """Foreign words, linked where the address is http or https."""
    if not (address := link(url)):
        return escaped(words)
    # Characters that could end the link's brackets or pass for an entity are percent-encoded or escaped.
    target = percent_encoded(address, safe="/:?#@!$&'*+,;=%~-._[]").replace("&", "&amp;")
    return f"[{escaped(words)}](<{target}>)"


def _lines(report: Report) -> Iterator[str]:
    source = report.article
    yield f"# {escaped(source.title or 'Untitled article')}\n"
    yield f"{linked(publisher(source), source.url)}, {day(source.published_at)}\n"
    yield f"**{summary(report)}**\n"
    yield from (f"- ⚠ {escaped(warning)}" for warning in report.warnings)
    yield ""
    for section in sections(report):
        yield f"## {section.name}\n\n{section.note}\n"
        for number, claim in enumerate(section.claims, start=section.first):
            yield from _claim(number, claim, report)
    yield from _unread(report)
    yield from _usage(report)
    yield from _provenance(report)


def _claim(number: int, claim: ClaimReport, report: Report) -> Iterator[str]:
    quote = claim.claim.quote
    yield f"### {number}. {SYMBOLS[claim.verdict]} {verdict(claim)}: {escaped(claim.claim.text)}\n"
    yield f"{escaped(reason(claim))}\n"
    yield f"In the article, {places(quote.sentences)}:\n\n> {escaped(quote.exact)}\n"
    if claim.claim.attribution:
        yield f"Said by {escaped(saying(claim.claim.attribution))}\n"
    yield from (f"- ⚑ {FLAGS[flag]}" for flag in claim.flags)
    yield ""
    if claim.supporting or claim.conflicting:
        yield from _side("Supporting", claim.supporting, len(claim.origins.supporting + claim.origins.partly), report)
        yield from _side("Conflicting", claim.conflicting, len(claim.origins.conflicting), report)
    yield from _searched(claim, report)


def _side(name: str, evidence: Sequence[Evidence], origins: int, report: Report) -> Iterator[str]:
    yield f"#### {name}: {plural(origins, 'independent origin')}\n"
    if not evidence:
        yield "None.\n"
    known = sources(report)
    for item in evidence:
        yield f"> {escaped(item.quote.exact)}\n"
        title = linked(item.article.title or "untitled", item.article.url)
        yield f"- {escaped(publisher(item.article))}, {day(item.article.published_at)}: {title}"
        if item.article.id in report.withdrawn:
            yield f"- ⚑ {WITHDRAWN}"
        if item.kind:
            yield f"- {KINDS[item.kind]}"
        if item.partial:
            yield f"- {PARTIAL}"
        yield f"- {places(item.quote.sentences).capitalize()}. Origin: {escaped(named(item.origin, known))}."
        yield f"- The model's confidence: {confidence(item)}."
        if item.why:
            yield f"- The model's words: {escaped(item.why)}"
        yield from (f"- ⚑ {FLAGS[flag]}" for flag in item.flags)
        yield ""


def _searched(claim: ClaimReport, report: Report) -> Iterator[str]:
    known = sources(report)
    yield f"Searched: {searched(claim.searched)}.\n"
    for passage in claim.searched.passages:
        where = f"{escaped(named(passage.article_id, known))}, {places(passage.quote.sentences)}"
        since = f" (⚑ {WITHDRAWN})" if passage.article_id in report.withdrawn else ""
        yield f"- {where}{since}: {escaped(passage.quote.exact)}"
    yield ""


def _unread(report: Report) -> Iterator[str]:
    if report.unread:
        yield "## Not read\n\nNo claims could be sought in these sentences.\n"
    for item in report.unread:
        yield f"> {escaped(item.quote.exact)}\n"
        yield f"- {places(item.quote.sentences).capitalize()}: {escaped(item.failure.detail)} ({item.failure.code})\n"


def _usage(report: Report) -> Iterator[str]:
    yield f"## Cost\n\n{report.usage.seconds:.1f} seconds in all.\n"
    if not report.usage.stages:
        yield "No model was asked.\n"
        return
    yield "| Stage | Calls | Failed | Prompt tokens | Reply tokens | Seconds waited | Cost |"
    yield "|---|--:|--:|--:|--:|--:|--:|"
    for stage in report.usage.stages:
        spent = f"{tokens(stage.prompt_tokens)} | {tokens(stage.completion_tokens)} | {stage.seconds:.1f}"
        yield f"| {stage.stage} | {stage.calls} | {stage.failed} | {spent} | {cost(stage.cost)} |"
    yield f"\nCost in all: {cost(total(report.usage.stages))}\n"


def _provenance(report: Report) -> Iterator[str]:
    made = report.provenance
    yield "## How this was made\n"
    yield f"- Checked: {day(made.checked_at)}, {made.checked_at:%H:%M %Z}"
    yield f"- Model: {escaped(made.model)}; answered by: {escaped(', '.join(made.answered_by) or 'none')}"
    yield from (
        f"- Prompt: {escaped(prompt.name)} v{prompt.version}, SHA-256 {prompt.sha256}" for prompt in made.prompts
    )
    yield f"- Code: {escaped(made.code_version)}"
    yield f"- Other articles held: {made.corpus.articles}, SHA-256 of their ids {made.corpus.sha256}"
    yield f"- Article: {report.article.id}"
