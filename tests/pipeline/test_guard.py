"""Guards flag where the texts themselves speak against the model's stance, and are silent otherwise."""

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from schemas.article import Article, ArticleSource, Quote, Sentence
from schemas.claim import Claim
from schemas.evidence import Confidence, ConflictKind, Evidence, Flag, Stance
from service.pipeline.guard import Said, flags, guarded

SEEDS = Path(__file__).parents[2] / "seeds"
TUESDAY = date(2024, 12, 3)
NEXT_MONDAY = date(2024, 12, 9)
PUBLISHED = {
    "000_e0e4a6c077bbfbef.txt": TUESDAY,
    "001_10bf4ea0b10c187b.txt": date(2024, 11, 28),
    "002_0a598e7c19b4af88.txt": NEXT_MONDAY,
    "003_dcb91dcee79e9b93.txt": date(2024, 12, 14),
    "004_4ad423b35d6fea3c.txt": date(2024, 12, 1),
}
GOLD = [json.loads(line) for line in (SEEDS / "gold" / "seeds.crosscheck.jsonl").read_text().splitlines()]


def supported(claim: str, evidence: str, quote: str = "") -> tuple[Flag, ...]:
    return flags(Said(claim, NEXT_MONDAY, quote), Said(evidence, NEXT_MONDAY), Stance.SUPPORTS)


def conflict(claim: str, evidence: str, kind: ConflictKind = ConflictKind.NUMBER) -> tuple[Flag, ...]:
    return flags(Said(claim, NEXT_MONDAY), Said(evidence, NEXT_MONDAY), Stance.CONFLICTS, kind)


def sentence_around(article: str, quote: str) -> str:
    """The line's sentence in which a gold quote stands: what the model is shown."""
    text = (SEEDS / article).read_text()
    place = text.index(quote)
    start = max(text.rfind(mark, 0, place) + len(mark) for mark in ("\n", ". ", "• "))
    ends = [text.find(mark, place + len(quote) - 1) + 1 for mark in ("\n", ". ", ".“") if mark in text[place:]]
    return text[start : min(end for end in ends if end > place)].strip()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("row", "item"), [(row, item) for row in GOLD for item in row["supporting"]])
def test_right_support_is_not_flagged(row: dict[str, str], item: dict[str, str], whole: bool) -> None:
    """No gold pair of support earns a flag, be the evidence the narrow quote or its whole sentence."""
    words = sentence_around(item["article"], item["quote"]) if whole else item["quote"]
    claim = Said(row["claim"], PUBLISHED[row["article"]], row["quote"])
    assert flags(claim, Said(words, PUBLISHED[item["article"]]), Stance.SUPPORTS) == ()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize(("row", "item"), [(row, item) for row in GOLD for item in row["conflicting"]])
def test_the_natural_conflict(row: dict[str, str], item: dict[str, str], whole: bool) -> None:
    """Largest and second largest city: support by the model is flagged, a conflict is not."""
    words = sentence_around(item["article"], item["quote"]) if whole else item["quote"]
    claim, evidence = Said(row["claim"], quote=row["quote"]), Said(words)
    assert flags(claim, evidence, Stance.SUPPORTS) == (Flag.RANKS_DIFFER,)
    assert flags(claim, evidence, Stance.CONFLICTS, ConflictKind.NUMBER) == ()


