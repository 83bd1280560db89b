"""Training a run again with changes: its settings go back into the form."""

from typing import TYPE_CHECKING

from workbench.errors import WorkbenchError
from workbench.gui.training.form.alpha_slider import AlphaSliders
from workbench.gui.training.form.setup import TrainingSetup
from workbench.gui.training.live_values import first_alpha
from workbench.gui.words import listed

if TYPE_CHECKING:
    from workbench.project import Project, Recipe


def fill_form(run_name: str, project: "Project", setup: TrainingSetup, alpha: AlphaSliders) -> str:
    """Show what a run was made with, ready to be changed, and say what the form does not show.

    Parameters
    ----------
    run_name : str
    project : Project
    setup, alpha
        Where it is shown.

    Returns
    -------
    str
        For the user.

    Raises
    ------
    WorkbenchError
        The recipe cannot be read, or its method is not installed.
    """
    recipe = project.run(run_name).recipe()
    if setup.method.findData(recipe.method) < 0:
        raise WorkbenchError(
            f"“{run_name}” was aligned by “{recipe.method}”, which is not installed here. Install "
            "the package that has it, or choose another method."
        )
    setup.show_recipe(recipe)
    setup.name.clear()
    if "alpha" in recipe.settings:
        alpha.set_values(first_alpha(recipe, list(alpha.values())))
    setup.train.setFocus()
    said = [f"The form is filled from “{run_name}”: change it, and train."]
    return " ".join(said + _not_shown(recipe, project))


def _not_shown(recipe: "Recipe", project: "Project") -> list[str]:
    said = []
    if recipe.changes_made():
        names = dict.fromkeys(c.name.partition("/")[0] for c in recipe.changes_made())
        moved = listed([name.replace("alpha", "α").replace("_", " ") for name in names])
        said.append(f"These are the values at the start; {moved} changed later.")
    others = []
    chosen = {str(view): name for view, name in project.settings.encoders.items()}
    if any(chosen.get(view) != card.get("name") for view, card in recipe.encoders.items()):
        others.append("encoders")
    now, was = project.settings.split, recipe.split
    if (was.seed, was.validation, was.test) != (now.seed, now.validation, now.test):
        others.append("shares of held-out pairs")
    if others:
        said.append(f"The project’s {listed(others)} have changed since.")
    return said
