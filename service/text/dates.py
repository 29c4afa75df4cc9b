"""Dates in English news text, and the days each of them may mean.

Patterns of our own propose the spans, because a date parser let loose on a text takes "may" for a month. Calendar
dates are read here; relative ones ("two days ago") by dateparser, against the day of publication.
"""

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from schemas.claim import Moment
from service.text.normalize import fold

Days = tuple[date, date]
"""The first and the last day something may mean, both included."""


def moments(text: str, published: date | None) -> tuple[Moment, ...]:
    """The dates a text names, in order, as days.

    A year is its 365 or 366 days, a week runs from Monday. Two dates joined as a range are one moment. A leading
    "since", "before", "after", "until" or "by" belongs to `exact`; the days are those of the date it leads. What
    cannot be told is left out: "Sunday" without the day of publication, "08/12/2024", "a few days ago".
    """
    folded = fold(text)
    found = []
    for group in _groups(folded.text):
        days = _read(group, published)
        if days:
            start, end = folded.span(group[0].start, group[-1].end)
            found.append(Moment(exact=text[start:end], start=start, first=days[0], last=days[1]))
    return tuple(found)


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """Where a text names dates, whether they can be told or not, in order: start and end in code points."""
    folded = fold(text)
    return tuple(folded.span(group[0].start, group[-1].end) for group in _groups(folded.text))


def compatible(a: Moment, b: Moment) -> bool:
    """Whether both may mean one and the same day."""
    return a.first <= b.last and b.first <= a.last


@dataclass(frozen=True, slots=True)
class _Proposal:
    """A span of a folded text that reads like a date, with a word that leads it, and what reads it."""

    start: int
    end: int
    match: re.Match[str]
    read: Callable[[re.Match[str], date | None], Days | None]


def _groups(text: str) -> Iterator[list[_Proposal]]:
    """The proposals in order; two that are joined as a range come together."""
    group: list[_Proposal] = []
    for proposal in sorted(_proposals(text), key=lambda one: one.start):
        if len(group) == 1 and _joins(text, group[0], proposal):
            group.append(proposal)
            continue
        if group:
            yield group
        group = [proposal]
    if group:
        yield group


def _proposals(text: str) -> Iterator[_Proposal]:
    """What the patterns find, the most telling pattern first; no two overlap."""
    for pattern, read in _PATTERNS:
        for match in list(pattern.finditer(text)):
            start, end = match.span()
            if _is_a_count(text, match, read):
                continue
            leading = _before(_LEADING, text, start)
            yield _Proposal(leading.start() if leading else start, end, match, read)
            text = text[:start] + "\0" * (end - start) + text[end:]


def _is_a_count(text: str, match: re.Match[str], read: object) -> bool:
    """Whether the number belongs to something counted: "2000 people", "more than 2000", "in May 12 men"."""
    if match[0][-1].isdigit() and _COUNTED_AFTER.match(text, match.end()):
        return True
    return read in (_read_years, _read_relative) and _before(_COUNTED_BEFORE, text, match.start()) is not None


def _before(pattern: re.Pattern[str], text: str, start: int) -> re.Match[str] | None:
    """What stands right before a date, sought nearby: the time taken grows with the text and no faster."""
    return pattern.search(text, max(0, start - 80), start)


def _joins(text: str, a: _Proposal, b: _Proposal) -> bool:
    between = text[a.end : b.match.start()]
    if between == " and ":
        return _before(_BETWEEN, text, a.start) is not None
    return re.fullmatch(r" ?- ?| to | until | through ", between) is not None


def _read(group: list[_Proposal], published: date | None) -> Days | None:
    """The days of a date; of a range, from the first of the one to the last of the other."""
    last = group[-1].read(group[-1].match, published)
    if len(group) == 1 or last is None:
        return last
    # The end of "November 27 to December 8, 2024" tells the year of its beginning.
    first = group[0].read(group[0].match, last[0])
    return (first[0], last[1]) if first and first[0] <= last[1] else last


def _read_day(match: re.Match[str], published: date | None) -> Days | None:
    month, day, to = _month_number(match), int(match["day"]), int(match["to"] or match["day"])
    if match["year"]:
        first = _calendar_day(int(match["year"]), month, day)
    else:
        coming = 200 if _before(_AHEAD, match.string, match.start()) else 31
        first = _nearest(month, day, match["weekday"], published, coming) if published else None
    last = _calendar_day(first.year, month, to) if first else None
    return (first, last) if first and last and first <= last else None


