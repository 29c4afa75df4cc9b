"""Whose report it is by its own words: the credit of a whole text, the outlet that a sentence cites.

Outlets are known by name, or are named as what they are ("the newspaper Enab Baladi"), or by a domain. Persons are no
outlets, and "Russian media" or "state television" are no origin that could be counted.
"""

import re
import unicodedata

# Normal form -> the names in use, those that begin with "The" only with it. Wire agencies, big outlets, outlets that
# reports on the seeds' war cite, and two monitors whose bulletins are repeated as news.
_OUTLETS = {
    "afp": ("AFP", "Agence France-Presse", "Agence France Presse"),
    "anadolu": ("Anadolu", "Anadolu Agency", "aa.com.tr"),
    "ansa": ("ANSA",),
    "ap": ("AP", "Associated Press", "apnews.com"),
    "bloomberg": ("Bloomberg", "Bloomberg News"),
    "dpa": ("DPA", "Deutsche Presse-Agentur"),
    "efe": ("EFE",),
    "interfax": ("Interfax",),
    "interfaxukraine": ("Interfax-Ukraine", "Interfax Ukraine"),
    "irna": ("IRNA", "Islamic Republic News Agency"),
    "kyodo": ("Kyodo", "Kyodo News", "kyodonews.net"),
    "pa": ("PA Media", "Press Association", "PA news agency", "pa.media"),
    "reuters": ("Reuters", "Thomson Reuters", "Reuters News"),
    "ria": ("RIA Novosti", "RIA", "ria.ru"),
    "sana": ("SANA", "Syrian Arab News Agency", "sana.sy"),
    "tass": ("TASS", "Tass", "ITAR-TASS"),
    "tasnim": ("Tasnim", "Tasnim News", "tasnimnews.com"),
    "fars": ("Fars", "FNA", "Fars News", "Fars News Agency", "farsnews.ir"),
    "ukrinform": ("Ukrinform",),
    "unian": ("UNIAN",),
    "upi": ("UPI", "United Press International"),
    "xinhua": ("Xinhua", "xinhuanet.com"),
    "yonhap": ("Yonhap",),
    "abcnews": ("ABC News", "abcnews.go.com"),
    "alarabiya": ("Al Arabiya", "Al-Arabiya"),
    "aljazeera": ("Al Jazeera", "Al-Jazeera"),
    "axios": ("Axios",),
    "bbc": ("BBC", "BBC News", "British Broadcasting Corporation"),
    "bild": ("Bild", "BILD"),
    "cbsnews": ("CBS", "CBS News"),
    "cnbc": ("CNBC",),
    "cnn": ("CNN", "CNN International", "Cable News Network"),
    "dailymail": ("Daily Mail", "MailOnline", "Mail Online"),
    "deutschewelle": ("DW", "Deutsche Welle"),
    "enabbaladi": ("Enab Baladi",),
    "euronews": ("Euronews",),
    "financialtimes": ("Financial Times", "ft.com"),
    "foxnews": ("Fox News",),
    "guardian": ("The Guardian",),
    "haaretz": ("Haaretz",),
    "independent": ("The Independent",),
    "jerusalempost": ("Jerusalem Post", "jpost.com"),
    "kommersant": ("Kommersant",),
    "kyivindependent": ("Kyiv Independent",),
    "kyivpost": ("Kyiv Post",),
    "lemonde": ("Le Monde",),
    "meduza": ("Meduza",),
    "middleeasteye": ("Middle East Eye",),
    "nbcnews": ("NBC", "NBC News"),
    "npr": ("NPR", "National Public Radio"),
    "nytimes": ("New York Times", "NYT", "NY Times"),
    "politico": ("Politico", "POLITICO"),
    "rt": ("RT", "Russia Today"),
    "rudaw": ("Rudaw",),
    "skynews": ("Sky News", "news.sky.com"),
    "spiegel": ("Spiegel", "Der Spiegel"),
    "sputnik": ("Sputnik",),
    "telegraph": ("The Telegraph", "The Daily Telegraph", "Daily Telegraph"),
    "times": ("The Times",),
    "timesofisrael": ("Times of Israel",),
    "ukrainskapravda": ("Ukrainska Pravda", "pravda.com.ua"),
    "wallstreetjournal": ("Wall Street Journal", "WSJ", "wsj.com"),
    "washingtonpost": ("Washington Post", "WaPo"),
    "isw": ("ISW", "Institute for the Study of War", "understandingwar.org"),
    "sohr": ("SOHR", "Syrian Observatory for Human Rights", "syriahr.com"),
}

