"""What every store of articles keeps to: one suite over all of them, searched by words alone and by meaning too."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemas.article import Article, Listed
from schemas.page import ArticlePage
from service.corpus.embedding import Embedder
from service.corpus.memory import MemoryCorpus
from service.corpus.opening import open_corpus
from service.corpus.protocol import Corpus
from service.errors import InputError
from service.store.database import open_store
from tests.corpus.articles import WordHashes, article

NOBODY = "0" * 24
ALEPPO = article("Rebels seized Aleppo on Friday.\nThe army withdrew to Hama.\nResidents fled in cars.")
DAMASCUS = article("Damascus fell on Sunday.\nThe president left for Moscow.\nRebels entered without a fight.")
BANK = article("The central bank raised interest rates.\nMarkets had expected it.")
FULL = article(
    "It was dated.",
    publisher="The “Paper”",
    title="It's",
    url="https://example.org/?a=1",
    credit="reuters",
    published_at=datetime(2024, 12, 1, 23, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30))),
)

Opener = Callable[[], AbstractAsyncContextManager[Corpus]]
"""Opens a new, empty store."""


Kind = Callable[[pytest.FixtureRequest], str | None]
"""Makes a new database, and gives its URL; None: no database."""


def _memory(_request: pytest.FixtureRequest) -> str | None:
    return None


def _unkept(_request: pytest.FixtureRequest) -> str | None:
    return "sqlite://"


def _file(request: pytest.FixtureRequest) -> str | None:
    folder: Path = request.getfixturevalue("tmp_path_factory").mktemp("corpus")
    return f"sqlite:///{folder / 'corpus.sqlite'}"


def _postgresql(request: pytest.FixtureRequest) -> str | None:
    made: Callable[[str], str] = request.getfixturevalue("postgres_urls")
    return made("ours")


@asynccontextmanager
async def _opened(url: str | None, embedder: Embedder | None) -> AsyncIterator[Corpus]:
    if url is None:
        yield MemoryCorpus(embedder=embedder, size=3, stride=2)
        return
    async with open_store(url) as store, open_corpus(store, embedder=embedder, size=3, stride=2) as corpus:
        yield corpus


@pytest.fixture(params=[_memory, _unkept, _file, _postgresql], ids=["memory", "unkept", "file", "postgresql"])
def kind(request: pytest.FixtureRequest) -> Kind:
    """Where the articles are held."""
    chosen: Kind = request.param
    return chosen


@pytest.fixture(params=["words", "meaning"])
def embedder(request: pytest.FixtureRequest) -> Embedder | None:
    """What the store is searched by."""
    if request.param == "words":
        return None
    if find_spec("numpy") is None:
        pytest.skip("numpy is not installed")
    return WordHashes()


@pytest.fixture
def opener(kind: Kind, embedder: Embedder | None, request: pytest.FixtureRequest) -> Opener:
    """Opens a new store of the kind under test, as often as it is called."""
    return lambda: _opened(kind(request), embedder)


@pytest.fixture
async def corpus(opener: Opener) -> AsyncIterator[Corpus]:
    """One store, empty."""
    async with opener() as opened:
        yield opened


@pytest.mark.parametrize(
    "stored",
    [
        ALEPPO,
        article(
            "“Halab” fell 🏳️‍🌈 today.\nCafe\u0301 and café, حلب, 阿勒颇, \U0001f600.\n\r\n|menu\n\nA\u2028line.",
            language="ar",
        ),
        FULL,
        article("A control \x1f character."),
    ],
    ids=["plain", "unicode", "fields", "control"],
)
async def test_an_article_comes_back_exactly(corpus: Corpus, stored: Article) -> None:
    """What was added is what is given, to the code point and to the zone of its date."""
    assert await corpus.add(stored) is True
    given_back = await corpus.article(stored.id)
    assert given_back == stored
    assert given_back.model_dump_json() == stored.model_dump_json()
    for passage in await corpus.search("halab cafe control dated", without=NOBODY, limit=9):
        assert stored.exact(passage.quote) == passage.quote.exact


async def test_an_article_is_added_once(corpus: Corpus) -> None:
    """The second time changes nothing, not even where another publisher hands in the same text."""
    assert await corpus.add(ALEPPO) is True
    found = await corpus.search("Aleppo", without=NOBODY, limit=9)
    assert await corpus.add(ALEPPO.model_copy(update={"publisher": "Another"})) is False
    assert await corpus.article(ALEPPO.id) == ALEPPO
    assert await corpus.search("Aleppo", without=NOBODY, limit=9) == found


async def test_an_article_is_no_source_for_itself(corpus: Corpus) -> None:
    """Passages of the article that is checked are not among the answers, however well they match."""
    for each in (ALEPPO, DAMASCUS):
        await corpus.add(each)
    found = await corpus.search("rebels seized Aleppo", without=ALEPPO.id, limit=9)
    assert {passage.article_id for passage in found} == {DAMASCUS.id}


async def test_what_matches_best_comes_first(corpus: Corpus) -> None:
    """Rank is by how much of the query a passage speaks, and a passage that speaks none of it is left out."""
    for each in (BANK, DAMASCUS, ALEPPO):
        await corpus.add(each)
    found = await corpus.search("Rebels seized Aleppo", without=NOBODY, limit=9)
    assert found[0].article_id == ALEPPO.id
    assert BANK.id not in {passage.article_id for passage in found}


@pytest.mark.parametrize(("word", "other"), [("before", "after"), ("after", "before")])
async def test_small_words_tell_passages_apart(corpus: Corpus, word: str, other: str) -> None:
    """Words that every text is full of are not looked for, and yet they tell what comes first of what was found."""
    await corpus.add(article(f"Aleppo was seized {word} the truce, on Friday."))
    await corpus.add(article(f"Aleppo was seized {other} the truce, early on Friday."))
    await corpus.add(article("Aleppo seized; truce."))
    found = await corpus.search(f"Aleppo was seized {word} the truce", without=NOBODY, limit=3)
    assert len(found) == 3
    assert f" {word} " in found[0].quote.exact


async def test_every_source_gets_a_hearing(corpus: Corpus) -> None:
    """A long article with hundreds of matching passages does not crowd out a short one that matches less well."""
    long = article("\n".join(f"Aleppo was seized by rebels, Aleppo, says account {number}." for number in range(600)))
    short = article("Markets were calm.\nNobody there had heard of it.\nSome traders mentioned Aleppo once.")
    await corpus.add(long)
    await corpus.add(short)
    found = await corpus.search("rebels seized Aleppo", without=NOBODY, limit=2)
    assert [passage.article_id for passage in found] == [long.id, short.id]
    assert len({passage.article_id for passage in await corpus.search("Aleppo", without=NOBODY, limit=1)}) == 1


@pytest.mark.parametrize("limit", [0, 1, 2, 3, 100])
async def test_no_more_than_asked_for(corpus: Corpus, limit: int) -> None:
    """The limit holds, and a longer answer begins with the shorter one."""
    for each in (ALEPPO, DAMASCUS, article("\n".join(f"Rebels took town {number}." for number in range(7)))):
        await corpus.add(each)
    everything = await corpus.search("rebels Moscow cars", without=NOBODY, limit=100)
    assert len(everything) == len(set(everything)) == 5
    assert await corpus.search("rebels Moscow cars", without=NOBODY, limit=limit) == everything[:limit]


async def test_an_empty_corpus_answers(corpus: Corpus) -> None:
    """Nothing is held, nothing is found, nothing fails."""
    assert await corpus.search("Aleppo", without=NOBODY, limit=5) == ()
    assert await corpus.article(NOBODY) is None
    assert (await corpus.snapshot(without=NOBODY)).articles == 0


@pytest.mark.parametrize(
    "query",
    [
        'rebels "',
        "rebels 'OR 1=1",
        '"rebels" AND NOT NEAR(x y, 2)',
        "AND OR NOT NEAR rebels",
        "rebels* ^rebels exact:rebels {exact}: -rebels +",
        "(((( rebels ))",
        "rebels \x00 \ud800 \U0001f600 ﷽",
        "rebels; DROP TABLE passages; --",
        "rebels " + "word " * 10_000,
        "rebels " + " ".join(f"word{number}" for number in range(10_000)),
    ],
)
async def test_a_hostile_query_is_only_words(corpus: Corpus, query: str) -> None:
    """No query breaks out of its quotation marks: its words are sought, and the store is whole afterwards."""
    await corpus.add(ALEPPO)
    found = await corpus.search(query, without=NOBODY, limit=5)
    assert [passage.quote.sentences for passage in found] == [(1, 2, 3)]
    assert await corpus.article(ALEPPO.id) == ALEPPO


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=200))
async def test_no_query_fails(corpus: Corpus, query: str) -> None:
    """Any text at all may be asked."""
    await corpus.add(ALEPPO)
    assert len(await corpus.search(query, without=NOBODY, limit=5)) <= 5


@pytest.mark.parametrize("query", ["", " \n", "?!", "the of and is", "\x00", "🙂"])
async def test_a_query_without_content_finds_nothing(corpus: Corpus, query: str) -> None:
    """Stop-words, signs and pictures are no subject."""
    await corpus.add(ALEPPO)
    await corpus.add(article("The of and is 🙂 ?!"))
    assert await corpus.search(query, without=NOBODY, limit=5) == ()


@pytest.mark.parametrize("query", ["cafe", "CAFÉ", "Cafe\u0301", "1,500", "Müller", "U.S."])
async def test_words_are_found_however_they_are_written(corpus: Corpus, query: str) -> None:
    """Case, diacritics and their encoding make no difference; numbers and abbreviations keep their signs."""
    await corpus.add(article("At the café, Muller of the U.S. army counted 1,500 men."))
    await corpus.add(BANK)
    assert len(await corpus.search(query, without=NOBODY, limit=5)) == 1


async def test_a_search_can_be_repeated(opener: Opener) -> None:
    """Two stores of the same articles give the same answers, whatever the order in which they were added."""
    twins = [article(f"Rebels seized Aleppo.\nAccount number {number}.") for number in range(8)]
    answers = []
    for order in (twins, twins[::-1]):
        async with opener() as corpus:
            for each in order:
                await corpus.add(each)
            answers.append([await corpus.search(query, without=twins[3].id, limit=5) for query in ("Aleppo", "number")])
    assert answers[0] == answers[1]
    first = [passage.article_id for passage in answers[0][0]]
    assert first == sorted(first)


async def test_a_snapshot_names_what_is_held(corpus: Corpus) -> None:
    """It counts and hashes the sorted ids, one a line, without the article that is checked."""
    for each in (ALEPPO, DAMASCUS, BANK):
        await corpus.add(each)
    ids = sorted([ALEPPO.id, DAMASCUS.id])
    taken = await corpus.snapshot(without=BANK.id)
    assert taken.articles == 2
    assert taken.sha256 == sha256(f"{ids[0]}\n{ids[1]}\n".encode()).hexdigest()
    assert (await corpus.snapshot(without=NOBODY)).articles == 3


def _listed(one: Article, like: Listed, *, withdrawn: bool = False) -> Listed:
    return Listed(
        source=one.source,
        language=one.language,
        added_at=like.added_at,
        withdrawn_at=like.withdrawn_at if withdrawn else None,
    )


async def test_the_last_that_came_in_is_listed_first(corpus: Corpus) -> None:
    """All are listed with what identifies them, also the withdrawn ones, which say so."""
    before = datetime.now(UTC)
    for each in (ALEPPO, FULL, BANK):
        await corpus.add(each)
    await corpus.withdraw(FULL.id)
    page = await corpus.articles(limit=9)
    first, second, third = page.items
    assert [first, second, third] == [
        _listed(BANK, first),
        _listed(FULL, second, withdrawn=True),
        _listed(ALEPPO, third),
    ]
    assert before <= third.added_at <= second.added_at <= first.added_at <= datetime.now(UTC)
    assert second.withdrawn_at is not None
    assert page.next is None


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
async def test_pages_have_every_article_once(corpus: Corpus, limit: int) -> None:
    """However long a page is, and whatever comes in meanwhile."""
    several = [article(f"Rebels seized town {number}.") for number in range(7)]
    for each in several:
        await corpus.add(each)
    page = await corpus.articles(limit=limit)
    seen = [*page.items]
    await corpus.add(ALEPPO)
    while page.next is not None:
        page = await corpus.articles(after=page.next, limit=limit)
        assert 0 < len(page.items) <= limit
        seen.extend(page.items)
    assert [one.source.id for one in seen] == [each.id for each in several[::-1]]


async def test_a_place_that_no_page_gave_is_refused(corpus: Corpus) -> None:
    """A wrong cursor is the client's error, and the first page of nothing is empty."""
    assert await corpus.articles(limit=5) == ArticlePage(items=())
    with pytest.raises(InputError, match="after"):
        await corpus.articles(after=NOBODY, limit=5)


