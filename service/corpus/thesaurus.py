"""Words that news reports use for one thing. Two reports of one event seldom choose the same.

A search by words looks for these too. English; one group a line, and a word may be in several.
"""

from collections.abc import Iterable
from functools import cache

_GROUPS = """
accord agreement deal pact treaty
accuse accused allege alleged blame blamed charge charged
aid assistance help relief support
aircraft aviation jet jets plane planes warplane warplanes
airstrike airstrikes bombardment bombing raid raids strike strikes
approve approved back backed endorse endorsed pass passed
army forces military soldiers troops
arrest arrested detain detained held jailed
assault attack attacked offensive
asylum refuge sanctuary
authorities government regime administration
ban banned bar barred prohibit prohibited
begin began launch launched start started initiate initiated
bill law legislation
boss chief head leader
captured captures capture seize seized take taken took
casualties dead deaths died fatalities killed toll
ceasefire truce
climb climbed grow growth increase increased jump jumped rise rose surge surged
collapse downfall fall fell ouster toppled overthrow overthrown
company corporation firm
court judge tribunal
crash collision
cut decline declined decrease decreased drop dropped lower reduce reduced
debt borrowing loan loans
deny denied reject rejected dismissed
dismiss dismissal fire fired oust ousted sack sacked remove removed
election poll polls vote voting ballot
enter entered reach reached
evacuate evacuated evacuation flee fled escape escaped
fighters insurgents militants opposition rebels
fight fighting battle battles clashes combat
firm resistance response opposition
grow expand expanded expansion
hurt injured wounded injuries
hospital clinic
inflation prices
investigate investigation inquiry probe
job jobs employment work workers
layoffs redundancies
meet met meeting summit talks
migrants refugees displaced
money funds funding cash
plan plans proposal proposed
police officers
president leader
profit earnings income
protest protests demonstration demonstrations rally
quit resign resigned resignation
retreat retreated retreating withdraw withdrawal withdrew withdrawing pullout left leave
ruling verdict judgment sentence
schools pupils students
sea ocean
ship ships vessel vessels warship warships fleet
shooting gunfire
storm hurricane cyclone typhoon
study research report
town towns village villages settlement settlements
trial case
vaccine vaccines jab jabs
victory win won
war conflict
weak little limited light
"""


@cache
def _alike() -> dict[str, tuple[str, ...]]:
    """Word -> the other words of all its groups."""
    groups = [line.split() for line in _GROUPS.strip().splitlines()]
    return {
        word: tuple(dict.fromkeys(other for group in groups if word in group for other in group if other != word))
        for word in {word for group in groups for word in group}
    }


def others(words: Iterable[str]) -> list[str]:
    """What a report might say in place of these words, each once, in order; none of the words themselves."""
    given = list(words)
    return [
        other
        for other in dict.fromkeys(other for word in given for other in _alike().get(word, ()))
        if other not in given
    ]
