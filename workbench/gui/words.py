"""Numbers, times and sizes as people say them."""

from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.alignment import StepReport

SINGULAR = {"image": "image", "text": "text", "speech": "recording"}
PLURAL = {"image": "images", "text": "texts", "speech": "recordings"}
ICONS = {"image": "image-outline", "text": "text-box-outline", "speech": "waveform"}


def items(count: int, modality: str) -> str:
    """Say how many: “1 image”, “1,021 texts”."""
    return f"{count:,} {(SINGULAR if count == 1 else PLURAL)[modality]}"


def several(count: int, noun: str) -> str:
    """Say how many of a noun whose plural ends in s: “1 pair”, “200 pairs”."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def rate(per_second: float) -> str:
    """Say how fast: “45/s”, “3.2/s”, “20/min”."""
    if per_second >= 10:
        return f"{per_second:,.0f}/s"
    return f"{per_second:.1f}/s" if per_second >= 0.5 else f"{per_second * 60:.1f}/min"


def duration(seconds: float) -> str:
    """Say how long, in the two largest units that matter."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    hours, rest = divmod(whole, 3600)
    return f"{hours} h {rest // 60} min"


def size(count: int) -> str:
    """Say how large: “820 bytes”, “3.4 MB”."""
    if count < 1000:
        return several(count, "byte")
    value = float(count)
    for unit in ("kB", "MB", "GB", "TB"):
        value /= 1000
        if value < 999.5 or unit == "TB":
            break
    return f"{value:.1f} {unit}" if value < 100 else f"{value:.0f} {unit}"


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


def listed(names: list[str]) -> str:
    """Join names as a sentence does: “images, texts and recordings”."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"


def large_number(count: int) -> str:
    """Say a large number shortly: “820”, “3.4 M”, “1.1 B”."""
    if count < 1000:
        return f"{count}"
    value = float(count)
    for unit in ("k", "M", "B"):
        value /= 1000
        if value < 999.5 or unit == "B":
            break
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:,.0f} {unit}"


def how_far(report: "StepReport", doing: str) -> str:
    """Say how far a training is: “Step 120 of 400 · 3.1/s · 1 min 30 s left”.

    Parameters
    ----------
    report : StepReport
        Of the last step.
    doing : str
        What it is at instead of making steps; nothing where it makes them.
    """
    parts = [f"Step {report.step:,} of {report.steps:,}"]
    speed = report.steps_per_second
    if doing:
        parts.append(doing)
    elif speed > 0:
        parts.append(f"{speed:,.2g}/s" if speed < 10 else f"{speed:,.0f}/s")
        parts.append(f"{duration((report.steps - report.step) / speed)} left")
    return " · ".join(parts)
