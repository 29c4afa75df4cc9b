"""The exact place of quoted words in a text, or none. Nothing here is approximate: 120 is not 190."""

import re

from service.text.normalize import Folded, fold


def find(words: str, text: str, start: int, end: int) -> tuple[int, int] | None:
    """Where the words stand in `text[start:end]`, in code points of `text`; None where they do not.

    Typography and white space may differ, and letter case where no place has the same; nothing else may. The
    place is made of whole words: "120" is found neither in "1120" nor in "120,000", "combatants" not in
    "non-combatants". It begins and ends with no white space. Of several places, the first.
    """
    for case in (False, True):
        place = _find(fold(words, case=case).text.strip(), fold(text[start:end], case=case))
        if place is not None:
            found = start + place[0], start + place[1]
            return None if _cuts_a_word(text, start, end, found) else found
    return None


def _find(words: str, within: Folded) -> tuple[int, int] | None:
    if not words:
        return None
    match = re.search(_before(words[0]) + re.escape(words) + _after(words[-1]), within.text)
    return within.span(*match.span()) if match else None


def _before(first: str) -> str:
    """What may not stand before words that begin so: the rest of a word, of a compound, of a number."""
    if first in "'-.":
        return r"(?<!\w)"
    return r"(?<!\w)(?<![\w.]['.-])(?<!\d,)" if _is_of_a_word(first) else ""


def _after(last: str) -> str:
    if last in "'-.":
        return r"(?!\w)"
    if last == ",":
        return r"(?!\d)"
    return r"(?!\w)(?!['.-]+\w)(?!,\d)" if _is_of_a_word(last) else ""


def _is_of_a_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _cuts_a_word(text: str, start: int, end: int, found: tuple[int, int]) -> bool:
    """Whether the searched stretch itself begins or ends within a word at which the words were found."""
    head = found[0] == start > 0 and (text[start - 1] + text[start]).isalnum()
    tail = found[1] == end < len(text) and (text[end - 1] + text[end]).isalnum()
    return head or tail
