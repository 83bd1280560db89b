"""Which maps lie beside each other, as it is kept for each project."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from workbench.maps import MapMetric

MOST_MAPS = 4
FEWEST_NEIGHBOURS, MOST_NEIGHBOURS, HIGHEST_SEED = 2, 500, 999_999


class MapChoice(BaseModel):
    """What one map is of, and how it is made.

    Attributes
    ----------
    space : str
        As `stations.make_map` takes it; it may be gone since.
    method : str
    neighbours, min_dist, metric, seed
        Of UMAP.
    comparable : bool
        Whether it is laid out like the maps before it.
    """

    model_config = ConfigDict(frozen=True)

    space: str = Field("", max_length=1000)
    method: Literal["pca", "umap"] = "pca"
    neighbours: int = Field(15, ge=FEWEST_NEIGHBOURS, le=MOST_NEIGHBOURS)
    min_dist: float = Field(0.1, ge=0.0, le=1.0)
    metric: MapMetric = "cosine"
    seed: int = Field(0, ge=0, le=HIGHEST_SEED)
    comparable: bool = True


class MapLayout(BaseModel):
    """The maps, from left to right and down; none where nobody has chosen any."""

    model_config = ConfigDict(frozen=True)

    maps: tuple[MapChoice, ...] = Field((), max_length=MOST_MAPS)
