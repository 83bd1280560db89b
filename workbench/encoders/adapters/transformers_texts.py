"""Text encoders of the transformers library: BERT, E5, CLIP's text tower and others."""

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.encoders.adapters import transformers_loading as shared
from workbench.encoders.adapters.name_options import (
    checked_layer,
    pool_and_layer,
    split_options,
)
from workbench.encoders.card import EncoderCard
from workbench.encoders.encoder import as_array, count_longer, count_parameters
from workbench.encoders.loading import loading
from workbench.encoders.networks import Network, network_of_tokens
from workbench.errors import WorkbenchError

PREFIX = "transformers-text/"
POOLS = ("mean", "cls", "last", "pooler")
MAX_TOKENS = 2048
"""Longer texts are cut, also where a model could read more."""


class TransformersTexts:
    """A text encoder; vectors are read from its tokens.

    Parameters
    ----------
    name : str
        As the user names it. Options at its end choose what is read: ``@layer=N`` the tokens after
        block N (0 is the input of the first, negative counts from the end) instead of the model's
        final output; ``@pool=mean`` the mean over the text's own tokens, ``@pool=cls`` the first,
        ``@pool=last`` the last, ``@pool=pooler`` the model's own pooling, which for a network of
        two towers (CLIP, SigLIP) is its text embedding. By default that embedding, else the mean.
    model : str
        A hub repository (``"google-bert/bert-base-uncased"``) or a folder.
    device : str
        A torch device.
    trust_code : bool
        Whether the model may run program code of its own.

    Attributes
    ----------
    longest : int
        Tokens of a text that are read.

    Raises
    ------
    WorkbenchError
        The model cannot be loaded, reads no texts, or has no such layer or pooling.
    """

    def __init__(
        self, name: str, model: str, device: str = "cpu", *, trust_code: bool = False
    ) -> None:
        pool, layer = check_name(name)
        model = split_options(model)[0]
        local = Path(model).is_dir()
        with loading(name, local):
            from transformers import AutoTokenizer

            self._tokenizer = AutoTokenizer.from_pretrained(
                model, **shared.options_for(model, local, trust_code)
            )
            network, missing = shared.load_network(model, local, trust_code)
            self._network, self._two_towers = _text_part(name, network)
            self._network = self._network.to(device)
            self._device = device
            self._settle_tokens(network)
            read = self._choose(name, pool, layer)
            shared.check_weights(name, network, missing, pooler=self._pool == "pooler")
            width = int(self._vectors(["width"]).shape[1])
        self.card = EncoderCard(
            name=name,
            modality="text",
            width=width,
            library=shared.library_of(network),
            **shared.source_of(model, local),
            preprocessing=f"the model's own tokens, {self.longest} at most; {read}",
            parameters=count_parameters(self._network),
        )

    def encode(self, batch: Sequence[str]) -> NDArray[np.float32]:
        """Return one vector a text, shape (len(batch), width)."""
        if not len(batch):
            return np.empty((0, self.card.width), dtype=np.float32)
        return self._vectors(batch)

    def count_longer(self, batch: Sequence[str]) -> int:
        """Return how many texts are longer than the model reads."""
        return count_longer(self._tokenizer, batch, self.longest)

    def sentence_transformer(self) -> Any:
        """Return the network with its pooling as a `SentenceTransformer`.

        Raises
        ------
        WorkbenchError
            The library does not pool as the name says, or has no place for it.
        """
        words = {"mean": "mean", "cls": "cls", "last": "lasttoken"}
        if self._layer is not None or self._two_towers or self._pool not in words:
            raise WorkbenchError(
                f"{self.card.name} reads vectors in a way that sentence-transformers does not know"
            )
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.base.modules.transformer import Transformer
        from sentence_transformers.sentence_transformer.modules.pooling import Pooling

        with tempfile.TemporaryDirectory() as folder:
            self._network.save_pretrained(folder)
            self._tokenizer.save_pretrained(folder)
            transformer = Transformer(folder, max_seq_length=self.longest)
        pooling = Pooling(self.card.width, pooling_mode=words[self._pool])
        return SentenceTransformer(modules=[transformer, pooling], device="cpu")

    def network(self) -> Network:
        """Return the network with its pooling.

        Raises
        ------
        WorkbenchError
            It reads without a mask, on texts filled up to one length.
        """
        if not self._masked:
            raise WorkbenchError(f"{self.card.name} reads texts that are all filled to one length")
        import torch

        class OfTokens(torch.nn.Module):
            def __init__(self, encoder: "TransformersTexts") -> None:
                super().__init__()
                self.network, self._pooled = encoder._network, encoder._pooled

            def forward(self, input_ids: Any, attention_mask: Any) -> Any:
                taken = {"input_ids": input_ids, "attention_mask": attention_mask}
                return self._pooled(taken, attention_mask)

        def prepare(texts: Sequence[str]) -> dict[str, NDArray[Any]]:
            return {name: made.cpu().numpy() for name, made in self._tokens(texts)[0].items()}

        return network_of_tokens(OfTokens(self), prepare, self._tokenizer, self.longest)

    def _settle_tokens(self, network: Any) -> None:
        """Choose how long a text may be, and how the shorter ones of a batch are filled up."""
        tokenizer, tower = self._tokenizer, self._tower
        tokenizer.padding_side = "right"  # so that a text's positions do not depend on the others
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token or tokenizer.unk_token or tokenizer.bos_token
        # SigLIP learned without a mask, on texts filled up to its full length
        siglip = str(network.config.model_type).startswith("siglip")
        self._masked = "attention_mask" in tokenizer.model_input_names and not siglip
        self.longest = min(tokenizer.model_max_length, _positions(tower), MAX_TOKENS)

    @property
    def _tower(self) -> Any:
        return self._network.text_model if self._two_towers else self._network

    def _choose(self, name: str, pool: str | None, layer: int | None) -> str:
        """Settle which tokens are read, by a look at what the model gives; return it in words."""
        import torch

        with torch.inference_mode():
            output = self._tower(**self._tokens(["width"])[0], output_hidden_states=True)
        blocks = len(output.hidden_states or ()) - 1
        if layer is not None:
            layer = checked_layer(name, layer, blocks)
        if pool is None:
            pool = "pooler" if self._two_towers and layer is None else "mean"
        has_pooler = getattr(output, "pooler_output", None) is not None
        if pool == "pooler" and not (has_pooler or self._two_towers):
            raise WorkbenchError(
                f"The encoder {name} has no pooler: choose @pool=mean, cls or last."
            )
        self._pool, self._layer = pool, layer
        of = "the final output" if layer is None else f"block {layer} of {blocks}"
        words = {
            "mean": f"mean over own tokens of {of}",
            "cls": f"first token of {of}",
            "last": f"last token of {of}",
            "pooler": "text embedding" if self._two_towers else "the model's own pooling",
        }
        return words[pool]

    def _vectors(self, batch: Sequence[str]) -> NDArray[np.float32]:
        import torch

        with torch.inference_mode():
            return as_array(self._pooled(*self._tokens(batch)))

    def _tokens(self, batch: Sequence[str]) -> tuple[dict[str, Any], Any]:
        """Return what the network takes, and a (texts, tokens) mask of each text's own tokens."""
        cut = self._tokenizer(list(batch), truncation=True, max_length=self.longest)["input_ids"]
        filler = self._tokenizer.pad_token_id
        # some tokenizers make nothing of an empty text
        filled = self._tokenizer.pad(
            {"input_ids": [ids or [filler or 0] for ids in cut]},
            padding="longest" if self._masked else "max_length",
            max_length=self.longest,
            return_attention_mask=True,
            return_tensors="pt",
        ).to(self._device)
        own = filled["attention_mask"]
        taken = {"input_ids": filled["input_ids"]}
        return (taken | {"attention_mask": own} if self._masked else taken), own

    def _pooled(self, taken: dict[str, Any], own: Any) -> Any:
        """Run the network; return a (texts, width) tensor."""
        import torch

        if self._pool == "pooler":
            run = self._network.get_text_features if self._two_towers else self._network
            return run(**taken).pooler_output
        output = self._tower(**taken, output_hidden_states=self._layer is not None)
        hidden = output.last_hidden_state
        if self._layer is not None:
            hidden = output.hidden_states[self._layer]
        if self._pool == "cls":
            return hidden[:, 0]
        if self._pool == "last":
            return hidden[torch.arange(len(own), device=own.device), own.sum(dim=1) - 1]
        weights = own.float()
        return (hidden.float() * weights[:, :, None]).sum(1) / weights.sum(1, keepdim=True)


