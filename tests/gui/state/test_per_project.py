"""Choices come back with their project and with no other; what is spoilt counts as none."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, Field
from PySide6.QtCore import QSettings

from workbench.gui.state import per_project
from workbench.gui.state.per_project import PerProject


class Choices(BaseModel):
    """Choices of some page."""

    method: str = ""
    alpha: dict[str, float] = {}
    columns: int = Field(1, ge=1, le=4)


@pytest.fixture
def kept():
    return PerProject("page", Choices)


A, B = Path("/projects/a [1]"), Path("/projects/ä/b=c;d")


def test_every_project_has_choices_of_its_own(kept):
    of_a = Choices(method="gera", alpha={"image": 2.5, "text": 0.0})
    of_b = Choices(method="cca", columns=4)
    kept.keep(A, of_a)
    kept.keep(B, of_b)
    assert kept.of(A) == of_a
    assert kept.of(B) == of_b
    assert kept.of(Path("/projects/c")) == Choices()
    kept.keep(A, of_b)
    assert kept.of(A) == of_b


def test_they_are_there_after_a_restart(kept):
    kept.keep(A, Choices(method="gera"))
    QSettings().sync()
    assert "gera" in Path(QSettings().fileName()).read_text()
    assert PerProject("page", Choices).of(A) == Choices(method="gera")


def test_pages_do_not_share_them(kept):
    kept.keep(A, Choices(method="gera"))
    assert PerProject("another", Choices).of(A) == Choices()


def key_of_only_value():
    settings = QSettings()
    (key,) = [key for key in settings.allKeys() if key.endswith("/page")]
    return key


@pytest.mark.parametrize(
    "content",
    [
        "",
        "no JSON",
        "[1]",
        '{"columns": 5}',
        '{"columns": "many"}',
        '{"alpha": {"image": []}}',
        ["a", "list"],
        7,
        b"\xff\xfe",
    ],
)
def test_what_is_spoilt_counts_as_nothing_kept_and_is_written_over(kept, content):
    kept.keep(A, Choices(method="gera"))
    QSettings().setValue(key_of_only_value(), content)
    assert kept.of(A) == Choices()
    kept.keep(A, Choices(method="cca"))
    assert kept.of(A) == Choices(method="cca")


def test_fields_of_another_version_are_left_out(kept):
    kept.keep(A, Choices())
    QSettings().setValue(key_of_only_value(), json.dumps({"method": "cca", "new": [1]}))
    assert kept.of(A) == Choices(method="cca")


@pytest.mark.parametrize("spoilt", [None, "no JSON", '{"a": 1}', "[1, 2]"])
def test_projects_used_longest_ago_are_forgotten(kept, monkeypatch, spoilt):
    monkeypatch.setattr(per_project, "_MOST", 3)
    places = [Path(f"/projects/{number}") for number in range(5)]
    for place in places[:3]:
        kept.keep(place, Choices(method=place.name))
    if spoilt is not None:  # then any may be forgotten, but not the newest, and none is left over
        QSettings().setValue("projects/newest", spoilt)
    kept.keep(places[0], Choices(method="again"))
    kept.keep(places[3], Choices(method="3"))
    kept.keep(places[4], Choices(method="4"))
    assert [kept.of(places[number]).method for number in (0, 3, 4)] == ["again", "3", "4"]
    assert kept.of(places[1]) == kept.of(places[2]) == Choices()
    assert len([key for key in QSettings().allKeys() if key.endswith("/page")]) == 3
