"""Numbers are read with the values they allow and what they count, and compared only where they measure the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.claim import Quantity
from service.text.quantities import comparable, compatible, quantities

INF = None


@pytest.mark.parametrize(
    ("text", "exact", "low", "high", "unit"),
    [
        ("killed more than 300,000 people", "more than 300,000", 300_000, INF, "people"),
        ("created nearly 6 million refugees", "nearly 6 million", 5_400_000, 6_000_000, "refugee"),
        ("said at least four people were killed", "at least four", 4, INF, "people"),
        ("capturing 56 towns in Aleppo", "56", 56, 56, "town"),
        ("have captured dozens of villages, encroaching", "dozens", 24, 199, "village"),
        ("dozens of Russian mercenaries from", "dozens", 24, 199, "mercenary"),
        ("as tens of thousands of people marched", "tens of thousands", 20_000, 199_000, "people"),
        ("hundreds of thousands of Syrians fled", "hundreds of thousands", 200_000, 1_999_000, "syrian"),
        ("hundreds fled", "hundreds", 200, 1_999, "fled"),
        ("thousands of homes", "thousands", 2_000, 99_999, "home"),
        ("scores of civilians", "scores", 40, 199, "civilian"),
        ("a dozen men", "a dozen", 12, 12, "man"),
        ("two dozen officials", "two dozen", 24, 24, "official"),
        ("a few dozen troops", "a few dozen", 24, 120, "troop"),
        ("several hundred people", "several hundred", 300, 1_900, "people"),
        ("several Western nations", "several", 3, 19, "nation"),
        ("a few weeks", "a few", 2, 10, "week"),
        ("a couple of hours", "a couple of", 2, 3, "hour"),
        ("a handful of soldiers", "a handful of", 2, 10, "soldier"),
        ("the end of his 24-year rule", "24", 24, 24, "year"),
        ("posed the challenge in eight years to President", "eight", 8, 8, "year"),
        ("within two days and advancing", "within two", INF, 2, "day"),
        ("Pledges £2.26bn More in Military Aid", "£2.26bn", 2.26e9, 2.26e9, "GBP"),
        ("a $1.5bn loan", "$1.5bn", 1.5e9, 1.5e9, "USD"),
        ("US$300 million", "US$300 million", 3e8, 3e8, "USD"),
        ("€3m in aid", "€3m", 3e6, 3e6, "EUR"),
        ("some 2 million dollars", "some 2 million", 1.7e6, 2.3e6, "USD"),
        ("$1-2bn", "$1-2bn", 1e9, 2e9, "USD"),
        ("EUR 500", "EUR 500", 500, 500, "EUR"),
        ("Calls for 200,000 European Peacekeepers", "200,000", 200_000, 200_000, "peacekeeper"),
        ("Exchange Over 300 Prisoners", "Over 300", 300, INF, "prisoner"),
        ("45.6k followers", "45.6k", 45_600, 45_600, "follower"),
        ("1.5 million people", "1.5 million", 1.5e6, 1.5e6, "people"),
        ("2m people fled", "2m", 2e6, 2e6, "people"),
        ("10 000 people", "10 000", 10_000, 10_000, "people"),
        ("10\u202f000 people", "10\u202f000", 10_000, 10_000, "people"),
        ("two and a half million refugees", "two and a half million", 2.5e6, 2.5e6, "refugee"),
        ("half a million people", "half a million", 5e5, 5e5, "people"),
        ("a hundred people", "a hundred", 100, 100, "people"),
        ("a hundred and twenty men", "a hundred and twenty", 120, 120, "man"),
        ("twenty-one soldiers", "twenty-one", 21, 21, "soldier"),
        ("five hundred thousand children", "five hundred thousand", 500_000, 500_000, "child"),
        ("two thousand three hundred women", "two thousand three hundred", 2_300, 2_300, "woman"),
        ("One million people", "One million", 1e6, 1e6, "people"),
        ("half of the territory", "half", 45, 55, "percent"),
        ("more than half the country", "more than half", 45, INF, "percent"),
        ("two thirds of the army", "two thirds", 60, 73.33, "percent"),
        ("two-thirds majority", "two-thirds", 60, 73.33, "percent"),
        ("a quarter of Syrians", "a quarter", 22.5, 27.5, "percent"),
        ("one in five people", "one in five", 20, 20, "percent"),
        ("20% of households", "20%", 20, 20, "percent"),
        ("20 per cent", "20 per cent", 20, 20, "percent"),
        ("fell 3.5 percent", "3.5 percent", 3.5, 3.5, "percent"),
        ("between 10 and 20 fighters", "between 10 and 20", 10, 20, "fighter"),
        ("10 to 20 million euros", "10 to 20 million", 1e7, 2e7, "EUR"),
        ("10–20 people", "10–20", 10, 20, "people"),
        ("10% to 20%", "10% to 20%", 10, 20, "percent"),
        ("two or three villages", "two or three", 2, 3, "village"),
        ("at most 10 ships", "at most 10", INF, 10, "ship"),
        ("up to 1.5 million Syrians", "up to 1.5 million", INF, 1.5e6, "syrian"),
        ("no fewer than 30 dead", "no fewer than 30", 30, INF, "dead"),
        ("no more than 30 dead", "no more than 30", INF, 30, "dead"),
        ("fewer than 10 deaths", "fewer than 10", INF, 10, "death"),
        ("about 50 tanks", "about 50", 42.5, 57.5, "tank"),
        ("just over 100 tanks", "just over 100", 100, 110, "tank"),
        ("300 or more homes", "300 or more", 300, INF, "home"),
        ("300+ homes", "300+", 300, INF, "home"),
        ("a 53-year-old man", "53", 53, 53, "age"),
        ("Kisel, 53, was dismissed", "53", 53, 53, "age"),
        ("aged 53", "53", 53, 53, "age"),
        ("60 seconds later", "60", 60, 60, "second"),
        ("three US soldiers", "three", 3, 3, "soldier"),
        ("two Hamas fighters", "two", 2, 2, "fighter"),
        ("five more cities", "five", 5, 5, "city"),
        ("three of its ships", "three", 3, 3, "ship"),
        ("one soldier died", "one", 1, 1, "soldier"),
        ("20 wounded", "20", 20, 20, "wounded"),
        ("killed four.", "four", 4, 4, "killed"),
        ("killing at least 30", "at least 30", 30, INF, "killed"),
        ("300,000-strong army", "300,000", 300_000, 300_000, None),
        ("1 in 4 homes", "1 in 4", 25, 25, "percent"),
        ("sold 12", "12", 12, 12, None),
    ],
)
def test_a_number_is_read(text: str, exact: str, low: float | None, high: float | None, unit: str | None) -> None:
    """One number, its bounds, and what it counts."""
    found = [(one.exact, one.low, one.high, one.unit) for one in quantities(text) if not one.rank]
    assert found == [(exact, low, high, unit)]


@pytest.mark.parametrize(
    ("text", "exact", "place", "unit"),
    [
        ("Aleppo, Syria's largest city.", "largest", 1, "city"),
        ("the country’s second largest city, Aleppo", "second largest", 2, "city"),
        ("Syria’s second-largest city Aleppo", "second-largest", 2, "city"),
        ("Homs, Syria's third-largest city.", "third-largest", 3, "city"),
        ("the 2nd largest city", "2nd largest", 2, "city"),
        ("the biggest challenge in years", "biggest", 1, "challenge"),
        ("the country's largest military base in", "largest", 1, "base"),
        ("the world's fourth most populous country", "fourth most populous", 4, "country"),
        ("for the first time since 2016", "first", 1, "time"),
        ("for the second time", "second", 2, "time"),
        ("the third attack", "third", 3, "attack"),
        ("Russia's longest-serving leader", "longest-serving", 1, "leader"),
    ],
)
def test_a_place_in_an_order_is_a_rank(text: str, exact: str, place: int, unit: str) -> None:
    """Superlatives and ordinals rank a thing."""
    assert [(one.exact, one.low, one.high, one.unit) for one in quantities(text) if one.rank] == [
        (exact, place, place, unit)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "in 2015",
        "December 8, 2024",
        "on November 27",
        "from 2012 to 2016",
        "two days ago",
        "the 1990s",
        "G7 leaders",
        "T-72s and F-16s",
        "COVID-19",
        "Resolution 2254",
        "a Boeing 737 crashed",
        "World War Two",
        "Article 5 of the treaty",
        "at 10:30 a.m. on Sunday",
        "at 5pm",
        "at 1800 GMT",
        "version 3.11.2",
        "the 9/11 attacks",
        "one of the",
        "one of them",
        "no one",
        "this one",
        "one day they will",
        "a second man",
        "a third was hurt",
        "the second half",
        "the 21st century",
        "First, it",
        "the First World War",
        "the first lady",
        "in his 20s",
        "mid-20s",
        "one of Syria's largest cities",
        "among the largest cities",
        "test scores",
        "half-brother",
        "see https://example.org/2024/12/300",
        "noted [12]",
        "Love0",
        "1,2345",
        "room 101",
        "",
    ],
)
def test_what_is_no_quantity(text: str) -> None:
    """Dates, times, names, versions, pronouns and loose ranks are not counted."""
    assert quantities(text) == ()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "which killed more than 300,000 people and created nearly 6 million refugees.",
            [("more than 300,000", "people"), ("nearly 6 million", "refugee")],
        ),
        ("killed four and injured three others", [("four", "killed"), ("three", "injured")]),
        ("On November 27, 56 towns fell within two days", [("56", "town"), ("within two", "day")]),
        ("rose from $5m to $7m", [("$5m to $7m", "USD")]),
        ("shot down 67 of 93 drones", [("67", "drone"), ("93", "drone")]),
        ("20 dead, 300 wounded", [("20", "dead"), ("300", "wounded")]),
        ("In 2016, 300 people and in 2024 400 people", [("300", "people"), ("400", "people")]),
        ("three towns, two villages and one base", [("three", "town"), ("two", "village"), ("one", "base")]),
    ],
)
def test_several_numbers_come_in_order(text: str, expected: list[tuple[str, str]]) -> None:
    """Each with its own unit, at its own place."""
    found = quantities(text)
    assert [(one.exact, one.unit) for one in found] == expected
    assert all(text[one.start : one.start + len(one.exact)] == one.exact for one in found)


@given(st.text(alphabet="0123456789,. -–$%kmbn\u00a0\u200baAeiothusndrfvlc’“\n½²٣", max_size=40))
def test_any_text_is_read(text: str) -> None:
    """Nothing is an error, and every number stands where it says with its ends in order."""
    for one in quantities(text):
        assert text[one.start : one.start + len(one.exact)] == one.exact
        assert one.low is None or one.high is None or one.low <= one.high


@pytest.mark.parametrize(
    "figure", ["9" * 400, "9" * 400 + " dozen", "one in " + "9" * 400, "9," + "999," * 200 + "999"]
)
def test_no_number_is_infinite(figure: str) -> None:
    """A figure longer than any in the news is not one."""
    assert all(one.high is None or one.high < 1e40 for one in quantities(f"{figure} people"))


def first(text: str) -> Quantity:
    return quantities(text)[0]


@pytest.mark.parametrize(
    ("a", "b", "agree"),
    [
        ("dozens of villages", "56 towns", True),
        ("dozens of villages", "20 towns", False),
        ("dozens of villages", "300 towns", False),
        ("56 towns", "56 towns", True),
        ("56 towns", "57 towns", False),
        ("at least four people", "seven people", True),
        ("at least four people", "three people", False),
        ("more than 300,000 people", "300,000 people", True),
        ("nearly 6 million people", "5.5 million people", True),
        ("nearly 6 million people", "6.6 million people", False),
        ("6 million people", "5.8 million people", True),
        ("6 million people", "5 million people", False),
        ("300 people", "310 people", True),
        ("300 people", "340 people", False),
        ("10 people", "11 people", False),
        ("1,512,345 people", "1.5 million people", True),
        ("56 percent", "56.3 percent", True),
        ("56 percent", "58 percent", False),
        ("half of the people", "52 percent", True),
        ("half of the people", "70 percent", False),
        ("up to 50 people", "10 people", True),
        ("up to 50 people", "60 people", False),
        ("10 to 20 people", "15 people", True),
        ("tens of thousands of people", "30,000 people", True),
        ("tens of thousands of people", "300 people", False),
        ("$1.5bn", "$1.5 billion", True),
        ("the largest city", "the second largest city", False),
        ("the biggest city", "the largest city", True),
        ("the first time", "the second time", False),
    ],
)
def test_values_agree_where_they_overlap(a: str, b: str, agree: bool) -> None:
    """Round and bounded numbers leave room, exact ones and ranks do not."""
    assert compatible(first(a), first(b)) is agree
    assert compatible(first(b), first(a)) is agree


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("56 towns", "dozens of villages", True),
        ("four people", "four persons", True),
        ("four people were killed", "four killed", True),
        ("four dead", "four killed", True),
        ("four dead", "four injured", False),
        ("four people", "four civilians", False),
        ("four people", "four soldiers", False),
        ("four troops", "four soldiers", True),
        ("56 towns", "56 people", False),
        ("56 towns", "56", False),
        ("20 percent", "20%", True),
        ("$5m", "£5m", False),
        ("24 years", "24 months", False),
        ("a 53-year-old", "53 years", False),
        ("the largest city", "the second-largest city", True),
        ("the biggest city", "the largest city", True),
        ("the oldest city", "the largest city", False),
        ("the largest city", "the largest country", False),
        ("the second city", "two cities", False),
        ("the third-largest city", "the third city", False),
    ],
)
def test_only_what_measures_the_same_is_compared(a: str, b: str, same: bool) -> None:
    """One unit up to news words, and for ranks one order; what cannot be told is not compared."""
    assert comparable(first(a), first(b)) is same
    assert comparable(first(b), first(a)) is same
