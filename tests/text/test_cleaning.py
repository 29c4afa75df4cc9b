"""What of a page is the article, and what is not."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.text.cleaning import prose
from service.text.furniture import COMMENTS, FURNITURE, TEASERS, furniture_cost

LEAD = "Rebels took the city of Hama on Thursday after three days of fighting, the army said."
SECOND = "The army withdrew to the south of the city. Residents cheered in the streets until late at night."
THIRD = "Homs, the next city on the road to Damascus, lies forty kilometres to the south of it."
BODY = (LEAD, SECOND, THIRD)


def kept(text: str) -> list[str]:
    """The stretches that are held for the article, without white space around."""
    return [text[start:end].strip() for start, end in prose(text)]


@pytest.mark.parametrize(
    "line",
    [
        "World News",
        "Home > World > Syria",
        "By Jane Doe",
        "By World News Published December 3, 2024",
        "Published December 3, 2024",
        "in syria •\u00a0 2 months ago\u00a0",
        "Contents",
        "Preview",
        "GdfiV5jWMAA9dOQ.jpeg",
        "What comes next",
        "Symbolic Significance of Russian SupportRussia’s Role in Syria",
        "Sudan’s Legal Crossroads: Justice or Sovereignty?",
        "By using this site, you agree to the Privacy Policy and Terms of Use.",
        "We use cookies to improve your experience.",
        "Share This Article",
        "Facebook Twitter Whatsapp Whatsapp Email Print",
        "Sign up for our newsletter and never miss a story.",
        "Subscribe to our newsletter to get our newest articles instantly!",
        "By opting in you agree to receive emails from us and our affiliates. Your information is secure.",
        "Disclaimer: the company, its managers and its employees do not make any guarantee about what is advertised.",
        "Copyright © 2024 Daily Post | All Rights Reserved.",
        "© 2022 Daily Post. All rights reserved.",
        "Authors get paid when people like you upvote their post.",
        "If you enjoyed what you read here, create your account today!",
        "Stay tuned for further updates as this situation develops.",
        "[Note: This article was crafted using the latest available data up to November 28, 2024.]",
        "This post appeared first on cnn.com",
        "This article first appeared in the Daily Post and was reproduced with permission.",
        "(Reporting by Jane Doe in Beirut; Editing by John Roe)",
        "Read more: Who are the rebels?",
        "MORE: Minister asked to resign over floods in the south of the country",
        "(Photo: Jane Doe/AFP)",
        "Photo: Rebels on a tank in Hama on Thursday.",
        "- News",
        "Advertisement",
        "What do you think?",
    ],
)
def test_furniture_within_an_article_is_left_out(line: str) -> None:
    """A line of furniture is left out wherever it stands, and the article around it stays whole."""
    for place in range(len(BODY) + 1):
        lines = [*BODY[:place], line, *BODY[place:]]
        assert kept("\n\n".join(lines)) == list(BODY)
        assert kept("\n".join(lines)) == list(BODY)


@pytest.mark.parametrize(
    "line",
    [
        "He said he would share this article with the ministry.",
        "Share prices fell in Damascus on Monday.",
        "The newsletter of the ministry asked readers to sign up for our army.",
        "Published in 1998, the report was revised in 2004.",
        "Published by the ministry, the figures show a rise of 5 percent.",
        "Sponsored by Iran, the militia held the road.",
        "The story was first published by a weekly in Beirut.",
        "Reporting by the BBC has found that the bridge was hit twice.",
        "Copyright law was changed in 2019.",
        "“Follow us,” the commander told them.",
        "Contact with the garrison was lost on Friday.",
        "Related charges were dropped in May.",
        "Comments by the minister caused anger.",
        "More on that front is expected this week.",
        "It is over.",
        "“I don't know…” he said.",
        "Was the bridge hit twice?",
    ],
)
def test_prose_that_holds_such_words_is_kept(line: str) -> None:
    """A sentence is no furniture for the words in it, however short it is."""
    assert kept("\n\n".join((LEAD, line, SECOND, THIRD))) == [LEAD, line, SECOND, THIRD]


TEASER = "Protesters and police clashed in the streets of Valencia on Saturday, as tens of thousands marched to the..."
HEADLINES = ("Five dead in floods in the east", "Minister under pressure to resign")


@pytest.mark.parametrize(
    "marker",
    ["You Might Also Like", "You May Also Like", "Latest News", "Related", "Related Articles", "Stay Connected"],
)
def test_teasers_after_the_article_are_left_out(marker: str) -> None:
    """From a heading of teasers to the end of the page nothing is the article, sentences or not."""
    full = "Five people died in floods in the east of the country on Sunday, officials said."
    tail = [marker, *HEADLINES, "World News", TEASER, "World News", full, "Culture", TEASER, "Sport", full]
    assert kept("\n\n".join([*BODY, *tail])) == list(BODY)


@pytest.mark.parametrize("place", [1, 2])
def test_a_box_of_links_does_not_cut_the_article_off(place: int) -> None:
    """An article goes on after a box of links, in its middle as below its first paragraph."""
    lead = f"{LEAD[:-1]} in a statement that was read out on state television late in the evening."
    body = [lead, SECOND, SECOND, THIRD]
    lines = [*body[:place], "Related", *HEADLINES, "Advertisement", *body[place:]]
    assert kept("\n\n".join(lines)) == body


def test_comments_end_the_page() -> None:
    """What readers wrote below an article is not the article's."""
    comments = ["2 Comments", "Jane", "I do not believe a word of it. They never took that city.", "Joe", "They did."]
    assert kept("\n\n".join([*BODY, *comments])) == list(BODY)


