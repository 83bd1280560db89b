"""A layout that is kept is taken only where it holds."""

import pytest
from pydantic import ValidationError

from workbench.gui.exploring.state.map_layout import MapChoice, MapLayout
from workbench.stations import UmapOptions


def test_a_layout_is_the_same_after_it_was_kept():
    maps = (MapChoice(space="run:猫@0.5", method="umap", neighbours=4, metric="euclidean"),) * 4
    kept = MapLayout(maps=maps).model_dump_json(exclude_defaults=True)
    assert MapLayout.model_validate_json(kept) == MapLayout(maps=maps)


def test_without_a_choice_a_map_is_made_as_the_station_makes_it():
    chosen, usual = MapChoice(), UmapOptions()
    for name in ("neighbours", "min_dist", "metric", "seed"):
        assert getattr(chosen, name) == getattr(usual, name)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"maps": [{}] * 5}, {"maps": [{"method": "tsne"}]}, {"maps": [{"neighbours": 1}]},
        {"maps": [{"neighbours": 10**6}]}, {"maps": [{"min_dist": float("nan")}]},
        {"maps": [{"metric": "hamming"}]}, {"maps": [{"seed": -1}]}, {"maps": [{"space": 3}]},
        {"maps": [{"space": "x" * 2000}]}, {"maps": "many"},
    ],
)  # fmt: skip
def test_what_no_map_can_be_made_of_is_refused(spoilt):
    with pytest.raises(ValidationError):
        MapLayout.model_validate(spoilt)
