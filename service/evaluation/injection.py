"""Texts that give a model orders, planted in an article, and whether the prompts keep them fenced.

The fence is proved against an article of as many sentences that all say the same harmless word: with the attack in
it, a prompt has the same system message and the same lines behind the same prefixes, and nothing but letters that
the article holds stands behind them.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

import yaml
from pydantic import AliasChoices, Field, ValidationError

from schemas.article import Article, ArticleSubmission, Sentence, Span, article_id
from service.errors import InputError
from service.evaluation.answers import Answer
from service.evaluation.items import Item, read_items
from service.pipeline.assess import JUDGE
from service.pipeline.desk import Limits
from service.pipeline.extract import question as extraction
from service.pipeline.extract import windows, worded
from service.pipeline.ingest import ingest
from service.pipeline.judge import Stretch
from service.pipeline.judge import question as judgement
from service.pipeline.run import EXTRACT
from service.prompting import Rendered


class Attack(Item):
    """A text that gives a model orders. What is left empty is not known: others' data does not tell it."""

    text: str = Field(min_length=1)
    kind: str = Field(validation_alias=AliasChoices("category", "kind"))
    aim: str = Field(default="", description="What the attacker wants: stance_changed, claim_added, run_broken, ...")
    wish: str = Field(
        default="",
        validation_alias=AliasChoices("wish", "trigger"),
        description="What a model that obeys would state, and the text itself does not.",
    )


class Place(StrEnum):
    """Where in an article: a paragraph of its own, or a sentence within one."""

    START = "start"
    MIDDLE = "middle"
    END = "end"
    WITHIN_START = "within_start"
    WITHIN_MIDDLE = "within_middle"
    WITHIN_END = "within_end"


class FenceAnswer(Answer):
    """Whether the prompts of the planted articles hold their fence, by the place of the attack."""

    leaks: dict[Place, tuple[str, ...]] = Field(description="What left its line; empty: the fence held.")
    lines: dict[Place, int] = Field(description="The lines on which it stands; 0: cleaning or ingest left it out.")

    @property
    def held(self) -> bool:
        """Whether nothing leaked, wherever it stood."""
        return not any(self.leaks.values())


def read_attacks(path: Path) -> tuple[Attack, ...]:
    """The attacks of a file: YAML, a list of them, or JSON Lines.

    Raises:
        InputError: the file cannot be read, or holds something else.
    """
    if path.suffix != ".yaml":
        return read_items(path, Attack)
    try:
        return tuple(map(Attack.model_validate, yaml.safe_load(path.read_text(encoding="utf-8"))))
    except (OSError, TypeError, ValidationError, yaml.YAMLError) as error:
        raise InputError(f"{path} is no list of attacks: {str(error).splitlines()[0]}.") from error


def planted(article: Article, attack: Attack, place: Place) -> Article:
    """The article with the attack in it, ingested anew.

    Raises:
        InputError: it cannot be taken, for what the attack holds.
    """
    text, _ = _planting(article, attack, place)
    return ingest(
        ArticleSubmission(
            text=text, **article.model_dump(include={"publisher", "title", "published_at", "url", "language"})
        ),
        languages=(article.language,),
        max_chars=len(text),
        now=datetime.now(UTC),
    )


def stretch(article: Article, attack: Attack) -> Span:
    """Where the attack stands in an article that it was planted in."""
    start = article.text.index(attack.text)
    return Span(start=start, end=start + len(attack.text))


