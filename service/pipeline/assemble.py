"""Origins counted, the verdict derived, the claim's report put together. All pure."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol, TypeVar

from schemas.claim import Claim
from schemas.evidence import Confidence, Evidence, Flag, Stance
from schemas.report import ClaimReport, Failure, Origins, Searched, Verdict
from service.errors import SecondSourceError


def verdict(supporting: Collection[str], conflicting: Collection[str], partly: Collection[str] = ()) -> Verdict:
    """What the independent origins on each side amount to.

    Support of a part stands where nothing conflicts. It disputes no conflict, because that may be about another part,
    and it corroborates nothing.
    """
    if supporting and conflicting:
        return Verdict.DISPUTED
    if conflicting:
        return Verdict.CONTRADICTED
    if len(set(supporting)) > 1:
        return Verdict.CORROBORATED
    return Verdict.SUPPORTED if supporting or partly else Verdict.NOTHING_FOUND


def failure(error: SecondSourceError) -> Failure:
    """An error of ours as the reason why something was not done."""
    return Failure(code=error.code, detail=str(error) or error.code)


def assemble(claim: Claim, evidence: Sequence[Evidence], own: Collection[str], searched: Searched) -> ClaimReport:
    """The report of a claim that was judged. `own`: the origins of its own article, which never count."""
    marked = [_marked(item, own) for item in evidence]
    origins = _origins([item for item in marked if Flag.OWN_ORIGIN not in item.flags])
    result = verdict(origins.supporting, origins.conflicting, origins.partly)
    return ClaimReport(
        claim=claim,
        verdict=result,
        reason=_reason(result, origins, marked, searched),
        origins=origins,
        supporting=tuple(item for item in marked if item.stance is Stance.SUPPORTS),
        conflicting=tuple(item for item in marked if item.stance is Stance.CONFLICTS),
        flags=tuple(dict.fromkeys(flag for item in marked for flag in item.flags if flag is not Flag.OWN_ORIGIN)),
        searched=searched,
    )


def not_assessed(claim: Claim, error: SecondSourceError, searched: Searched) -> ClaimReport:
    """The report of a claim that could not be judged: the reason, and what was found before it failed."""
    return ClaimReport(
        claim=claim,
        verdict=Verdict.NOT_ASSESSED,
        reason=f"Not assessed: {error}",
        failure=failure(error),
        searched=searched,
    )


def _marked(item: Evidence, own: Collection[str]) -> Evidence:
    if item.origin not in own:
        return item
    return item.model_copy(update={"flags": (*item.flags, Flag.OWN_ORIGIN)})


class Judged(Protocol):
    """What a rule looks at in a piece of evidence."""

    @property
    def stance(self) -> Stance: ...  # noqa: D102 - as `Evidence` has them
    @property
    def partial(self) -> bool: ...  # noqa: D102
    @property
    def confidence(self) -> Confidence: ...  # noqa: D102


J = TypeVar("J", bound=Judged)


def whole(evidence: Sequence[J]) -> list[J]:
    """The support that counts as support of the whole claim.

    Beside a conflict that the model calls weak, support of a part is as good as that.
    """
    conflicts = [item for item in evidence if item.stance is Stance.CONFLICTS]
    weak = bool(conflicts) and all(item.confidence is Confidence.LOW for item in conflicts)
    return [item for item in evidence if item.stance is Stance.SUPPORTS and (weak or not item.partial)]


def _origins(evidence: Sequence[Evidence]) -> Origins:
    """The origins of evidence that counts. What supports the whole is not among those that support a part."""
    supports = whole(evidence)
    counted = {item.article.id for item in supports}
    supporting = _independent(supports)
    partly = _independent(item for item in evidence if item.partial and item.article.id not in counted)
    return Origins(
        supporting=supporting,
        partly=tuple(origin for origin in partly if origin not in supporting),
        conflicting=_independent(item for item in evidence if item.stance is Stance.CONFLICTS),
    )


def _independent(evidence: Iterable[Evidence]) -> tuple[str, ...]:
    """The origins of evidence on one side, sorted.

    An article brings one at most: itself where it speaks in its own name, else the first of those that it cites.
    """
    counted: dict[str, tuple[bool, str]] = {}
    for item in evidence:
        told = (item.attributed_to is not None, item.origin)
        counted[item.article.id] = min(told, counted.get(item.article.id, told))
    return tuple(sorted({origin for _, origin in counted.values()}))


def _reason(result: Verdict, origins: Origins, evidence: Sequence[Evidence], searched: Searched) -> str:
    if result is Verdict.NOTHING_FOUND:
        if evidence:
            return "Only reports of the article's own origin bear on it, and those do not count."
        passages, articles = plural(len(searched.passages), "passage"), plural(searched.articles, "other article")
        return f"Nothing bears on it in {passages}, found in {articles}."
    if result is Verdict.SUPPORTED and not origins.supporting:
        some = plural(len(origins.partly), "independent origin")
        return f"In part: {some} {'supports' if len(origins.partly) == 1 else 'support'} some of it; none conflicts."
    supporting = plural(len(origins.supporting), "independent origin")
    conflicting = plural(len(origins.conflicting), "independent origin")
    sentences = {
        Verdict.CORROBORATED: f"{supporting} support it; none conflicts.",
        Verdict.SUPPORTED: f"{supporting} supports it; none conflicts.",
        Verdict.DISPUTED: f"Supporting it: {supporting}. Conflicting with it: {conflicting}.",
        Verdict.CONTRADICTED: f"Conflicting with it: {conflicting}. {_besides(origins)}",
    }
    return sentences[result]


def _besides(origins: Origins) -> str:
    if not origins.partly:
        return "Nothing supports it."
    return f"Supporting other parts of it: {plural(len(origins.partly), 'independent origin')}."


def plural(count: int, one: str, more: str = "") -> str:
    """A count and its noun: "1 claim", "2 claims"."""
    return f"{count} {one if count == 1 else more or one + 's'}"
