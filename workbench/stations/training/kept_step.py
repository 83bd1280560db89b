"""Keeping the heads of a step that one has watched: the run is repeated, to just there."""

from workbench.errors import WorkbenchError
from workbench.project import Run
from workbench.stations.training.align_request import AlignRequest


def request_to_keep(run: Run, step: int) -> AlignRequest:
    """Return the request whose run has the heads that another one had after a step.

    A training repeated is the same to the bit on the same machine, so these are exactly the heads.

    Parameters
    ----------
    run : Run
    step : int
        One that the run has made.

    Raises
    ------
    WorkbenchError
        The run has made no such step, was trained at several α beside each other, or its recipe
        cannot be repeated.
    """
    request = AlignRequest.of_run(run)
    if request.ladder:
        raise WorkbenchError(
            f"The run “{run.name}” is a sweep, of which no single step can be kept. Train at the α "
            "wanted."
        )
    last = max((int(row["step"]) for row in run.curves() if "step" in row), default=0)
    if not 1 <= step <= last:
        raise WorkbenchError(
            f"The run “{run.name}” has made {last:,} steps, so there is no step {step:,} to keep."
        )
    settings = {**request.settings, "checkpoint": "step", "checkpoint_step": step}
    return AlignRequest.checked(
        **dict(request) | {
            "settings": settings, "stop_after": None, "name": f"{run.name}-step-{step}",
        }
    )  # fmt: skip