DOZENS = "Syrian rebels captured dozens of villages on their way to Aleppo."
TOWNS = "capturing 56 towns in the Aleppo and Idlib provinces within two days and advancing towards Aleppo"
WAR = "Syria’s civil war killed more than 300,000 people and created nearly 6 million refugees."
IDLIB = "At least four people were killed on Sunday in airstrikes on Idlib city."
LARGEST = "Aleppo is the largest city in Syria."


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        (DOZENS, TOWNS, ()),
        (DOZENS, "The rebels captured 8 villages before nightfall.", (Flag.NUMBERS_DIFFER,)),
        (DOZENS, "The rebels captured more than 400 villages near Aleppo.", (Flag.NUMBERS_DIFFER,)),
        (DOZENS, "The rebels captured much of Aleppo, a city of 2 million people.", ()),
        (WAR, "The war in Syria has killed some 350,000 people.", ()),
        (WAR, "The war has killed 100,000 people.", (Flag.NUMBERS_DIFFER,)),
        (WAR, "The war has created 12 million refugees.", (Flag.NUMBERS_DIFFER,)),
        (WAR, "The war has created 5.8 million refugees, killing half a million people.", ()),
        (WAR, "Lebanon, a country of 5 million people, took in many.", ()),
        (IDLIB, "Airstrikes on Idlib killed seven people on Sunday.", ()),
        (IDLIB, "Airstrikes on Idlib killed two people on Sunday.", (Flag.NUMBERS_DIFFER,)),
        (IDLIB, "Airstrikes on Idlib killed four and injured 20 people.", ()),
        (IDLIB, "Airstrikes on Idlib injured three people.", ()),
        (IDLIB, "Airstrikes hit Idlib, a city of 100,000 people.", ()),
        ("Four people were killed in Idlib.", "Nine people were killed in Aleppo.", ()),
        ("Four people were killed in Idlib.", "Nine people died in Idlib.", (Flag.NUMBERS_DIFFER,)),
        (
            "Four people were killed in Idlib.",
            "Nine people, four of them civilians, were killed in Idlib.",
            (Flag.NUMBERS_DIFFER,),
        ),
        ("Four people were killed in Idlib.", "In Idlib four soldiers were killed.", ()),
        ("Bashar al-Assad ruled Syria for 24 years.", "Bashar al-Assad's 24-year rule ended.", ()),
        ("Bashar al-Assad ruled Syria for 24 years.", "Assad's 14-year rule ended.", (Flag.NUMBERS_DIFFER,)),
        ("Bashar al-Assad ruled Syria for 24 years.", "He fell 13 years into a civil war.", ()),
        ("The loan is worth $1.5bn.", "The loan is worth $1.5 billion.", ()),
        ("The loan is worth $1.5bn.", "The loan is worth 2.5 billion dollars.", (Flag.NUMBERS_DIFFER,)),
        ("The loan is worth $1.5bn.", "The loan is worth £1.2bn.", ()),
        ("Turnout was 45 percent.", "Turnout was 61 percent.", (Flag.NUMBERS_DIFFER,)),
        ("Ukraine shot down 67 drones.", "Ukraine shot down 67 of 93 drones.", ()),
    ],
)
def test_numbers_against_support(claim: str, evidence: str, expected: tuple[Flag, ...]) -> None:
    """A number is flagged where its like in the evidence, said of the same, cannot be true with it."""
    assert supported(claim, evidence) == expected


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        (LARGEST, "the country’s second largest city, Aleppo", (Flag.RANKS_DIFFER,)),
        (LARGEST, "Syria’s second-largest city Aleppo", (Flag.RANKS_DIFFER,)),
        (LARGEST, "The country's second-largest city has fallen.", (Flag.RANKS_DIFFER,)),
        (LARGEST, "Aleppo, the country's biggest city, has fallen.", ()),
        (LARGEST, "Aleppo, one of Syria's largest cities, has fallen.", ()),
        (LARGEST, "Homs, Syria’s third-largest city, is next after Aleppo.", ()),
        (LARGEST, "advanced towards Homs, Syria's third-largest city.", ()),
        (LARGEST, "Aleppo, one of the oldest cities and the oldest capital.", ()),
        ("Jets struck Aleppo for the first time since 2016.", "Jets struck Aleppo for the first time in years.", ()),
        ("Jets struck Aleppo for the first time.", "Jets struck Aleppo for the third time.", (Flag.RANKS_DIFFER,)),
        ("Jets struck Aleppo for the first time.", "Protesters marched for the third time.", ()),
    ],
)
def test_ranks_against_support(claim: str, evidence: str, expected: tuple[Flag, ...]) -> None:
    """Another place in the same order is flagged, unless it is plainly another's."""
    assert supported(claim, evidence) == expected


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        (DOZENS, TOWNS, (Flag.NUMBERS_AGREE,)),
        (TOWNS, DOZENS, (Flag.NUMBERS_AGREE,)),
        (DOZENS, "The rebels captured 8 villages.", ()),
        (WAR, "The war killed 340,000 people and created 5.5 million refugees.", (Flag.NUMBERS_AGREE,)),
        (WAR, "The war killed 340,000 people.", ()),
        (WAR, "The war killed 340,000 people and created 12 million refugees.", ()),
        (IDLIB, "Airstrikes on Idlib killed seven people on Sunday.", (Flag.NUMBERS_AGREE,)),
        (IDLIB, "Airstrikes on Idlib injured seven people on Sunday.", ()),
        ("12 civilians were killed in 3 days.", "50 people were killed in 3 days.", ()),
        ("Rebels captured the town.", "Rebels captured 56 towns.", ()),
        (LARGEST, "Aleppo is the biggest city.", (Flag.NUMBERS_AGREE,)),
        ("In 2012 rebels captured three towns.", "In 2014 rebels captured three towns.", ()),
        (LARGEST, "Aleppo is the second largest city.", ()),
    ],
)
def test_numbers_against_conflict(claim: str, evidence: str, expected: tuple[Flag, ...]) -> None:
    """A conflict of numbers is flagged where all that the claim counts agrees with the evidence."""
    assert conflict(claim, evidence) == expected


