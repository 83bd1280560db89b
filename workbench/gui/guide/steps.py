"""What the short tour points at, and says."""

from dataclasses import dataclass

from PySide6.QtCore import QSettings

_SEEN = "guide/seen"


@dataclass(frozen=True)
class Step:
    """One step.

    Attributes
    ----------
    page : str
        That is shown meanwhile.
    place : str
        Object name of a widget of it. Where it is not seen, as without a project, the page's
        button in the rail is pointed at.
    title, words : str
    """

    page: str
    place: str
    title: str
    words: str


STEPS = (
    Step("data", "", "1. Your folders",
         "Name folders of pictures, texts or recordings, and how they belong together. They are "
         "only read, never written to."),
    Step("encode", "", "2. Encode",
         "A frozen encoder turns each kind of item into vectors, once. Stopped half-way, it goes "
         "on from there."),
    Step("train", "alpha-sliders", "3. Train, and hold α",
         "Small heads learn from your pairs. α says how much of each encoder’s own geometry they "
         "keep: move it while it trains, or let a sweep train several."),
    Step("explore", "", "4. Explore",
         "Linked maps of the spaces before and after. What you select on one is selected in all; "
         "the inspector says what became of its neighbours."),
    Step("explore", "query-bar", "5. Ask",
         "A sentence finds pictures, a picture finds texts. “Why” shows the training pairs that "
         "likely caused an answer."),
    Step("export", "", "6. Take it home",
         "One folder with the heads, which answers without this program, in formats that other "
         "programs read."),
    Step("start", "", "Whenever you wonder",
         "F1 explains the page you are on. Ctrl+K finds anything that can be done. The sample "
         "needs no download: it is ready in a minute."),
)  # fmt: skip


def is_wanted() -> bool:
    """Return whether nobody has seen the tour yet, by the user's own settings."""
    return not QSettings().value(_SEEN, False, type=bool)


def remember_seen() -> None:
    """Never show it again unless somebody asks for it."""
    QSettings().setValue(_SEEN, True)
