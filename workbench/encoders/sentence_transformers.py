"""Text encoders of the sentence-transformers library: from the hub, a folder or a package."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.card import EncoderCard
from workbench.encoders.encoder import count_parameters
from workbench.encoders.loading import loading
from workbench.encoders.revision import hub_revision, package_version, weights_revision

PREFIX = "sentence-transformers/"


class SentenceTransformersText:
    """A text encoder that sentence-transformers runs.

    Parameters
    ----------
    name : str
        As the user names it, for the card and for errors.
    model : str
        A hub repository (``"all-MiniLM-L6-v2"``, ``"intfloat/multilingual-e5-small"``) or a folder.
    device : str
        A torch device.
    source, revision, licence : str, optional
        For the card, where more is known than the library tells.

    Raises
    ------
    WorkbenchError
        The model cannot be loaded.
    """

    def __init__(
        self,
        name: str,
        model: str,
        device: str = "cpu",
        *,
        source: str | None = None,
        revision: str | None = None,
        licence: str = "not stated: see the source",
    ) -> None:
        local = Path(model).is_dir()
        with loading(name, local):
            import torch
            from sentence_transformers import SentenceTransformer

            self._model = SentenceTransformer(
                model,
                device=device,
                trust_remote_code=False,
                local_files_only=local,
                model_kwargs={"dtype": torch.float32},
            )
            self._model.eval().requires_grad_(False)
            width = int(self.encode(["width"]).shape[1])
        repository = model if "/" in model else PREFIX + model
        if revision is None:
            revision = weights_revision(Path(model)) if local else hub_revision(repository)
        self.card = EncoderCard(
            name=name,
            modality="text",
            width=width,
            library=f"sentence-transformers {package_version('sentence-transformers')}",
            source=source or (f"folder {model}" if local else f"hub {repository}"),
            revision=revision,
            preprocessing=f"the model's own tokens, {self._model.max_seq_length} at most; its own "
            "prompt, pooling and normalisation",
            licence=licence,
            parameters=count_parameters(self._model),
        )

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text, shape (len(batch), width)."""
        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        vectors = self._model.encode(
            list(batch), batch_size=len(batch), show_progress_bar=False, convert_to_numpy=True
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)