@pytest.mark.parametrize("kind", [kind for kind in ConflictKind if kind is not ConflictKind.NUMBER])
def test_other_conflicts_are_left_alone(kind: ConflictKind) -> None:
    """Numbers that agree speak against no conflict of another kind."""
    assert conflict(DOZENS, TOWNS, kind) == ()


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("The Assad regime fell on December 8, 2024.", "On Sunday the Assad regime fell.", ()),
        ("The Assad regime fell on December 8, 2024.", "The Assad regime fell on Saturday.", (Flag.DATES_DIFFER,)),
        ("The Assad regime fell on December 8, 2024.", "The Assad regime fell in December 2024.", ()),
        ("The Assad regime fell on December 8, 2024.", "The Assad regime fell in 2023.", (Flag.DATES_DIFFER,)),
        ("The Assad regime fell on December 8, 2024.", "Syria, whose war began in 2011, saw its regime fall.", ()),
        ("The Assad regime fell on December 8.", "Reuters reported on December 9 that the Assad regime fell.", ()),
        ("The Assad regime fell on December 8.", "The Assad regime, backed by Moscow since 2015, fell.", ()),
        ("Rebels entered Damascus on December 8.", "Rebels entered Hama on December 5.", ()),
        ("Rebels entered Hama on December 5.", "Rebels entered Hama on December 6.", (Flag.DATES_DIFFER,)),
        ("Rebels entered Hama on December 5.", "On December 4 they circled Hama, and on December 5 entered it.", ()),
        ("Russia intervened in Syria in 2015.", "Russia intervened in Syria before 2016.", ()),
        ("Russia intervened in Syria in 2015.", "Russia intervened in Syria in 2014.", (Flag.DATES_DIFFER,)),
        ("The offensive began on November 27.", "The offensive went on into its fourth day on November 30.", ()),
        ("Syria had been calm since 2020.", "Syria had been calm since 2018.", (Flag.DATES_DIFFER,)),
        ("Rebels captured Hama.", "Rebels captured Hama on December 5.", ()),
        ("Rebels did not capture Hama on December 4.", "Rebels captured Hama on December 5.", ()),
    ],
)
def test_dates_against_support(claim: str, evidence: str, expected: tuple[Flag, ...]) -> None:
    """Dates are flagged where both sides date one event and no date of the one can be one of the other's."""
    assert supported(claim, evidence) == expected


@pytest.mark.parametrize(
    ("claim", "evidence", "quote", "expected"),
    [
        ("Rebels captured Hama.", "Rebels did not capture Hama.", "", (Flag.NEGATION_DIFFERS,)),
        ("Rebels captured Hama.", "Rebels failed to capture Hama.", "", (Flag.NEGATION_DIFFERS,)),
        ("Rebels captured Hama.", "The army denied that rebels captured Hama.", "", (Flag.NEGATION_DIFFERS,)),
        ("Rebels captured Hama.", "Rebels haven’t captured Hama.", "", (Flag.NEGATION_DIFFERS,)),
        ("Rebels did not capture Hama.", "Rebels captured Hama.", "", (Flag.NEGATION_DIFFERS,)),
        (
            "Rebels did not capture Hama.",
            "Rebels captured Hama.",
            "Rebels never captured Hama",
            (Flag.NEGATION_DIFFERS,),
        ),
        ("Rebels did not capture Hama.", "Rebels captured Hama.", "Hama withstood the rebels", ()),
        ("Rebels did not capture Hama.", "Rebels never captured Hama.", "", ()),
        ("Rebels did not capture Hama.", "Rebels were unable to capture Hama.", "", ()),
        ("Rebels captured Hama.", "Rebels captured Hama, but did not capture its airport.", "", ()),
        ("Rebels captured Hama.", "It is not the first time that rebels captured Hama.", "", ()),
        ("Rebels captured Hama.", "Rebels captured Hama. The army did not comment.", "", ()),
        ("Rebels captured Hama.", "Rebels not only captured Hama, they held it.", "", ()),
        ("Rebels met resistance.", "Rebels advanced without resistance.", "", (Flag.NEGATION_DIFFERS,)),
        ("Rebels met little resistance.", "Rebels advanced without resistance.", "", ()),
        ("The war ended.", "The conflict never formally ended.", "", (Flag.NEGATION_DIFFERS,)),
        ("The war goes on.", "The conflict never formally ended.", "", ()),
        ("Assad rules Syria.", "Assad no longer rules Syria.", "", ()),
    ],
)
def test_negations_against_support(claim: str, evidence: str, quote: str, expected: tuple[Flag, ...]) -> None:
    """A negation is flagged where one side denies the very word that the other says, and neither hedges."""
    assert supported(claim, evidence, quote) == expected


