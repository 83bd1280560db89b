"""What the Train page remembers of each project: method, settings, α, and how curves are drawn."""

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, Field

from workbench.errors import WorkbenchError
from workbench.gui.state.per_project import PerProject
from workbench.gui.training.curves.curves_panel import CurvesPanel
from workbench.gui.training.form.alpha_slider import LARGEST, AlphaSliders
from workbench.gui.training.form.setup import TrainingSetup, Wish

if TYPE_CHECKING:
    from workbench.alignment import MethodEntry
    from workbench.project import Project

Alpha = Annotated[float, Field(ge=0.0, le=LARGEST)]
Share = Annotated[float, Field(gt=0, le=1)]


class TrainChoices(BaseModel):
    """The form, the sliders and the curves' axis; the defaults are those of a new project.

    Attributes
    ----------
    method : str
        Empty is the first one.
    settings : dict of str to value
        Of the method, where they are not the defaults.
    pairs : int
        0 is all.
    words : {"auto", "off"} or float
        The share of an encoder's own words.
    start_from : str
        A run whose heads training begins with; empty for none.
    alpha : dict of view to float or None
        None is the default of the method.
    tied : bool
        Whether the lock is closed.
    logarithmic : bool
        Whether losses are drawn on a logarithmic axis.
    """

    method: str = ""
    settings: dict[str, Any] = {}
    pairs: int = Field(0, ge=0, lt=2**31)
    seed: int = Field(0, ge=0, lt=2**31)
    name: str = ""
    words: Literal["auto", "off"] | Share = "auto"
    start_from: str = ""
    alpha: dict[str, Alpha] | None = None
    tied: bool = True
    logarithmic: bool = True


class ChoicesOfProjects:
    """Brings the choices on the Train page back with their project.

    Parameters
    ----------
    setup, alpha, curves
        Where they are made.
    """

    def __init__(self, setup: TrainingSetup, alpha: AlphaSliders, curves: CurvesPanel) -> None:
        self._setup, self._alpha, self._curves = setup, alpha, curves
        self._kept = PerProject("train", TrainChoices)
        self._shown: Project | None = None  # whose choices are there
        self._choices: TrainChoices | None = None  # that were kept last

    def keep(self) -> None:
        """Keep what is chosen now."""
        if self._shown is None:
            return
        wish = self._setup.wish()
        choices = TrainChoices(
            method=wish.method,
            settings=wish.settings,
            pairs=wish.pairs or 0,
            seed=wish.seed,
            name=wish.name or "",
            words=wish.words,
            start_from=wish.start_from or "",
            alpha=self._alpha.values(),
            tied=self._alpha.tied,
            logarithmic=self._curves.logarithmic.isChecked(),
        )
        if choices != self._choices:
            self._choices = choices
            self._kept.keep(self._shown.root, choices)

    def leave(self) -> None:
        """Keep what is chosen now: another project comes, or none."""
        self.keep()
        self._shown = None

    def bring_back(self, project: "Project", run_name: str | None) -> None:
        """Show what was chosen in a project, once it is opened.

        Parameters
        ----------
        project : Project
        run_name : str or None
            The current run. The sliders stand at the α of its heads where it is a sweep, and
            nothing was chosen before.
        """
        if self._shown is project:
            return
        self._shown, self._choices = project, None
        choices = self._kept.of(project.root)
        setup = self._setup
        setup.show_wish(
            Wish(
                method=choices.method,
                settings=_that_hold(setup.method_named(choices.method), choices.settings),
                pairs=choices.pairs or None,
                seed=choices.seed,
                name=choices.name,
                words=choices.words,
                start_from=choices.start_from or None,
            )
        )
        self._alpha.reset()
        if choices.alpha is not None:
            self._alpha.set_values(choices.alpha, tied=choices.tied)
        elif (alpha := _alpha_of_sweep(project, run_name)) is not None:
            self._alpha.set_values(dict.fromkeys(self._alpha.values(), alpha))
        self._curves.logarithmic.setChecked(choices.logarithmic)


def _that_hold(method: "MethodEntry | None", settings: dict[str, Any]) -> dict[str, Any]:
    """Return settings as the method takes them; none of them where it does not."""
    try:
        checked = method.settings(**settings) if method is not None else None
    except ValueError:  # of another version
        checked = None
    return {} if checked is None else {name: getattr(checked, name) for name in settings}


def _alpha_of_sweep(project: "Project", run_name: str | None) -> float | None:
    """Return α of the heads that a run has of its sweep; None where it is no sweep."""
    from workbench.project import has_ladder

    if run_name is None:
        return None
    try:
        run = project.run(run_name)
        return run.recipe().rung if has_ladder(run) else None
    except WorkbenchError:  # the table says that it is damaged
        return None
