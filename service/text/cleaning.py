"""Which stretches of a page's text are the article. Nothing is deleted: the stored text stays whole.

A line is read for what it looks like: a sentence (it ends like one, or is long), a label (short, or in Title Case,
without a full stop: menus, headings, bylines), or furniture (a phrase known from web pages). The article is then the
run of lines that gains most when every word of a sentence counts for it and every label and piece of furniture
against it: maximum subsequence segmentation, after Pasternack and Roth, "Extracting Article Text from the Web with
Maximum Subsequence Segmentation", WWW 2009.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

from service.text.furniture import TEASERS, furniture_cost

Spans = tuple[tuple[int, int], ...]

_LABEL = 5  # words that a label costs: less than the shortest paragraph below it holds
_LABELS_COUNTED = 20  # a longer run costs no more, so that an article survives a list of results in its middle
_WRAPPED = range(40, 101)  # columns of hard-wrapped lines

_BULLET = re.compile(r"\s*(?:[•‣◦▪●■·]|[*–—-]\s|\(?\d{1,2}[.)]\s)")
_MARKS = " \t\u00a0•‣◦▪●■·*–—-\u200b\ufeff"
_END = re.compile(r"[.!?…。！？؟।][)\]”’\"'»*_\s]*$")
_PAUSE = re.compile(r"[:;,][)\]”’\"'»]*$")
_UNFINISHED = re.compile(r"(?:\.\.\.|…)$")
_STOP_WITHIN = re.compile(r"\w{3}[)\]”’\"']*[.!?][)\]”’\"']*\s+[“‘\"'(\[]?\w")


@dataclass(frozen=True, slots=True)
class _Block:
    """A line, or the lines of a hard-wrapped paragraph, with the words it gains or costs the article around it."""

    start: int
    end: int
    is_sentence: bool
    words: int = 0
    is_several: bool = False
    cost: int = 0


def prose(text: str, main: Spans | None = None) -> Spans:
    """The stretches of whole lines, in order, that are the article's own sentences.

    Headlines, sub-heads, bylines, menus, teasers and notices are left out. A hard-wrapped paragraph or a verse is one
    stretch. With `main`, stretches outside it are left out too, unless nothing would remain. Empty where the text is
    only a menu.
    """
    paragraphs = _paragraphs(text)
    body = _body([_read(text, *paragraph) for paragraph in paragraphs])
    if not body:  # nothing ends like a sentence: verse, notes, teletype
        body = _body([_read(text, *paragraph, bare=True) for paragraph in paragraphs])
    return tuple([span for span in body if _overlaps(span, main or ())] or body)


def _overlaps(span: tuple[int, int], others: Spans) -> bool:
    place = bisect_left(others, span[1], key=itemgetter(0))
    return place > 0 and others[place - 1][1] > span[0]


def _body(blocks: Sequence[_Block]) -> list[tuple[int, int]]:
    """The sentences of the run with the greatest gain, the first of equals. None where a page has hardly any."""
    best, best_gain = range(0), 0
    start, gain, labels, teasers = 0, 0, 0, False
    for place, block in enumerate(blocks):
        if gain <= 0:
            start, gain, labels, teasers = place, 0, 0, False
        labels = 0 if block.is_sentence else labels + 1
        teasers = teasers or block.cost == TEASERS
        alone = teasers and _is_alone(blocks, place)
        gain += block.words // 3 if alone else block.words
        gain -= _loss(block, gain, labels)
        if gain > best_gain or (gain == best_gain and block.is_sentence and start in best):
            best, best_gain = range(start, place + 1), gain
    body = [blocks[place] for place in best if blocks[place].is_sentence]
    words = sum(block.words for block in body)
    return [(block.start, block.end) for block in body] if words >= 8 or 4 * words >= len(blocks) else []


def _is_alone(blocks: Sequence[_Block], place: int) -> bool:
    """Whether a block is one sentence between labels, as a teaser is."""
    neighbours = [*blocks[max(0, place - 1) : place], *blocks[place + 1 : place + 2]]
    return not blocks[place].is_several and not any(block.is_sentence for block in neighbours)


def _loss(block: _Block, gain: int, labels: int) -> int:
    if block.cost == _LABEL and labels > _LABELS_COUNTED:
        return 0
    # Not more than a third of the gain: a box of links below the first paragraph must not cut it off.
    return min(block.cost, gain // 3) if block.cost == TEASERS else block.cost


def _read(text: str, start: int, end: int, *, bare: bool = False) -> _Block:
    """What a block looks like. `bare`: a line of five words may be a sentence without ending like one."""
    line = " ".join(text[start:end].split())
    core = line.strip(_MARKS)
    cost = furniture_cost(core)
    if cost is not None or not _is_sentence(line, core, bare=bare):
        return _Block(start, end, is_sentence=False, cost=cost or _LABEL)
    is_several = bool(_STOP_WITHIN.search(core))
    is_teaser = _UNFINISHED.search(core) and not is_several
    return _Block(start, end, is_sentence=True, words=1 if is_teaser else _word_count(core), is_several=is_several)


def _word_count(core: str) -> int:
    """The number of words, estimated for scripts that put no spaces between them."""
    return max(len(core.split()), len(core) // 8)


def _is_sentence(line: str, core: str, *, bare: bool) -> bool:
    words = _word_count(core)
    if core.endswith((".", ".”", '."')) or (_END.search(core) and not _is_title_case(core)):
        return True
    if words < 5 or _is_title_case(core):
        return False
    return bare or words >= 15 or bool(_PAUSE.search(core) or _STOP_WITHIN.search(core) or _BULLET.match(line))


def _is_title_case(core: str) -> bool:
    """Whether This Is Written Like This. Capitals throughout are not."""
    long = re.findall(r"[^\W\d_][\w'’-]{3,}", core)
    return len(long) >= 2 and not core.isupper() and sum(word[0].isupper() for word in long) >= 0.8 * len(long)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line that is not blank: what is on it, without the white space around, and where it stands."""

    words: str
    start: int
    end: int


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """The lines that are not blank; those of a hard-wrapped paragraph or of a stanza as one."""
    runs = list(_runs(text))
    capitals = not any(char.islower() for char in text)  # teletype: no word tells by its case that a sentence goes on
    breaks = [(a.words, b.words) for run in runs for a, b in pairwise(run) if len(a.words) in _WRAPPED]
    breaks = [(before, after) for before, after in breaks if not _BULLET.match(after)]
    goes_on = sum(not _END.search(before) and (capitals or after[0].islower()) for before, after in breaks)
    wrapped = bool(breaks) and 3 * goes_on >= len(breaks)
    return [paragraph for run in runs for paragraph in _joined(run, wrapped=wrapped)]


