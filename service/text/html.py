"""HTML read as a person reads it: its text, the part of it that is the article, and what its head tells of it.

The parser reports tags as they come and builds no tree, so that no page is too deep or too broken for it.
"""

import json
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from lxml import etree  # type: ignore[import-untyped]  # it has no stubs

Spans = tuple[tuple[int, int], ...]


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


_NOT_SHOWN = _tags("audio canvas datalist head iframe noframes noscript object script style svg template video")
_APART = _tags("blockquote dl figure h1 h2 h3 h4 h5 h6 ol p pre table ul")  # a blank line after them
_BLOCK = _APART | _tags(
    "address article aside body br caption center dd details dialog dir div dt fieldset figcaption footer form frameset"
    " header hgroup hr html legend li main menu nav optgroup option search section select summary tbody textarea tfoot"
    " thead tr"
)
_CELL = _tags("td th")
_VERBATIM = _tags("pre textarea")
_CONTROLS = {code: None for code in range(32) if chr(code) not in "\t\n\f\r"}  # a browser shows none of them


@dataclass
class _Page:
    """Takes the parser's reports: the lines a browser shows, the JSON-LD, the meta properties, the depth."""

    lines: list[str] = field(default_factory=list)
    json_ld: list[str] = field(default_factory=list)
    properties: dict[str, str] = field(default_factory=dict)
    elements: int = 0
    deepest: int = 0
    _depth: int = 0
    _hidden: int = 0
    _verbatim: int = 0
    _in_json_ld: bool = False
    _line: list[str] = field(default_factory=list)

    @property
    def is_plausible(self) -> bool:
        """Whether it is built like pages are. On others trafilatura takes minutes: 900 stacks of 200 blocks, 60 s."""
        return self.deepest <= 100 and self.elements <= 20_000

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        self._border(tag)
        self.elements += 1
        self._depth += 1
        self.deepest = max(self.deepest, self._depth)
        self._hidden += tag in _NOT_SHOWN
        self._verbatim += tag in _VERBATIM
        if tag == "script" and attributes.get("type", "").strip().lower() == "application/ld+json":
            self._in_json_ld = True
            self.json_ld.append("")
        if tag == "meta" and "content" in attributes:
            self.properties.setdefault(attributes.get("property", ""), attributes["content"])

    def end(self, tag: str) -> None:
        """An element closes. The parser closes what was opened, in order, whatever the page does."""
        self._border(tag)
        self._depth -= 1
        self._hidden -= tag in _NOT_SHOWN
        self._verbatim -= tag in _VERBATIM
        self._in_json_ld = False

    def data(self, text: str) -> None:
        """Text between two tags."""
        if self._in_json_ld:
            self.json_ld[-1] += text
        elif not self._hidden:
            shown = text.translate(_CONTROLS)
            self._line.append(shown if self._verbatim else re.sub(r"[ \t\n\r\f]+", " ", shown))

    def comment(self, text: str) -> None:
        """Nobody sees a comment."""

    def close(self) -> "_Page":
        """The page is over."""
        self._break(blank=False)
        return self

    def _border(self, tag: str) -> None:
        """What a tag's edge does to the line: nothing, a gap between cells, a new line, a blank line."""
        if self._hidden:
            return
        if tag in _CELL:
            self._line.append("\t")
        elif tag in _BLOCK:
            self._break(blank=tag in _APART)

    def _break(self, *, blank: bool) -> None:
        line = "".join(self._line)
        self._line = []
        if self._verbatim:
            self.lines += [part.rstrip() for part in line.split("\n")]
        elif shown := re.sub(r" *\t[ \t]*", "\t", re.sub(" +", " ", line)).strip(" \t"):
            self.lines.append(shown)
        if blank and self.lines and self.lines[-1]:
            self.lines.append("")


def _read(html: str) -> _Page:
    """The page as reported. In UTF-8 whatever it says of itself: it is text already."""
    parser = etree.HTMLParser(target=_Page(), encoding="utf-8", huge_tree=True)
    parser.feed(html.encode("utf-8", "replace"))
    return cast("_Page", parser.close())


def text_of(html: str) -> str:
    """The text of a page as a browser shows it, menus and all.

    Blocks stand on lines of their own, paragraphs with a blank line between; entities are decoded; white space is
    collapsed. Scripts, styles and the head are not text.
    """
    return "\n".join(_read(html).lines).strip("\n")


def main_lines(html: str, text: str) -> Spans | None:
    """The lines of `text` that are the page's main content in the judgement of trafilatura.

    `text` is `text_of(html)`. None where trafilatura finds nothing.
    """
    if not _read(html).is_plausible:
        return None
    from trafilatura import extract

    try:
        content = extract(html, include_comments=False)
    except Exception:  # it helps to tell article from menu; a page that breaks it is read without
        return None
    key = _key(content or "")
    spans = tuple(span for span in _lines(text) if (line := _key(text[slice(*span)])) and line in key)
    return spans or None


def _lines(text: str) -> Iterator[tuple[int, int]]:
    return (found.span() for found in re.finditer(r"[^\n]+", text))


def _key(text: str) -> str:
    """The letters and digits alone: what two readings of one page agree on."""
    return re.sub(r"[\W_]+", "", text).casefold()


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a page tells of itself."""

    title: str | None = None
    publisher: str | None = None
    url: str | None = None
    published_at: datetime | None = None


def metadata(html: str) -> Metadata:
    """Title, publisher, address and date of a page; None for what it does not tell.

    The date is the first of: `datePublished` in JSON-LD, `article:published_time`, the day that trafilatura finds. A
    day is taken as its beginning in UTC, and so is a time without a zone.
    """
    page = _read(html)
    told = _moment(page.properties.get("article:published_time", ""))
    stated = next((moment for value in _published(page.json_ld) if (moment := _moment(value))), told)
    if not page.is_plausible:
        return Metadata(published_at=stated)
    from trafilatura import extract_metadata

    try:
        found = extract_metadata(html, extensive=False)
    except Exception:  # the submission can tell what a broken page cannot
        return Metadata(published_at=stated)
    url = found.url if re.match(r"https?://\S+$", found.url or "") else None
    return Metadata(found.title or None, found.sitename or None, url, stated or _moment(found.date or ""))


def _published(scripts: list[str]) -> Iterator[str]:
    """Every `datePublished` in JSON-LD, those of articles first."""
    nodes = [node for script in scripts for node in _nodes(script) if isinstance(node.get("datePublished"), str)]
    nodes.sort(key=lambda node: not re.search("Article|Posting|Report", str(node.get("@type"))))
    return (node["datePublished"] for node in nodes)


def _nodes(script: str) -> Iterator[dict[str, Any]]:
    try:
        waiting = deque([json.loads(script, strict=False)])
    except (ValueError, RecursionError):
        return
    while waiting:
        value = waiting.popleft()
        if isinstance(value, dict):
            yield value
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)


def _moment(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value.strip())
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
