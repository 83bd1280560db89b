"""Which page of help belongs to where one stands."""

from PySide6.QtWidgets import QWidget

# object names of widgets, and the page and heading that are about what is in them
HELP_FOR = {
    "page-start": "index",
    "page-data": "data",
    "page-encode": "encoders",
    "page-train": "training",
    "runs-card": "runs",
    "page-explore": "exploring",
    "query-bar": "exploring#questions",
    "inspector": "exploring#the-inspector",
    "compare": "exploring#compare",
    "page-classify": "zero-shot",
    "page-label": "labelling",
    "page-studies": "studies",
    "page-export": "export",
}


def help_for(widget: QWidget | None) -> str:
    """Return the page for a widget, or for what it lies in: the nearest that the table names."""
    while widget is not None:
        found = HELP_FOR.get(widget.objectName())
        if found is not None:
            return found
        widget = widget.parentWidget()
    return "index"
