"""From what a newsroom hands in to an article: checked, its sentences found, its language and credit told.

The text is stored as it came. Of HTML it is the text that a browser shows.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from schemas.article import Article, ArticleSubmission, Sentence, article_id
from service.errors import EmptyText, NoSentences, NotText, PublishedInFuture, TextTooLarge, UnsupportedLanguage
from service.text.cleaning import prose
from service.text.credits import article_credit
from service.text.html import Metadata, main_lines, metadata, text_of
from service.text.language import language_of
from service.text.sentences import sentences

# NUL, other control characters that no text holds, and halves of surrogate pairs.
_NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\ud800-\udfff]")
_CLOCKS_DIFFER = timedelta(minutes=1)


def ingest(submission: ArticleSubmission, *, languages: Sequence[str], max_chars: int, now: datetime) -> Article:
    """The article that was handed in.

    Args:
        submission: what it tells wins over what the page or the text tells.
        languages: ISO 639-1 codes that are configured; the first is taken where a text is too short to tell.
        max_chars: code points that the text, or the HTML, may have.
        now: with its zone; publication may not lie more than a minute after it.

    Raises:
        TextTooLarge, NotText, EmptyText, NoSentences: the text cannot be taken.
        UnsupportedLanguage: it is in none of `languages`, by what was given or by what was detected.
        PublishedInFuture: its date has not come yet.
    """
    _check(submission.text, max_chars)
    told, text, main = Metadata(), submission.text, None
    if submission.media_type == "text/html":
        told, text = metadata(submission.text), text_of(submission.text)
        main = main_lines(submission.text, text)
    if not text.strip():
        raise EmptyText("The text is empty. Hand in the text of an article.")
    spans = prose(text, main)
    language = _language(submission.language, "\n".join(text[start:end] for start, end in spans), languages)
    published_at = submission.published_at or told.published_at
    _check_date(published_at, now)
    return Article(
        id=article_id(text),
        text=text,
        publisher=submission.publisher or told.publisher,
        title=submission.title or told.title,
        published_at=published_at,
        url=submission.url or told.url,
        language=language,
        sentences=_sentences(text, spans, language),
        credit=article_credit(text),
    )


def article_text_decoded(data: bytes) -> str:
    """The text of a file or a body: UTF-8, a byte order mark at its start dropped.

    Raises:
        NotText: the bytes are not UTF-8.
    """
    try:
        return data.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise NotText(
            f"The bytes are not UTF-8: byte {error.start} is 0x{data[error.start]:02x}. Save the text as UTF-8."
        ) from None


def _check(text: str, max_chars: int) -> None:
    if len(text) > max_chars:
        raise TextTooLarge(f"The text has {len(text):,} characters; at most {max_chars:,} are taken. Hand in less.")
    if found := _NO_TEXT.search(text):
        raise NotText(
            f"The character at offset {found.start()} is U+{ord(found[0]):04X}, which is no text. Hand in plain text."
        )
    if text.count("\N{REPLACEMENT CHARACTER}") > 0.01 * len(text):
        raise NotText("More than 1 % of the text is U+FFFD: it was read in a wrong encoding. Read it in the right one.")


def _sentences(text: str, spans: Sequence[tuple[int, int]], language: str) -> tuple[Sentence, ...]:
    found = sentences(text, spans, language)
    if not found:
        raise NoSentences("The text has no sentences that an article is made of: menus and labels only.")
    return found


def _language(given: str | None, text: str, languages: Sequence[str]) -> str:
    language = given or language_of(text, languages) or languages[0]
    if language not in languages:
        how = "is given as" if given else "looks like"
        remedy = "" if given else " If that is wrong, say which language it is in."
        raise UnsupportedLanguage(
            f"The text's language {how} {language!r}; configured are {', '.join(languages)}.{remedy}"
        )
    return language


def _check_date(published_at: datetime | None, now: datetime) -> None:
    if published_at and published_at > now + _CLOCKS_DIFFER:
        raise PublishedInFuture(
            f"The date of publication, {published_at.isoformat()}, is in the future. Correct it, or leave it out."
        )
