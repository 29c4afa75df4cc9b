"""A report as one HTML page that needs nothing else: no script, no picture, no font from anywhere.

Its Content-Security-Policy lets the browser use the style sheet in it, known by its hash, and nothing more.
"""

import base64
import hashlib
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined, Template
from markupsafe import Markup

from schemas.report import Report
from service.export import sections, words


def render(report: Report) -> str:
    """The page, in UTF-8 by its own word. Foreign text in it is escaped and made visible without exception."""
    return _template().render(
        report=report,
        sections=sections.sections(report),
        tally=sections.tally(report),
        known=sections.sources(report),
        total=sections.total(report.usage.stages),
        style=_style(),
        style_hash=base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode(),
        named=sections.named,
        needs_eyes=sections.needs_eyes,
        words=words,
    )


def _fit(value: object) -> object:
    """What every expression of the template passes through, ahead of the escaping."""
    return words.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, finalize=_fit, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_file("page.html.jinja"))


@cache
def _style() -> Markup:
    return Markup(_file("page.css"))  # noqa: S704 - our own file


def _file(name: str) -> str:
    return (files("service.export") / name).read_text(encoding="utf-8")
