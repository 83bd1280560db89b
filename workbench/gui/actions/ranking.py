"""Which actions are meant by what was typed, the likeliest first."""

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.gui.actions.matching import match
from workbench.gui.state.action import Found

_CANNOT = 2.0  # of the score, that what cannot be done now lies behind what can


@dataclass(frozen=True)
class Offer:
    """An action that may be meant, and the letters of its title that were typed."""

    found: Found
    letters: tuple[int, ...] = ()


def offers(typed: str, actions: Sequence[Found]) -> list[Offer]:
    """Return the actions that match, best first; all in their order where nothing is typed."""
    if not typed.strip():
        return [Offer(each) for each in actions]
    scored = []
    for number, each in enumerate(actions):
        found = match(typed, each.action.title(), " ".join((*each.path, each.action.also)))
        if found is not None:
            score = found.score - (_CANNOT if each.why_not else 0.0)
            scored.append((-score, number, Offer(each, found.letters)))
    return [offer for *_, offer in sorted(scored, key=lambda each: each[:2])]
