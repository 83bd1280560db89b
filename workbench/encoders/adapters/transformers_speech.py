"""Speech encoders of the transformers library: Whisper, wav2vec2, HuBERT, WavLM."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.adapters import transformers_loading as shared
from workbench.encoders.adapters.name_options import (
    check_known,
    checked_layer,
    split_options,
    whole_number,
)
from workbench.encoders.adapters.waveform_models import WaveformModel
from workbench.encoders.adapters.whisper_model import WhisperModel
from workbench.encoders.card import EncoderCard
from workbench.encoders.encoder import as_array, count_parameters
from workbench.encoders.loading import loading
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

    def frames(
        self, clips: list[NDArray[np.float32]], layer: int
    ) -> Iterator[tuple[list[int], Any, Any]]:
        """Yield places among the clips, their frames after a block, and how many are their own."""
        ...


class TransformersSpeech:
    """A speech encoder; vectors are the mean of a block's output over the clip's own frames.

    Parameters
    ----------
    name : str
        As the user names it. Options at its end choose what is read: ``@layer=N`` the frames after
        block N (0 is the input of the first, negative counts from the end, -1 being the last);
        ``@segments=N`` the means over N equal stretches of the clip, one behind the other, instead
        of one mean over all. By default the last block: for Whisper before its closing layer norm,
        which carries content better than after it.
    model : str
        A hub repository (``"openai/whisper-base"``) or a folder.
    device : str
        A torch device.
    trust_code : bool
        Whether the model may run program code of its own.

    Raises
    ------
    WorkbenchError
        The model cannot be loaded, is no speech encoder, or has no such layer.
    """

    def __init__(
        self, name: str, model: str, device: str = "cpu", *, trust_code: bool = False
    ) -> None:
        layer, self.segments = check_name(name)
        model = split_options(model)[0]
        local = Path(model).is_dir()
        with loading(name, local):
            self._model = _load(name, model, device, local, trust_code)
            self.layer = checked_layer(name, layer, self._model.layers)
            silence = np.zeros(SPEECH_RATE // 4, dtype=np.float32)
            width = int(self._vectors([silence]).shape[1])
        pooling = "mean over own frames"
        if self.segments > 1:
            pooling += f" of {self.segments} equal stretches each"
        self.card = EncoderCard(
            name=name,
            modality="speech",
            width=width,
            library=shared.library_of(self._model.network),
            **shared.source_of(model, local),
            preprocessing=f"{self._model.description}; block {self.layer} of {self._model.layers}, "
            f"{pooling}",
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

        vectors: list[Any] = [None] * len(clips)
        with torch.inference_mode():
            for places, hidden, own in self._model.frames(clips, self.layer):
                means = stretch_means(hidden, own, self.segments)
                for place, mean in zip(places, means, strict=True):
                    vectors[place] = mean
            return as_array(torch.stack(vectors))


def check_name(name: str, model: str = "") -> tuple[int | None, int]:
    """Return the layer and the segments that a name asks for; nothing of the model is looked at.

    Raises
    ------
    WorkbenchError
        It has an unknown option or value.
    """
    options = split_options(name)[1]
    check_known(name, options, ("layer", "segments"))
    segments = whole_number(name, options, "segments", least=2)
    return whole_number(name, options, "layer"), segments or 1


def stretch_means(hidden: Any, own: Any, segments: int) -> Any:
    """Average frames over equal stretches of each clip.

    Where a border falls within a frame, the frame counts to both stretches by its parts, so clips
    with fewer frames than stretches have their means too.

    Parameters
    ----------
    hidden : torch.Tensor, shape (clips, frames, width)
        Padding stands at the end.
    own : torch.Tensor, shape (clips,)
        How many frames are a clip's own, at least 1.
    segments : int
        How many stretches.

    Returns
    -------
    torch.Tensor, shape (clips, segments · width), float32
    """
    import torch

    device = hidden.device
    length = own.to(device).float()[:, None, None] / segments  # of a stretch, in frames
    start = torch.arange(segments, device=device)[None, :, None] * length
    frame = torch.arange(hidden.shape[1], device=device)[None, None, :].float()
    inside = torch.minimum(frame + 1, start + length) - torch.maximum(frame, start)
    weights = inside.clamp(min=0) / length
    # no matrix product, which autocast would run in half precision: a stretch at a time
    means = [(weights[:, s, :, None] * hidden.float()).sum(dim=1) for s in range(segments)]
    return torch.cat(means, dim=1)


def _load(name: str, model: str, device: str, local: bool, trust_code: bool) -> _FrameModel:
    """Load the model in float32 and wrap it by its kind."""
    from transformers import AutoConfig, AutoFeatureExtractor

    options = shared.options_for(model, local, trust_code)
    kind = AutoConfig.from_pretrained(model, **options).model_type
    if kind != "whisper" and kind not in _WAVEFORM_KINDS:
        raise WorkbenchError(
            f"The model {name} is of the kind “{kind}”, which is not a speech encoder that the "
            "workbench knows: choose Whisper, wav2vec2, HuBERT or WavLM."
        )
    extractor = AutoFeatureExtractor.from_pretrained(model, **options)
    if extractor.sampling_rate != SPEECH_RATE:
        raise WorkbenchError(
            f"The encoder {name} expects {extractor.sampling_rate} samples a second, the "
            f"workbench provides {SPEECH_RATE}: choose another."
        )
    whole, missing = shared.load_network(model, local, trust_code)
    shared.check_weights(name, whole, missing, pooler=True)
    network = (whole.encoder if kind == "whisper" else whole).to(device)
    make = WhisperModel if kind == "whisper" else WaveformModel
    return make(network, extractor, device)