MENU = ["Home", "World", "Europe News", "Ukraine Crisis:", "Business", "Sport", "Aa", "Share", "Search", "Follow US"]


def test_an_article_between_menus_is_found() -> None:
    """Menus before and after are no part of it, whatever their length."""
    for times in (1, 8):
        lines = [*MENU * times, "Rebels Take Hama", *BODY, *MENU * times]
        assert kept("\n".join(lines)) == list(BODY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " \n\t\n",
        "***",
        "\n".join(MENU),
        "\n".join(["Euro Post.Euro Post.", *MENU * 2]),
        "Rebels Take Hama After Three Days\nMinister Resigns Over Floods in the East",
    ],
)
def test_a_menu_has_no_prose(text: str) -> None:
    """Nothing is the article where there is none."""
    assert prose(text) == ()


@pytest.mark.parametrize(
    "text",
    [
        "Rebels took Hama. Five people died.",
        "He fled.",
        "Rebels took the city of Hama on Thursday…",
        "rebels took the city of hama on thursday. five people died there.",
        "REBELS TOOK THE CITY OF HAMA ON THURSDAY. FIVE PEOPLE DIED.",
        "Rebels took the city of Hama on Thursday",
        "rebels took the city of hama on thursday and the army left it to them",
        "Повстанцы взяли город Хама в четверг. Армия отступила.",
        "叛军周四占领了哈马市。军队撤退了。",
    ],
)
def test_a_plain_brief_is_prose(text: str) -> None:
    """A line of news is an article, in any case and without its full stop."""
    assert kept(text) == [text]


def test_a_brief_below_its_headline_and_byline_is_prose() -> None:
    """Two short sentences suffice."""
    assert kept("Rebels Take Hama\nBy Jane Doe\n\nRebels took Hama. Five died.") == ["Rebels took Hama. Five died."]


def test_long_lines_without_full_stops_are_prose() -> None:
    """Notes that never end a sentence are an article all the same."""
    lines = [
        "the army has left the city of Hama and withdrawn towards the south along the motorway to Homs",
        "residents say that they saw columns of tanks and lorries pass all through the night and in the morning",
        "five people were killed",
    ]
    assert kept("\n\n".join(lines))[:2] == lines[:2]
    short = [" ".join(line.split()[:9]) for line in lines[:2]]
    assert kept("\n\n".join(short)) == short


def test_an_unfinished_last_paragraph_is_prose() -> None:
    """A paragraph that lost its last full stop is kept: seed 002 has one."""
    torn = "The collapse was a defeat for Moscow. It has triggered a crisis as Russia seeks to keep its bases in Syria"
    assert kept("\n".join((LEAD, torn, SECOND))) == [LEAD, torn, SECOND]


