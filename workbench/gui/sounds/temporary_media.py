"""Files of what is asked with but is in no file: pasted pictures and recorded words."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from workbench.errors import WorkbenchError
from workbench.temporary import TemporaryFolder


class TemporaryMedia:
    """A folder that is deleted with this object, and at the latest when the program ends."""

    def __init__(self) -> None:
        self._folder: TemporaryFolder | None = None
        self._count = 0

    def keep_picture(self, picture: QImage) -> Path:
        """Write a picture.

        Raises
        ------
        WorkbenchError
            It cannot be written.
        """
        path = self._new("png")
        if not picture.save(str(path)):
            raise WorkbenchError(f"The picture cannot be saved in {path.parent}. Is the disk full?")
        return path

    def keep_sound(self, samples: npt.NDArray[np.float32], rate: int) -> Path:
        """Write a recording of one channel, shape (samples,).

        Raises
        ------
        WorkbenchError
            It cannot be written.
        """
        import soundfile

        path = self._new("wav")
        try:
            soundfile.write(path, samples, rate)
        except (OSError, RuntimeError) as error:  # libsndfile's own are of the second kind
            raise WorkbenchError(f"The recording cannot be saved: {error}") from None
        return path

    def _new(self, suffix: str) -> Path:
        try:
            self._folder = self._folder or TemporaryFolder()
        except OSError as error:
            raise WorkbenchError(
                f"There is no room for temporary files: {error.strerror}."
            ) from None
        self._count += 1
        return self._folder.path / f"{self._count}.{suffix}"
