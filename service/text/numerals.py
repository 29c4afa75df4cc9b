"""Single numbers in English text, in figures, words or both: what they are worth, and the words that bound them."""

import re

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = (
    *("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen"),
    *("sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = (
    {word: float(worth) for worth, word in enumerate((*_ONES, *_TEENS), start=1)}
    | {word: 10.0 * tens for tens, word in enumerate(_TENS, start=2)}
    | {"half": 0.5}
)
_SCALES = {
    "dozen": 12, "hundred": 100, "thousand": 10**3, "k": 10**3, "million": 10**6, "m": 10**6, "mn": 10**6,
    "billion": 10**9, "bn": 10**9, "b": 10**9, "trillion": 10**12, "tn": 10**12,
}  # fmt: skip
# A writer says "dozens" from two dozen up, until it would be "hundreds"; the others follow suit.
_ROUND = {
    "couple": (2, 3), "few": (2, 10), "handful": (2, 10), "several": (3, 19), "tens": (20, 199), "dozens": (24, 199),
    "scores": (40, 199), "hundreds": (200, 1_999), "thousands": (2_000, 99_999), "millions": (2e6, 199e6),
    "billions": (2e9, 199e9),
}  # fmt: skip
_DENOMINATORS = {"half": 1, "third": 3, "quarter": 4, "fifth": 5, "tenth": 10}
_ORDINALS = (
    *("first", "second", "third", "fourth", "fifth", "sixth"),
    *("seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth"),
)

CURRENCIES = {
    "$": "USD", "us$": "USD", "usd": "USD", "dollars": "USD", "£": "GBP", "gbp": "GBP", "€": "EUR", "eur": "EUR",
    "euros": "EUR", "rub": "RUB", "₽": "RUB", "roubles": "RUB", "rubles": "RUB", "¥": "JPY", "yen": "JPY",
}  # fmt: skip
"""ISO 4217 codes by sign or word, in small letters. A bare dollar is a US dollar."""

_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(_ONES)})\b)?|(?:{'|'.join(_TEENS)})\b|(?:{'|'.join(_ONES)})\b)"
_HUNDREDS = rf"(?:(?:{_SMALL}|an?) hundred\b(?: (?:and )?{_SMALL})?|{_SMALL})"
_BIG = r"(?:thousand|million|billion|trillion)\b"
_SPELT = rf"(?:(?:(?:{_HUNDREDS}|an?) {_BIG}(?: (?:and )?(?={_HUNDREDS}))?)+(?:{_HUNDREDS})?|{_HUNDREDS})"
_MONEY = r"(?:(?:US)?\$|[£€¥₽]|(?:USD|EUR|GBP|RUB)\b) ?"
_DIGITS = (
    r"(?:\d{1,3}(?:[, ]\d{3}){1,5}(?:\.\d+)?|\d{1,18}(?:\.\d+)?)"  # no figure of news is longer, and none infinite
)
_COUNT_AHEAD = r"(?= (?:[\w-]+ )?(?:people|\w+s)\b)"
_ROUND_WORDS = (
    r"(?:an? few|several|an? couple(?: of)?|an? handful of)(?: (?:dozen|hundred|thousand|million|billion)\b)?"
    r"|(?:tens|dozens|scores|hundreds|thousands) of (?:thousands|millions|billions)"
    r"|dozens|scores(?= of)|hundreds|thousands|millions|billions"
)
_FRACTIONS = (
    r"one[ -](?:third|fifth|tenth)\b|(?:one quarter|a (?:third|quarter|fifth|tenth))(?= of\b)"
    r"|(?:two|three|four)[ -](?:thirds|quarters|fifths|tenths)\b"
    r"|half(?= (?:of|the|its|his|her|their|all|those|these)\b)"
    r"|(?:(?<=than )|(?<=nearly )|(?<=almost )|(?<=about ))half\b"
)

