"""Which language a text is in."""

from pathlib import Path

import pytest

from service.text.language import language_of
from tests.seeds import SEEDS
from tests.text.briefs import SENTENCES, briefs


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Syrian rebels took the city of Hama on Thursday, the army said.", "en"),
        ("Die Rebellen nahmen am Donnerstag die Stadt Hama ein, teilte die Armee mit.", "de"),
        ("Les rebelles ont pris la ville de Hama jeudi, a annoncé l'armée.", "fr"),
        ("Сирийские повстанцы взяли город Хама в четверг, сообщила армия.", "ru"),
        ("Sunday", None),
        ("", None),
        ("2024-12-08 " * 20, None),
    ],
)
def test_language_is_told_from_enough_letters(text: str, language: str | None) -> None:
    """A sentence suffices; a word, or figures, do not."""
    assert language_of(text) == language


@pytest.mark.parametrize("seed", sorted(SEEDS.glob("*.txt")), ids=lambda seed: seed.name[:3])
def test_the_seeds_are_english(seed: Path) -> None:
    """All five, menus included."""
    assert language_of(seed.read_text(encoding="utf-8")) == "en"


@pytest.mark.parametrize(
    "text",
    [
        "The mayor of Marbach resigned on Tuesday. The bridge cost 12 million euros. The bridge opened on Sunday.",
        "The bridge opened on Sunday. Police in Osaka arrested two men on Friday night.",
        "The trial of Nguyen Van Thanh begins in Hanoi next week.",
    ],
)
def test_plain_short_english_is_not_refused(text: str) -> None:
    """Names in it may be of any language; it is told to be English, or it is not told."""
    assert language_of(text, ("en",)) in {"en", None}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_configured_language_wins_where_a_brief_is_too_short_to_tell(language: str) -> None:
    """No brief of one to four sentences in the one configured language is taken for another."""
    wrong = [brief for brief in briefs(language) if language_of(brief, (language,)) not in {language, None}]
    assert wrong == []


@pytest.mark.parametrize("language", SENTENCES)
def test_with_several_configured_a_brief_is_taken_for_its_own(language: str) -> None:
    """Of the briefs with 40 letters 90 in 100 are told right, and no more than 2 in 100 wrong."""
    told = [language_of(brief, tuple(SENTENCES)) for brief in _long_enough(language)]
    assert told.count(language) >= 0.9 * len(told)
    assert len(told) - told.count(language) - told.count(None) <= 0.02 * len(told)


@pytest.mark.parametrize("language", [language for language in SENTENCES if language != "en"])
def test_foreign_briefs_are_told_where_english_is_configured(language: str) -> None:
    """Of those with 40 letters 90 in 100, and nearly all with 100; none is taken for English."""
    told = {brief: language_of(brief, ("en",)) for brief in _long_enough(language)}
    foreign = [brief for brief, found in told.items() if found]
    assert "en" not in told.values()
    assert len(foreign) >= 0.9 * len(told)
    longer = [brief for brief in told if _letters(brief) >= 100]
    assert sum(brief in foreign for brief in longer) >= 0.98 * len(longer)


@pytest.mark.parametrize(
    "text",
    [
        "Мэр Марбаха ушёл в отставку во вторник. Мост обошёлся в 12 миллионов евро.",
        "Marbach belediye başkanı salı günü istifa etti. Köprü 12 milyon avroya mal oldu.",
        "Burmistrz Marbach ustąpił we wtorek. Policja w Osace zatrzymała dwóch mężczyzn.",
        "Imeya yaseMarbach yesule ngoLwesibili. Amaphoyisa ase-Osaka abophe amadoda amabili.",
        "Niemand is beseer nie, het die brandweer gesê. Die brug het 12 miljoen euro gekos.",
        "O prefeito de Marbach renunciou na terça-feira. A polícia de Osaka prendeu dois homens na sexta.",
    ],
)
def test_clearly_foreign_text_is_told(text: str) -> None:
    """Two sentences suffice, in Zulu and Afrikaans too."""
    assert language_of(text, ("en", "de")) not in {"en", "de", None}


def _long_enough(language: str) -> list[str]:
    return [brief for brief in briefs(language) if _letters(brief) >= 40]


def _letters(text: str) -> int:
    return sum(char.isalpha() for char in text)
