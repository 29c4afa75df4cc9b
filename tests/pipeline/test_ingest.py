"""From what is handed in to an article, and every way to be refused."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article, ArticleSubmission
from service.errors import (
    EmptyText,
    InputError,
    NoSentences,
    NotText,
    PublishedInFuture,
    TextTooLarge,
    UnsupportedLanguage,
)
from service.pipeline.ingest import article_text_decoded, ingest
from tests.seeds import SEEDS, seed_articles

NOW = datetime(2024, 12, 10, 12, tzinfo=UTC)
BRIEF = "Rebels took the city of Hama on Thursday. Five people died, the army said."
PAGE = """<html><head><title>Rebels take Hama</title><meta property="og:site_name" content="Daily Post">
<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2024-12-05T18:30:00+02:00"}</script>
<link rel="canonical" href="https://dailypost.example/hama"></head><body><nav><a href="/">Home</a></nav><article>
<h1>Rebels take Hama</h1><p>Rebels took the city of <b>Hama</b> on Thursday after days of fighting, the army said.</p>
<p>Five people died. This article first appeared in The Guardian.</p></article>
<footer>&copy; Daily Post</footer></body></html>"""


def taken(text: str, *, languages: tuple[str, ...] = ("en",), max_chars: int = 100_000, **fields: Any) -> Article:
    """What becomes of a text that is handed in on the tenth of December."""
    submission = ArticleSubmission(text=text, **fields)
    return ingest(submission, languages=languages, max_chars=max_chars, now=NOW)


@pytest.mark.parametrize(
    "text",
    [
        BRIEF,
        f"\ufeff{BRIEF}\n",
        BRIEF.replace(". ", ".\r\n\r\n"),
        f"Home\n\n\t{BRIEF}\f\n\n© Daily Post",
        f"{BRIEF} 🕊 é e\u0301",
    ],
)
def test_a_text_is_stored_as_it_came(text: str) -> None:
    """Not a character of it changes, and the article is known by its hash."""
    article = taken(text)
    assert article.text == text
    assert article.id == hashlib.sha256(text.encode()).hexdigest()[:24]
    assert article.exact(article.sentences[0]) == "Rebels took the city of Hama on Thursday."


def test_what_is_told_is_kept() -> None:
    """Publisher, title, date and address are those handed in."""
    fields: dict[str, Any] = {
        "publisher": "BBC",
        "title": "Hama",
        "published_at": NOW,
        "url": "https://bbc.com/1",
        "language": "en",
    }
    article = taken(BRIEF, **fields)
    assert article.model_dump(include=set(fields)) == fields
    assert article.credit is None


def test_a_page_tells_what_is_left_out() -> None:
    """HTML is stored as its text; its head fills what was not handed in."""
    article = taken(PAGE, media_type="text/html")
    assert article.text.startswith("Home\n")
    assert "Rebels took the city of Hama on Thursday" in article.text
    assert (article.publisher, article.title) == ("Daily Post", "Rebels take Hama")
    assert article.url == "https://dailypost.example/hama"
    assert article.published_at == datetime(2024, 12, 5, 16, 30, tzinfo=UTC)
    assert article.credit == "guardian"
    assert [article.exact(item)[:16] for item in article.sentences[:2]] == ["Rebels took the ", "Five people died"]
    assert taken(PAGE, media_type="text/html", publisher="BBC").publisher == "BBC"


@pytest.mark.parametrize("text", ["", " ", "\n\t\r\n", "\u00a0"])
def test_an_empty_text_is_refused(text: str) -> None:
    """White space is no text."""
    with pytest.raises(EmptyText, match="empty"):
        taken(text)


def test_an_empty_page_is_refused() -> None:
    """Markup is no text."""
    with pytest.raises(EmptyText, match="empty"):
        taken(
            "<html><head><title>Hama</title></head><body><script>var x;</script></body></html>", media_type="text/html"
        )


@pytest.mark.parametrize(
    "text", ["\n".join(["Home", "World", "Sport", "Travel", "Culture", "Search"]), "***", "\ufeff"]
)
def test_a_menu_is_refused(text: str) -> None:
    """Labels are no article."""
    with pytest.raises(NoSentences, match="menus"):
        taken(text)


def test_a_text_that_is_too_large_is_refused() -> None:
    """The sentence tells both sizes; a text of the limit is taken."""
    assert taken(BRIEF, max_chars=len(BRIEF)).text == BRIEF
    with pytest.raises(TextTooLarge, match=f"has {len(BRIEF)} characters; at most {len(BRIEF) - 1} are"):
        taken(BRIEF, max_chars=len(BRIEF) - 1)


@pytest.mark.parametrize(
    ("bad", "name"),
    [("\x00", "U+0000"), ("\x1b", "U+001B"), ("\x0b", "U+000B"), ("\ud800", "U+D800"), ("\udfff", "U+DFFF")],
)
@pytest.mark.parametrize("media_type", ["text/plain", "text/html"])
def test_what_is_no_text_is_refused(bad: str, name: str, media_type: str) -> None:
    """The sentence tells which character, and where."""
    submission = ArticleSubmission.model_construct(
        text=BRIEF + bad, media_type=media_type, publisher=None, title=None, published_at=None, url=None, language=None
    )
    with pytest.raises(NotText, match=rf"offset {len(BRIEF)} is {name.replace('+', '[+]')}"):
        ingest(submission, languages=("en",), max_chars=1_000, now=NOW)


def test_a_text_in_a_wrong_encoding_is_refused() -> None:
    """More than one replacement character in a hundred; a single one in an article is a flaw."""
    assert taken(f"{BRIEF} {BRIEF} \ufffd")
    with pytest.raises(NotText, match="encoding"):
        taken(f"{BRIEF} \ufffd \ufffd")
    assert taken(f"{BRIEF} Assadâ€™s army fled.")


GERMAN = "Die Rebellen nahmen am Donnerstag die Stadt Hama ein, teilte die Armee mit."


def test_the_language_is_given_detected_or_the_first() -> None:
    """What is given wins over what is detected; a text too short to tell is in the first that is configured."""
    assert taken(BRIEF).language == "en"
    assert taken(GERMAN, languages=("en", "de")).language == "de"
    assert taken(GERMAN, languages=("en", "de"), language="en").language == "en"
    assert taken("Assad floh.", languages=("de", "en")).language == "de"


def test_a_language_that_is_not_configured_is_refused() -> None:
    """The sentence tells which are, and what to do where the guess is wrong."""
    with pytest.raises(UnsupportedLanguage, match=r"looks like 'de'; configured are en, fr[.] If that is wrong"):
        taken(GERMAN, languages=("en", "fr"))
    with pytest.raises(UnsupportedLanguage, match=r"is given as 'de'; configured are en[.]$"):
        taken(BRIEF, language="de")


def test_a_menu_does_not_tell_the_language() -> None:
    """The language is that of the article."""
    menu = "\n".join(["Startseite", "Nachrichten aus Deutschland", "Wirtschaft und Finanzen", "Wetter"] * 5)
    assert taken(f"{menu}\n\n{BRIEF}", languages=("en", "de")).language == "en"


@pytest.mark.parametrize("fields", [{"published_at": NOW + timedelta(minutes=2)}, {"media_type": "text/html"}])
def test_a_date_to_come_is_refused(fields: dict[str, Any]) -> None:
    """Given or told by the page; clocks may differ by a minute."""
    page = f'<script type="application/ld+json">{{"datePublished": "2024-12-11"}}</script><p>{BRIEF}</p>'
    with pytest.raises(PublishedInFuture, match="2024-12-1"):
        taken(page, **fields)
    near = NOW + timedelta(seconds=59)
    assert taken(BRIEF, published_at=near).published_at == near


def test_bytes_are_utf_8() -> None:
    """A byte order mark is dropped, and what is not UTF-8 is refused with its place."""
    assert article_text_decoded("Erdoğan\r\n".encode()) == "Erdoğan\r\n"
    assert article_text_decoded(b"\xef\xbb\xbfHama") == "Hama"
    with pytest.raises(NotText, match="byte 3 is 0xe9"):
        article_text_decoded("Caf\u00e9".encode("latin-1"))
    with pytest.raises(NotText, match="byte 0 is 0xff"):
        article_text_decoded("Hama".encode("utf-16"))


def outcome(text: str, media_type: str) -> Article | str:
    """The article, or the reason for which there is none."""
    try:
        return taken(text, media_type=media_type, language="en")
    except InputError as error:
        return str(error)


@settings(deadline=None)  # the first example pays for what is loaded
@given(st.text(max_size=300), st.sampled_from(["text/plain", "text/html"]))
def test_any_text_is_an_article_or_refused_with_a_reason(text: str, media_type: str) -> None:
    """Whatever is handed in: an article whose sentences lie in its text, or an error of ours."""
    result = outcome(text, media_type)
    if isinstance(result, str):
        assert result.endswith(".")
    else:
        assert all(result.exact(item).strip() for item in result.sentences)
        assert media_type == "text/html" or result.text == text


def test_the_manifest_tells_of_every_seed() -> None:
    """Each file once, with fields of a submission only, and nothing that its text does not hold."""
    entries = yaml.safe_load((SEEDS / "manifest.yaml").read_text(encoding="utf-8"))
    assert [entry["file"] for entry in entries] == sorted(file.name for file in SEEDS.glob("*.txt"))
    for entry in entries:
        article = seed_articles()[entry["file"]]
        assert entry.keys() - {"file"} <= ArticleSubmission.model_fields.keys()
        assert entry["title"] in article.text
        assert entry.get("publisher", "") in article.text
        assert article.published_at == entry.get("published_at")
    assert [article.credit for article in seed_articles().values()] == [None, None, None, None, "cnn"]
