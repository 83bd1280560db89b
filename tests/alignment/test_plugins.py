"""Methods of other packages."""

from importlib import metadata

import numpy as np
import pytest
from worlds.views import two_views

from workbench.alignment import (
    AlignedSpace,
    LinearHead,
    MethodEntry,
    MethodSettings,
    check_settings,
    fit,
    method_problems,
    methods,
)
from workbench.alignment.methods import plugins
from workbench.alignment.settings.method_settings import setting
from workbench.errors import WorkbenchError

OWN = ("gera", "contrastive", "procrustes", "asif", "ridge", "cca", "structure", "sotalign")


class ScaledSettings(MethodSettings):
    """One number."""

    factor: float = setting(1.0, "What rows are multiplied by.", gt=0)


def scaled(data, settings, held_out):
    width = min(rows.shape[1] for rows in data.views.values())
    eyes = {
        view: np.eye(width, rows.shape[1], dtype=np.float32) for view, rows in data.views.items()
    }
    nothing = np.zeros(width, np.float32)
    return AlignedSpace(
        {
            view: LinearHead(data.centres[view], settings.factor * eye, nothing)
            for view, eye in eyes.items()
        }
    )


ENTRY = MethodEntry("scaled", "Scaled", "As they are.", "none", ScaledSettings, scaled)


def two_more():
    return [
        MethodEntry(name, name, "", "", ScaledSettings, scaled) for name in ("one-more", "gera")
    ]


def explode():
    raise RuntimeError("no licence")


NO_ENTRY = 7
UNSOLVED = MethodEntry("unsolved", "Unsolved", "", "", ScaledSettings)
UNSET = MethodEntry("unset", "Unset", "", "", dict, scaled)


@pytest.fixture
def offered(monkeypatch):
    """Offer this module's names as entry points."""

    def offer(*names):
        points = [
            metadata.EntryPoint(f"point-{name}", f"test_plugins:{name}", plugins.GROUP)
            for name in names
        ]
        monkeypatch.setattr(metadata.EntryPoint, "load", lambda point: globals()[point.attr])
        monkeypatch.setattr(plugins.metadata, "entry_points", lambda group: points)
        plugins._load.cache_clear()

    yield offer
    monkeypatch.undo()
    plugins._load.cache_clear()


def test_without_plug_ins_there_are_the_methods_of_the_workbench():
    assert tuple(entry.name for entry in methods()) == OWN
    assert method_problems() == []


def test_a_plug_ins_method_is_one_like_any_other(offered):
    offered("ENTRY")
    assert [entry.name for entry in methods()] == [*OWN, "scaled"]
    assert check_settings("scaled", {"factor": 2}).factor == 2
    with pytest.raises(WorkbenchError, match=r"scaled has no setting “fcator”\. It has: factor"):
        check_settings("scaled", {"fcator": 2})
    views, pairs, _ = two_views()
    space = fit("scaled", views, pairs, settings={"factor": 3.0})
    expected = views["text"] - views["text"].mean(axis=0)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(space.embed("text", views["text"]) - expected).max() < 1e-5


def test_a_broken_plug_in_is_named_and_harms_nothing(offered):
    offered("explode", "NO_ENTRY", "ENTRY", "UNSOLVED", "UNSET", "two_more")
    assert [entry.name for entry in methods()] == [*OWN, "scaled", "one-more"]
    told = method_problems()
    for name, reason in (
        ("explode", "RuntimeError: no licence"), ("NO_ENTRY", "TypeError"),
        ("UNSOLVED", "unsolved has no function that solves it"),
        ("UNSET", "the settings of unset are not MethodSettings"),
        ("“gera”", "name is already in use"),
    ):  # fmt: skip
        (problem,) = [each for each in told if name in each]
        assert reason in problem
        assert "remove its package" in problem
    assert len(told) == 5
    # the workbench's own method is the one that is taken
    assert next(entry for entry in methods() if entry.name == "gera").trains


def test_two_plug_ins_of_one_name(offered):
    offered("ENTRY", "ENTRY")
    assert [entry.name for entry in methods()] == [*OWN, "scaled"]
    (problem,) = method_problems()
    assert "another plug-in has a method scaled already" in problem
