"""What an encoder says of itself; kept with every embedding that it made."""

from pydantic import BaseModel, ConfigDict, Field

from workbench.media import Modality


class EncoderCard(BaseModel):
    """All that decides which vector an item gets. Two equal cards give equal vectors.

    Attributes
    ----------
    name : str
        As the user names it, such as ``"bundled/minilm-l6"``.
    modality : {"image", "text", "speech"}
        What it encodes.
    width : int
        Length of its vectors.
    library : str
        What runs it, with version.
    source : str
        Where the weights come from: a package, a hub repository, a folder.
    revision : str
        Version of the package, commit of the repository, or a fingerprint of the weights; another
        revision may mean other vectors.
    preprocessing : str
        What happens between the item and the model, and how the vector is pooled.
    licence : str
        Of the weights, as far as it is known.
    parameters : int or None
        How many numbers the encoder has.
    dtype : str
        In which it computes.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    modality: Modality
    width: int = Field(gt=0)
    library: str
    source: str
    revision: str
    preprocessing: str
    licence: str = "not stated: see the source"
    parameters: int | None = None
    dtype: str = "float32"