def _runs(text: str) -> Iterator[list[_Line]]:
    """Lines that follow each other without a blank one between. A line too long to be wrapped stands alone."""
    run: list[_Line] = []
    start = 0
    for whole in text.splitlines(keepends=True):
        line = _Line(whole.strip(), start, start + len(whole.rstrip()))
        start += len(whole)
        if 0 < len(line.words) < _WRAPPED.stop:
            run.append(line)
            continue
        if run:
            yield run
        run = []
        if line.words:
            yield [line]
    if run:
        yield run


def _joined(run: Sequence[_Line], *, wrapped: bool) -> Iterator[tuple[int, int]]:
    width = max(len(line.words) for line in run)
    verse = _is_verse(run)
    start = run[0].start
    for before, after in pairwise(run):
        if not (verse and not _END.search(before.words)) and not (wrapped and _goes_on(before, after, width)):
            yield start, before.end
            start = after.start
    yield start, run[-1].end


def _goes_on(before: _Line, after: _Line, width: int) -> bool:
    """Whether a line was broken here for want of room: the next word would not have fitted, or is a lower-case one."""
    if len(before.words) not in _WRAPPED or _BULLET.match(after.words):
        return False
    full = len(before.words) + 1 + len(after.words.split()[0]) > width
    return full or (after.words[0].islower() and not _END.search(before.words))


def _is_verse(run: Sequence[_Line]) -> bool:
    """At least three short lines of three words: many end in a mark, as in no menu, and half in no full stop."""
    ended = sum(bool(_END.search(line.words)) for line in run)
    paused = sum(bool(_PAUSE.search(line.words)) for line in run)
    titled = sum(_is_title_case(line.words) for line in run)
    fit = all(len(line.words) <= 70 and len(line.words.split()) >= 3 for line in run)
    return fit and len(run) >= 3 and 3 * (ended + paused) >= len(run) >= 2 * ended and 2 * titled < len(run)
