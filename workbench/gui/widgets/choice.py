"""A combo box that has a name and gives way where there is little room."""

from collections.abc import Sequence

from workbench.gui.widgets.fields import ComboBox


def combo(
    name: str,
    title: str,
    choices: Sequence[tuple[str, object]] = (),
    *,
    narrowest: int = 72,
    widest: int | None = None,
) -> ComboBox:
    """Return a choice.

    Parameters
    ----------
    name : str
        Object name.
    title : str
        Tool tip and accessible name.
    choices : sequence of (words, key)
    narrowest, widest : int
        Pixels; words that have no room are cut.
    """
    made = ComboBox()
    made.setObjectName(name)
    made.setAccessibleName(title)
    made.setToolTip(title)
    made.setSizeAdjustPolicy(ComboBox.SizeAdjustPolicy.AdjustToContents)
    made.setMinimumWidth(narrowest)
    if widest is not None:
        made.setMaximumWidth(widest)
    for words, key in choices:
        made.addItem(words, key)
    return made
