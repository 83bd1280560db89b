"""How the curves of a training are sorted into plots, named and coloured."""

from typing import Literal

from workbench.gui import theme
from workbench.gui.training.curves.drawn_curve import Style

_VALIDATION = ("recall@1", "recall@10", "preservation/")
# of each plot what the chip of another run tells, if it has it
LEADING = ("loss", "recall@10", "effective_rank")
# colours of other runs among the theme's categories: unlike those of the curves themselves
_OF_RUNS = (5, 3, 8, 1, 7, 4)
_SPREAD = ("effective_rank",)
# what else stands in a row; all the rest are losses, whatever the method calls them
_NOT_DRAWN = (
    "step",
    "alpha/",
    "temperature",
    "learning_rate",
    "gradient_norm",
    "mean_cosine",
    "mrr",
    "chance@",
)


def plot_of(name: str) -> Literal["loss", "validation", "spread"]:
    """Return in which plot a figure of the rows is drawn."""
    if name.startswith(_SPREAD):
        return "spread"
    return "validation" if name.startswith(_VALIDATION) else "loss"


def is_drawn(name: str) -> bool:
    """Return whether a figure of the rows has a curve."""
    return not name.startswith(_NOT_DRAWN)


def style_of(name: str) -> Style:
    """Return how a curve of the row's names looks."""
    now = theme.current()
    kind, _, view = name.partition("/")
    # of two views, such as of transport, the colour of the second, which tells relations apart
    colour = now.modality.get(view.rpartition("–")[2], now.muted)
    return {
        "loss": Style("total", now.text),
        "contrastive": Style("contrastive", now.accent),
        "geometric": Style(f"{view} geometry", colour),
        "structure": Style(f"{view} similarities", colour),
        "transport": Style(f"{view} transport", colour),
        "effective_rank": Style("rank", now.accent),
        "recall@1": Style("R@1", now.good, share=True),
        "recall@10": Style("R@10", now.accent, share=True),
        "preservation": Style(f"{view} kept", colour, dashed=True, share=True),
    }.get(kind, Style(name.replace("_", " ").replace("/", " "), colour))


def short(name: str) -> str:
    """Return a measure's short name: “R@10” of ``recall@10``."""
    return name.replace("recall@", "R@")


def run_colour(place: int) -> str:
    """Return the colour of another run, by its place among them."""
    return theme.current().categories[_OF_RUNS[place % len(_OF_RUNS)]]
