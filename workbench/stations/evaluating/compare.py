"""Compare: by how much runs differ on the same test items, and how sure that is."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from workbench.errors import WorkbenchError
from workbench.evaluation import Difference, rank_differences
from workbench.jobs import Control, Job
from workbench.project import Project
from workbench.stations.evaluating.evaluate import Measurement, measure, plain


def compare(
    project: Project,
    run_names: Sequence[str],
    control: Control | None = None,
    *,
    csls: int | None = None,
    zero_shot: bool = False,
) -> Job[dict[str, dict[str, Any]]]:
    """Evaluate runs, and compare each to the first.

    Parameters
    ----------
    project : Project
    run_names : sequence of str
        Each once.
    control : Control, optional
    csls, zero_shot
        As for `evaluate`.

    Yields
    ------
    Progress

    Returns
    -------
    dict of run to dict
        The report of each run, as `evaluate` keeps it. Those after the first have ``difference``
        besides, which is not kept: ``to``, the first run; ``same_test_items``; ``sentence``, empty
        or why there are no figures; ``retrieval`` (and ``retrieval_csls``): for each direction
        and for their ``mean``, by figure, ``value``, ``low`` and ``high`` of the difference, a
        paired bootstrap over the test items, and whether it is ``clear``: the interval leaves 0
        out. Runs not yet measured at a stop are left out.

    Raises
    ------
    WorkbenchError
        A run is named twice, or cannot be evaluated.
    """
    twice = [name for place, name in enumerate(run_names) if name in run_names[:place]]
    if twice:
        raise WorkbenchError(f"The run “{twice[0]}” is named twice. Name each run once.")
    control = control or Control()
    found: dict[str, dict[str, Any]] = {}
    base: Measurement | None = None
    for name in run_names:
        measured = yield from measure(project, name, control, csls=csls, zero_shot=zero_shot)
        if not measured.report:
            break
        found[name] = dict(measured.report)
        if base is None:
            base = measured
        else:
            found[name]["difference"] = _difference(name, measured, run_names[0], base)
    return found


def _difference(
    name: str, measured: Measurement, base_name: str, base: Measurement
) -> dict[str, Any]:
    same = measured.report["test_items"] == base.report["test_items"]
    if not same:
        return {
            "to": base_name,
            "same_test_items": False,
            "sentence": f"The runs “{base_name}” and “{name}” were not measured on the same test "
            "items: their splits or views differ. So there is no paired difference.",
        }
    figures = {
        kind: {
            direction: {figure: _figures(difference) for figure, difference in row.items()}
            for direction, row in rank_differences(
                ranks, base.ranks[kind], measured.groups, measured.bootstrap
            ).items()
        }
        for kind, ranks in measured.ranks.items()
    }
    return {"to": base_name, "same_test_items": True, "sentence": "", **plain(figures)}


def _figures(difference: Difference) -> dict[str, float | bool]:
    return {**asdict(difference), "clear": difference.clear}
