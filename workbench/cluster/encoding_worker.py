"""What holds an encoder on a node.

What it takes and returns is what Ray carries as it is: dicts, texts, numbers, arrays.
"""

import platform
import sys
from collections.abc import Sequence
from typing import Any

from workbench.cluster.same_files import different_files
from workbench.encoders import (
    BatchedModel,
    Encoder,
    LimitedEncoder,
    PreparingEncoder,
    load_encoder,
    own_code,
)
from workbench.errors import WorkbenchError, of_the_system, unexpected

Row = dict[str, Any]


class EncodingWorker:
    """Holds an encoder. Failures come back as sentences: an error of ours would travel pickled."""

    def load(self, order: Row) -> Row:
        """Load the encoder.

        Parameters
        ----------
        order : dict
            ``name``, ``modality``, ``device``, ``precision``, ``code`` (the content of the model's
            own code that may run, or None), ``batch_size``, ``threads``, and ``files``, a sample of
            what is to be seen here, by path.

        Returns
        -------
        dict
            ``node``, ``host``, and either ``failed``, a sentence, or ``card``, ``longest`` (of
            texts, in tokens) and ``preparation``, a reference to what readers prepare items by.
        """
        import ray

        about = {"node": ray.get_runtime_context().get_node_id(), "host": platform.node()}
        try:
            self._encoder = self._loaded(order)
        except WorkbenchError as error:
            return about | {"failed": str(error)}
        except Exception as error:  # of a plug-in
            return about | {"failed": of_the_system(error) or unexpected(error)}
        if odd := different_files(order["files"]):
            return about | {"failed": f"{odd[0]} is not the same file there as here."}
        if order["threads"] and (torch := sys.modules.get("torch")) is not None:
            torch.set_num_threads(order["threads"])
        self._model = BatchedModel(self._encoder, order["batch_size"])
        preparation = (
            self._encoder.preparation if isinstance(self._encoder, PreparingEncoder) else None
        )
        return about | {
            "card": self._encoder.card.model_dump(mode="json"),
            "longest": getattr(self._encoder, "longest", None),
            "preparation": None if preparation is None else ray.put(preparation),
        }

    def _loaded(self, order: Row) -> Encoder:
        name, modality = order["name"], order["modality"]
        trusted = False
        if order["code"] is not None:
            code = own_code(name, modality)
            trusted = code is not None and code.content == order["code"]
        return load_encoder(
            name, modality, order["device"], trust_code=trusted, precision=order["precision"],
            fetch=False,
        )  # fmt: skip

    def encode(
        self, keys: Sequence[int], wanted: Sequence[dict[int, int]], *media: Sequence[Any]
    ) -> Row:
        """Encode items of a batch.

        Parameters
        ----------
        keys : sequence of int
            Ids of the items, in order.
        wanted : sequence of dict of int to int
            For each of `media`, by the place in `keys` the place in it.
        *media : sequence
            As `read_items` returned them.

        Returns
        -------
        dict
            ``vectors``, shape (len(keys), width); ``problems``, by id; ``notices``; ``longer``,
            places of texts of which only the beginning is read. Or ``failed``, a sentence, and
            ``blamed``, ids.
        """
        of_place = {
            place: some[inside]
            for places, some in zip(wanted, media, strict=True)
            for place, inside in places.items()
        }
        batch = [of_place[place] for place in range(len(keys))]
        try:
            vectors, problems, notices = self._model.vectors(batch, keys)
        except WorkbenchError as error:
            return {"failed": str(error), "blamed": list(self._model.failed_in_a_row)}
        longer: list[int] = []
        if isinstance(self._encoder, LimitedEncoder) and self._encoder.card.modality == "text":
            count = self._encoder.count_longer
            longer = [place for place, text in enumerate(batch) if count([text])]
        return {"vectors": vectors, "problems": problems, "notices": notices, "longer": longer}