def _nearest(month: int, day: int, weekday: str | None, published: date, coming: int) -> date | None:
    """The day a newspaper means by a date without a year: the last such day, or one at most `coming` days ahead.

    A weekday beside it settles the year.
    """
    years = range(published.year - (6 if weekday else 1), published.year + 2)
    days = [found for year in years if (found := _calendar_day(year, month, day))]
    if weekday:
        days = [found for found in days if _WEEKDAYS[found.weekday()].startswith(weekday[:3].lower())] or days
    ahead = published + timedelta(days=coming)
    return min(days, key=lambda found: (found > ahead, abs(found - published)), default=None)


def _calendar_day(year: int, month: int, day: int) -> date | None:
    """The day, or None where the calendar has none such."""
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _read_numeric(match: re.Match[str], _: date | None) -> Days | None:
    """Reads "2024-12-25", "25/12/2024", "12/25/2024". "08/12/2024" is August to some and December to others."""
    year, a, b = int(match["year"]), int(match["a"]), int(match["b"])
    orders = {(a, b)} if match["iso"] else {(a, b), (b, a)}
    days = [found for order in orders if (found := _calendar_day(year, *order))]
    return (days[0], days[0]) if len(days) == 1 else None


def _read_month(match: re.Match[str], published: date | None) -> Days | None:
    """Without a year, the last such month up to publication, or the next where it says so."""
    month = _month_number(match)
    if match["year"]:
        return _whole_month(date(int(match["year"]), month, 1))
    if published is None:
        return None
    if (match["which"] or "").lower() == "next":
        return _whole_month(date(published.year + (month <= published.month), month, 1))
    return _whole_month(date(published.year - (month > published.month), month, 1))


def _read_years(match: re.Match[str], _: date | None) -> Days | None:
    first = int(match["year"])
    last = first // 100 * 100 + int(match["short"]) if match["short"] else first
    last = first + 9 if match["decade"] else last
    return (date(first, 1, 1), date(last, 12, 31)) if last >= first else None


def _read_weekday(match: re.Match[str], published: date | None) -> Days | None:
    """The last such day up to publication, or the next where the sentence looks ahead."""
    if published is None:
        return None
    which = (match["which"] or "").lower()
    days = (_WEEKDAYS.index(match["weekday"].lower()) - published.weekday()) % 7
    if which == "next":
        days = days or 7
    elif which == "last" or (which != "this" and not _before(_AHEAD, match.string, match.start())):
        days = days - 7 if days or which == "last" else 0
    day = published + timedelta(days=days)
    return day, day


def _read_relative(match: re.Match[str], published: date | None) -> Days | None:
    if published is None:
        return None
    data = _relative_parser(published).get_date_data(match["relative"])
    if data.date_obj is None:
        return None
    day: date = data.date_obj.date()
    match data.period:
        case "week":
            monday = day - timedelta(days=day.weekday())
            return monday, monday + timedelta(days=6)
        case "month":
            return _whole_month(day)
        case "year":
            return date(day.year, 1, 1), date(day.year, 12, 31)
    return day, day


@lru_cache(maxsize=64)
def _relative_parser(published: date) -> Any:
    from dateparser.date import DateDataParser  # slow to import, and few texts need it

    # The other parsers call strptime without a year, which Python deprecates, and read "2016" as a day.
    settings = {"RELATIVE_BASE": datetime.combine(published, time(12)), "PARSERS": ["relative-time"]}
    return DateDataParser(languages=["en"], settings=settings)


def _month_number(match: re.Match[str]) -> int:
    return _MONTHS.index(match["month"][:3].lower()) + 1


def _whole_month(day: date) -> Days:
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


_WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_COUNTED_BEFORE = re.compile(
    r"(?:\b(?:than|least|most|about|over|some|up to|nearly|almost|around|roughly|kill(?:ed|ing)|injur(?:ed|ing)"
    r"|wound(?:ed|ing)|resolution|article|flight|room)|[$£€#]) ?$",
    re.IGNORECASE,
)
_COUNTED_AFTER = re.compile(
    r" (?:(?:more|other|additional) )?(?:people|persons|civilians|troops|soldiers|fighters|refugees|prisoners|hostages"
    r"|men|women|children|deaths|dead|casualties|homes|houses|villages|towns|dollars|euros|pounds|tons|tonnes"
    r"|metres|meters|kilometres|kilometers|km|miles|feet|votes|jobs|times|percent|per cent|GMT|UTC|hours)\b"
)
_BETWEEN = re.compile(r"\bbetween $", re.IGNORECASE)
_LEADING = re.compile(
    r"\b(?:since|before|after|until|till|by)\s+(?:(?:the )?(?:early|late|mid|end of)[ -])?$", re.IGNORECASE
)
_AHEAD = re.compile(
    r"\b(?:will|would|due|scheduled|plan(?:s|ned)?|set|expected|upcoming)(?: \w+){0,4} (?:on )?$",
    re.IGNORECASE,
)

