"""What a space is called: written and read here, and nowhere else."""

from collections.abc import Collection
from dataclasses import dataclass

from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality

_RUN, _FROZEN, _AT = "run:", "frozen:", "@"
MOST_ALPHA = 1000.0


@dataclass(frozen=True)
class SpaceName:
    """The name of a space.

    ==================  ========================================================================
    ``image``           the frozen space of a modality, by the project's encoder
    ``run:NAME``        the joint space of a run
    ``run:NAME@ALPHA``  the same by the heads of another α of the run's sweep
    ``frozen:NAME``     the frozen spaces that a run began with, of all its views
    ==================  ========================================================================

    A run's name as the workbench gives it has only letters, digits, “-”, “_” and “.”. Of one that
    somebody gave a folder by hand, “@” is written as “%40” and “%” as “%25”.

    Attributes
    ----------
    run : str
        Empty for the frozen space of a modality.
    frozen : bool
    alpha : float or None
        None for the heads that the run has.
    view : {"image", "text", "speech"} or None
    """

    run: str = ""
    frozen: bool = False
    alpha: float | None = None
    view: Modality | None = None

    def __post_init__(self) -> None:
        if self.view is not None and (self.run or not self.frozen):
            raise ValueError("a modality's space is frozen, and of no run")
        if self.alpha is not None and self.frozen:
            raise ValueError("a frozen space has no α")

    @classmethod
    def of_view(cls, view: Modality) -> "SpaceName":
        """Return the name of the frozen space of a modality."""
        return cls(frozen=True, view=view)

    @classmethod
    def parse(cls, text: str, runs: Collection[str] | None = None) -> "SpaceName":
        """Read a name.

        Parameters
        ----------
        text : str
        runs : collection of str, optional
            Names of a project's runs. Given, a name without a prefix may be that of a run, and is
            where a run is called so.

        Raises
        ------
        WorkbenchError
            It is no name of a space, or its α is no number from 0 to 1000.
        """
        bare = runs is not None and (text in runs or text not in MODALITIES)
        for view in MODALITIES:
            if text == view and not bare:
                return cls.of_view(view)
        if text.startswith(_FROZEN):
            return cls(_plain(text.removeprefix(_FROZEN)), frozen=True)
        if not (bare or text.startswith(_RUN)):
            raise WorkbenchError(
                f"There is no space “{text}”. Spaces: {', '.join(MODALITIES)}, run:NAME, or "
                "run:NAME@ALPHA of a run with a sweep."
            )
        name, at, alpha = text.removeprefix(_RUN).partition(_AT)
        return cls(_plain(name), alpha=_alpha(name, alpha) if at else None)

    def __str__(self) -> str:
        if self.view is not None:
            return self.view
        name = self.run.replace("%", "%25").replace(_AT, "%40")
        if self.frozen:
            return _FROZEN + name
        return f"{_RUN}{name}" + ("" if self.alpha is None else f"{_AT}{_shortest(self.alpha)}")

    def in_words(self) -> str:
        """Name it in a sentence."""
        if self.view is not None:
            return f"frozen {self.view} embeddings"
        if self.frozen:
            return f"frozen embeddings of {self.run}"
        return self.run if self.alpha is None else f"{self.run} at α = {self.alpha:g}"


def _alpha(name: str, words: str) -> float:
    try:
        alpha = float(words)
    except ValueError:
        alpha = float("nan")
    if not 0 <= alpha <= MOST_ALPHA:
        raise WorkbenchError(
            f"“{words}” is not a value of α. Write run:{name}@ALPHA with one from 0 to 1000."
        )
    return alpha


def _shortest(alpha: float) -> str:
    """Return α as it is written by hand, or with all its digits where that would be another one."""
    return f"{alpha:g}" if float(f"{alpha:g}") == alpha else repr(alpha)


def _plain(name: str) -> str:
    return name.replace("%40", _AT).replace("%25", "%")
