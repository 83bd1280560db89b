"""wav2vec2, HuBERT, WavLM: encoders that read the samples themselves."""

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

    def pooled(self, clips: list[NDArray[np.float32]], layer: int) -> Any:
        """Return the mean over each clip's own frames after block `layer`.

        Returns
        -------
        torch.Tensor, shape (len(clips), width)
        """
        import torch

        prepared = [self._prepare(clip) for clip in clips]
        groups: dict[int, list[int]] = {}
        for place, samples in enumerate(prepared):
            groups.setdefault(0 if self._maskable else samples.size, []).append(place)
        vectors: list[Any] = [None] * len(prepared)
        for places in groups.values():
            means = self._means([prepared[place] for place in places], layer)
            for place, mean in zip(places, means, strict=True):
                vectors[place] = mean
        return torch.stack(vectors)

    def _prepare(self, clip: NDArray[np.float32]) -> NDArray[np.float32]:
        """Normalise a clip by itself; one too short for the front gets silence."""
        if clip.size < _SHORTEST:
            clip = np.pad(clip, (0, _SHORTEST - clip.size))
        values = self._extractor(clip, sampling_rate=SPEECH_RATE, return_tensors="np")
        samples: NDArray[np.float32] = np.asarray(values["input_values"][0], dtype=np.float32)
        return samples

    def _means(self, clips: list[NDArray[np.float32]], layer: int) -> Any:
        """Run clips as one batch and average over their own frames."""
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
            return hidden.mean(dim=1)
        own = self.network._get_feature_vector_attention_mask(hidden.shape[1], inside)
        weights = own.to(hidden)
        return (hidden * weights[:, :, None]).sum(1) / weights.sum(1, keepdim=True)