_DOMAIN = r"(?:https?://)?(?:[\w-]+\.)*[\w-]{2,}\.(?:com|info|media|net|news|org|press|[a-z]{2})(?:/\S*|(?![\w-]))"
_HOST = re.compile(r"(?:https?://)?((?:[\w-]+\.)+[a-z]{2,})(?:[/?#:]\S*)?")
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "gov", "net", "org"})  # as in co.uk


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold())
    return "".join(char for char in letters if char.isalnum())


_NORMAL = {_plain(name): normal for normal, names in _OUTLETS.items() for name in names}


def outlet(name: str) -> str:
    """The one form of an outlet's name: "The Guardian" and "www.theguardian.com/world" are "guardian".

    Letters and digits in lower case, without "the", "news agency" or the end of a domain.
    """
    label = " ".join(name.casefold().split())
    if host := _HOST.fullmatch(label):
        known = _NORMAL.get(_plain(host[1].removeprefix("www.")))
        return known or _of_host(host[1])
    label = re.sub(r"^the | (news agency|agency|newspaper|newswire|magazine)$", "", label)
    plain = _plain(label) or label
    return _NORMAL.get(plain) or _NORMAL.get("the" + plain) or plain


def _of_host(host: str) -> str:
    """The name that was registered: "bbc" of "news.bbc.co.uk"."""
    parts = host.split(".")[:-1]
    if len(parts) > 1 and parts[-1] in _SECOND_LEVEL:
        parts.pop()
    plain = _plain(parts[-1]) or host
    return _NORMAL.get(plain) or (plain.removeprefix("the") if len(plain) > 6 else plain)


def _either(names: list[str]) -> str:
    longest_first = sorted(names, key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"The\ ", r"[Tt]he\s+").replace(r"\ ", r"\s+") for name in longest_first)


_NAMES = [name for names in _OUTLETS.values() for name in names if "." not in name]
_NAMED = rf"(?:{_either(_NAMES)})(?![\w-])"
_KNOWN = rf"(?:{_DOMAIN}|{_NAMED})"
_NAME = (
    rf"(?:{_DOMAIN}|[A-Z][\w&'’-]*(?:\.\w+)*(?:[ \t]+(?:(?:of|the|and|for|de)[ \t]+)*[A-Z][\w&'’-]*(?:\.\w+)*){{0,5}})"
)
_TEXT = r"(?:article|piece|post|report|story)"

# The credit of a whole text, the surest first. Where a name may mean something else, only a known one counts.
_CREDITS = tuple(
    re.compile(pattern, re.MULTILINE)
    for pattern in (
        rf"\b[Tt]his\s+{_TEXT}\s+(?:was\s+)?(?:also\s+|first\s+|originally\s+)?(?:appeared|published|produced|ran)"
        rf"(?:\s+first|\s+originally)?\s+(?:at|by|in|on)\s+(?:[Tt]he\s+)?({_NAME})",
        rf"^[^\w\n]{{0,5}}[Tt]he\s+post\s.{{1,200}}\sappeared\s+first\s+on\s+({_NAME})",
        rf"(?:^|[.!?]\s+)\W?(?:[Ff]irst|[Oo]riginally)\s+(?:appeared|published)\s+(?:at|by|in|on)\s+"
        rf"(?:[Tt]he\s+)?({_NAME})",
        rf"^(?:.{{0,250}}[A-Z]{{3}}[^()\n]{{0,40}}\s)?\(({_KNOWN})\)\s*[-–—:]",
        rf"\b[Rr]eporting\s+by\s[^()\n]{{1,150}}\sfor\s+(?:[Tt]he\s+)?({_KNOWN})",
        rf"^[ \t]*(?:[Bb]y|BY)\s+(?:[^,|\n]{{3,60}}[,|]\s*)?(?:[Tt]he\s+)?({_KNOWN})[^\w\n]*$",
        rf"(?:©|\([cC]\)|[Cc]opyright)\s*(?:©\s*)?(?:\d{{4}}\s*)?(?:[Tt]he\s+)?({_NAMED})",
        rf"(?:^|[.!?]\s+)[(\[]?(?:[Ss]ources?\s*:|SOURCE:|[Vv]ia\b)\s*(?:[Tt]he\s+)?({_NAME})\s*[.)\]]*(?:[,;/|].*)?$",
        rf"(?:^|[.!?]\s+)(?:[Rr]ead|[Ss]ee)\s+(?:more|the\s+(?:full|original|whole)\s+{_TEXT})\s+(?:at|from|in|on)\s+"
        rf"(?:[Tt]he\s+)?({_KNOWN})[^\w\n]*$",
    )
)

