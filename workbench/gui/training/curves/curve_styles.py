"""How the curves of a training look in the window; what they are called is told by `charts`."""

from workbench.charts.training_curves import curve_title, plot_of
from workbench.gui.look import theme
from workbench.gui.training.curves.drawn_curve import Style

# of each plot what the chip of another run tells, if it has it
LEADING = ("loss", "recall@10", "effective_rank")
# colours of other runs among the theme's categories: unlike those of the curves themselves
_OF_RUNS = (5, 3, 8, 1, 7, 4)


def style_of(name: str) -> Style:
    """Return how a curve of the row's names looks."""
    now = theme.current()
    kind, _, view = name.partition("/")
    # of two views, such as of transport, the colour of the second, which tells relations apart
    colour = now.modality.get(view.rpartition("–")[2], now.muted)
    own = {
        "loss": now.text, "contrastive": now.accent, "effective_rank": now.accent,
        "recall@1": now.good, "recall@10": now.accent,
    }  # fmt: skip
    return Style(
        curve_title(name), own.get(kind, colour), dashed=kind == "preservation",
        share=plot_of(name) == "validation",
    )  # fmt: skip


def run_colour(place: int) -> str:
    """Return the colour of another run, by its place among them."""
    return theme.current().categories[_OF_RUNS[place % len(_OF_RUNS)]]
