"""Whisper's encoder on short clips, without the silence that it was built to pad with."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.media import SPEECH_RATE

_HOP = 160  # samples a mel frame; two mel frames make one position
_STEP = 2 * _HOP
_TAIL = SPEECH_RATE // 2


class WhisperModel:
    """The encoder of a Whisper network.

    Whisper pads every clip to 30 s. Here a clip gets half a second of silence, and the table of
    positions is cut to its length, which saves most of the work on clips of a few seconds. Padding
    up to the longest clip of a batch is masked in the convolutions and in attention, so that a
    vector does not depend on its neighbours.

    Parameters
    ----------
    network : transformers.models.whisper.modeling_whisper.WhisperEncoder
        On its device, in evaluation mode.
    extractor : transformers.WhisperFeatureExtractor
        Makes the log-mel spectrogram.
    device : str
        The torch device.
    """

    def __init__(self, network: Any, extractor: Any, device: str) -> None:
        self.network = network
        self.layers = len(network.layers)
        self._extractor = extractor
        self._device = device
        self._longest = int(network.max_source_positions) * _STEP
        seconds = self._longest // SPEECH_RATE
        self.description = f"log-mel of the clip and half a second, {seconds} s at most"

    def frames(
        self, clips: list[NDArray[np.float32]], layer: int
    ) -> Iterator[tuple[list[int], Any, Any]]:
        """Yield what block `layer` gives to the clips, all in one group.

        Yields
        ------
        places : list of int
            Which of `clips`.
        hidden : torch.Tensor, shape (len(places), frames, width)
            With padding at the end.
        own : torch.Tensor, shape (len(places),)
            How many frames are a clip's own.
        """
        import torch

        clips = [clip[: self._longest] for clip in clips]
        own = torch.tensor([max(1, _ceil(clip.size)) for clip in clips])
        seen = torch.tensor([_ceil(min(clip.size + _TAIL, self._longest)) for clip in clips])
        hidden = self._hidden(self._spectrogram(clips, int(seen.max())), seen, layer)
        yield list(range(len(clips))), hidden, own

    def _spectrogram(self, clips: list[NDArray[np.float32]], positions: int) -> Any:
        """Return log-mel features, a (clips, bands, 2 · positions) tensor."""
        import torch

        with torch.autocast("cpu", enabled=False):  # it has no half precision
            features = self._extractor(
                clips,
                sampling_rate=SPEECH_RATE,
                padding="max_length",
                max_length=positions * _STEP,
                return_tensors="pt",
            )
        return features["input_features"].to(self._device)

    def _hidden(self, mel: Any, seen: Any, layer: int) -> Any:
        """Run the convolutions and the first `layer` blocks; `seen` counts positions a clip."""
        import torch
        from torch.nn.functional import gelu

        network, positions = self.network, mel.shape[2] // 2
        inside = _until(2 * seen, mel.shape[2])[:, None, :].to(mel)
        frames = gelu(network.conv1(mel * inside)) * inside
        frames = gelu(network.conv2(frames)).transpose(1, 2)
        hidden = frames + network.embed_positions.weight[:positions]
        mask = torch.zeros((len(seen), 1, 1, positions), dtype=hidden.dtype)
        mask.masked_fill_(~_until(seen, positions)[:, None, None, :], torch.finfo(mask.dtype).min)
        mask = mask.expand(-1, 1, positions, -1).to(hidden.device)
        for block in network.layers[:layer]:
            hidden = block(hidden, mask)
        return hidden


def _ceil(samples: int) -> int:
    return -(-samples // _STEP)


def _until(counts: Any, length: int) -> Any:
    """Return a (clips, length) mask that is true on the first `counts` places."""
    import torch

    return torch.arange(length)[None, :] < counts[:, None]