@pytest.mark.parametrize(
    ("claim", "evidence", "expected"),
    [
        ("General Sergei Kisel was dismissed.", "Moscow dismissed General Sergey Kissel.", ()),
        ("General Sergei Kisel was dismissed.", "They dismissed the commander in Syria, Sergey Kisel", ()),
        ("General Sergei Kisel was dismissed.", "General Ivan Petrov was dismissed.", (Flag.NAMES_DIFFER,)),
        ("General Sergei Kisel was dismissed.", "General Ivan Petrov replaced Kisel.", ()),
        ("General Sergei Kisel was dismissed.", "General Petrov and General Popov were dismissed.", ()),
        ("Ukrainian President Volodymyr Zelensky spoke.", "Ukrainian President Volodymyr Zelenskyy spoke.", ()),
        ("Ukrainian President Zelensky spoke.", "Ukrainian President Zelenskyy spoke.", ()),
        ("Syrian President Bashar al-Assad fled.", "Syrian president Bashar Assad fled.", ()),
        ("Syrian President Bashar al-Assad fled.", "Russian President Vladimir Putin gave him asylum.", ()),
        ("President Bashar al-Assad fled.", "President Vladimir Putin gave him asylum.", ()),
        (
            "Syrian Prime Minister Muhammad al-Jalali stayed.",
            "Syrian Prime Minister Hussein Arnous stayed.",
            (Flag.NAMES_DIFFER,),
        ),
        ("Syrian Prime Minister Mohammed Jalali stayed.", "Syrian Prime Minister Muhammad Al-Jalali stayed.", ()),
        ("Tayyip Erdogan offered help.", "Turkish President Recep Tayyip Erdoğan offered help.", ()),
    ],
)
def test_names_against_support(claim: str, evidence: str, expected: tuple[Flag, ...]) -> None:
    """Names are flagged where one office has two holders that no transliteration makes one."""
    assert supported(claim, evidence) == expected


def test_several_flags_come_once_each() -> None:
    """What differs in two ways has two flags, in a fixed order."""
    claim = "At least nine people were killed and 40 injured in Hama on December 5, 2024."
    evidence = "Two people were killed and three injured in Hama on December 4, 2024."
    assert supported(claim, evidence) == (Flag.NUMBERS_DIFFER, Flag.DATES_DIFFER)


def test_relative_days_are_told_by_each_side_s_own_date() -> None:
    """Sunday is another day a week later."""
    claim = Said("The regime fell on Sunday.", date(2024, 12, 9))
    assert flags(claim, Said("The regime fell on Sunday.", date(2024, 12, 9)), Stance.SUPPORTS) == ()
    assert flags(claim, Said("The regime fell on Sunday.", date(2024, 12, 16)), Stance.SUPPORTS) == (Flag.DATES_DIFFER,)
    assert flags(claim, Said("The regime fell on Sunday."), Stance.SUPPORTS) == ()


def evidence_of(text: str, stance: Stance, *marks: Flag) -> Evidence:
    return Evidence(
        article=ArticleSource(id="b" * 24, published_at=datetime(2024, 12, 9, tzinfo=UTC)),
        quote=Quote(start=0, end=len(text), exact=text, sentences=(1,)),
        stance=stance,
        kind=ConflictKind.NUMBER if stance is Stance.CONFLICTS else None,
        confidence=Confidence.HIGH,
        origin="b",
        flags=marks,
    )


def test_evidence_is_marked_and_otherwise_left_as_it_was() -> None:
    """Each piece gets its own flags beside those it has; stance and order stay."""
    text = DOZENS
    sentence = Sentence(number=1, start=0, end=len(text))
    article = Article(id="a" * 24, text=text, language="en", sentences=(sentence,))
    claim = Claim(id="c", article_id=article.id, text=text, quote=article.quote(1), worth=2)
    given = (
        evidence_of(TOWNS, Stance.SUPPORTS, Flag.OWN_ORIGIN),
        evidence_of(TOWNS, Stance.CONFLICTS),
        evidence_of("They captured 8 villages.", Stance.SUPPORTS, Flag.OWN_ORIGIN),
    )
    marked = guarded(claim, article, given)
    assert [one.flags for one in marked] == [
        (Flag.OWN_ORIGIN,),
        (Flag.NUMBERS_AGREE,),
        (Flag.OWN_ORIGIN, Flag.NUMBERS_DIFFER),
    ]
    assert [one.model_copy(update={"flags": ()}) for one in marked] == [
        one.model_copy(update={"flags": ()}) for one in given
    ]