_WEEKDAY = "(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)"
_ON = r"(?:(?P<weekday>(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[a-z]*day|s|rs|r)?)\.?,? (?:the )?)?"
_FULL_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_MONTH = rf"(?P<month>{_FULL_MONTHS}|{_FULL_MONTHS.upper()}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_DAY = r"(?P<day>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\w%]|[.,:]\d)"
_TO = r"(?: ?(?:-|to) ?(?P<to>3[01]|[12]\d|0?[1-9])(?:st|nd|rd|th)?(?![\w%]|[.,:]\d))?"
_YEAR = r"(?P<year>(?:19|20)\d\d)(?![\w%]|[.,:]\d)"
_LONE_YEAR = (
    r"(?:(?<![\w.,:/$£€#-])|(?<=\bmid-)|(?<=\bpre-)|(?<=\bpost-)|(?<=\b\d{4}-))"
    r"(?P<year>(?:19|20)\d\d|(?<=\b[Ii]n )1[0-8]\d\d)"
)
_WHICH_MONTH = (
    r"(?:\b(?P<which>(?:[Ll]ast|[Nn]ext|[Tt]his|[Ee]arly|[Ll]ate|[Mm]id)(?=[ -]))[ -]|(?<=\b[Ii]n )|(?<=\b[Ss]ince )"
    r"|(?<=\b[Uu]ntil )|(?<=\b[Bb]y )|(?<=\b[Ff]rom )|(?<=\b[Dd]uring ))"
)
_NOT_A_DAY = "".join(
    rf"(?<!\b{name} )"
    for name in ("[Ee]very", "[Ee]ach", "Black", "Bloody", "Good", "Palm", "Ash", "Easter", "Super", "Cyber")
)
_UNIT = "(?:hour|day|week|month|year|decade)"
_RELATIVE = (
    r"(?:the day (?:before|after) )?(?:[Yy]esterday|[Tt]omorrow)|today|(?<![A-Za-z] )Today|[Tt]onight|[Ll]ast night"
    rf"|(?:[Aa] (?:few|couple of) |[\w-]+ )(?:and a half )?{_UNIT}s? ago"
)
_PATTERNS = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (
            r"(?<![\d-])(?P<iso>(?P<year>\d{4})-(?P<a>\d\d)-(?P<b>\d\d))(?:T[\d:.]+(?:Z|[+-][\d:]+)?)?(?!\d)",
            _read_numeric,
        ),
        (r"(?<![\d/.])(?P<iso>)(?P<a>\d{1,2})([/.])(?P<b>\d{1,2})\3(?P<year>\d{4})(?![\d/])", _read_numeric),
        (rf"\b{_ON}{_MONTH} {_DAY}{_TO}(?:,? {_YEAR})?", _read_day),
        (rf"(?<![\d.,$£€]){_ON}\b{_DAY}{_TO} (?:of )?{_MONTH}(?![a-z])(?:,? (?:of )?{_YEAR})?", _read_day),
        (rf"(?P<which>)\b{_MONTH},? (?:of )?{_YEAR}", _read_month),
        (rf"{_WHICH_MONTH}(?P<month>{_FULL_MONTHS})\b(?! [A-Z\d]|-)(?P<year>)", _read_month),
        (rf"{_LONE_YEAR}(?:(?<=0)(?P<decade>'?s)|[-/](?P<short>\d\d)(?![\d-]))?(?![\w%]|[.,:]\d)", _read_years),
        (rf"(?<![\w,.])(?P<relative>{_RELATIVE})\b", _read_relative),
        (r"(?<!\bthe )\b(?P<relative>(?:[Ll]ast|[Tt]his|[Nn]ext) (?:week|month|year))\b", _read_relative),
        (
            rf"{_NOT_A_DAY}\b(?:(?P<which>[Ll]ast|[Nn]ext|[Tt]his) )?\b{_WEEKDAY}\b"
            r"(?! (?:Times|Telegraph|Mail|Mirror|Express|Herald|Post|Night Live|World))",
            _read_weekday,
        ),
    )
)
