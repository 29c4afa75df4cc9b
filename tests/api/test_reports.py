"""Which form of a report an Accept header wants."""

import pytest

from service.api.reports import preferred

FORMS = ("application/json", "text/html", "text/markdown")
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("*/*", "application/json"),
        ("application/json", "application/json"),
        ("TEXT/HTML", "text/html"),
        (BROWSER, "text/html"),
        ("text/*", "text/html"),
        ("text/*, text/html;q=0", "text/markdown"),
        ("text/markdown, text/html;q=0.5", "text/markdown"),
        ("text/html; q = 0.2, application/json;q=0.1", "text/html"),
        ("application/json;q=0, */*;q=0.1", "text/html"),
        ("text/html;charset=utf-8", "text/html"),
        ("application/pdf", None),
        ("application/json;q=0", None),
        ("application/json;q=abc", None),
        ("application/json;q=nan", None),
        (";;;,,,q=", None),
        ("*/*;q=0", None),
    ],
)
def test_the_form_wanted_most_is_taken(accept: str, form: str | None) -> None:
    """Weights count, the most specific range decides, and what nobody offers is refused."""
    assert preferred(accept, FORMS) == form