async def test_what_is_withdrawn_is_no_evidence(corpus: Corpus) -> None:
    """No search and no snapshot has it, though its text is still held, and adding it again does not bring it back."""
    for each in (ALEPPO, DAMASCUS, BANK):
        await corpus.add(each)
    assert {one.article_id for one in await corpus.search("rebels", without=NOBODY, limit=9)} == {
        ALEPPO.id,
        DAMASCUS.id,
    }
    before = datetime.now(UTC)
    assert await corpus.withdraw(ALEPPO.id) is True
    assert await corpus.withdraw(ALEPPO.id) is False
    assert await corpus.add(ALEPPO) is False
    assert {one.article_id for one in await corpus.search("rebels", without=NOBODY, limit=9)} == {DAMASCUS.id}
    assert await corpus.search("rebels", without=NOBODY, within=ALEPPO.id, limit=9) == ()
    assert await corpus.article(ALEPPO.id) == ALEPPO
    assert (await corpus.snapshot(without=NOBODY)).articles == 2
    (since,) = (await corpus.withdrawn([ALEPPO.id, BANK.id, NOBODY])).values()
    assert before <= since <= datetime.now(UTC)


async def test_what_is_reinstated_is_as_before(corpus: Corpus) -> None:
    """Searches find what they found before it was withdrawn, as often as that happens."""
    for each in (ALEPPO, DAMASCUS, BANK):
        await corpus.add(each)
    found = await corpus.search("rebels seized Aleppo", without=NOBODY, limit=9)
    taken = await corpus.snapshot(without=NOBODY)
    for _ in range(2):
        await corpus.withdraw(ALEPPO.id)
        await corpus.search("rebels seized Aleppo", without=NOBODY, limit=9)
        assert await corpus.reinstate(ALEPPO.id) is True
        assert await corpus.reinstate(ALEPPO.id) is False
        assert await corpus.search("rebels seized Aleppo", without=NOBODY, limit=9) == found
    assert await corpus.withdrawn([ALEPPO.id]) == {}
    assert await corpus.snapshot(without=NOBODY) == taken


