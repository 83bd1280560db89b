"""How all figures that go into files look, and how they become files."""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Letters stay letters in SVG and PDF, so that a paper's own hand can change them.
_STYLE: dict[str, Any] = {
    "font.size": 9, "axes.titlesize": 10, "axes.spines.top": False, "axes.spines.right": False,
    "axes.grid": True, "grid.alpha": 0.25, "legend.frameon": False, "svg.fonttype": "none",
    "svg.hashsalt": "study", "pdf.fonttype": 42, "savefig.dpi": 200,
}  # fmt: skip
# a figure is the same to the byte wherever and whenever it is drawn from the same data
_METADATA: dict[str, dict[str, None]] = {
    "svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None},
}  # fmt: skip
PICTURES = tuple(_METADATA)


@contextmanager
def styled() -> Iterator[None]:
    """Let what is drawn meanwhile look as all figures do."""
    from matplotlib import rc_context

    with rc_context(_STYLE):
        yield


def read_words_plainly(drawing: "Figure") -> None:
    """Let no word of a figure be read as a formula: a name may have a $ in it."""
    from matplotlib.text import Text

    for text in drawing.findobj(Text):
        text.set_parse_math(False)


def legend_name(name: str) -> str:
    """Return a name as legends take it, which pass over what begins with a line."""
    return name.lstrip("_") or "line"


def picture_bytes(drawing: "Figure", kind: str, dots: int = 200) -> bytes:
    """Return a figure as a file.

    Parameters
    ----------
    drawing : Figure
    kind : {"svg", "pdf", "png"}
    dots : int
        An inch, of PNG, and of clouds of many points in the others.
    """
    file = io.BytesIO()
    with styled(), warnings.catch_warnings():
        # letters that the font does not have are boxes, no warning: in SVG they are letters
        warnings.filterwarnings("ignore", "Glyph .* missing from", UserWarning)
        drawing.savefig(file, format=kind, bbox_inches="tight", metadata=_METADATA[kind], dpi=dots)
    return file.getvalue()
