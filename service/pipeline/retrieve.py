"""Where in the other articles a claim may be spoken of."""

from collections.abc import Mapping
from dataclasses import dataclass

from schemas.article import Article
from schemas.claim import Claim
from schemas.report import Searched
from service.corpus.protocol import Corpus


@dataclass(frozen=True, slots=True)
class Found:
    """What was searched for a claim, and the articles that the passages are from, by id."""

    searched: Searched
    articles: Mapping[str, Article]


async def retrieve(claim: Claim, article: Article, corpus: Corpus, *, held: int, passages: int) -> Found:
    """At most `passages` passages of other articles, every article that speaks of the claim heard before any twice.

    The claim's own sentences are searched for beside its wording: what stands around it tells which event it is.
    `held`: how many other articles the corpus holds, for the report.
    """
    query = f"{claim.text} {article.quote(*claim.quote.sentences).exact}"
    found = await corpus.search(query, without=article.id, limit=passages)
    articles = [await corpus.article(article_id) for article_id in dict.fromkeys(item.article_id for item in found)]
    return Found(
        searched=Searched(articles=held, passages=found),
        articles={article.id: article for article in articles if article},
    )
