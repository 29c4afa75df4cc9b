"""Which language a text is in."""

from pathlib import Path

import pytest

from service.text.language import language_of
from tests.seeds import SEEDS


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
