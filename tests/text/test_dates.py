"""Dates are found, read against the day of publication, and compared by the days they may mean."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.claim import Moment
from service.text.dates import compatible, moments, spans

TUESDAY = date(2024, 12, 3)


def read(text: str, published: date | None = TUESDAY) -> list[tuple[str, str, str]]:
    return [(one.exact, one.first.isoformat(), one.last.isoformat()) for one in moments(text, published)]


@pytest.mark.parametrize(
    ("text", "exact", "first", "last"),
    [
        ("Assad's downfall on December 8, 2024, marked the end", "December 8, 2024", "2024-12-08", "2024-12-08"),
        ("It fell on 8 December 2024.", "8 December 2024", "2024-12-08", "2024-12-08"),
        ("It fell on the 8th of December, 2024.", "8th of December, 2024", "2024-12-08", "2024-12-08"),
        ("on Dec. 8, 2024 they", "Dec. 8, 2024", "2024-12-08", "2024-12-08"),
        ("DECEMBER 8, 2024 - DAMASCUS", "DECEMBER 8, 2024", "2024-12-08", "2024-12-08"),
        ("Sat, 30 Nov 2024", "Sat, 30 Nov 2024", "2024-11-30", "2024-11-30"),
        ("dated 2024-12-03.", "2024-12-03", "2024-12-03", "2024-12-03"),
        ("at 2024-12-03T10:15:00Z the", "2024-12-03T10:15:00Z", "2024-12-03", "2024-12-03"),
        ("on 25/12/2024", "25/12/2024", "2024-12-25", "2024-12-25"),
        ("on 12/25/2024", "12/25/2024", "2024-12-25", "2024-12-25"),
        ("recaptured in 2016 with", "2016", "2016-01-01", "2016-12-31"),
        ("supported the regime since 2015.", "since 2015", "2015-01-01", "2015-12-31"),
        ("since early 2024", "since early 2024", "2024-01-01", "2024-12-31"),
        ("battles from 2012 to 2016 there", "2012 to 2016", "2012-01-01", "2016-12-31"),
        ("between 2012 and 2016", "2012 and 2016", "2012-01-01", "2016-12-31"),
        ("the 2012–2016 siege", "2012–2016", "2012-01-01", "2016-12-31"),
        ("the 2015-16 season", "2015-16", "2015-01-01", "2016-12-31"),
        ("the October War of 1973, crossing", "1973", "1973-01-01", "1973-12-31"),
        ("in the 1990s", "1990s", "1990-01-01", "1999-12-31"),
        ("the early 1990's", "1990's", "1990-01-01", "1999-12-31"),
        ("by mid-2015", "by mid-2015", "2015-01-01", "2015-12-31"),
        ("in 1683 the siege", "1683", "1683-01-01", "1683-12-31"),
        ("the 2024 elections", "2024", "2024-01-01", "2024-12-31"),
        ("in December 2024", "December 2024", "2024-12-01", "2024-12-31"),
        ("in February 2024", "February 2024", "2024-02-01", "2024-02-29"),
        ("in November they", "November", "2024-11-01", "2024-11-30"),
        ("in January they", "January", "2024-01-01", "2024-01-31"),
        ("last March it", "last March", "2024-03-01", "2024-03-31"),
        ("next March it", "next March", "2025-03-01", "2025-03-31"),
        ("in May she", "May", "2024-05-01", "2024-05-31"),
        ("on May 5 she", "May 5", "2024-05-05", "2024-05-05"),
        ("on the morning of November 27, capturing 56 towns", "November 27", "2024-11-27", "2024-11-27"),
        ("on November 27-30", "November 27-30", "2024-11-27", "2024-11-30"),
        ("from 27 to 30 November 2024", "27 to 30 November 2024", "2024-11-27", "2024-11-30"),
        ("November 27 to December 8, 2024", "November 27 to December 8, 2024", "2024-11-27", "2024-12-08"),
        ("On Saturday, November 30, jets", "Saturday, November 30", "2024-11-30", "2024-11-30"),
        ("On Sunday, December 8, ships", "Sunday, December 8", "2024-12-08", "2024-12-08"),
        ("on Friday, March 15, they", "Friday, March 15", "2024-03-15", "2024-03-15"),
        ("on December 8 they meet", "December 8", "2024-12-08", "2024-12-08"),
        ("he will take office on January 20", "January 20", "2025-01-20", "2025-01-20"),
        ("on March 15 they met", "March 15", "2024-03-15", "2024-03-15"),
        ("killed on Sunday in airstrikes", "Sunday", "2024-12-01", "2024-12-01"),
        ("gains Sunday capturing", "Sunday", "2024-12-01", "2024-12-01"),
        ("Tuesday’s strike", "Tuesday", "2024-12-03", "2024-12-03"),
        ("last Tuesday", "last Tuesday", "2024-11-26", "2024-11-26"),
        ("next Tuesday", "next Tuesday", "2024-12-10", "2024-12-10"),
        ("this Saturday", "this Saturday", "2024-12-07", "2024-12-07"),
        ("they will meet on Friday", "Friday", "2024-12-06", "2024-12-06"),
        ("until Friday", "until Friday", "2024-11-29", "2024-11-29"),
        ("from Saturday to Sunday", "Saturday to Sunday", "2024-11-30", "2024-12-01"),
        ("Yesterday, rebels", "Yesterday", "2024-12-02", "2024-12-02"),
        ("the day before yesterday", "the day before yesterday", "2024-12-01", "2024-12-01"),
        ("officials said today", "today", "2024-12-03", "2024-12-03"),
        ("two days ago", "two days ago", "2024-12-01", "2024-12-01"),
        ("24 hours ago", "24 hours ago", "2024-12-02", "2024-12-02"),
        ("last week", "last week", "2024-11-25", "2024-12-01"),
        ("earlier this week", "this week", "2024-12-02", "2024-12-08"),
        ("a month ago", "a month ago", "2024-11-01", "2024-11-30"),
        ("eight years ago", "eight years ago", "2016-01-01", "2016-12-31"),
        ("last year’s deal", "last year", "2023-01-01", "2023-12-31"),
        ("On\u00a0December\u00a08,\n2024", "December\u00a08,\n2024", "2024-12-08", "2024-12-08"),
    ],
)
def test_a_date_is_read(text: str, exact: str, first: str, last: str) -> None:
    """Absolute and relative dates come as the days they may mean, with their words and place."""
    assert read(text) == [(exact, first, last)]


@pytest.mark.parametrize(
    "text",
    [
        "Turkey may march on Damascus.",
        "They may 5 times over",
        "March on, they said",
        "Theresa May said so",
        "more than 2000 fled",
        "2000 people fled",
        "killed 1999 soldiers",
        "Resolution 2000 calls",
        "costs $2000 a day",
        "1,000 years ago",
        "Every Sunday they pray",
        "on Sundays",
        "Black Friday sales",
        "the Sunday Times wrote",
        "Russia Today reported",
        "over the last week",
        "in the next year",
        "12.5 December",
        "at 1900 GMT",
        "COP2024b",
        "In December 12 people died",
        "24-year rule",
        "the next day",
        "mar the sec",
        "",
    ],
)
def test_what_is_no_date(text: str) -> None:
    """Verbs, counts, names, habits and durations are no dates."""
    assert not spans(text)


@pytest.mark.parametrize(
    "text", ["on 08/12/2024", "February 30, 2024", "a few days ago", "several weeks ago", "2024-13-45"]
)
def test_what_cannot_be_told_is_left_out(text: str) -> None:
    """A date that may be two, or that the calendar lacks, has a span and no moment."""
    assert spans(text)
    assert not moments(text, TUESDAY)


@pytest.mark.parametrize("text", ["Sunday", "on November 27", "yesterday", "last week", "in May", "Sunday, December 8"])
def test_relative_dates_need_a_day_of_publication(text: str) -> None:
    """Without it they have a span and no moment."""
    assert spans(text)
    assert not moments(text, None)


@pytest.mark.parametrize(
    ("text", "published", "day"),
    [
        ("On Sunday, December 8", date(2025, 10, 1), "2024-12-08"),
        ("on December 30", date(2025, 1, 2), "2024-12-30"),
        ("on January 2", date(2024, 12, 30), "2025-01-02"),
        ("on February 29", date(2025, 3, 5), "2024-02-29"),
        ("on Sunday", date(2024, 12, 8), "2024-12-08"),
        ("yesterday", date(2025, 1, 1), "2024-12-31"),
    ],
)
def test_the_year_that_a_newspaper_means(text: str, published: date, day: str) -> None:
    """Without a year it is the last such day or one of the month to come; a weekday beside it settles the year."""
    assert [(first, last) for _, first, last in read(text, published)] == [(day, day)]


def test_several_dates_come_in_order() -> None:
    """Each date of a text stands at its place."""
    text = "In 2016, and on November 30 again, not since 2011 — or yesterday."
    found = moments(text, TUESDAY)
    assert [one.exact for one in found] == ["2016", "November 30", "since 2011", "yesterday"]
    assert all(text[one.start : one.start + len(one.exact)] == one.exact for one in found)


@given(
    st.text(alphabet="MayDec 0123456789,-/.sundySondfrAtgwk’“\n\u200b", max_size=40),
    st.dates(date(1990, 1, 1), date(2090, 1, 1)),
)
def test_any_text_is_read(text: str, published: date) -> None:
    """Nothing is an error, and every moment stands where it says and runs forward."""
    for one in moments(text, published):
        assert text[one.start : one.start + len(one.exact)] == one.exact
        assert one.first <= one.last


@pytest.mark.parametrize(
    ("a", "b", "agree"),
    [
        ("December 8, 2024", "Sunday, December 8", True),
        ("in 2015", "in 2015", True),
        ("in December 2024", "December 8, 2024", True),
        ("from 2012 to 2016", "in 2016", True),
        ("November 27, 2024", "November 30, 2024", False),
        ("in 2015", "in 2016", False),
        ("last week", "yesterday", False),
    ],
)
def test_dates_agree_where_their_days_overlap(a: str, b: str, agree: bool) -> None:
    """A coarser date agrees with a finer one inside it."""
    one, other = (moments(text, TUESDAY)[0] for text in (a, b))
    assert compatible(one, other) is agree
    assert compatible(other, one) is agree


def test_a_range_agrees_to_its_last_day() -> None:
    """Both ends are included."""
    a = Moment(exact="a", start=0, first=date(2024, 1, 1), last=date(2024, 1, 31))
    b = Moment(exact="b", start=0, first=date(2024, 1, 31), last=date(2024, 2, 1))
    assert compatible(a, b)
