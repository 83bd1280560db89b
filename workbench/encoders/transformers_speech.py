"""Speech encoders of the transformers library: Whisper, wav2vec2, HuBERT, WavLM."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.card import EncoderCard
from workbench.encoders.encoder import as_array, count_parameters
from workbench.encoders.loading import loading
from workbench.encoders.revision import hub_revision, package_version, weights_revision
from workbench.encoders.waveform_models import WaveformModel
from workbench.encoders.whisper_model import WhisperModel
from workbench.errors import WorkbenchError
from workbench.media import SPEECH_RATE

PREFIX = "transformers-speech/"

_WAVEFORM_KINDS = frozenset(
    (
        "wav2vec2",
        "hubert",
        "wavlm",
        "wav2vec2-conformer",
        "unispeech",
        "unispeech-sat",
        "data2vec-audio",
    )
)


class _FrameModel(Protocol):
    """A model that gives vectors to stretches of sound."""

    network: Any
    layers: int
    description: str

    def pooled(self, clips: list[NDArray[np.float32]], layer: int) -> Any:
        """Return the mean over each clip's own frames after a block, a (clips, width) tensor."""
        ...


class TransformersSpeech:
    """A speech encoder; vectors are the mean of a block's output over the clip's own frames.

    Parameters
    ----------
    name : str
        As the user names it, for the card and for errors.
    model : str
        A hub repository (``"openai/whisper-base"``) or a folder.
    device : str
        A torch device.
    layer : int, optional
        After which block to read, 0 for the input of the first. Negative counts from the end, -1
        being the last. By default the last: for Whisper before its closing layer norm, which
        carries content better than after it.

    Raises
    ------
    WorkbenchError
        The model cannot be loaded, is no speech encoder, or has no such layer.
    """

    def __init__(
        self, name: str, model: str, device: str = "cpu", *, layer: int | None = None
    ) -> None:
        local = Path(model).is_dir()
        with loading(name, local):
            self._model = _load(name, model, device, local)
            self.layer = _checked_layer(name, layer, self._model.layers)
            silence = np.zeros(SPEECH_RATE // 4, dtype=np.float32)
            width = int(self._vectors([silence]).shape[1])
        self.card = EncoderCard(
            name=name,
            modality="speech",
            width=width,
            library=f"transformers {package_version('transformers')}",
            source=f"folder {model}" if local else f"hub {model}",
            revision=weights_revision(Path(model)) if local else hub_revision(model),
            preprocessing=f"{self._model.description}; block {self.layer} of {self._model.layers}, "
            "mean over own frames",
            parameters=count_parameters(self._model.network),
        )

    def encode(self, batch: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
        """Return one vector a recording, shape (len(batch), width).

        Parameters
        ----------
        batch : sequence of ndarray, shape (samples,), float32
            Mono, 16 kHz.
        """
        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        return self._vectors([np.asarray(clip, dtype=np.float32) for clip in batch])

    def _vectors(self, clips: list[NDArray[np.float32]]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            return as_array(self._model.pooled(clips, self.layer))


def _load(name: str, model: str, device: str, local: bool) -> _FrameModel:
    """Load the model in float32 and wrap it by its kind."""
    import torch
    from transformers import AutoConfig, AutoFeatureExtractor, AutoModel

    options = {"trust_remote_code": False, "local_files_only": local}
    kind = AutoConfig.from_pretrained(model, **options).model_type
    if kind != "whisper" and kind not in _WAVEFORM_KINDS:
        raise WorkbenchError(
            f"The model {name} is of the kind “{kind}”, which is no speech encoder the workbench "
            "knows: choose Whisper, wav2vec2, HuBERT or WavLM."
        )
    extractor = AutoFeatureExtractor.from_pretrained(model, **options)
    if extractor.sampling_rate != SPEECH_RATE:
        raise WorkbenchError(
            f"The encoder {name} hears {extractor.sampling_rate} samples a second, the workbench "
            f"gives {SPEECH_RATE}: choose another."
        )
    network = AutoModel.from_pretrained(model, dtype=torch.float32, weights_only=True, **options)
    network = network.encoder if kind == "whisper" else network
    network = network.eval().requires_grad_(False).to(device)
    make = WhisperModel if kind == "whisper" else WaveformModel
    return make(network, extractor, device)


def _checked_layer(name: str, layer: int | None, layers: int) -> int:
    """Return the block as a number from 0."""
    wanted = layers if layer is None else layer
    if wanted < 0:
        wanted += layers + 1
    if not 0 <= wanted <= layers:
        raise WorkbenchError(
            f"The encoder {name} has {layers} blocks, so there is no layer {layer}: choose one "
            f"from 0 to {layers}."
        )
    return wanted
