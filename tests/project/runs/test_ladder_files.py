"""A ladder is written and read again, and one that is not whole is none."""

import json
import os

import numpy as np
import pytest

from workbench.alignment import AlignedSpace, AlphaSweep, LinearHead, Rung
from workbench.errors import WorkbenchError
from workbench.project import (
    Project,
    Recipe,
    has_ladder,
    read_ladder,
    read_ladder_figures,
    write_ladder,
)
from workbench.project.runs.ladder_files import add_to_rung_curves, read_rung_curves

ALPHAS = (0.0, 1.0, 30.0)


def space(weight):
    return AlignedSpace({"image": LinearHead(
        np.zeros(3, "f4"), np.full((2, 3), weight, "f4"), np.zeros(2, "f4"),
    )})  # fmt: skip


@pytest.fixture
def ladder():
    rungs = [Rung(alpha, space(alpha), {"recall@10": 0.5 + alpha / 100}) for alpha in ALPHAS]
    return AlphaSweep(tuple(rungs), ({"mrr": 0.25}, {"mrr": 0.2}), pairs=40)


@pytest.fixture
def run(tmp_path):
    return Project.create(tmp_path / "p").new_run("swept", Recipe(method="gera", created="2026"))


def test_a_ladder_that_was_written_is_read(run, ladder):
    assert not has_ladder(run)
    write_ladder(run, ladder)
    assert has_ladder(run)
    back, figures = read_ladder(run), read_ladder_figures(run)
    for found in (back, figures):
        assert found.alphas == list(ALPHAS)
        assert [rung.figures for rung in found.rungs] == [rung.figures for rung in ladder.rungs]
        assert (found.between, found.pairs) == (ladder.between, 40)
    for alpha, rung in zip(ALPHAS, back.rungs, strict=True):
        assert (rung.space.heads["image"].weight == np.float32(alpha)).all()
    assert not figures.rungs[0].space.heads  # they are many, and were not asked for


def test_a_run_without_a_ladder_says_how_to_train_one(run):
    with pytest.raises(WorkbenchError, match=r"“swept” has no sweep.*align PROJECT --sweep"):
        read_ladder(run)


@pytest.mark.parametrize("files", [0, 2])
def test_a_ladder_that_a_full_disk_broke_off_is_none(run, ladder, files, monkeypatch):
    real, left = os.replace, [files]

    def replace(*arguments):
        if not left[0]:
            raise OSError(28, "No space left on device")
        left[0] -= 1
        real(*arguments)

    monkeypatch.setattr(os, "replace", replace)
    with pytest.raises(WorkbenchError, match="No space left on device"):
        write_ladder(run, ladder)
    assert not has_ladder(run)


@pytest.mark.parametrize(
    "change",
    [
        {"alphas": [0.0, 1.0]},  # fewer than there are figures of
        {"alphas": [1.0, 0.0, 30.0]},
        {"between": []},
        {"figures": [{}, {}, {}]},  # measured with pairs, and no recall
        {"alphas": [0.0], "figures": [{"recall@10": 1.0}], "between": []},
        {"pairs": "many"},
        {"figures": [{"recall@10": None}] * 3},
        {"more": 1},
    ],
)
def test_figures_that_cannot_be_are_refused(run, ladder, change):
    write_ladder(run, ladder)
    path = run.folder / "ladder" / "figures.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    for read in (read_ladder, read_ladder_figures):
        with pytest.raises(WorkbenchError, match=r"figures\.json"):
            read(run)


def test_heads_that_are_gone_end_in_a_sentence(run, ladder):
    write_ladder(run, ladder)
    (run.folder / "ladder" / "1.safetensors").unlink()
    assert read_ladder_figures(run).alphas == list(ALPHAS)
    with pytest.raises(WorkbenchError, match=r"1\.safetensors"):
        read_ladder(run)


def test_each_rung_has_curves_of_its_own(run):
    assert read_rung_curves(run, 0) == []
    add_to_rung_curves(run, 0, [{"step": 1.0, "loss": 3.0}])
    add_to_rung_curves(run, 0, [{"step": 2.0, "loss": 2.0}])
    add_to_rung_curves(run, 1, [{"step": 1.0, "loss": 9.0}])
    assert [row["loss"] for row in read_rung_curves(run, 0)] == [3.0, 2.0]
    assert [row["loss"] for row in read_rung_curves(run, 1)] == [9.0]
    assert not has_ladder(run)
