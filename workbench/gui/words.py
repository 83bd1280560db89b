"""Words of the window: of modalities, days and trainings; numbers are said as everywhere."""

from datetime import datetime
from typing import TYPE_CHECKING

from workbench.words import (
    duration,
    elapsed,
    large_number,
    listed,
    rate,
    several,
    size,
    transfer_rate,
)

if TYPE_CHECKING:
    from workbench.alignment import StepReport

__all__ = [
    "ICONS", "PLURAL", "SINGULAR", "duration", "elapsed", "how_far", "items", "large_number",
    "listed", "moment", "rate", "several", "size", "transfer_rate",
]  # fmt: skip

SINGULAR = {"image": "image", "text": "text", "speech": "recording"}
PLURAL = {"image": "images", "text": "texts", "speech": "recordings"}
ICONS = {"image": "image-outline", "text": "text-box-outline", "speech": "waveform"}


def items(count: int, modality: str) -> str:
    """Say how many: “1 image”, “1,021 texts”."""
    return f"{count:,} {(SINGULAR if count == 1 else PLURAL)[modality]}"


def moment(when: datetime, now: datetime | None = None) -> str:
    """Say when: “today 14:32”, “yesterday 9:05”, “3 May 2026”."""
    local = when.astimezone() if when.tzinfo else when
    today = (now or datetime.now(local.tzinfo)).date()
    days = (today - local.date()).days
    clock = f"{local.hour}:{local.minute:02d}"
    if days == 0:
        return f"today {clock}"
    if days == 1:
        return f"yesterday {clock}"
    return f"{local.day} {local:%B %Y}"


def how_far(report: "StepReport", doing: str) -> str:
    """Say how far a training is: “Step 120 of 400 · 3.1/s · 1 min 30 s left”.

    Parameters
    ----------
    report : StepReport
        Of the last step.
    doing : str
        What it is at instead of making steps; nothing where it makes them.
    """
    ends = report.steps > 0  # or goes on until it is stopped
    parts = [f"Step {report.step:,}" + (f" of {report.steps:,}" if ends else ", until stopped")]
    speed = report.steps_per_second
    if doing:
        parts.append(doing)
    elif speed > 0:
        parts.append(f"{speed:,.2g}/s" if speed < 10 else f"{speed:,.0f}/s")
        if ends:
            parts.append(f"{duration((report.steps - report.step) / speed)} left")
    return " · ".join(parts)
