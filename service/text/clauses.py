"""What the words around a place in a text are about: enough to tell whether two sentences speak of one thing.

No grammar is read. A clause ends at a mark or at a word such as "which" and "after"; what it is about are the stems
of its words other than names, and its names apart. Texts are expected folded (`service.text.normalize`).
"""

import re
from dataclasses import dataclass

from service.text.normalize import words
from service.text.units import FATES

_BREAK = re.compile(
    r",(?=\s)|[;:()\"]| - |\.(?=\s|$)|\b(?:which|who|whose|where|while|when|after|before|since|but|although|though)\b"
)
_SENTENCE_END = re.compile(r"[.!?;](?=\s|$)")
_ARTICLE = re.compile(r"^(?:[aA]l|[eE]z)-")
_NAME = re.compile(r"(?<![\w'])(?:[aA]l-|[eE]z-)?[A-Z][\w-]*")
_COMMON = re.compile(
    "the|an?|and|or|of|in|on|at|by|for|from|to|with|as|is|are|was|were|be|been|being|has|have|had|do|does|did|its?"
    "|his|her|their|our|this|that|these|those|which|who|whose|it|he|she|they|we|than|then|also|more|most|other|into|over"
    "|about|after|before|during|since|until|while|when|there|not|no|never|will|would|can|could|may|might|any|all|some|out"
    "|up|s|least|nearly|almost|only|just|said|say|says|according|reported|reportedly|new|one|two|second|first|third"
)
# Forms of a verb that share no stem.
_FORMS = {
    "fell": "fall", "fallen": "fall", "flee": "fled", "fleeing": "fled", "left": "leave", "began": "begin",
    "begun": "begin", "took": "take", "taken": "take", "led": "lead", "met": "meet", "lost": "lose", "loss": "lose",
    "held": "hold", "struck": "strike", "went": "go", "gone": "go", "came": "come", "withdrew": "withdraw",
    "won": "win", "sent": "send", "seen": "see", "saw": "see", "gave": "give", "given": "give", "fought": "fight",
    "die": "dead", "dies": "dead", "dying": "dead",
}  # fmt: skip
_OFFICE = (
    "President|Prime Minister|(?:Foreign|Defen[cs]e|Interior|Finance) Minister|Chancellor|King|Queen|Emir"
    "|Secretary of State|Ambassador"
)
_MILITARY = "(?:Major |Lieutenant |Brigadier |Colonel )?General|Colonel|Admiral|Brigadier"
_PERSON = re.compile(
    r"(?<![\w.'-])(?P<before>[\w.-]{1,40}(?:'s)? )?"
    rf"(?P<title>(?i:{_OFFICE}|{_MILITARY})) (?P<name>[A-Z][\w'-]+(?: (?:[A-Z]|[ae]l-[A-Z])[\w'-]+)*)"
)
_NO_COUNTRY = ("The", "Former", "Then", "Acting", "Deputy", "Vice")
_MUTE_IN_NAMES = ("al", "el", "ez", "as", "ash", "bin", "ibn", "abu", "de", "van", "von", "der")


@dataclass(frozen=True, slots=True)
class Topic:
    """What a clause is about: the stems of its common words, and the first letters of its names."""

    stems: frozenset[str]
    names: frozenset[str]

    def shares(self, other: "Topic") -> frozenset[str]:
        """The stems in common; none where both name somebody or something and nothing of it is the same."""
        if self.names and other.names and not self.names & other.names:
            return frozenset()
        return self.stems & other.stems


def topic(text: str, start: int, end: int, unit: str = "") -> Topic:
    """What the clause around `text[start:end]` is about, it and its unit left out; if that is bare, its sentence."""
    for breaks in (_BREAK, _SENTENCE_END):
        left = max((match.end() for match in breaks.finditer(text, 0, start)), default=0)
        right = breaks.search(text, end)
        clause = f"{text[left:start]} ~ {text[end : right.start() if right else len(text)]}".lstrip()
        opens = not text[:left].strip() or text[left - 1] in ".!?"
        names = _names(clause, opens=opens)
        said = re.sub("|".join(map(re.escape, names)) or "(?!)", " ", clause)
        if found := frozenset(stems(said)) - {stem(unit)}:
            break
    return Topic(found, frozenset("".join(words(_ARTICLE.sub("", name)))[:4] for name in names))


def stems(text: str) -> list[str]:
    """The stems of a text's words in order, without numbers and the words that every sentence has."""
    return [stem(word) for word in words(text) if len(word) > 2 and word.isalpha() and not _COMMON.fullmatch(word)]


def stem(word: str) -> str:
    """A word without its ending, one for all the forms of a verb; "dead" for whatever says killed."""
    if word in FATES:
        return FATES[word]
    if word in _FORMS:
        return _FORMS[word]
    for ending in ("ings", "ing", "ed", "es", "al", "s", "e"):
        if word.endswith(ending) and not word.endswith("ss") and len(word) - len(ending) >= 3:
            word = word.removesuffix(ending)
            break
    return word[:-1] if word[-2:-1] == word[-1:] else word


def fate(text: str, start: int, end: int) -> str | None:
    """What befalls those counted at `text[start:end]`: the nearest word of FATES, at most four words away."""
    left = [word.lower() for word in re.findall(r"[\w-]+|[.;]", text[max(0, start - 80) : start])[-5:]][::-1]
    right = [word.lower() for word in re.findall(r"[\w-]+|[.;]", text[end : end + 80])[:5]]
    for distance in range(5):
        for side in (left, right):
            if distance < len(side) and side[distance] in FATES and not {".", ";"} & set(side[:distance]):
                return FATES[side[distance]]
    return None


def persons(text: str) -> dict[str, list[str]]:
    """Names by role, if one person may hold it: an office with its country ("Syri president"), or "general"."""
    found: dict[str, list[str]] = {}
    for match in _PERSON.finditer(text):
        before, title = (match["before"] or "").strip(), match["title"].lower()
        if re.fullmatch(_MILITARY, title, re.IGNORECASE):
            found.setdefault("general", []).append(match["name"])
        elif before[:1].isupper() and before not in _NO_COUNTRY:
            found.setdefault(f"{before[:4]} {title}", []).append(match["name"])
    return found


def sounds(name: str) -> frozenset[str]:
    """The parts of a name as they sound, for comparing transliterations: "Sergei" and "Sergey" are one.

    Vowels, doubled letters and particles ("al-") are dropped, letters that alphabets render differently are put
    together. Different names may sound the same; one name in two spellings seldom sounds different.
    """
    parts = [part for part in words(name) if part not in _MUTE_IN_NAMES]
    return frozenset(filter(None, (_sound(part) for part in parts)))


def _sound(part: str) -> str:
    for written, heard in (("kh", "h"), ("dh", "d"), ("gh", "g"), ("ph", "f"), ("x", "ks"), ("ts", "s"), ("ck", "k")):
        part = part.replace(written, heard)
    part = part.translate(str.maketrans("gjqcwz", "kkkkvs"))
    bare = part[0] + re.sub(r"[aeiouy]", "", part[1:])
    return re.sub(r"(.)\1+", r"\1", bare)


def _names(clause: str, *, opens: bool) -> frozenset[str]:
    """The names of a clause. The capital that opens a sentence makes a name only where more tells so."""
    found = [match for match in _NAME.finditer(clause) if not _COMMON.fullmatch(match[0].lower())]
    return frozenset(
        match[0]
        for match in found
        if not (opens and match.start() == 0) or re.match(r"'s| [A-Z]", clause[match.end() :])
    )
