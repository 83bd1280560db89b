"""What an encode is asked for, and what it did."""

from dataclasses import dataclass
from typing import Literal

from workbench.media import Modality
from workbench.stations.encoding.on_cluster.request import ClusterRequest

Dtype = Literal["float16", "float32"]


@dataclass(frozen=True)
class EncodeRequest:
    """What to encode, and how.

    Attributes
    ----------
    modality : {"image", "text", "speech"}
    encoder : str or None
        Name of an encoder; it becomes the project's choice. None uses the choice made before.
    device : str
        ``auto``, ``cpu``, ``cuda`` or ``mps``.
    batch_size : int
        Items given to the encoder at once; halved when the memory does not suffice.
    dtype : {"float16", "float32"} or None
        In which embeddings are kept. None keeps what a cache has; a new one gets float32.
    precision : {"auto", "full", "half"}
        In which the encoder computes; auto is half on a GPU.
    workers : int or None
        Processes that read ahead; None chooses.
    retry : bool
        Whether to try again the items that failed before and have not changed since.
    trust_code : bool
        Whether a model may run program code of its own. It is kept for this user and this machine,
        as long as the code is the same, see `workbench.stations.encoding.trusted_code`.
    cluster : ClusterRequest or None
        Encode on a Ray cluster; None on this machine. Ray may end the process that does this: see
        `in_cluster_process`.
    """

    modality: Modality
    encoder: str | None = None
    device: str = "auto"
    batch_size: int = 32
    dtype: Dtype | None = None
    precision: Literal["auto", "full", "half"] = "auto"
    workers: int | None = None
    retry: bool = False
    trust_code: bool = False
    cluster: ClusterRequest | None = None


@dataclass(frozen=True)
class EncodeReport:
    """What an encode did.

    Attributes
    ----------
    encoded, copied, kept : int
        Items encoded now, items whose content was encoded already under another name, and items
        whose embedding was there.
    failed, passed_over : int
        Items that could not be encoded now, and those that failed before and were not tried again.
    cut : int
        Texts encoded now of which only the beginning was read, as they are longer than that.
    width : int
        Numbers in one embedding.
    complete : bool
        False when it was stopped; encoding again goes on where it was.
    """

    modality: Modality
    encoder: str
    encoded: int = 0
    copied: int = 0
    kept: int = 0
    failed: int = 0
    passed_over: int = 0
    cut: int = 0
    width: int = 0
    complete: bool = False
    seconds: float = 0.0

    @property
    def done(self) -> int:
        """Items that are finished, one way or another."""
        return self.encoded + self.copied + self.kept + self.failed + self.passed_over
