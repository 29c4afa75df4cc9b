"""A page that was fetched, as an article that is handed in."""

import re

from schemas.article import ArticleSubmission
from service.errors import FetchFailed, NotText
from service.outbound.fetcher import Fetched

_MEDIA_TYPES = {"text/html": "text/html", "application/xhtml+xml": "text/html", "text/plain": "text/plain"}
_LONGEST_URL = 2000

_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_META = re.compile(rb"<meta\s[^>]*charset\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_LOOKED_AT = 1024
"""Bytes: so early a page names its encoding (HTML standard, 4.2.5.4)."""

# Of Python's codecs only those that pages are written in: others take quadratic time, or are no encodings of text.
_ENCODINGS = re.compile(
    r"(us-)?ascii|utf-?8|utf-?16(-?[lb]e)?|iso-?8859-\d+|latin-?1|windows-125\d|cp125\d|koi8-[ru]|macintosh"
    r"|shift[_-]jis|euc-(jp|kr)|iso-2022-jp|big5(-hkscs)?|gb(k|2312|18030)"
)
_WIDER = {"iso-8859-1": "cp1252", "latin-1": "cp1252", "latin1": "cp1252", "us-ascii": "cp1252", "ascii": "cp1252"}
"""Browsers read these so (Encoding standard), and pages are written to be read by browsers."""


def submission_of(page: Fetched) -> ArticleSubmission:
    """The article that a page holds, by its whole text and the URL it was found at.

    Raises:
        FetchFailed: it is neither HTML nor plain text. NotText: it cannot be read by the encoding it names.
    """
    media_type = _MEDIA_TYPES.get(page.media_type)
    if media_type is None:
        told = page.media_type[:60] or "of no stated type"
        raise FetchFailed(f"The page is {told}; only HTML and plain text are read.")
    encoding = _encoding(page, html=media_type == "text/html")
    try:
        text = page.body.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        raise NotText(f"The page is not text in {encoding}, the encoding that it names or is taken for.") from None
    return ArticleSubmission(text=text, media_type=media_type, url=page.url if len(page.url) <= _LONGEST_URL else None)


def _encoding(page: Fetched, *, html: bool) -> str:
    """By the byte order mark, the header, the page's own word, in this order (HTML standard, 13.2.3.1); else UTF-8."""
    marked = next((encoding for mark, encoding in _MARKS if page.body.startswith(mark)), None)
    if marked:
        return marked
    meta = _META.search(page.body[:_LOOKED_AT]) if html else None
    named = (page.charset or (meta[1].decode("ascii", "replace") if meta else "utf-8")).strip().lower()
    if not _ENCODINGS.fullmatch(named):
        raise NotText(f"The page names the encoding {named[:40]!r}, which is not read.")
    return _WIDER.get(named, named)
