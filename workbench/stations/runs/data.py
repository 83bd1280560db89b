"""The data that a run was made of: they are those of the project now, or nobody has them."""

import numpy as np

from workbench.alignment import OWN_WORDS, HeldOut
from workbench.errors import WorkbenchError
from workbench.media import Modality
from workbench.project import Dataset, Project, Recipe, RowPairs, Run, Split, load_dataset
from workbench.stations.runs.run_views import encoders_of


def data_of_run(project: Project, run: Run, recipe: Recipe, *, lost: str) -> Dataset:
    """Return the embeddings, items and pairs that a run was made of.

    Parameters
    ----------
    project : Project
    run : Run
    recipe : Recipe
        Of the run.
    lost : str
        What cannot be done without them, to end the sentence with: “so it cannot go on. …”

    Raises
    ------
    WorkbenchError
        They have changed since the run was made, or there are none any more.
    """
    data = _loaded(project, encoders_of(run), recipe)
    if data.fingerprint != recipe.data_fingerprint:
        raise WorkbenchError(data_have_changed(run.name, lost))
    return data


def data_of_run_if_unchanged(project: Project, run: Run, recipe: Recipe) -> Dataset | None:
    """Return what `data_of_run` does; None where the data have changed or are not there any more.

    Raises
    ------
    WorkbenchError
        The recipe names no encoders.
    """
    encoders = encoders_of(run)
    try:
        data = _loaded(project, encoders, recipe)
    except WorkbenchError:  # no pairs, or items that are not encoded
        return None
    return data if data.fingerprint == recipe.data_fingerprint else None


def _loaded(project: Project, encoders: dict[Modality, str], recipe: Recipe) -> Dataset:
    alone = recipe.method == OWN_WORDS.name
    # with what the user had said by then: later answers are none of its data
    return load_dataset(project, encoders, without_pairs=alone, until=recipe.created)


def split_of_run(data: Dataset, recipe: Recipe) -> Split:
    """Return which pairs a run was trained, watched and tested with.

    Of heads that were trained on other data nothing is known but what they are tested with.
    """
    split = data.split(recipe.split, recipe.pairs)
    if not recipe.trained_elsewhere:
        return split
    nothing = np.zeros(0, dtype=np.int64)
    return Split({}, {}, split.test, dict.fromkeys(split.unpaired, nothing))


def data_have_changed(run_name: str, lost: str) -> str:
    """Say that the data of a run have changed, and what is lost by that: “so …”."""
    return (
        f"The items, pairs or embeddings have changed since the run “{run_name}” was made, {lost}"
    )


def held_out_of_run(
    project: Project, run: Run, recipe: Recipe
) -> tuple[Dataset, RowPairs, HeldOut]:
    """Return what a run is tested on: its data, its test pairs by row, and these alone.

    Raises
    ------
    WorkbenchError
        The data have changed since the run was made, or no pairs are held out.
    """
    data = data_of_run(
        project, run, recipe,
        lost="so its held-out pairs are no longer the same. Align again to measure.",
    )  # fmt: skip
    test = data.split(recipe.split, recipe.pairs).test
    held_out = data.held_out(test)
    if not data.pairs:
        raise WorkbenchError(
            f"The run “{run.name}” was made without any pairs, so there are no test pairs to "
            "measure it on. Queries and maps work; add some pairs on the Data page for figures."
        )
    if not held_out.pairs:
        raise WorkbenchError(
            "No pairs are held out for testing. Raise the test share on the Data page, and align "
            "again."
        )
    return data, test, held_out
