"""What counts as one report."""

import hashlib
from datetime import UTC, datetime
from itertools import combinations, permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.article import Article, Sentence
from service.text.origins import COPIED, MOSTLY, containment, group, own_words, prose, same_text
from tests.seeds import seed_articles

ARTICLES = tuple(seed_articles().values())
PROSE = tuple(" ".join(map(article.exact, article.sentences)) for article in ARTICLES)
STATEMENT = (
    "We have opened both sluices since midnight, we have moved every patient of the clinic to higher ground, and we "
    "ask all who live below the old mill to leave now and to take nothing with them but their papers and their medicine"
)
LEAD = "Our desk has this report from the region today, and we bring it to you in full below. "
FOOTER = " Read more of our reports on the war on our pages, and tell us what you think of them."


def test_the_seeds_are_five_texts() -> None:
    """Five reports of one war share hardly a phrase."""
    for a, b in combinations(PROSE, 2):
        assert containment(a, b) < 0.01
        assert containment(own_words(a), own_words(b)) < 0.01
        assert not same_text(a, b)


@pytest.mark.parametrize("prose", PROSE)
def test_a_repost_is_the_same_text(prose: str) -> None:
    """A lead, a footer, and every thirtieth word changed: still the same report."""
    words = [word if place % 30 else "indeed" for place, word in enumerate(prose.split())]
    assert containment(prose, LEAD + prose + FOOTER) == 1.0
    assert containment(prose, LEAD + " ".join(words) + FOOTER) > 0.75
    assert same_text(prose, LEAD + " ".join(words) + FOOTER)
    assert same_text(prose, prose.upper())


