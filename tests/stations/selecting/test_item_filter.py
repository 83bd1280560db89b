"""Filters keep what plain loops over the items keep, for scripts and for the table alike."""

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, write_item

from workbench.errors import WorkbenchError
from workbench.jobs import Control, drain
from workbench.project import Item
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    ItemColumns,
    ItemFilter,
    align,
    encode,
    filter_items,
    find_items,
    inspector,
    scan,
    split_roles,
)

pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, 40, extra=3))
    drain(align(project, AlignRequest(method="ridge", name="p", pairs=20)))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def kept(project, *given, **wanted):
    return drain(filter_items(project, ItemFilter(**wanted), *given)).tolist()


def test_all_that_is_asked_for_must_hold(project):
    items = project.catalogue.items()
    paired = np.concatenate(list(project.catalogue.pairs().values())).ravel().tolist()
    assert kept(project) == [item.id for item in items]
    assert kept(project, modality="text") == find_items(project, modality="text").tolist()
    assert kept(project, containing="THING-01") == find_items(
        project, containing="THING-01"
    ).tolist() != []  # fmt: skip
    expected = [
        item.id for item in items
        if item.label == "kind-1" and item.modality == "image" and item.id in paired
    ]  # fmt: skip
    assert kept(project, label="kind-1", modality="image", paired=True) == expected != []
    alone = [item.id for item in items if item.id not in paired]
    assert kept(project, paired=False) == alone != []
    assert kept(project, label="nobody") == kept(project, label="") == []
    assert kept(project, language="xx") == []


def test_without_a_label_or_a_language():
    items = [
        Item(modality="text", path=str(n), fingerprint="", key=str(n), id=n,
             label=["", "a", "标签"][n % 3], language=["en", ""][n % 2])
        for n in range(12)
    ]  # fmt: skip
    columns = ItemColumns.of(items, np.zeros((0, 2), np.int64))
    for label in ("", "a", "标签"):
        found = columns.ids[ItemFilter(label=label).keeps(columns)]
        assert found.tolist() == [item.id for item in items if item.label == label]
    assert ItemFilter(language="").keeps(columns).tolist() == [False, True] * 6


def test_the_split_is_that_of_the_roles(project):
    known = split_roles(project, "p")
    for role in ("training", "validation", "test", "unpaired"):
        expected = sorted(
            item for ids, roles in known.values()
            for item, each in zip(ids.tolist(), roles, strict=True) if each == role
        )  # fmt: skip
        assert kept(project, "p", split=role) == expected
    assert kept(project, "p", split="training") != []


def test_copies_have_the_role_of_the_first(project, tmp_path):
    write_item(tmp_path / "text" / "copy", "text", 5)
    drain(scan(project))
    drain(encode(project, EncodeRequest("text", "fake/text")))
    drain(align(project, AlignRequest(method="ridge", name="again")))
    both = {item.id for item in project.catalogue.items("text") if item.text == "thing 5"}
    assert len(both) == 2
    held = [role for role in ("training", "validation", "test", "unpaired", "left out")
            if both & set(kept(project, "again", split=role))]  # fmt: skip
    assert len(held) == 1
    assert both <= set(kept(project, "again", split=held[0]))


def test_numbers_are_bounds_and_unknown_ones_are_not_kept(project):
    figures = drain(drain(inspector(project, "p")).measure())
    ids = np.array(kept(project))
    bent, ranks = figures.distortion_of(ids), figures.partner_rank_of(ids)
    middle = float(np.nanmedian(bent))
    assert kept(project, "p", distortion=(middle, None)) == ids[bent >= middle].tolist() != []
    assert kept(project, "p", distortion=(None, middle)) == ids[bent <= middle].tolist() != []
    assert kept(project, "p", rank=(1, 2)) == ids[(ranks >= 1) & (ranks <= 2)].tolist() != []
    assert kept(project, "p", rank=(None, 1e9)) == ids[ranks > 0].tolist()
    assert len(kept(project, "p", rank=(None, 1e9))) < len(ids)
    assert kept(project, "p", rank=(3, 2)) == []
    both = kept(project, "p", rank=(2, None), distortion=(middle, None), split="test")
    assert set(both) == set(ids[(ranks >= 2) & (bent >= middle)].tolist()) & set(
        kept(project, "p", split="test")
    )
    given = drain(filter_items(project, ItemFilter(rank=(2, None)), "p", figures=figures))
    assert given.tolist() == ids[ranks >= 2].tolist()


def test_figures_that_were_not_measured_keep_nothing(project):
    columns = ItemColumns.read(project)
    assert not ItemFilter(distortion=(0.0, None)).keeps(columns).any()
    assert not ItemFilter(rank=(None, 5)).keeps(columns).any()
    assert not ItemFilter(split="test").keeps(columns).any()
    assert not ItemFilter(split="").keeps(columns).any()


def test_what_cannot_be_done_is_a_sentence(project, tmp_path):
    with pytest.raises(WorkbenchError, match="Name the run"):
        kept(project, rank=(1, None))
    with pytest.raises(WorkbenchError, match="no run “nothing”"):
        kept(project, "nothing", split="test")
    with pytest.raises(WorkbenchError, match="“training set” is not a part of the split"):
        ItemFilter(split="training set")
    write_item(tmp_path / "text" / "kind-0", "text", 900)
    drain(scan(project))
    with pytest.raises(WorkbenchError, match="its split is no longer known"):
        kept(project, "p", split="test")


def test_a_stop_finds_nothing(project):
    control = Control()
    control.stop()
    assert drain(filter_items(project, ItemFilter(rank=(1, None)), "p", control)) is None
