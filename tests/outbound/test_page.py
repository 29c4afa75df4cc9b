"""A fetched page becomes a text to be checked, or is refused."""

import pytest

from service.errors import FetchFailed, NotText
from service.outbound.fetcher import Fetched
from service.outbound.page import submission_of

URL = "https://press.example/a"
GREETING = "Grüße aus München – „heute“"


@pytest.mark.parametrize(
    ("media_type", "charset", "body", "text"),
    [
        ("text/plain", None, GREETING.encode(), GREETING),
        ("text/plain", "utf-8", GREETING.encode(), GREETING),
        ("text/plain", "utf-8", b"\xef\xbb\xbfnews", "news"),
        ("text/plain", "iso-8859-1", "news".encode("utf-16"), "news"),
        ("text/plain", "iso-8859-1", GREETING.encode("cp1252"), GREETING),
        ("text/html", "windows-1251", "Привет".encode("cp1251"), "Привет"),
        ("text/html", None, b'<meta charset="koi8-r">' + "Привет".encode("koi8-r"), '<meta charset="koi8-r">Привет'),
        ("text/html", "utf-8", '<meta charset="koi8-r">Привет'.encode(), '<meta charset="koi8-r">Привет'),
        ("application/xhtml+xml", None, b"<p>a</p>", "<p>a</p>"),
    ],
)
def test_text_is_read(media_type: str, charset: str | None, body: bytes, text: str) -> None:
    """By its mark, its header, its own word, or as UTF-8, in this order."""
    submitted = submission_of(Fetched(URL, media_type, charset, body))
    assert (submitted.text, submitted.url) == (text, URL)
    assert submitted.media_type == ("text/plain" if media_type == "text/plain" else "text/html")


def test_a_meta_of_plain_text_is_text() -> None:
    """Only HTML names its encoding inside."""
    body = '<meta charset="koi8-r">ü'.encode()
    assert submission_of(Fetched(URL, "text/plain", None, body)).text.endswith("ü")


@pytest.mark.parametrize(
    "charset", ["punycode", "zip", "rot13", "unicode_escape", "idna", "utf-7", "x" * 99, "iso-8859-99"]
)
def test_odd_encodings_are_refused(charset: str) -> None:
    """Those that no page is written in, and those that Python alone knows."""
    with pytest.raises(NotText):
        submission_of(Fetched(URL, "text/html", charset, b"news"))


def test_bytes_that_do_not_fit_are_refused() -> None:
    """No letter is guessed."""
    with pytest.raises(NotText, match="utf-8"):
        submission_of(Fetched(URL, "text/plain", None, b"Gr\xfc\xdfe"))


@pytest.mark.parametrize("media_type", ["application/pdf", "image/png", "application/json", ""])
def test_other_types_are_refused(media_type: str) -> None:
    """With a sentence that names the type."""
    with pytest.raises(FetchFailed, match=media_type or "no stated type"):
        submission_of(Fetched(URL, media_type, None, b"%PDF"))


def test_a_very_long_url_is_left_out() -> None:
    """The article is taken all the same."""
    assert submission_of(Fetched(f"{URL}?{'x' * 2000}", "text/plain", None, b"news")).url is None
