"""A page as a browser shows it, its main lines, and what it tells of itself."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.cleaning import prose
from service.text.html import Metadata, main_lines, metadata, text_of

PAGE = """<!doctype html>
<html lang="en"><head><title>Rebels take Hama | Daily Post</title>
<meta property="og:site_name" content="Daily Post"><link rel="canonical" href="https://dailypost.example/hama">
<script type="application/ld+json">{"@graph": [
  {"@type": "WebSite", "name": "Daily Post", "datePublished": "2011-01-01"},
  {"@type": "NewsArticle", "headline": "Rebels take Hama", "datePublished": "2024-12-05T18:30:00+02:00"}]}</script>
<style>p { color: red }</style></head>
<body><div id="cookie">We use cookies to improve your experience. <button>Accept</button></div>
<nav><ul><li><a href="/">Home</a></li><li><a href="/w">World</a></li></ul></nav>
<main><article><h1>Rebels take Hama</h1><p class="byline">By Jane Doe</p>
<p>Syrian rebels took the city of <b>Hama</b> on
   Thursday, the army&rsquo;s command said &mdash; a <i>second</i> blow in a week.</p>
<p>The <a href="/x">army</a> withdrew to the south.<br>Residents cheered, witnesses said.</p>
<script>document.write("<p>Not text at all.</p>");</script>
<h2>What comes next</h2><p>Homs lies 40&nbsp;km to the south<script>var a;</script>.</p>
<ul><li>Rebels want to cut the road to the coast.</li><li>The army wants to hold it.</li></ul>
</article>
<aside><h3>Related</h3><ul><li><a href="/a">Kurds hold their ground in the north, for now.</a></li></ul></aside>
</main><footer>&copy; 2024 Daily Post. All rights reserved.</footer><noscript>Turn on JavaScript.</noscript>
<template><p>A template.</p></template><svg><text>A drawing.</text></svg></body></html>"""

TEXT = """We use cookies to improve your experience. Accept

Home
World

Rebels take Hama

By Jane Doe

Syrian rebels took the city of Hama on Thursday, the army’s command said — a second blow in a week.

The army withdrew to the south.
Residents cheered, witnesses said.

What comes next

Homs lies 40\u00a0km to the south.

Rebels want to cut the road to the coast.
The army wants to hold it.

Related

Kurds hold their ground in the north, for now.

© 2024 Daily Post. All rights reserved."""


def test_the_text_is_what_a_browser_shows() -> None:
    """Menus and all, blocks on lines of their own, and neither scripts nor the head."""
    assert text_of(PAGE) == TEXT


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("", ""),
        (" \n ", ""),
        ("no tags & an < 5 > 3", "no tags & an < 5 > 3"),
        ("a<b>b</b>c<span>d</span> <custom-tag>e</custom-tag>", "abcd e"),
        ("<p>one  two\n\tthree</p>", "one two three"),
        ("<p>one <!-- not this --> two</p>", "one two"),
        ("<div>a<p>b</div>c", "a\n\nb\n\nc"),
        ("a<br>b<br/>c<hr>d", "a\nb\nc\nd"),
        ("<table><tr><th>City</th><td>Hama</td></tr><tr><td>a</td><td> b </td></tr></table>", "City\tHama\na\tb"),
        ("<pre>a\n  b\n\nc</pre>d", "a\n  b\n\nc\n\nd"),
        ("&lt;p&gt; &amp;amp; &eacute; &#8217; &unknown;", "<p> &amp; é ’ &unknown;"),
        ("a&#1;b&#0;c", "ab\ufffdc"),
        ('<?xml version="1.0" encoding="latin-1"?><meta charset="latin-1"><p>é</p>', "é"),
        ("<p>a</p></div></p><p <p>b</p>", "a\n\nb"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<p>a</p></body></html><p>b</p>", "a\n\nb"),
        ("<p>a<iframe>no</iframe><object>no</object><video>no</video></p>", "a"),
        ("<title>no</title><p>a", "a"),
        ("<select><option>a<option>b</select>", "a\nb"),
    ],
)
def test_markup_of_every_kind_is_read(html: str, text: str) -> None:
    """Entities, tables, comments, unclosed and stray tags."""
    assert text_of(html) == text


def test_the_main_lines_are_the_article() -> None:
    """The page's content is told from its menus and links, and prose is what both readings agree on."""
    main = main_lines(PAGE, TEXT)
    assert main is not None
    lines = [TEXT[start:end] for start, end in main]
    assert lines[0] == "Rebels take Hama"
    assert lines[-1] == "The army wants to hold it."
    found = [TEXT[start:end] for start, end in prose(TEXT, main)]
    assert [line.split()[0] for line in found] == ["Syrian", "The", "Residents", "Homs", "Rebels", "The"]