def check_name(name: str, model: str = "") -> tuple[str | None, int | None]:
    """Return the pooling and the layer that a name asks for; see `pool_and_layer`."""
    return pool_and_layer(name, POOLS)


def _text_part(name: str, network: Any) -> tuple[Any, bool]:
    """Return what reads texts in a network, and whether it is one of two towers."""
    if hasattr(network, "get_text_features") and hasattr(network, "text_model"):
        for part in ("vision_model", "visual_projection"):
            if hasattr(network, part):
                setattr(network, part, None)
        return network, True
    # the files of T5's encoder alone do not say that the class has a decoder
    part = network.encoder if hasattr(network, "decoder") else network
    if getattr(part, "main_input_name", "") != "input_ids":
        raise WorkbenchError(
            f"The model {name} is of the kind “{network.config.model_type}”, which does not "
            "encode texts: choose a text encoder, such as google-bert/bert-base-uncased."
        )
    return part, False


def _positions(tower: Any) -> int:
    """Return how many tokens a network can read."""
    from torch.nn import Embedding

    longest = int(getattr(tower.config, "max_position_embeddings", None) or MAX_TOKENS)
    for key, table in tower.named_modules():
        # RoBERTa counts positions from behind the index of its filler
        if key.endswith("position_embeddings") and isinstance(table, Embedding):
            before = 0 if table.padding_idx is None else table.padding_idx + 1
            longest = int(table.num_embeddings) - before
    return longest
