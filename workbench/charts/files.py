"""Charts written: PNG, SVG, PDF, or the numbers behind them as CSV."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

from workbench.charts.chart import Chart
from workbench.charts.drawing import draw
from workbench.charts.style import PICTURES, picture_bytes
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress
from workbench.received.words import for_cell
from workbench.whole_files import write_whole

NUMBERS = "csv"
KINDS = (*PICTURES, NUMBERS)
"""What a chart can be written as: the ends of the names of files."""

_LEAST, _MOST = 20.0, 1000.0  # millimetres
_DOTS = (50, 1200)  # an inch


@dataclass(frozen=True)
class Size:
    """How large a picture is.

    Attributes
    ----------
    width, height : float
        Of the plot with its axes, in millimetres.
    dots : int
        An inch, of PNG.
    """

    width: float = 160.0
    height: float = 100.0
    dots: int = 200

    def check(self) -> None:
        """Refuse what no page has room for.

        Raises
        ------
        WorkbenchError
        """
        if not all(_LEAST <= each <= _MOST for each in (self.width, self.height)):
            raise WorkbenchError(
                f"A picture is from {_LEAST:g} to {_MOST:g} mm wide and high, not {self.width:g} × "
                f"{self.height:g} mm."
            )
        if not _DOTS[0] <= self.dots <= _DOTS[1]:
            raise WorkbenchError(
                f"Dots an inch are from {_DOTS[0]} to {_DOTS[1]}, not {self.dots}."
            )


def kind_of(path: Path) -> str:
    """Return as what a file is written, by the end of its name.

    Raises
    ------
    WorkbenchError
        It ends otherwise.
    """
    kind = path.suffix.lower().removeprefix(".")
    if kind not in KINDS:
        raise WorkbenchError(
            f"“{path.name}” is no name of a picture. Let it end in "
            f"{', '.join(f'.{each}' for each in PICTURES)}, or in .{NUMBERS} for the numbers."
        )
    return kind


def chart_bytes(chart: Chart, kind: str, size: Size = Size()) -> bytes:
    """Return a chart as a file.

    Parameters
    ----------
    chart : Chart
    kind : {"svg", "pdf", "png", "csv"}
    size : Size

    Raises
    ------
    WorkbenchError
        The size is out of range.
    """
    if kind == NUMBERS:
        return table_text(chart).encode("utf-8")
    size.check()
    return picture_bytes(draw(chart, size.width, size.height), kind, size.dots)


def drawn(chart: Chart, kind: str, size: Size, control: Control) -> Job[bytes]:
    """Return a chart as a file; for a process of its own, as drawing holds the interpreter."""
    yield Progress(0, 0, "Drawing")
    return chart_bytes(chart, kind, size)


def write_chart(chart: Chart, path: Path, size: Size = Size()) -> None:
    """Write a chart; the end of the name says as what: .png, .svg, .pdf, or .csv for the numbers.

    Parameters
    ----------
    chart : Chart
    path : Path
    size : Size

    Raises
    ------
    WorkbenchError
        The name ends otherwise, the size is out of range, or the file cannot be written.
    """
    content = chart_bytes(chart, kind_of(path), size)
    try:
        write_whole(path, content)
    except OSError as error:
        raise WorkbenchError(
            f"{path} cannot be written: {error.strerror}. Choose another folder."
        ) from None


def table_text(chart: Chart) -> str:
    """Return the numbers behind a chart as CSV."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    for row in chart.rows():
        # numbers are as they are, also those below zero
        writer.writerow([each if _is_number(each) else for_cell(each) for each in row])
    return text.getvalue()


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True
