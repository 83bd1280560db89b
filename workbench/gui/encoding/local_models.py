"""Encoders that lie on this computer: a model's folder, or a file of vectors."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from workbench.errors import WorkbenchError
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.fields import ComboBox
from workbench.gui.widgets.text import ElidedLabel, label
from workbench.media import Modality
from workbench.received.small import read_json

VECTOR_FILES = "Vectors (*.npy *.npz *.h5 *.hdf5 *.parquet);;All files (*)"

_TITLES = {
    "sentence-transformers": "sentence-transformers",
    "transformers-image": "transformers (AutoModel)",
    "transformers-text": "transformers (AutoModel)",
    "transformers-speech": "transformers (Whisper, wav2vec2, HuBERT, WavLM)",
    "timm": "timm",
    "open_clip": "open_clip",
}
FAMILIES: dict[Modality, tuple[str, ...]] = {
    "image": ("transformers-image", "timm", "open_clip", "sentence-transformers"),
    "text": ("sentence-transformers", "transformers-text", "open_clip"),
    "speech": ("transformers-speech", "sentence-transformers"),
}


@dataclass(frozen=True)
class _Sign:
    """What tells a family from a folder's files."""

    family: str
    holds: Callable[[Path], bool]


def _setting(folder: Path, key: str) -> bool:
    try:
        settings = read_json(folder / "config.json", "The file")
    except WorkbenchError:
        return False
    return isinstance(settings, dict) and key in settings


_SIGNS = (
    _Sign("sentence-transformers", lambda folder: (folder / "modules.json").is_file()),
    _Sign("open_clip", lambda folder: (folder / "open_clip_config.json").is_file()),
    _Sign("transformers", lambda folder: _setting(folder, "model_type")),
    _Sign("timm", lambda folder: _setting(folder, "architecture")),
)


def guess_family(folder: Path, modality: Modality) -> str:
    """Return which library a folder's model is probably for; the commonest where nothing tells."""
    for sign in _SIGNS:
        for family in FAMILIES[modality]:
            if family.startswith(sign.family) and sign.holds(folder):
                return family
    return FAMILIES[modality][0]


class FamilyQuestion(QWidget):
    """Asks in place which library a folder's model is for.

    Signals
    -------
    picked (name of the encoder)
    """

    picked = Signal(str)

    def __init__(self, modality: Modality) -> None:
        super().__init__()
        self._modality = modality
        self._folder = Path()
        self._name = ElidedLabel("", "muted")
        self.family = ComboBox()
        self.family.setAccessibleName("The library that the folder's model is for")
        for family in FAMILIES[modality]:
            self.family.addItem(_TITLES[family], family)
        self.use_button = Button("Use it", "check", "", self._pick)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self._name, 1)
        row.addWidget(label("is a model of", "muted"))
        row.addWidget(self.family)
        row.addWidget(self.use_button)
        row.addWidget(Button("Cancel", "", "quiet", self.hide))
        self.hide()

    def ask(self, folder: Path) -> None:
        """Ask about a folder; what its files tell is proposed."""
        self._folder = folder
        self._name.setText(str(folder))
        self.family.setCurrentIndex(self.family.findData(guess_family(folder, self._modality)))
        self.show()
        self.family.setFocus()

    def _pick(self) -> None:
        self.hide()
        self.picked.emit(f"{self.family.currentData()}/{self._folder}")
