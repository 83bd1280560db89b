"""Each sign of failure is provoked by a small real training; healthy ones show none."""

import csv
import io
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from worlds.two_maps import two_maps
from worlds.views import two_views

from workbench.alignment import StepReport, diagnose, train
from workbench.jobs import Control, Notice, drain

STEPS = {"steps": 120, "learning_rate": 3e-4}
RANDOM = {**STEPS, "start": "random", "head": "linear", "learning_rate": 1e-2}
GERA = {"neighbours": 15}
# hardly regularised, canonical correlations of few pairs are all near 1
MANY_DIRECTIONS = {**STEPS, "start_penalty": 1e-5, "learning_rate": 0.1}


def linear():
    return two_views()


def curved(pairs=100):
    world = two_maps(pairs=pairs, unpaired=100, held_out=100)
    return world.views, world.pairs, world.validation


def wrong(world):
    """Shift who belongs to whom."""
    views, pairs, held_out = world
    ((relation, rows),) = pairs.items()
    return views, {relation: np.stack([rows[:, 0], np.roll(rows[:, 1], 7)], axis=1)}, held_out


def strangers():
    """Return views that have nothing to do with each other, nor their rows with one another."""
    views, pairs, held_out = two_views()
    random = np.random.default_rng(0)
    noise = {v: random.normal(size=rows.shape).astype(np.float32) for v, rows in views.items()}
    return noise, pairs, held_out


def run(method, world, settings, held=True, listen=None, control=None):
    views, pairs, held_out = world
    told = []

    def take(event):
        told.append(event)
        if listen:
            listen(event)

    validation = held_out if held else None
    drain(
        train(method, views, pairs, settings=settings, validation=validation, control=control),
        take,
    )
    reports = [event for event in told if isinstance(event, StepReport)]
    return reports, [event for event in told if isinstance(event, Notice)], told


def named(reports, clip=1.0) -> set:
    return {found.name for found in diagnose(reports, clip)}


PROVOKED = [
    ("stuck", "gera", linear(), {**GERA, **STEPS, "learning_rate": 1e-9}),
    ("stuck", "contrastive", curved(), {**STEPS, "start": "random", "learning_rate": 1e-9}),
    ("geometry", "gera", strangers(), {**GERA, **RANDOM, "alpha": 1000}),
    ("geometry", "gera", curved(), {**GERA, **STEPS, "alpha": 1000, "learning_rate": 1e-2}),
    ("overfitting", "contrastive", curved(), {**STEPS, "learning_rate": 3e-2, "mixing": 0}),
    ("overfitting", "contrastive", curved(12), {**STEPS, "learning_rate": 1e-2, "mixing": 0}),
    ("guessing", "contrastive", wrong(linear()), {**STEPS, "learning_rate": 1e-2}),
    (
        "guessing", "contrastive", wrong(curved()),
        {**STEPS, "learning_rate": 1e-2, "start_penalty": 1e-3},
    ),
    ("collapse", "contrastive", curved(), MANY_DIRECTIONS | {"temperature": 0.005}),
]  # fmt: skip


GEOMETRY = 2


@cache
def provoked(case):
    _, method, world, settings = PROVOKED[case]
    return run(method, world, settings)


@pytest.mark.parametrize(
    "case", range(len(PROVOKED)), ids=lambda case: "-".join(PROVOKED[case][:2])
)
def test_what_is_provoked_is_seen_and_told_once(case):
    name = PROVOKED[case][0]
    reports, notices, told = provoked(case)
    found = {each.name: each for each in diagnose(reports)}
    assert name in found
    assert found[name].step == 120
    words = found[name].sentence[:25]
    (warning,) = [notice for notice in notices if notice.text.startswith(words)]
    assert warning.level == "warning"
    # in time: not only when all is over
    assert told.index(warning) < told.index(reports[100])


FROM_RANDOM = {**GERA, **RANDOM, "alpha": 3.0, "temperature": 0.1, "steps": 100}


@pytest.mark.parametrize(
    ("method", "settings", "world"),
    [
        ("gera", {**GERA, "alpha": 3.0}, linear()),
        ("gera", {**GERA, "alpha": 3.0}, curved()),
        ("contrastive", {}, curved()),
        ("structure", {}, linear()),
        ("gera", FROM_RANDOM, curved()),
    ],
)
def test_a_healthy_training_shows_no_sign(method, settings, world):
    reports, notices, _ = run(method, world, {**STEPS, **settings})
    assert named(reports) == set()
    assert [notice.text for notice in notices] == []
    # nor does it where nobody looks at held-out pairs
    assert named([replace(report, validation=None) for report in reports]) == set()