def test_list_items_are_prose_and_their_short_neighbours_are_not() -> None:
    """A bullet of five words is a sentence without a full stop, a bullet of two is a menu's."""
    items = ["• Rebels hold the road to the coast", "• the army has left the city", "• My Europe"]
    assert kept("\n".join((LEAD, SECOND, *items, THIRD))) == [LEAD, SECOND, items[0], items[1], THIRD]


def test_a_hard_wrapped_paragraph_is_one_stretch() -> None:
    """Lines broken at a column belong together, a short one between capitals too; headings and bullets stay apart."""
    text = (
        "REBELS TAKE HAMA\n\n"
        "Rebels took the city of Hama on Thursday after three days of fights\n"
        "with the army, which withdrew to the south. It was said by President\n"
        "Assad that this was a temporary loss.\n\n"
        "Nobody in the city believed a word of this, an officer told a man of\n"
        "Homs.\n"
        "* bullets stay on their own lines, because each of them says a thing\n"
        "* of its own\n"
    )
    stretches = kept(text)
    assert [" ".join(part.split())[-12:] for part in stretches[:2]] == ["porary loss.", "man of Homs."]
    assert stretches[0].startswith("Rebels took")
    assert stretches[1].startswith("Nobody")
    assert stretches[2].startswith("* bullets stay")


def test_wrapped_capitals_are_one_stretch() -> None:
    """Teletype knows no lower case."""
    text = (
        "SYRIAN REBELS HAVE TAKEN THE TOWN OF HAMA AND ARE NOW ADVANCING ON\n"
        "HOMS, THE ARMY SAID ON FRIDAY.\n\n"
        "NOBODY WAS THERE TO SEE IT FALL."
    )
    assert [len(part.splitlines()) for part in kept(text)] == [2, 1]


def test_a_stanza_is_prose() -> None:
    """Verse has few full stops; its lines belong together."""
    text = (
        "Two soldiers met upon a road,\nAnd neither knew the other's side\nFor both had lost their flags,\n"
        "And neither of them had to hide.\n"
    )
    assert " ".join(kept(text)[0].split()).endswith("had to hide.")
    assert len(kept(text)) == 1


def test_lines_of_any_kind_of_break_are_lines() -> None:
    """CR LF and CR end lines as LF does, and nothing of them is lost or moved."""
    for line_break in ("\n", "\r\n", "\r"):
        text = line_break.join(["Menu", "", LEAD, "", SECOND, "", THIRD])
        assert kept(text) == list(BODY)


def test_prose_is_restricted_to_the_main_lines() -> None:
    """What another reading of the page does not hold for its content is left out, unless nothing would remain."""
    text = "\n".join(BODY)
    second = (text.index(SECOND), text.index(SECOND) + len(SECOND))
    assert prose(text, (second,)) == (second,)
    assert len(prose(text, ((0, 0),))) == 3
    assert len(prose(text, None)) == 3


@settings(deadline=None)  # the first example pays for what is loaded
@given(st.text(alphabet=st.sampled_from('aB. \n\r…•-:\u2028\ufeff1"”'), max_size=200))
def test_spans_are_whole_lines_in_order(text: str) -> None:
    """Whatever the text: stretches are in order, apart, not empty, and begin and end where lines do."""
    end = 0
    for start, stop in prose(text):
        assert end <= start < stop <= len(text)
        assert re.fullmatch(r"(?s)|.*[\n\r\u2028]", text[:start])
        assert re.match(r"\s*?(?:[\n\r\u2028]|$)", text[stop:])
        end = stop


@pytest.mark.parametrize(
    ("line", "cost"),
    [
        ("Share this article", FURNITURE),
        ("You may also like", TEASERS),
        ("Leave a comment", COMMENTS),
        ("The minister left.", None),
        ("Share this article " * 100, None),
    ],
)
def test_furniture_costs(line: str, cost: int | None) -> None:
    """Every kind weighs its own; a whole article on one line is none."""
    assert furniture_cost(line) == cost
