"""Encoders of the sentence-transformers library: from the hub, a folder or a package."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.adapters.transformers_loading import code_options
from workbench.encoders.card import EncoderCard
from workbench.encoders.encoder import count_longer, count_parameters
from workbench.encoders.loading import loading
from workbench.encoders.networks import TOKEN_INPUTS, Network, network_of_tokens
from workbench.encoders.revision import hub_revision, package_version, weights_revision
from workbench.errors import WorkbenchError
from workbench.media import SPEECH_RATE, Modality

PREFIX = "sentence-transformers/"

_THEIR_WORDS: dict[Modality, str] = {"image": "image", "text": "text", "speech": "audio"}


class SentenceTransformersModel:
    """A model that sentence-transformers runs, for one of the modalities that it has.

    Parameters
    ----------
    name : str
        As the user names it, for the card and for errors.
    model : str
        A hub repository (``"all-MiniLM-L6-v2"``, ``"intfloat/multilingual-e5-small"``) or a folder.
    device : str
        A torch device.
    modality : {"image", "text", "speech"}
        What it is to encode: most models know texts alone, some pictures or sound besides.
    trust_code : bool
        Whether the model may run program code of its own.
    source, revision, licence : str, optional
        For the card, where more is known than the library tells.

    Raises
    ------
    WorkbenchError
        The model cannot be loaded, or does not know the modality.
    """

    def __init__(
        self,
        name: str,
        model: str,
        device: str = "cpu",
        *,
        modality: Modality = "text",
        trust_code: bool = False,
        source: str | None = None,
        revision: str | None = None,
        licence: str = "not stated: see the source",
    ) -> None:
        local = Path(model).is_dir()
        repository = model if "/" in model else PREFIX + model
        with loading(name, local):
            import torch
            from sentence_transformers import SentenceTransformer

            self._model = SentenceTransformer(
                model,
                device=device,
                local_files_only=local,
                model_kwargs={"dtype": torch.float32},
                **code_options(repository, local, trust_code),
            )
            self._model.eval().requires_grad_(False)
            self._modality = modality
            self._known = _checked_modalities(name, self._model, modality)
            self._rate = _sampling_rate(self._model)
            width = int(self.encode([_sample(modality)]).shape[1])
        if revision is None:
            revision = weights_revision(Path(model)) if local else hub_revision(repository)
        own = "the model's own prompt, pooling and normalisation"
        if modality == "text":
            own = (
                f"the model's own tokens, {self._model.max_seq_length} at most; its own prompt, "
                "pooling and normalisation"
            )
        self.card = EncoderCard(
            name=name,
            modality=modality,
            width=width,
            library=f"sentence-transformers {package_version('sentence-transformers')}",
            source=source or (f"folder {model}" if local else f"hub {repository}"),
            revision=revision,
            preprocessing=own,
            licence=licence,
            parameters=count_parameters(self._model),
        )

    def encode(self, batch: Sequence[Any]) -> NDArray[np.float32]:
        """Return one vector an item, shape (len(batch), width)."""
        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        vectors = self._model.encode(
            [self._marked(medium) for medium in batch],
            batch_size=len(batch),
            show_progress_bar=False,
            convert_to_numpy=True,
        )
        return np.ascontiguousarray(vectors, dtype=np.float32)

    def sentence_transformer(self) -> Any:
        """Return the model itself, a `SentenceTransformer`."""
        return self._model

    def network(self) -> Network:
        """Return the model as a network of tokens, with the tokenizer's files.

        Raises
        ------
        WorkbenchError
            It is for pictures or sound, whose preparation the library keeps to itself.
        """
        if self._modality != "text":
            raise WorkbenchError(
                f"how sentence-transformers prepares {self._modality} for {self.card.name} cannot "
                "be written down"
            )
        import torch

        class OfTokens(torch.nn.Module):
            def __init__(self, model: Any) -> None:
                super().__init__()
                self.model = model

            def forward(self, input_ids: Any, attention_mask: Any) -> Any:
                features = {"input_ids": input_ids, "attention_mask": attention_mask}
                for module in self.model:
                    features = module(features)
                return features["sentence_embedding"]

        prompt = self._model.prompts.get(self._model.default_prompt_name or "") or ""

        def prepare(texts: Sequence[str]) -> dict[str, NDArray[Any]]:
            made = self._model.preprocess(
                [self._marked(text) for text in texts], prompt=prompt or None
            )
            return {name: made[name].cpu().numpy() for name in TOKEN_INPUTS}

        tokenizer = self._model.tokenizer
        return network_of_tokens(OfTokens(self._model), prepare, tokenizer, self.longest, prompt)

    @property
    def longest(self) -> int:
        """Tokens of a text that the model reads."""
        return int(self._model.max_seq_length or sys.maxsize)

    def count_longer(self, batch: Sequence[str]) -> int:
        """Return how many texts are longer than the model reads."""
        tokenizer = getattr(self._model, "tokenizer", None)
        if self._modality != "text" or not callable(tokenizer):
            return 0
        return count_longer(tokenizer, batch, self.longest)

    def _marked(self, medium: Any) -> Any:
        """Say what a medium is, where the library would guess: a text “cat.png” is no picture."""
        if self._modality == "speech":
            import soxr

            samples = np.asarray(medium, dtype=np.float32)
            if self._rate != SPEECH_RATE:
                samples = soxr.resample(samples, SPEECH_RATE, self._rate)
            return {"array": samples, "sampling_rate": self._rate}
        return {"text": medium} if self._modality == "text" and len(self._known) > 1 else medium


def _checked_modalities(name: str, model: Any, modality: Modality) -> list[str]:
    """Return what a model knows, in the library's words; versions before 6 know texts alone."""
    known = [word for word in getattr(model, "modalities", ["text"]) if isinstance(word, str)]
    if _THEIR_WORDS[modality] not in known:
        ours = [word for word, theirs in _THEIR_WORDS.items() if theirs in known]
        raise WorkbenchError(
            f"The encoder {name} encodes {' and '.join(ours) or 'nothing of ours'}, not "
            f"{modality}: choose another."
        )
    return known


def _sampling_rate(model: Any) -> int:
    """Return how many samples a second a model hears."""
    processor = getattr(model[0], "processor", None)
    extractor = getattr(processor, "feature_extractor", processor)
    return int(getattr(extractor, "sampling_rate", None) or SPEECH_RATE)


def _sample(modality: Modality) -> Any:
    from PIL import Image

    samples: dict[Modality, Any] = {
        "image": Image.new("RGB", (64, 64)),
        "text": "width",
        "speech": np.zeros(SPEECH_RATE, dtype=np.float32),
    }
    return samples[modality]
