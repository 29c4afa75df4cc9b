"""Where in the other articles a claim may be spoken of."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.article import Article
from schemas.claim import Claim
from schemas.report import Searched
from service.corpus.protocol import Corpus
from service.text.origins import group


@dataclass(frozen=True, slots=True)
class Found:
    """What was searched for a claim, the articles that the passages are from, and whose report each article is.

    `articles` and `origins` are by article id; `origins` knows the claim's own article too.
    """

    searched: Searched
    articles: Mapping[str, Article]
    origins: Mapping[str, str]


async def retrieve(claim: Claim, article: Article, corpus: Corpus, *, held: int, passages: int) -> Found:
    """At most `passages` passages of other articles, every article that speaks of the claim heard before any twice.

    `held`: how many other articles the corpus holds, for the report.
    """
    context = article.quote(*claim.quote.sentences).exact
    found = await corpus.search(claim.text, context=context, without=article.id, limit=passages)
    sources = [await corpus.article(article_id) for article_id in dict.fromkeys(item.article_id for item in found)]
    articles = {source.id: source for source in sources if source}
    return Found(
        searched=Searched(articles=held, passages=found),
        articles=articles,
        origins=group((article, *articles.values())),
    )