async def test_what_is_not_held_is_neither_withdrawn_nor_reinstated(corpus: Corpus) -> None:
    """There is nothing to do."""
    assert await corpus.withdraw(NOBODY) is False
    assert await corpus.reinstate(NOBODY) is False
    assert await corpus.withdrawn([NOBODY]) == {}
    assert await corpus.withdrawn([]) == {}


async def test_one_article_may_be_searched_alone(corpus: Corpus) -> None:
    """Only its passages are found, however well others match; of itself and without itself is nothing."""
    for each in (ALEPPO, DAMASCUS, BANK):
        await corpus.add(each)
    found = await corpus.search("rebels seized Aleppo", without=NOBODY, within=DAMASCUS.id, limit=9)
    assert {one.article_id for one in found} == {DAMASCUS.id}
    assert await corpus.search("rebels", without=DAMASCUS.id, within=DAMASCUS.id, limit=9) == ()
    assert await corpus.search("rebels", without=ALEPPO.id, within=BANK.id, limit=9) == ()
    assert await corpus.search("rebels", without=ALEPPO.id, within=NOBODY, limit=9) == ()


async def test_many_may_add_the_same_at_once(corpus: Corpus) -> None:
    """Of ten tasks one adds the article; the others are told that it is held; no passage is there twice."""
    added = await asyncio.gather(*(corpus.add(ALEPPO) for _ in range(10)))
    assert sorted(added) == [False] * 9 + [True]
    found = await corpus.search("Aleppo Hama", without=NOBODY, limit=100)
    assert len(found) == len(set(found)) == 1