_SAYS = (
    r"(?:add|announce|analy[sz]e|assess|cite|claim|confirm|emphasi[sz]e|estimate|note|quote|report|reveal|state|stress)"
    r"(?:s|d|ed)?\b|(?:found|is\s+reporting|learn(?:ed|t)|said|says|understands|wrote|writes)\b"
)
_STAFF = r"(?:analysts?|correspondents?|journalists?|reporters?)"
_ASIDE = rf"(?:news|agency|newspaper|magazine|also|earlier|first|has|had|later|previously|on\s+\w+day|{_STAFF})"
_KIND = (
    r"(?:(?:news|press|state)\s+(?:agency|outlet|portal|site|website)|broadcaster|daily|magazine|newspaper|outlet"
    r"|radio\s+station|tabloid|(?:TV|television|Telegram)\s+channel|weekly)"
)
_SOME_WORDS = r"(?:[\w'’-]+\s+){0,5}?"

# Whom a sentence cites: whom its source cites comes first, for the report is theirs.
_CITED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:[Cc]iting|[Qq]uoting|(?:cited|quoted|reported|relayed)\s+by)\s+{_SOME_WORDS}({_KNOWN})",
        rf"\b[Aa]ccording\s+to\s+{_SOME_WORDS}({_KNOWN})",
        rf"(?<![\w.])({_KNOWN})(?:['’]s)?\)?(?:\s+{_ASIDE})*,?\s+(?:{_SAYS})",
        rf"\b(?:told|tells|interview\s+(?:on|to|with)|(?:seen|obtained|reviewed)\s+by|published\s+(?:by|in)"
        rf"|broadcast\s+(?:by|on)|(?:speaking|spoke|statement)\s+to|[Vv]ia)\s+(?:[Tt]he\s+)?(?:\w+\s+{_KIND},?\s+)?({_KNOWN})",
        rf"\(({_KNOWN})\)(?!\s+{_STAFF})",
        rf"\b(?:[Cc]iting|[Aa]ccording\s+to|told|by)\s+{_SOME_WORDS}{_KIND},?\s+[‘“\"']?({_NAME})",
        rf"\b{_KIND},?\s+[‘“\"']?({_NAME})[’”\"']?(?:\s+{_ASIDE})*\s+(?:{_SAYS})",
    )
)


def article_credit(text: str) -> str | None:
    """The outlet that a text names as its own origin, in `outlet` form.

    "This post appeared first on cnn.com" -> "cnn"; a dateline "LONDON (Reuters) -" -> "reuters". None where it names
    none; the credit of a picture is not that of the text.
    """
    return _first(_CREDITS, text)


def cited(sentence: str) -> str | None:
    """The outlet that a sentence gives as its source, in `outlet` form: "Bild reported that" -> "bild".

    Where an outlet cites another ("TASS said, citing Reuters"), the other. None where nobody is cited, or a person,
    or nobody in particular.
    """
    return _first(_CITED, " ".join(sentence.split()))


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> str | None:
    found = next((match for pattern in patterns if (match := pattern.search(text))), None)
    return outlet(found[1].rstrip(".")) if found else None