@pytest.mark.parametrize("text", PROSE)
def test_a_partly_rewritten_copy_is_the_same_text(text: str) -> None:
    """Half of somebody else's report, or a third of it, is no independent one; a tenth of it is."""
    words = text.split()

    def rewritten(kept: int) -> str:
        return " ".join(words[:kept] + words[: kept - 1 : -1])

    assert COPIED < containment(text, rewritten(len(words) // 2)) < 0.6
    assert same_text(text, rewritten(len(words) // 2))
    assert same_text(text, rewritten(len(words) // 3))
    assert not same_text(text, rewritten(len(words) // 10))


RIVER = (
    "The river rose four metres in a night and carried off two bridges. {} The mayor spoke on the steps of the town "
    "hall, which has no power. Schools stay closed until the end of the week, and the army has sent boats."
)
HARBOUR = (
    "Residents of the lower quarter queued for buses on Tuesday, many with small children. {} Nobody was hurt, "
    "the fire brigade wrote in the evening. An engineer blamed a gate that had not been serviced since spring."
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (f"“{STATEMENT},” she said.", f"“{STATEMENT},” the mayor told reporters."),
        (f'"{STATEMENT}," she said.', f"“{STATEMENT},” the mayor told reporters."),
        (f"'{STATEMENT},' she said.", f"‘{STATEMENT},’ the mayor told reporters."),
        (f"She said: „{STATEMENT}.“", f"«{STATEMENT}», the mayor told reporters."),
        (f"\n“{STATEMENT}.\n“{STATEMENT}.”\n", f"\n'{STATEMENT}.\n'{STATEMENT}.'\n"),
        (f"{STATEMENT}.", f"Every word of the notice is false. “{STATEMENT},” it says."),
    ],
    ids=["curly", "straight", "single", "continental", "two paragraphs", "a denial quotes what it denies"],
)
def test_who_quotes_the_same_words_has_not_copied(one: str, other: str) -> None:
    """Reports with one long statement in common, however it is marked, are two; so is a text and its denial."""
    a, b = RIVER.format(one), HARBOUR.format(other)
    assert containment(a, b) > COPIED
    assert not same_text(a, b)


def test_a_text_that_is_little_but_a_statement_is_one_with_its_copies() -> None:
    """Where nearly all is quoted, what is around it decides nothing."""
    a = f"The mayor said: “{STATEMENT}.”"
    b = RIVER.format(f"“{STATEMENT},” the mayor said.")
    assert containment(a, b) > MOSTLY
    assert same_text(a, b)


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("He said “no” and left.", "He said   and left."),
        ("the boys' boat isn't here, the '90s are over", "the boys' boat isn't here, the '90s are over"),
        ("'We left,' he said. 'It's over.'", "  he said.  "),
        ("“We left.\nIt is over.”", " \nIt is over. "),
    ],
)
def test_quotations_are_set_aside(text: str, own: str) -> None:
    """What is in quotation marks goes, apostrophes stay; an open quotation ends with its line."""
    assert own_words(text) == own


def test_prose_keeps_paragraphs_and_leaves_out_the_rest() -> None:
    """Sentences of one line stay on one line, whatever wraps within them; a heading between them goes."""
    article = ARTICLES[0]
    assert prose(article).replace("\n", " ").split() == " ".join(map(article.exact, article.sentences)).split()
    wrapped = held("One is\nhere. Two. MENU\nThree.").model_copy(
        update={
            "sentences": tuple(
                Sentence(number=number, start=start, end=end)
                for number, (start, end) in enumerate([(0, 12), (13, 17), (23, 29)], start=1)
            )
        }
    )
    assert prose(wrapped) == "One is here. Two.\nThree."


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        ("", "", 0.0),
        ("", "Rebels took Hama.", 0.0),
        ("...", "!", 0.0),
        ("Rebels took Hama.", "rebels took hama", 1.0),
        ("one two three four five six", "one two three four five seven", 0.5),
        ("Five died.", "Six died.", 0.0),
    ],
)
def test_containment_is_a_share_of_the_smaller_text(a: str, b: str, share: float) -> None:
    """Case and marks do not count; a text of fewer than five words is one run."""
    assert containment(a, b) == containment(b, a) == share


def test_short_texts_must_agree_in_nearly_all() -> None:
    """Two briefs with one quote in common are two briefs."""
    quote = "“We will not stop before we have reached the gates of the capital,” a commander said"
    assert containment(f"{quote} in Hama on Monday.", f"{quote} to the state radio.") > COPIED
    assert not same_text(f"{quote} in Hama on Monday.", f"{quote} to the state radio.")
    assert same_text(f"{quote}.", f"{quote}")


def held(text: str, day: int | None = None, publisher: str | None = None, credit: str | None = None) -> Article:
    """An article with this text as its one sentence."""
    return Article(
        id=hashlib.sha256(f"{text}{publisher}".encode()).hexdigest()[:24],
        text=text,
        publisher=publisher,
        published_at=datetime(2024, 12, day, tzinfo=UTC) if day else None,
        language="en",
        sentences=(Sentence(number=1, start=0, end=len(text)),),
        credit=credit,
    )


A = PROSE[0]
A_REPOSTED = LEAD + A
A_HALVED = A_REPOSTED[: len(A_REPOSTED) * 5 // 9] + PROSE[2][:1500]
CASES = {
    "its credit goes before its publisher": ([held(A, 1, "Blog", "cnn")], ["cnn"]),
    "its publisher": ([held(A, 1, "www.theguardian.com")], ["guardian"]),
    "its id": ([held(A, 1)], [held(A).id]),
    "two publishers, two texts": ([held(A, 1, "BBC"), held(PROSE[1], 1, "CNN")], ["bbc", "cnn"]),
    "one credit, two texts": ([held(A, 1, "BBC", "reuters"), held(PROSE[1], 1, "CNN", "reuters")], ["reuters"] * 2),
    "a copy takes the earlier's publisher": ([held(A_REPOSTED, 3, "Blog"), held(A, 2, "BBC")], ["bbc", "bbc"]),
    "a copy takes the earlier's credit": ([held(A, 2, "BBC", "ap"), held(A_REPOSTED, 3, "Blog", "bbc")], ["ap", "ap"]),
    "a copy without a date is later": ([held(A_REPOSTED, None, "Blog"), held(A, 9, "BBC")], ["bbc", "bbc"]),
    "an earliest that tells nothing": ([held(A, 1), held(A_REPOSTED, 2, "BBC")], ["bbc", "bbc"]),
    "of one date, the one with a credit": ([held(A, 1, "Blog"), held(A_REPOSTED, 1, "Zeit", "ap")], ["ap", "ap"]),
    "a copy of a copy": ([held(A, 1, "BBC"), held(A_REPOSTED, 2), held(A_HALVED, 3, "Blog")], ["bbc"] * 3),
}


@pytest.mark.parametrize("name", CASES)
def test_every_article_has_an_origin(name: str) -> None:
    """The rules of `group`, each in every order of the articles."""
    articles, origins = CASES[name]
    expected = {article.id: origin for article, origin in zip(articles, origins, strict=True)}
    for order in permutations(articles):
        assert group(order) == expected


def test_menus_make_no_copies() -> None:
    """Two articles of one site share all of their furniture and remain two."""
    menu = "Home World Business Sport Travel Culture Advertise Contact Imprint Newsletter Search " * 20
    texts = [f"{menu}\n{prose}" for prose in PROSE[:2]]
    articles = [
        held(text, 1).model_copy(update={"sentences": (Sentence(number=1, start=len(menu) + 1, end=len(text)),)})
        for text in texts
    ]
    assert len(set(group(articles).values())) == 2


def test_the_seeds_have_five_origins() -> None:
    """Two of them tell whose they are; the repost's is the outlet it credits."""
    origins = group(ARTICLES)
    assert sorted(origins.values()) == sorted(["europost", "cnn", *(article.id for article in ARTICLES[1:4])])


@settings(deadline=None)  # the first example pays for what is loaded
@given(st.text(max_size=60), st.text(max_size=60))
def test_containment_is_symmetric_and_a_share(a: str, b: str) -> None:
    """Whatever the texts: between 0 and 1, the same both ways, and whole for a text with words and itself."""
    assert 0.0 <= containment(a, b) == containment(b, a) <= 1.0
    assert containment(a, a) in {0.0, 1.0}
