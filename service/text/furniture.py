"""Phrases that tell a line of a web page from the article on it: notices, requests, captions, links.

A line is furniture where it begins with one of them. Prose that merely holds such words is not touched.
"""

import re

FURNITURE = 8
TEASERS = 60
COMMENTS = 1_000
"""How much prose must follow before a page is taken to go on with its article, in words."""

_LONGEST = 1_500  # code points; a longer line is an article on one line, whatever it begins with

_PHRASES = {
    FURNITURE: r"""
        # consent
        by (using|continuing|clicking|submitting|creating|entering)\b.{0,90}\b(you|I) (agree|consent|accept)
        by (opting|signing|subscribing)\b.{0,90}\b(you|I) (agree|consent|accept)
        (we|this (web)?site|our (web)?site)( and our( \d+)? partners)? (uses?|stores?)\b.{0,30} cookies
        we (value|respect|care about) your privacy
        we and our( \d+)? partners
        your information is secure
        (accept|manage|reject)( all)? cookies
        cookie (policy|settings|preferences)

        # newsletters, accounts, money
        sign up( now| here| today)?( (for|to) (our|the|get|receive)\b|\W*$)
        join our\b.{0,40}(list|newsletter|channel)
        subscribe( now| today)?( to (our|the|this)\b|\W*$)
        get (our|the) (latest|best|daily|top|free)\b
        stay (updated|tuned|informed|up to date)( with| for| on|\W*$)
        (enter )?your e-?mail( address)?\b
        don['’]t miss (out|our|a story|any)
        download (our|the) app
        turn on notifications
        click (here|below|to)\b
        if you (enjoyed|enjoy|liked|like|found|value) (this (article|story|post|piece)|what you|our)\b
        create (your|an) account
        already (a subscriber|registered|have an account)
        (log|sign) ?in( to| or| with|\W*$)
        you have (\d+|reached).{0,30} articles?\b
        this (article|story) is (free|for subscribers)
        authors get paid when
        become a (member|subscriber|patron)
        support (our|independent) (journalism|work)

        # sharing, asking, loading
        share( this)?( article| story| post| page)?\W*$
        share (this |it )?(on|via)\b
        share by e-?mail
        save & share
        (follow|like|find|join) us( on\b.*|\W*$)
        follow @
        (tweet|e-?mail|print) this
        facebook twitter
        (hi,? )?what (are you looking for|do you think)\b.{0,5}$
        have something to say
        got a (tip|story)\b
        advertisement\W*$
        (story|article) continues (below|after)
        scroll (down|to)\b
        skip to (content|main)
        (contact us|back to top|loading|sponsored( content)?)\W*$
        (learn more|play video|show more|view (all|more|gallery))\W*$

        # pictures
        \S+\.(jpe?g|png|gif|webp|svg|mp4|pdf)$
        (file |lead )?(photo|image|picture|video)s?( credit| courtesy( of)?)?( ?[:|]| by [^.]{1,60}$)
        (caption|credit|listen|watch) ?[:|]
        [(\[](via|h/t|getty|(file )?(photo|image|picture)s?( credit)?( by|:|/))\b.{0,80}[)\]]$
        [^.]{0,200}(/|via )getty images\W*$

        # rights
        disclaimer(:|$)
        (copyright ?)?(©|\(c\) ?\d{4})
        copyright:? \d{4}
        all rights reserved
        (this|these) (materials?|content|article)\b.{0,20} may not be\b
        (the )?(views|opinions) expressed (here|in this)
        information provided (by|on) this (web)?site

        # about the text itself
        \W?(editor['’]?s['’]? )?note: this (article|story|post|piece)
        this (article|story|post|piece)( was| has been)?( also| first| last| originally)* (appeared|published|updated)\b
        this (article|story|post|piece) (was|has been) (amended|corrected|crafted|generated|reproduced|translated)\b
        (first|last|originally) (published|updated|posted|modified)\b[^.]{0,80}$
        (published|updated|posted|modified)( on| at)?:? ?(\w+day,? )?(\w+ )?\d{1,2}\b.{0,40}$
        \(?(additional )?(reporting|writing)( and (writing|editing))? by\b.*(;|\bedit(ed|ing)\b|\)$)
        with files from

        # links within an article
        (also )?(read|see|watch)( more| also| next)?( on this( topic| story)?)?:
        (read|see|watch) also\b
        read more( at| on| about|\W*$)
        (more|related|recommended|photos|see more) ?:
        (previous|next) article
        """,
    TEASERS: r"""
        you (may|might)( also)? (like|enjoy|be interested|have missed)
        (what to )?read next\W*$
        related( (articles?|stories|story|posts?|news|topics?|content|coverage|reading|links?))?\W*$
        (latest|top|more|other|breaking|recent|trending|popular|featured)( \w+)? (news|stories|articles|posts)\W*$
        most (read|popular|viewed|shared|commented)\W*$
        (recommended|trending|popular)( for you| now)?\W*$
        stay connected\W*$
        editor['’]?s?['’]? (picks?|choice)\W*$
        (more|also) (from|on|in) [^.!?]{1,40}$
        """,
    COMMENTS: r"""
        (\d+ )?comments?( \(\d+\))?\W*$
        leave a (comment|reply)
        post a comment
        comments are closed
        join the (conversation|discussion)
        (show|view|read)( all)?( \d+)? comments
        """,
}


def _compiled(phrases: str) -> re.Pattern[str]:
    lines = [line.strip() for line in phrases.splitlines()]
    return re.compile("|".join(line for line in lines if line and not line.startswith("#")), re.IGNORECASE)


_COSTS = tuple((_compiled(phrases), cost) for cost, phrases in _PHRASES.items())


def furniture_cost(line: str) -> int | None:
    """How many words of prose a line of furniture weighs against; None for a line that is not furniture.

    `line`: without white space and bullets around it.
    """
    if len(line) > _LONGEST:
        return None
    return next((cost for pattern, cost in _COSTS if pattern.match(line)), None)
