"""The HTML page, read back by a parser."""

import base64
import hashlib
import re
from html.parser import HTMLParser
from itertools import pairwise

import pytest

from service.export import page
from service.export.words import FLAGS, KINDS, VERDICTS, visible
from tests.export import sample
from tests.export.hostile import everywhere, hostile

_VOID = {"meta", "br", "link", "img", "input", "hr"}


class Page(HTMLParser):
    """Tags with their attributes, the text of all but the style, and whether tags close in the order they open."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.quotes: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)
        if tag == "blockquote":
            self.quotes.append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data
        if "blockquote" in self.open:
            self.quotes[-1] += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        return [(tag, tuple(attributes)) for tag, attributes in self.tags]


def test_all_is_told() -> None:
    """Verdicts, flags, kinds, counts, failures, unread stretches, unknown costs and the model's words are there."""
    text = " ".join(Page(page.render(sample.report())).text.split())
    for words in (*VERDICTS.values(), *FLAGS.values(), *KINDS.values()):
        assert words in text
    for words in (
        "The model’s words: Both say that the city was entered.",
        "Said by a war monitor (reported); checked: what was said",
        "Model’s confidence: medium",
        "2 independent origins",
        "The reply ended at the token limit. (cut_off)",
        "Sentences 11 to 12: The model declined to answer. refused",
        "Cost in all: unknown",
        "2 passages found, 4 other articles searched",
        "1" * 64,
        "example-model-2026-01",
        "30 November 2024",
    ):
        assert words in text


def test_quotes_are_verbatim() -> None:
    """Every quote of the report is the whole of a blockquote."""
    report = sample.report()
    quotes = Page(page.render(report)).quotes
    for claim in report.claims:
        assert claim.claim.quote.exact in quotes
        assert all(item.quote.exact in quotes for item in (*claim.supporting, *claim.conflicting))
        assert all(passage.quote.exact in quotes for passage in claim.searched.passages)
    assert report.unread[0].quote.exact in quotes


def test_only_web_addresses_are_linked() -> None:
    """A javascript address is neither linked nor cited."""
    parsed = Page(page.render(sample.report()))
    addresses = {attributes.get("href") for attributes in parsed.all("a")}
    cited = {attributes["cite"] for attributes in parsed.all("blockquote") if "cite" in attributes}
    assert addresses == cited == {sample.WIRE.url, "https://morning.example/syria"}


@hostile
def test_no_foreign_text_leaves_its_place(text: str) -> None:
    """The page has the same tags and attributes whatever the texts say, and shows the texts as they are."""
    parsed = Page(page.render(everywhere(text)))
    assert parsed.shape == Page(page.render(everywhere("harmless"))).shape
    assert parsed.open == []
    assert set(parsed.quotes) == {visible(text)}


def test_what_reorders_a_line_is_shown() -> None:
    """A figure cannot be turned round by an invisible character."""
    rendered = page.render(everywhere("\u202e65\u202c \x1b[2J \u2067x"))
    assert not re.search(r"[\u202a-\u202e\u2066-\u2069\x00-\x08\x0b-\x1f]", rendered)
    assert "[U+202E]65" in rendered


def test_the_page_needs_and_runs_nothing() -> None:
    """No script, no outside resource, and a policy that names the style sheet by its hash."""
    rendered = page.render(sample.report())
    parsed = Page(rendered)
    assert {tag for tag, _ in parsed.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "form", "base"})
    assert "url(" not in rendered
    assert "@import" not in rendered
    (style,) = re.findall(r"<style>(.*?)</style>", rendered, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = [meta["content"] for meta in parsed.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not any("style" in attributes for _, attributes in parsed.tags)


def test_headings_skip_no_level() -> None:
    """A reader who jumps by headings finds one first heading and no gap below it."""
    levels = [int(tag[1]) for tag, _ in Page(page.render(sample.report())).tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("title", [None, "A title"])
def test_the_same_report_gives_the_same_page(title: str | None) -> None:
    """Nothing of the page comes from elsewhere than the report."""
    report = sample.report(title=title)
    assert page.render(report) == page.render(report)


def _contrast(one: str, other: str) -> float:
    """Of two #rrggbb colours. Source: WCAG 2.2, relative luminance and contrast ratio."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_colours_can_be_read() -> None:
    """In light and in dark, text stands out from what is behind it by at least 4.5 to 1 (WCAG 2.2 AA)."""
    style = re.findall(r"<style>(.*?)</style>", page.render(sample.report()), re.DOTALL)[0]
    blocks = re.findall(r":root {(.*?)}", style, re.DOTALL)
    themes = [dict(re.findall(r"--([a-z_-]+): (#[0-9a-f]{6})", block)) for block in blocks]
    assert len(themes) == 2
    for theme in themes:
        for name in ("ink", "soft", "link", *(verdict.value for verdict in VERDICTS)):
            assert min(_contrast(theme[name], theme[behind]) for behind in ("paper", "card")) >= 4.5
        assert _contrast(theme["ink"], theme["alarm"]) >= 4.5