async def test_many_may_add_and_search_at_once(corpus: Corpus) -> None:
    """Tasks that add and tasks that search do not disturb each other, and all is there in the end."""
    several = [article(f"Rebels seized town {number}.") for number in range(12)]
    searches = (corpus.search("rebels", without=NOBODY, limit=50) for _ in range(12))
    await asyncio.gather(*(corpus.add(each) for each in several), *searches)
    found = await corpus.search("rebels", without=NOBODY, limit=50)
    assert {passage.article_id for passage in found} == {each.id for each in several}


@pytest.mark.parametrize("turns", [0, 1, 2, 3, 5, 8, 13, 21, 34, 55])
async def test_a_cancelled_add_leaves_all_or_nothing(corpus: Corpus, turns: int) -> None:
    """Wherever an add is cancelled, the article is held with its passages or not at all, and can be added then."""
    await corpus.add(DAMASCUS)
    task = asyncio.create_task(corpus.add(ALEPPO))
    for _ in range(turns):
        await asyncio.sleep(0.0005)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    held = await corpus.article(ALEPPO.id) is not None
    assert bool(await corpus.search("Aleppo", without=DAMASCUS.id, limit=5)) is held
    assert await corpus.add(ALEPPO) is not held
    assert len(await corpus.search("Aleppo", without=DAMASCUS.id, limit=5)) == 1


async def test_a_failing_add_leaves_nothing(corpus: Corpus, embedder: Embedder | None) -> None:
    """Where the passages cannot be embedded, no trace of the article stays."""
    if embedder is None:
        pytest.skip("fails in the embedder")
    broken = article("Rebels seized Aleppo.\nThe rest is unspeakable.")
    with pytest.raises(RuntimeError, match="broke"):
        await corpus.add(broken)
    assert await corpus.article(broken.id) is None
    assert await corpus.search("Aleppo", without=NOBODY, limit=5) == ()
    assert (await corpus.snapshot(without=NOBODY)).articles == 0


async def test_an_article_in_another_language_is_found_by_its_words(corpus: Corpus, embedder: Embedder | None) -> None:
    """What the embedder does not read is not given to it, and is found all the same."""
    german = article("Aufständische nahmen Aleppo ein.", language="de")
    await corpus.add(german)
    assert [passage.article_id for passage in await corpus.search("Aleppo", without=NOBODY, limit=5)] == [german.id]
    if isinstance(embedder, WordHashes):
        assert embedder.seen == ["Aleppo"]
