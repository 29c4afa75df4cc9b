"""Whose report it is, by its own words."""

import pytest

from service.text.credits import article_credit, cited, outlet


@pytest.mark.parametrize(
    ("normal", "names"),
    [
        (
            "reuters",
            ["Reuters", "REUTERS", "reuters.com", "www.reuters.com", "https://www.reuters.com/world/x", "Reuters News"],
        ),
        ("cnn", ["CNN", "cnn.com", "edition.cnn.com", "Cable News Network"]),
        ("guardian", ["The Guardian", "the guardian", "Guardian", "theguardian.com", "www.theguardian.com/uk"]),
        ("bbc", ["BBC", "BBC News", "bbc.co.uk", "news.bbc.co.uk", "bbc.com"]),
        ("ap", ["AP", "A.P.", "The Associated Press", "Associated Press", "apnews.com"]),
        ("nytimes", ["The New York Times", "New York Times", "NYT", "nytimes.com"]),
        ("wallstreetjournal", ["The Wall Street Journal", "WSJ", "wsj.com"]),
        ("anadolu", ["Anadolu Agency", "Anadolu", "aa.com.tr"]),
        ("xinhua", ["Xinhua News Agency", "Xinhua", "xinhuanet.com"]),
        ("isw", ["ISW", "The Institute for the Study of War", "understandingwar.org"]),
        ("times", ["The Times", "thetimes.co.uk"]),
        ("hill", ["The Hill", "thehill.com"]),
        ("elpais", ["El País", "elpais.com"]),
        ("europost", ["Euro Post", "euro post", "europost.eu"]),
        ("topcapitalinsight", ["TopCapitalInsight.com", "TopCapitalInsight"]),
        ("—", ["—"]),
    ],
)
def test_an_outlet_has_one_name(normal: str, names: list[str]) -> None:
    """Case, articles, domains and full names are one, and the normal form is its own."""
    assert {outlet(name) for name in names} == {normal}
    assert outlet(normal) == normal


@pytest.mark.parametrize(
    ("text", "credit"),
    [
        ("This post appeared first on cnn.com", "cnn"),
        ("This post appeared first on cnn.com.", "cnn"),
        ("The post Rebels take Hama appeared first on Daily Post.", "dailypost"),
        ("This article first appeared in the New York Post and was reproduced with permission.", "newyorkpost"),
        ("This article originally appeared at Reuters. Copyright 2014. Follow Reuters on Twitter.", "reuters"),
        ("This story was originally published by Ukrainska Pravda", "ukrainskapravda"),
        ("Originally published by The Guardian", "guardian"),
        ("LONDON (Reuters) - Rebels took Hama.", "reuters"),
        ("(CNN) -- Rebels took Hama.", "cnn"),
        ("BEIRUT, Dec 8 (AP) — Rebels took Hama.", "ap"),
        ("Rebels take Hama DAMASCUS, Dec. 8 (Xinhua) -- Rebels took Hama.", "xinhua"),
        ("(Reporting by Jane Doe in Beirut for Reuters; editing by John Roe)", "reuters"),
        ("By Jane Doe, Associated Press", "ap"),
        ("By The Associated Press", "ap"),
        ("© AFP", "afp"),
        ("Copyright 2024 The Associated Press. All rights reserved.", "ap"),
        ("Source: AFP", "afp"),
        ("Sources: Reuters, AFP", "reuters"),
        ("Source: Pando Daily", "pandodaily"),
        ("Source: https://www.bbc.com/news/1", "bbc"),
        ("[via CNN]", "cnn"),
        ("via Ukrinform", "ukrinform"),
        ("Rebels took Hama. Via Ukrinform.", "ukrinform"),
        ("Read more at bbc.co.uk", "bbc"),
        ("Read the full story in the Wall Street Journal.", "wallstreetjournal"),
        ("Rebels took Hama, Reuters reported.", None),
        ("PARIS (France) — Rebels took Hama.", None),
        ("The story first appeared in The Times in 1998, and nobody believed it.", None),
        ("(Reporting by Jane Doe in Beirut; Editing by John Roe)", None),
        ("© 2022 Euro Post Agency. All Rights Reserved.", None),
        ("Source: Government data shows a rise", None),
        ("They travelled\nvia Damascus airport to Beirut.", None),
        ("Read more on Syria", None),
        ("Photo: AFP", None),
        ("By noon the BBC had left.", None),
        ("", None),
    ],
)
def test_a_text_tells_whose_it_is(text: str, credit: str | None) -> None:
    """A credit is found wherever it stands in the text, and nothing else is taken for one."""
    assert article_credit(text) == credit
    assert article_credit(f"Menu\n\n{text}\n\nAll about it.\n") == credit


def test_the_surest_credit_wins() -> None:
    """What says where the text appeared first goes before a dateline, and that before a source."""
    assert article_credit("Source: AFP\nLONDON (Reuters) - It fell.\nThis post appeared first on cnn.com") == "cnn"
    assert article_credit("Source: AFP\nLONDON (Reuters) - It fell.") == "reuters"


@pytest.mark.parametrize(
    ("sentence", "source"),
    [
        ("On the same day, Reuters reported, citing military sources, that rebels had captured the town.", "reuters"),
        ("According to the Russian agency TASS, a Kremlin source claims that Assad has fled.", "tass"),
        ("Bild reported that Assad planned to transfer power.", "bild"),
        ("The Institute for the Study of War (ISW) reported the information.", "isw"),
        ("“This is a threat,” ISW analysts noted.", "isw"),
        ("The Syrian Observatory for Human Rights said 20 people died.", "sohr"),
        ("TASS said, citing Reuters, that the city had fallen.", "reuters"),
        ("The city had fallen, officials said (AP)", "ap"),
        ("He told CNN that the city had fallen.", "cnn"),
        ("In an interview with the BBC, he denied it.", "bbc"),
        ("He was quoted by the Guardian as saying so.", "guardian"),
        ("It fell, according to a story in today’s Wall Street Journal.", "wallstreetjournal"),
        ("The city had fallen, mirror.co.uk reported.", "mirror"),
        ("The AP has learned that the city had fallen.", "ap"),
        ("The state news agency SANA reported clashes.", "sana"),
        ("It fell, according to the Saudi daily Ajel.", "ajel"),
        ("The newspaper Novaya Gazeta reported that it fell.", "novayagazeta"),
        ("It fell, as reported by the German newspaper Die Zeit on Monday.", "diezeit"),
        ("In his first comments, Assad has said that Syria will defend itself.", None),
        ("Analysts say that the city will fall.", None),
        ("Russian media reported on the evening of December 8 that Assad had fled.", None),
        ("According to Syrian state television, the city holds.", None),
        ("An Israeli newspaper reported that it fell.", None),
        ("CNN was banned, the minister said.", None),
        ("Reuters journalists were killed in the strike.", None),
        ("The newspaper Novaya Gazeta was closed.", None),
        ("He said he would sue The Times.", None),
        ("The UN agency UNRWA said that it fell.", None),
        ("The White Helmets, a Syrian volunteer service, said at least four people were killed.", None),
        ("At 5 p.m. officials said that it fell.", None),
        ("The U.S.officials said that it fell.", None),
        ("", None),
    ],
)
def test_a_sentence_tells_whom_it_cites(sentence: str, source: str | None) -> None:
    """An outlet is cited where it is the source, not where it is talked of; persons and crowds are no outlets."""
    assert cited(sentence) == source
    assert cited(sentence.replace(" ", "\n")) == source
