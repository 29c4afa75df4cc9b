"""What a number counts: the noun after it in English news text, in the singular, and which nouns news uses alike."""

import re
from itertools import takewhile

_GROUPS = (
    "people person persons individual",
    "dead killed death fatality",
    "hurt injured wounded injury",
    "village town settlement locality",
    "soldier troop serviceman",
    "fighter militant insurgent gunman rebel",
    "aircraft plane jet warplane airplane",
    "ship vessel warship",
    "airstrike strike raid",
    "protester protestor demonstrator",
    "child kid",
    "home house",
    "country nation",
    "kilometre kilometer km",
    "metre meter",
    "tonne ton",
)
_ALIKE = {noun: group.split()[0] for group in _GROUPS for noun in group.split()}
_NOUNS = frozenset(_ALIKE) - {"killed", "dead", "injured", "wounded", "hurt"}

MEASURES = frozenset(
    {"percent", "age", "time", "second", "minute", "hour", "day", "night", "week", "month", "year", "decade"}
    | {"century", "kilometre", "metre", "mile", "foot", "tonne", "USD", "GBP", "EUR", "RUB", "JPY"}
)
"""Units that say nothing of what is measured, each the first word of those alike."""

FATES = {
    "killed": "dead", "kill": "dead", "killing": "dead", "dead": "dead", "died": "dead", "death": "dead",
    "deaths": "dead", "fatalities": "dead", "injured": "hurt", "injuring": "hurt", "wounded": "hurt",
    "wounding": "hurt", "hurt": "hurt", "injuries": "hurt", "displaced": "fled", "fled": "fled", "arrested": "held",
    "detained": "held", "missing": "missing", "rescued": "safe", "evacuated": "safe",
}  # fmt: skip
"""What befalls people, one word for all that say the same."""

_IRREGULAR = {
    "people": "people", "men": "man", "women": "woman", "children": "child", "servicemen": "serviceman",
    "servicewomen": "servicewoman", "gunmen": "gunman", "policemen": "policeman", "police": "police",
    "lives": "life", "wives": "wife", "feet": "foot", "aircraft": "aircraft", "personnel": "personnel",
    "staff": "staff", "series": "series", "buses": "bus", "crises": "crisis",
}  # fmt: skip
_NAMES_IN_S = ("Hamas", "Texas", "Honduras", "Brussels", "Netherlands", "Philippines", "States", "Nations", "Emirates")
_KNOWN = re.compile(
    "civilian|officer|official|base|city|airport|economy|party|group|province|port|bank|company|challenge|attack"
    "|offensive|war|battle|member|hostage|prisoner|journalist|state|hospital|school|building|tank|missile|drone|bus|car"
    "|seat|vote|border|government|army|leader|cleric|defeat|place|minister|president|site|km"
)
_STOP = re.compile(
    "an?|in|on|at|by|for|from|to|with|without|within|and|or|but|nor|that|which|who|whom|whose|where|were|was|are|is|be"
    "|been|being|had|have|has|as|after|before|while|when|since|during|near|against|including|into|over|under|about|than"
    "|because|if|will|would|can|could|may|might|must|did|does|do|until|through|between|among|amid|across|along|around"
    "|via|per|out|off|up|down|not|so|then|there|they|he|she|it|we|you|i",
    re.IGNORECASE,
)
_SKIP = re.compile(
    "of|the|its|his|her|their|our|my|your|all|more|others?|another|additional|further|new|such|these|those|this"
    "|united|so-called",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(r"(?:al|ic|ous|ive|ary|ern|ese|ian|ed|ing|able|ible|ful|est|ever|major|naval|single)$")


def alike(unit: str) -> str:
    """One word for all the units that news uses for the same: "towns" and "villages" are both settlements."""
    return _ALIKE.get(unit, unit)


def run(after: str) -> list[str]:
    """The words from here to the next preposition, verb of being, conjunction or mark; possessives left out."""
    match = re.match(r"(?: [^\W\d_][\w'-]*)*", after)
    words = takewhile(lambda word: not _STOP.fullmatch(word), match[0].split()) if match else ()
    return [word for word in words if not _SKIP.fullmatch(word) and "'" not in word][:6]


def counted(words: list[str]) -> str | None:
    """The noun that a run of words counts, its first plural; or None."""
    if words and words[0] in FATES:
        return singular(words[0])
    noun = next((word for word in words if is_plural(word) and word not in _NAMES_IN_S), None)
    return singular(noun) if noun else next((word for word in words[:1] if is_known(word)), None)


def head(words: list[str]) -> str | None:
    """The noun of a singular: the first known one, else the first word that does not look like an adjective."""
    small = list(takewhile(str.islower, words))
    known = next((word for word in small if is_known(word)), None)
    noun = known or next((word for word in small if not _ADJECTIVE.search(word)), small[0] if small else None)
    return singular(noun) if noun else None


def is_known(noun: str) -> bool:
    """Whether this is a noun that news counts, and no verb or adjective, singular or plural."""
    one = singular(noun)
    return one in MEASURES or one in _IRREGULAR.values() or one in _NOUNS or _KNOWN.fullmatch(one) is not None


def is_plural(word: str) -> bool:
    """Whether a word looks like a plural: by its ending, or one of the irregular ones."""
    if word.lower() in _IRREGULAR:
        return True
    return len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is"))


def singular(noun: str) -> str:
    """The singular in small letters, as far as endings tell."""
    noun = noun.lower()
    if noun in _IRREGULAR:
        return _IRREGULAR[noun]
    if noun.endswith("ies") and len(noun) > 4:
        return noun[:-3] + "y"
    if noun.endswith(("sses", "xes", "ches", "shes")):
        return noun[:-2]
    return noun[:-1] if is_plural(noun) else noun