NUMBER = re.compile(
    rf"(?<![\w.,/])(?<![A-Za-z]-)(?:"
    rf"(?P<ratio>(?:(?:one|1) in|(?:{_SMALL}|\d{{1,9}}) out of) (?:every )?(?:{_SMALL}|\d{{1,9}}))(?![\w,.]\d)"
    rf"|(?P<round>{_ROUND_WORDS})\b"
    rf"|(?P<fraction>{_FRACTIONS})"
    rf"|half an? (?:dozen|hundred|thousand|million|billion)\b"
    rf"|(?:{_SMALL}|\d{{1,9}}) and a half(?: {_BIG})?|(?:{_SMALL}|an?|\d{{1,9}}) dozen\b"
    # "5m" alone may be metres: it is millions of money, or of something counted.
    rf"|(?P<money>{_MONEY}){_DIGITS}(?:[ -]{_BIG}| ?(?:bn|mn|tn|[kmb])\b)?(?![\w/]|[.,:]\d)"
    rf"|{_DIGITS}(?:[ -]{_BIG}| ?(?:bn|mn|tn)\b|[kb]\b|m\b{_COUNT_AHEAD})?(?![\w/]|[.,:]\d)"
    rf"|{_SPELT})(?!\w)",
    re.IGNORECASE,
)
"""A number. The groups tell what it is: `ratio`, `round`, `fraction`, `money` (its sign); none for a plain one."""

ORDINAL = rf"(?:{'|'.join(_ORDINALS)}|\d{{1,3}}(?:st|nd|rd|th))\b"
"""An ordinal, as a pattern for small letters."""

BOUND_BEFORE = re.compile(
    r"(?<![\w-])(?:(?P<slightly>just over|(?:slightly|a little) (?:more than|over))"
    r"|(?P<ceiling>at most|up to|as (?:many|much|few) as|(?:no|not) more than|(?:a )?maximum of|(?:fewer|less) than"
    r"|under|below|within)"
    r"|(?P<floor>at least|(?:no|not) (?:fewer|less) than|(?:a )?minimum of|(?:more|greater) than|over|above"
    r"|in excess of|upwards of|exceed(?:ed|ing))"
    r"|(?P<nearly>nearly|almost|close to|just under|just short of|approaching)"
    r"|(?P<about>about|around|roughly|approximately|some|circa|an estimated|estimated|in the region of|~)) ?(?:the )?$",
    re.IGNORECASE,
)
"""What bounds a number from before; the group that matched is the kind of bound."""

BOUND_AFTER = re.compile(
    r"(?P<floor>\+| or more\b|-plus\b)|(?P<ceiling> or (?:fewer|less)\b)|(?P<about>-odd\b| or so\b)"
)
"""What bounds a number from behind, with the same kinds."""


def worth(words: str) -> tuple[float, float]:
    """The least and the greatest value of a number in small letters; they differ for round words ("dozens")."""
    return _worth(words, 0), _worth(words, 1)


def share(words: str) -> float:
    """A fraction ("two thirds") or a ratio ("one in five") in percent; both in small letters."""
    if len(sides := re.split(r" (?:in|out of) (?:every )?", words)) > 1:
        part, whole = (_worth(side, 0) for side in sides)
        return 100 * part / max(whole, 1)
    parts = re.split(r"[ -]", words)
    return 100 * _WORDS.get(parts[0], 1) / _DENOMINATORS[parts[-1].removesuffix("s")]


def scale(words: str) -> int:
    """By what the last word multiplies: 1,000,000 for "1.5 million" and "€2m", 1 for "56"."""
    return _SCALES.get(re.split(r"[\d\W]+", words)[-1], 1)


def place(ordinal: str) -> int:
    """The place that an ordinal in small letters names: "second" is 2."""
    return int(ordinal[:-2]) if ordinal[0].isdigit() else _ORDINALS.index(ordinal) + 1


def bounded(kind: str, low: float, high: float) -> tuple[float | None, float | None]:
    """The ends of a number once it is bounded; None is no end. "Nearly" leaves a tenth, "about" 15 % on each side."""
    match kind:
        case "floor":
            return low, None
        case "ceiling":
            return None, high
        case "nearly":
            return round(low * 0.9, 6), high
        case "slightly":
            return low, round(high * 1.1, 6)
        case _:
            return round(low * 0.85, 6), round(high * 1.15, 6)


def _worth(words: str, side: int) -> float:
    total = current = 0.0
    for token in re.findall(r"\d[\d, ]*(?:\.\d+)?|[a-z]+", words):
        if token[0].isdigit():
            current += float(re.sub(r"[, ]", "", token))
        elif token in _ROUND and not current:
            current = _ROUND[token][side]
        elif token in _WORDS:
            current += _WORDS[token]
        elif token in ("hundred", "dozen"):
            current = (current or 1) * _SCALES[token]
        elif by := _SCALES.get(token.removesuffix("s")):
            total, current = total + (current or 1) * by, 0.0
    return round(total + current, 6)