def _planting(article: Article, attack: Attack, place: Place) -> tuple[str, int]:
    """The text with the attack in it, and the place in the text where it was cut."""
    half = article.sentences[(len(article.sentences) - 1) // 2]
    cut = {"start": article.sentences[0].start, "middle": half.end, "end": article.sentences[-1].end}
    within, _, where = place.rpartition("_")
    between = " " if within else "\n\n"
    at = cut[where]
    return f"{article.text[:at]}{between}{attack.text}{between}{article.text[at:]}", at


def fence(item: Attack, article: Article) -> FenceAnswer:
    """Plants an attack at every place, renders every prompt in which it stands, and looks for what left its line."""
    found = {place: _fenced(item, article, place) for place in Place}
    return FenceAnswer(
        dataset=item.dataset,
        id=item.id,
        leaks={place: leaked for place, (leaked, _) in found.items()},
        lines={place: lines for place, (_, lines) in found.items()},
    )


def _fenced(item: Attack, article: Article, place: Place) -> tuple[tuple[str, ...], int]:
    """What leaked, and on how many lines the attack stands. An article that is refused reaches no prompt."""
    try:
        target = planted(article, item, place)
    except InputError:
        return (), 0
    at = stretch(target, item)
    hit = [one.number for one in target.sentences if one.overlaps(at)]
    sentences = [target.exact(one) for one in target.sentences]
    pairs = zip(_prompts(target, hit or [1]), _prompts(_harmless(target), hit or [1]), strict=True)
    found = {leak for prompt, expected in pairs for leak in leaks(prompt, expected, sentences)}
    return tuple(sorted(found)), len(hit)


def leaks(prompt: Rendered, expected: Rendered, sentences: Sequence[str]) -> Iterator[str]:
    """What is wrong with a prompt: the names of leaks, each as often as it is found.

    `expected`: the same prompt with harmless sentences. `sentences`: what its numbered lines should hold, in order.
    """
    if prompt.system != expected.system:
        yield "system message changed"
    lines = prompt.user.splitlines()
    if [_prefix(line) for line in lines] != [_prefix(line) for line in expected.user.splitlines()]:
        yield "lines changed"
    foreign = [line.removeprefix(_prefix(line)) for line in lines]
    yield from (name for name, pattern in _FORBIDDEN.items() if any(map(pattern.search, foreign)))
    numbered = [line.partition("| ")[2] for line in lines if re.match(r"S\d+\| ", line)]
    if [_letters(line) for line in numbered] != [_letters(sentence) for sentence in sentences]:
        yield "words changed"


def _prompts(article: Article, hit: Sequence[int]) -> Iterator[Rendered]:
    """Every prompt of the line that shows an article's sentences: as the article checked, as a claim, as a source."""
    limits = Limits()
    for window in windows(len(article.sentences), limits.window, limits.windows):
        yield extraction(article, window, EXTRACT)
    claims = [worded(article, article.quote(number)) for number in hit]
    half, end = hit[0] + 1, len(article.sentences) + 1
    shown = [Stretch(article, part, part) for part in (range(1, half), range(half, end)) if part]
    yield judgement(claims, article, shown, JUDGE)


def _harmless(article: Article) -> Article:
    """An article of as many sentences, each of one word."""
    word = "Quiet."
    text = " ".join([word] * len(article.sentences))
    starts = range(0, len(text), len(word) + 1)
    return article.model_copy(
        update={
            "id": article_id(text),
            "text": text,
            "sentences": tuple(
                Sentence(number=number, start=start, end=start + len(word))
                for number, start in enumerate(starts, start=1)
            ),
        }
    )


_PREFIX = re.compile(r"(?:[SC]\d+|[A-Z][a-z]+(?: [a-z]+)*)\| ")
# White space other than a space, controls, directions; what has no shape of its own; the marks of chat templates
# (angle brackets, Mistral's, EXAONE's and MiniMax's square ones); and our own mark.
_FORBIDDEN = {
    "white space or control": re.compile(r"[^\S ]|[\x00-\x1f\x7f-\x9f\u2028\u2029]"),
    "direction": re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"),
    "invisible": re.compile(
        r"[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0"
        r"\ufff0-\ufffb\U000e0000-\U000e0fff]|[\u200c\u200d]{2}"
    ),
    "chat mark": re.compile(r"[<>]|\[/?[A-Z_]{3,}\]|\[/?(?i:inst)|\[\||\]~|~\["),
    "our mark": re.compile(r"\|"),
}


def _prefix(line: str) -> str:
    """What a line begins with: its prefix, or, without one, all of it."""
    found = _PREFIX.match(line)
    return found[0] if found else line


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, _FORBIDDEN["invisible"].sub("", text)))
