"""Prompts are files: loaded once, rendered strictly, known by version and hash.

Foreign text enters a prompt through `shown` only, which puts it on one line; the template puts a prefix before it, so
that no line of it can begin without one. "|" is shown in another form, so that no line can hold a prefix that is not
ours, and so are "<", ">" and some square brackets, so that no chat template takes them for its own marks. Quotes are
located by line number in the stored text, so what is shown may differ from it.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, StrictUndefined, Template

from schemas.report import PromptVersion
from service.text.normalize import one_line

_MARKS = str.maketrans({"<": "‹", ">": "›", "|": "¦"})
# The marks of chat templates that are made of square brackets: [INST], [SYSTEM_PROMPT], [TOOL_RESULTS] (Mistral's), and
# ]~b], ]~!b[, [e~[ (MiniMax's). A space breaks them. EXAONE's, [|user|], end with the "|".
_SQUARE_MARK = re.compile(r"\[(?=/?(?i:inst)|/?[A-Z_]{3,}\])|[\[\]](?=~)|~(?=[\[\]])")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A prompt with its texts in it."""

    system: str
    user: str


def shown(text: str) -> str:
    """Foreign text as a prompt shows it: one line, without our mark and without those of chat templates."""
    return _SQUARE_MARK.sub(r"\g<0> ", one_line(text).translate(_MARKS))


def fenced(text: str | None, label: str) -> str:
    """One line of foreign text behind its label; "unknown" where there is none."""
    return f"{label}| {shown(text or '') or 'unknown'}"


def numbered(lines: Iterable[str], first: int = 1) -> str:
    """Sentences, one a line, behind their numbers."""
    return "\n".join(f"S{number}| {shown(line)}" for number, line in enumerate(lines, start=first))


def span(window: range) -> str:
    """A stretch of line numbers in words."""
    return f"S{window[0]}" if len(window) == 1 else f"S{window[0]} to S{window[-1]}"


def as_json(value: object) -> str:
    """A reply as a model should write it: no spaces, no escapes."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@cache
def _environment() -> Environment:
    environment = Environment(undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701 - no HTML here
    environment.filters.update(shown=shown, fenced=fenced, numbered=numbered, span=span, as_json=as_json)
    return environment


@dataclass(frozen=True)
class Prompt:
    """One version of a prompt. A released version is never edited."""

    name: str
    version: int
    source: str
    examples_source: str = ""

    @cached_property
    def identity(self) -> PromptVersion:
        """Name, version and the SHA-256 of the template and its examples."""
        digest = hashlib.sha256(f"{self.source}\0{self.examples_source}".encode()).hexdigest()
        return PromptVersion(name=self.name, version=self.version, sha256=digest)

    @cached_property
    def examples(self) -> list[dict[str, Any]]:
        """The few-shot examples; none where the prompt has no file of them."""
        return yaml.safe_load(self.examples_source) or []

    @cached_property
    def _template(self) -> Template:
        return _environment().from_string(self.source)

    def render(self, **texts: object) -> Rendered:
        """Fills the prompt in.

        Raises:
            jinja2.UndefinedError: a value that the prompt names was not given.
        """
        context = self._template.new_context({"examples": self.examples, **texts})
        blocks = {name: "".join(block(context)).strip() for name, block in self._template.blocks.items()}
        return Rendered(system=blocks["system"], user=blocks["user"])


def _folder() -> Traversable:
    """The checkout's prompts; in an installed package, the copy that was shipped with it."""
    checkout = Path(__file__).parent.parent / "prompts"
    return checkout if checkout.is_dir() else files("service") / "_data" / "prompts"


@cache
def load(name: str, version: int) -> Prompt:
    """A prompt from its file, with its examples where it has any.

    Raises:
        FileNotFoundError: there is no such prompt or version.
    """
    examples = _folder() / "examples" / f"{name}.v{version}.yaml"
    return Prompt(
        name=name,
        version=version,
        source=(_folder() / f"{name}.v{version}.jinja").read_text(encoding="utf-8"),
        examples_source=examples.read_text(encoding="utf-8") if examples.is_file() else "",
    )