@pytest.mark.parametrize("html", ["", "<p>", "<nav><a href='/'>Home</a></nav>", "<script>var x;</script>"])
def test_a_page_without_content_has_no_main_lines(html: str) -> None:
    """None, rather than nothing of it."""
    assert main_lines(html, text_of(html)) is None


DEEP = "<div>" * 180_000 + "Rebels took the city of Hama on Thursday, the army said." + "</div>" * 180_000
STACKS = ("<div>" * 150 + "Rebels took Hama." + "</div>" * 150) * 300
MANY = "<p>Rebels took Hama.</p>" * 25_000


@pytest.mark.parametrize("html", [DEEP, STACKS, MANY], ids=["deep", "stacks", "many"])
def test_a_page_built_like_no_page_is_still_read(html: str) -> None:
    """Two megabytes of nested blocks are text like any other; only the help of trafilatura is done without."""
    text = text_of(html)
    assert text.startswith("Rebels took")
    assert main_lines(html, text) is None
    assert metadata(html) == Metadata()


def test_a_page_tells_of_itself() -> None:
    """Title, publisher, address, and the date of the article with its zone."""
    assert metadata(PAGE) == Metadata(
        title="Rebels take Hama",
        publisher="Daily Post",
        url="https://dailypost.example/hama",
        published_at=datetime(2024, 12, 5, 18, 30, tzinfo=timezone(timedelta(hours=2))),
    )


def _page(head: str) -> str:
    return f"<html><head>{head}</head><body><h1>Title</h1><p>Rebels took the city of Hama.</p></body></html>"


def _json_ld(text: str) -> str:
    return _page(f'<script type="application/ld+json">{text}</script>')


@pytest.mark.parametrize(
    ("html", "published_at"),
    [
        (_json_ld('{"datePublished": "2024-12-05T18:30:00Z"}'), datetime(2024, 12, 5, 18, 30, tzinfo=UTC)),
        (_json_ld('{"datePublished": "2024-12-05"}'), datetime(2024, 12, 5, tzinfo=UTC)),
        (_json_ld('[{"datePublished": "2024-12-05T18:30:00"}]'), datetime(2024, 12, 5, 18, 30, tzinfo=UTC)),
        (
            _json_ld('{"datePublished": "long ago", "a": {"datePublished": "2024-12-05"}}'),
            datetime(2024, 12, 5, tzinfo=UTC),
        ),
        (_json_ld('{"datePublished": 5}'), None),
        (_json_ld("[" * 50_000), None),
        (_json_ld("{not JSON"), None),
        (
            _page('<meta property="article:published_time" content="2024-12-05T18:30:00+00:00">'),
            datetime(2024, 12, 5, 18, 30, tzinfo=UTC),
        ),
        (_page('<meta name="date" content="2024-12-05">'), datetime(2024, 12, 5, tzinfo=UTC)),
        (_page(""), None),
    ],
)
def test_the_date_is_the_best_that_is_told(html: str, published_at: datetime | None) -> None:
    """JSON-LD with its time, else a property, else a day; nothing where nothing can be read."""
    assert metadata(html).published_at == published_at


def test_an_address_is_one_of_the_web() -> None:
    """A canonical link that leads nowhere is no address."""
    assert metadata(_page('<link rel="canonical" href="javascript:void(0)">')).url is None


@settings(deadline=None)  # the first example pays for what is loaded
@given(st.text(alphabet=st.sampled_from("<>/ap&;!-=\"' \nbr#1"), max_size=120))
def test_no_markup_breaks_it(html: str) -> None:
    """Whatever is handed in, text comes out, and its main lines lie in it."""
    text = text_of(html)
    for start, end in main_lines(html, text) or ():
        assert 0 <= start < end <= len(text)
