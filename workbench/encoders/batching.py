"""Running an encoder over batches, whatever it thinks of single items or of the memory."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.encoders.encoder import Encoder, PreparingEncoder
from workbench.errors import WorkbenchError

Vectors = npt.NDArray[np.float32]

_MOST_FAILURES = 8
"""So many items failing one after another are the encoder's fault, not theirs."""


class BatchedModel:
    """An encoder with a batch size that gives way when the memory does not suffice.

    Parameters
    ----------
    encoder : Encoder
    batch_size : int

    Attributes
    ----------
    batch_size : int
        As it is now.
    failed_in_a_row : list of int
        Keys of the items that failed since the last one that did not.
    """

    def __init__(self, encoder: Encoder, batch_size: int) -> None:
        self.encoder = encoder
        self.batch_size = batch_size
        self.failed_in_a_row: list[int] = []
        prepares = isinstance(encoder, PreparingEncoder)
        self._encode = encoder.encode_prepared if prepares else encoder.encode  # type: ignore[attr-defined]

    def vectors(
        self, media: Sequence[Any], keys: Sequence[int]
    ) -> tuple[Vectors, dict[int, str], list[str]]:
        """Encode media, as many at once as the memory takes.

        Parameters
        ----------
        media : sequence
        keys : sequence of int
            A number for each, to name it by.

        Returns
        -------
        vectors : ndarray, shape (len(media), width), float32
            Rows of items that failed are not finite.
        problems : dict of int to str
            Why, by key.
        notices : list of str
            What the user should know.

        Raises
        ------
        WorkbenchError
            The encoder does not work at all.
        """
        vectors = np.full((len(media), self.encoder.card.width), np.nan, dtype=np.float32)
        problems: dict[int, str] = {}
        notices: list[str] = []
        alone_until = start = 0
        while start < len(media):
            stop = min(start + (1 if start < alone_until else self.batch_size), len(media))
            try:
                vectors[start:stop] = self._run(media[start:stop])
            except WorkbenchError:
                raise
            except Exception as error:  # of a library or a plug-in
                if stop - start > 1:
                    if _is_out_of_memory(error):
                        self._halve(stop - start, notices)
                    else:
                        alone_until = stop  # which of them is it?
                    continue
                problems[keys[start]] = self._blame(keys[start], error)
            else:
                self.failed_in_a_row.clear()
            start = stop
        usable = np.isfinite(vectors).all(axis=1) & vectors.any(axis=1)
        for place in np.flatnonzero(~usable).tolist():
            problems.setdefault(keys[place], "The encoder returned no usable vector for it.")
        vectors[~usable] = np.nan
        return vectors, problems, notices

    def _run(self, media: Sequence[Any]) -> Vectors:
        found = self._encode(media)
        if found.shape != (len(media), self.encoder.card.width):
            raise WorkbenchError(
                f"The encoder {self.encoder.card.name} gave vectors of shape {found.shape} for "
                f"{len(media)} items, where a width of {self.encoder.card.width} was expected. "
                "Use another encoder, or report it to its authors."
            )
        return found

    def _halve(self, tried: int, notices: list[str]) -> None:
        self.batch_size = max(1, tried // 2)
        notices.append(
            f"There is not enough memory for {tried} items at once: continuing with "
            f"{self.batch_size}."
        )
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.empty_cache()  # what the failed attempt left behind

    def _blame(self, key: int, error: Exception) -> str:
        """Return why an item failed; too many after another are no coincidence."""
        reason = (str(error).strip() or type(error).__name__).splitlines()[0][:200].rstrip(".")
        if _is_out_of_memory(error):
            reason = f"there is not enough memory even for it alone: {reason}"
        self.failed_in_a_row.append(key)
        if len(self.failed_in_a_row) >= _MOST_FAILURES:
            raise WorkbenchError(
                f"The encoder {self.encoder.card.name} failed {_MOST_FAILURES} times in a row "
                f"({reason}). Try another device or another encoder. What was encoded before is "
                "kept."
            ) from error
        return f"The encoder failed on it ({reason})."


def _is_out_of_memory(error: Exception) -> bool:
    words = str(error).lower()
    return (
        isinstance(error, MemoryError)
        or type(error).__name__ == "OutOfMemoryError"
        or any(
            each in words for each in ("out of memory", "not enough memory", "t allocate memory")
        )
    )
