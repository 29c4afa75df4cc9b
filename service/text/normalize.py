"""Typography set aside: texts that differ in it alone become equal, and every place leads back to the original."""

import re
import unicodedata
from dataclasses import dataclass

_QUOTES = "‘’‚‛′‵ʼʻʹ`´＇‹›"
_DOUBLE_QUOTES = "“”„‟″‶«»＂〝〞❝❞"
_DASHES = "‐‑‒–—―−﹘﹣－"
_LIGATURES = {chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)}
_TYPOGRAPHY = str.maketrans(
    dict.fromkeys(_QUOTES, "'")
    | dict.fromkeys(_DOUBLE_QUOTES, '"')
    | dict.fromkeys(_DASHES, "-")
    | {"…": "...", "⁄": "/"}
    | _LIGATURES
)
_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "ŧ": "t"})
_ASCII = r"[!-_a-~](?![\u0300-\u036f])"
# What stays as it is, white space as one, or a character with its accents.
_PIECE = re.compile(rf"(?P<plain>{_ASCII}(?: ?{_ASCII})*)|\s+|.[\u0300-\u036f]*", re.DOTALL)
_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+(?:'[^\W_]+)*")
_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji are misspelt without them
_JOINERS_IN_A_ROW = re.compile(rf"[{_JOINERS}]{{2,}}")
# What Unicode tells a renderer to show nothing for (Default_Ignorable_Code_Point) and calls no format character. Rows
# of variation selectors can carry any hidden text, a byte each.
_SHAPELESS = re.compile(
    r"[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0\ufff0-\ufff8\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded text. `starts[i]` and `ends[i]` tell which stretch of the original became its i-th code point."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original that became `text[start:end]`, in code points.

        Raises:
            IndexError: the stretch is empty, or not within the folded text.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"{start} to {end} is not a stretch of a text of {len(self.text)} code points")
        return self.starts[start], self.ends[end - 1]


def fold(text: str, *, case: bool = False) -> Folded:
    """Folds typography: quote marks, dashes, ellipses, ligatures, accents written apart, runs of white space.

    Invisible characters (soft hyphens, zero-width spaces, direction marks) are dropped. With `case`, letters are
    case-folded as well. White space at the ends stays, as one space.
    """
    out: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for match in _PIECE.finditer(text):
        start, end = match.span()
        if match["plain"]:
            out.append(match[0].casefold() if case else match[0])
            starts.extend(range(start, end))
            ends.extend(range(start + 1, end + 1))
            continue
        piece = _fold_piece(match[0], case=case)
        if piece == " " and out and out[-1] == " ":  # something dropped stood between two spaces
            ends[-1] = end
        elif piece:
            out.append(piece)
            starts.extend([start] * len(piece))
            ends.extend([end] * len(piece))
    return Folded("".join(out), tuple(starts), tuple(ends))


def one_line(text: str) -> str:
    """The text as one line, whatever it holds: what keeps foreign text in its line of a prompt.

    Line breaks of every kind and control characters become spaces, and runs of white space one space. Invisible
    characters go too: with them a text can show a person one thing and a model another. A joiner between two letters
    stays, as some scripts are misspelt without it. Lone surrogates, which no encoding can send, become replacement
    characters.
    """
    fit = text if text.isprintable() else "".join(map(_fit_for_a_line, text))  # mostly there is nothing to mend
    return " ".join(_JOINERS_IN_A_ROW.sub("", _SHAPELESS.sub("", fit)).split())


def words(text: str) -> list[str]:
    """The words of a text in order, without case, accents, possessive endings and apostrophes.

    A number stays one word: "300,000" is "300000".
    """
    bare = unicodedata.normalize("NFKD", fold(text, case=True).text)
    letters = "".join(char for char in bare if not unicodedata.combining(char)).translate(_STROKES)
    return [found.removesuffix("'s").replace("'", "").replace(",", "") for found in _WORD.findall(letters)]


def _fold_piece(piece: str, *, case: bool) -> str:
    if piece.isspace():
        return " "
    visible = "".join(char for char in piece if unicodedata.category(char) != "Cf")
    folded = unicodedata.normalize("NFC", visible.translate(_TYPOGRAPHY))
    return folded.casefold() if case else folded


def _fit_for_a_line(char: str) -> str:
    match unicodedata.category(char):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cf":
            return char if char in _JOINERS else ""
        case "Cs":
            return "\N{REPLACEMENT CHARACTER}"
        case _:
            return char