def test_a_training_that_is_made_to_diverge_is_seen():
    control = Control()

    def spoil(event):
        if isinstance(event, StepReport) and event.step == 60:
            control.set("learning_rate", 1.0)

    settings = {**GERA, **STEPS, "alpha": 1000, "learning_rate": 1e-3, "validate_every": 5}
    reports, notices, _ = run("gera", curved(), settings, listen=spoil, control=control)
    assert "diverging" not in named(reports[:60])
    seen = next(n for n in notices if n.text.startswith("The training diverges"))
    assert "Lower the learning rate" in seen.text
    # gradients that need no cutting speak against it
    assert "diverging" not in named(reports[:70], clip=1e9)
    assert "diverging" in named(reports[:70])


def moved(world, values, settings, at=60):
    """Return the reports of a training in whose middle values are moved, and its notices."""
    control = Control()

    def move(event):
        if isinstance(event, StepReport) and event.step == at:
            for name, value in values.items():
                control.set(name, value)

    reports, notices, _ = run(
        "gera", world, {**GERA, **STEPS, **settings}, listen=move, control=control
    )
    return reports, [notice.text for notice in notices]


def test_an_alpha_raised_from_zero_is_no_divergence():
    settings = {"alpha": 0.0, "mixing": 0.0}
    reports, _ = moved(linear(), {"alpha": 30.0}, settings, at=50)
    assert reports[60].loss > 5 * reports[40].loss
    assert "diverging" not in named(reports[:70])
    assert "diverging" not in named(reports)


@pytest.mark.parametrize(
    ("settings", "world"),
    [({}, curved()), ({**RANDOM, "alpha": 10.0, "temperature": 0.1}, linear())],
)
def test_a_healthy_training_whose_alpha_is_raised_shows_no_sign(settings, world):
    reports, notices = moved(world, {"alpha": 1000.0}, {"alpha": 10.0, **settings})
    assert reports[-1].alpha == {"image": 1000.0, "text": 1000.0}
    assert reports[64].loss > 2 * reports[55].loss
    assert notices == []
    for count in range(45, 121, 5):
        assert named(reports[:count]) == set()


def test_few_anchors_make_a_weighed_loss_noisy_which_is_no_divergence():
    settings = {"alpha": 0.3, "anchors": 2, "hidden": 60, "learning_rate": 3e-3}
    reports, _ = moved(curved(30), {"alpha": 1000.0}, settings, at=50)
    looks = [report for report in reports if report.validation]
    for count in range(5, len(looks) + 1):
        assert "diverging" not in named(looks[:count])


def test_another_temperature_counts_otherwise_which_is_no_divergence():
    reports, _ = moved(linear(), {"temperature": 0.5}, {"alpha": 1000.0})
    before, after = reports[55].losses["contrastive"], reports[62].losses["contrastive"]
    assert after > 1.5 * before + 0.5
    assert reports[62].gradient_norm > 1
    for count in range(61, 121):
        assert "diverging" not in named(reports[:count])


def test_a_divergence_is_seen_although_alpha_was_raised():
    settings = {**RANDOM, "alpha": 10.0}
    values = {"alpha": 1000.0, "learning_rate": 1.0}
    reports, notices = moved(curved(), values, settings)
    assert "diverging" not in named(reports[:60])
    assert "diverging" in named(reports[:75])
    assert any(text.startswith("The training diverges") for text in notices)


def test_stuck_is_seen_without_validation_too():
    settings = {**GERA, **STEPS, "learning_rate": 1e-9}
    reports, _, _ = run("gera", linear(), settings, held=False)
    assert named(reports) == {"stuck"}


def test_rows_of_a_file_of_curves_tell_the_same():
    reports, _, _ = provoked(GEOMETRY)
    rows = [report.row() for report in reports]
    text = io.StringIO()
    writer = csv.DictWriter(text, list(dict.fromkeys(name for row in rows for name in row)))
    writer.writeheader()
    writer.writerows(rows)
    text.seek(0)
    back = [{n: float(cell) for n, cell in row.items() if cell} for row in csv.DictReader(text)]
    assert diagnose(back) == diagnose(reports)
    # as the training itself looks: at every tenth step
    looks = [row for row in back if "mrr" in row]
    assert {each.name for each in diagnose(looks)} == {each.name for each in diagnose(reports)}


def test_nothing_is_said_of_a_training_that_has_just_begun():
    reports, notices, told = provoked(GEOMETRY)
    for count in (0, 1, 5, 30):
        assert diagnose(reports[:count]) == []
    assert told.index(notices[0]) > told.index(reports[40])
