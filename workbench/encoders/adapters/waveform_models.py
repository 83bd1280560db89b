"""wav2vec2, HuBERT, WavLM: encoders that read the samples themselves."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.media import SPEECH_RATE

_SHORTEST = SPEECH_RATE // 10  # the convolutions need some 25 ms


class WaveformModel:
    """A model with a convolutional front over samples.

    Clips of equal length run together. Others are padded to the longest and masked only where the
    front normalises each frame by itself; where it normalises over time (``feat_extract_norm =
    "group"``, as in wav2vec2-base), padding would change the clip's own frames, so clips of
    different length run one after the other.

    Parameters
    ----------
    network : transformers.PreTrainedModel
        On its device, in evaluation mode.
    extractor : transformers.Wav2Vec2FeatureExtractor
        Normalises the samples of a clip.
    device : str
        The torch device.
    """

    def __init__(self, network: Any, extractor: Any, device: str) -> None:
        self.network = network
        self.layers = int(network.config.num_hidden_layers)
        self._extractor = extractor
        self._device = device
        settings = network.config
        self._maskable = getattr(settings, "feat_extract_norm", "group") == "layer" and not getattr(
            settings, "add_adapter", False
        )
        self.description = "samples" + (
            " normalised a clip" if getattr(extractor, "do_normalize", False) else ""
        )

    def frames(
        self, clips: list[NDArray[np.float32]], layer: int
    ) -> Iterator[tuple[list[int], Any, Any]]:
        """Yield what block `layer` gives to groups of clips that can run together.

        Yields
        ------
        places : list of int
            Which of `clips`.
        hidden : torch.Tensor, shape (len(places), frames, width)
            With padding at the end.
        own : torch.Tensor, shape (len(places),)
            How many frames are a clip's own.
        """
        prepared = [self._prepare(clip) for clip in clips]
        groups: dict[int, list[int]] = {}
        for place, samples in enumerate(prepared):
            groups.setdefault(0 if self._maskable else samples.size, []).append(place)
        for places in groups.values():
            yield places, *self._run([prepared[place] for place in places], layer)

    def _prepare(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        """Normalise a clip by itself; one too short for the front gets silence."""
        if clip.size < _SHORTEST:
            clip = np.pad(clip, (0, _SHORTEST - clip.size))
        values = self._extractor(clip, sampling_rate=SPEECH_RATE, return_tensors="np")
        samples: NDArray[np.float32] = np.asarray(values["input_values"][0], dtype=np.float32)
        return samples

    def _run(self, clips: list[NDArray[np.float32]], layer: int) -> tuple[Any, Any]:
        """Run clips as one batch; return the frames after a block and how many are each clip's."""
        import torch

        lengths = torch.tensor([clip.size for clip in clips])
        longest = int(lengths.max())
        samples = torch.from_numpy(
            np.stack([np.pad(clip, (0, longest - clip.size)) for clip in clips])
        ).to(self._device)
        uneven = int(lengths.min()) < longest
        inside = (torch.arange(longest)[None, :] < lengths[:, None]).long().to(self._device)
        output = self.network(
            samples, attention_mask=inside if uneven else None, output_hidden_states=True
        )
        last = layer == self.layers
        hidden = output.last_hidden_state if last else output.hidden_states[layer]
        if not uneven:
            return hidden, torch.full((len(clips),), hidden.shape[1])
        own = self.network._get_feature_vector_attention_mask(hidden.shape[1], inside)
        return hidden, own.sum(dim=1)
