"""Items chosen by what is known of them, and written to a table with what a run says."""

import csv
import sys
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import encode_all, make_project, write_item

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import Found, load_dataset
from workbench.stations import (
    ROLES,
    AlignRequest,
    EncodeRequest,
    align,
    encode,
    export_selection,
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


def ids_of(project, modality=None):
    return [item.id for item in project.catalogue.items(modality)]


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(project, ids, path, *given, **options):
    told = []
    assert drain(export_selection(project, ids, path, *given, **options), told.append) == path
    return rows_of(path), told


# --- choosing ------------------------------------------------------------------------------------


def test_items_are_found_by_all_that_is_asked_for(project):
    items = project.catalogue.items()
    assert find_items(project).tolist() == [item.id for item in items]
    assert find_items(project, modality="text").tolist() == ids_of(project, "text")
    found = find_items(project, label="kind-1", containing="THING-01")
    expected = [i.id for i in items if i.label == "kind-1" and "thing-01" in i.path]
    assert found.tolist() == expected != []
    assert find_items(project, containing="thing 3", modality="image").tolist() == []
    assert find_items(project, label="").tolist() == []


def odd(project, words):
    """Give the first text other words, and all items other labels."""
    known = project.catalogue.items()
    text = next(item for item in known if item.modality == "text")
    project.catalogue.take([
        Found(**{name: getattr(item, name) for name in Found.__dataclass_fields__
                 if name not in ("text", "label")},
              text=words if item.id == text.id else item.text, label=f"{words[:50]} 标签")
        for item in known
    ])  # fmt: skip
    return text.id


@pytest.mark.parametrize(
    "words",
    ["قطة صغيرة", "一只猫，坐着", "👩‍👩‍👧 🐈‍⬛", "very long " * 1000, 'a "quoted", one',
     "two\nlines\r\nhere", "=1+1", "tab\there", "\u202eturned"],
)  # fmt: skip
def test_words_of_any_kind_are_found_and_come_back(project, tmp_path, words):
    item = odd(project, words)
    assert item in find_items(project, containing=words[:9], modality="text").tolist()
    rows, _ = written(project, [item], tmp_path / "out.csv", "p")
    sign = "'" if words.startswith("=") else ""  # else a spreadsheet would compute it
    assert rows[0]["text"] == f"{sign}{words}"
    assert rows[0]["label"] == f"{sign}{words[:50]} 标签"


# --- roles ---------------------------------------------------------------------------------------


def test_roles_are_those_of_the_split(project):
    data, recipe = load_dataset(project), project.run("p").recipe()
    split = data.split(recipe.split, recipe.pairs)
    found = split_roles(project, "p")
    assert set(found) == {"image", "text"}
    for side, view in enumerate(("image", "text")):
        ids, roles = found[view]
        np.testing.assert_array_equal(ids, data.views[view].ids)
        of = {role: {row for row, each in enumerate(roles) if each == role} for role in ROLES}
        relation = ("image", "text")
        assert of["training"] == set(split.training[relation][:, side].tolist())
        assert of["validation"] == set(split.validation[relation][:, side].tolist())
        assert of["test"] == set(split.test[relation][:, side].tolist())
        assert of["unpaired"] == set(split.unpaired[view].tolist())
        assert sum(map(len, of.values())) == len(ids)
    assert any("left out" in roles for _, roles in found.values())


# --- writing -------------------------------------------------------------------------------------


def test_a_row_an_item_in_the_order_given(project, tmp_path):
    ids = ids_of(project)[::-3]
    rows, told = written(project, [*ids, ids[0]], tmp_path / "new" / "out.csv")
    assert [int(row["id"]) for row in rows] == ids
    assert list(rows[0]) == ["id", "modality", "path", "text", "label", "language"]
    for row, item in zip(rows, project.catalogue.items_of(ids), strict=True):
        assert (row["modality"], row["path"], row["text"], row["label"]) == (
            item.modality, item.path, item.text, item.label,
        )  # fmt: skip
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["out.csv"]
    assert not any(isinstance(event, Notice) for event in told)


def test_scores_are_those_of_the_figures_measured_or_given(project, tmp_path):
    look = drain(inspector(project, "p"))
    figures = drain(look.measure())
    ids = ids_of(project)[::2]
    alone, _ = written(project, ids, tmp_path / "a.csv", "p")
    given, _ = written(project, ids, tmp_path / "b.csv", "p", figures=figures)
    assert list(alone[0]) == [
        "id", "modality", "path", "text", "label", "language", "split", "distortion",
        "rank_image", "rank_text",
    ]  # fmt: skip
    roles = {
        item: role
        for own, parts in split_roles(project, "p").values()
        for item, role in zip(own.tolist(), parts, strict=True)
    }
    partner = {to: figures.partner_rank_of(np.array(ids), to) for to in ("image", "text")}
    bent = figures.distortion_of(np.array(ids))
    for place, (one, other) in enumerate(zip(alone, given, strict=True)):
        assert float(one["distortion"]) == pytest.approx(bent[place], rel=1e-4)
        assert float(other["distortion"]) == pytest.approx(bent[place], rel=1e-5)
        assert one["split"] == other["split"] == roles[ids[place]]
        for to in ("image", "text"):
            rank = partner[to][place]
            assert one[f"rank_{to}"] == other[f"rank_{to}"] == (str(rank) if rank else "")
        assert one[f"rank_{one['modality']}"] == ""


def test_ranks_that_would_take_hours_are_left_empty_and_told_of(project, tmp_path, monkeypatch):
    module = sys.modules["workbench.stations.selecting.selections"]
    ids, few = ids_of(project), ids_of(project)[:2] + ids_of(project, "text")[:1]
    everything, _ = written(project, ids, tmp_path / "a.csv", "p")
    candidates = len(ids_of(project, "text"))
    monkeypatch.setattr(module, "MOST_COMPARED", 3 * candidates)
    rows, told = written(project, ids, tmp_path / "b.csv", "p")
    assert {row["rank_text"] for row in rows} == {row["rank_image"] for row in rows} == {""}
    assert [row["distortion"] for row in rows] == [row["distortion"] for row in everything]
    warned = [event.text for event in told if isinstance(event, Notice)]
    assert len(warned) == 2
    assert f"among {candidates:,} text items may take hours" in warned[0]
    assert "Choose at most 3 such items" in warned[0]
    assert written(project, ids, tmp_path / "c.csv", "p", all_ranks=True)[0] == everything
    some, told = written(project, few, tmp_path / "d.csv", "p")
    assert {row["id"]: row for row in everything}[some[0]["id"]] == some[0]
    assert not any(isinstance(event, Notice) for event in told)


def test_what_is_not_known_stays_empty(project, tmp_path):
    """A file gone, an item of no view of the run, and data that have changed."""
    write_item(tmp_path / "text" / "kind-0", "text", 900)
    gone = project.catalogue.items("image")[0]
    Path(gone.path).unlink()
    drain(scan(project))
    new = project.catalogue.items("text")[-1].id
    rows, told = written(
        project, [gone.id, new, ids_of(project, "text")[0]], tmp_path / "o.csv", "p"
    )
    assert [row["distortion"] for row in rows[:2]] == ["", ""]
    assert [row["rank_text"] for row in rows[:2]] == ["", ""]
    assert float(rows[2]["distortion"]) >= 0
    assert {row["split"] for row in rows} == {""}
    assert any("“split” stays empty" in event.text for event in told if isinstance(event, Notice))
    assert rows[0]["path"] == gone.path


def test_copies_have_the_figures_of_the_first(project, tmp_path):
    write_item(tmp_path / "text" / "copy", "text", 5)
    drain(scan(project))
    drain(encode(project, EncodeRequest("text", "fake/text")))
    drain(align(project, AlignRequest(method="ridge", name="again")))
    ids = [item.id for item in project.catalogue.items("text") if item.text == "thing 5"]
    rows, _ = written(project, ids, tmp_path / "o.csv", "again")
    assert len(rows) == 2
    for column in ("split", "distortion", "rank_image"):
        assert rows[0][column] == rows[1][column] != ""


def test_no_items_are_a_table_without_rows(project, tmp_path):
    rows, _ = written(project, [], tmp_path / "o.csv", "p")
    assert rows == []
    assert (tmp_path / "o.csv").read_text().startswith("id,modality,path")


def test_a_file_is_replaced_only_when_told_so(project, tmp_path):
    path = tmp_path / "o.csv"
    path.write_text("mine")
    with pytest.raises(WorkbenchError, match="exists already"):
        drain(export_selection(project, ids_of(project)[:2], path))
    assert path.read_text() == "mine"
    assert len(written(project, ids_of(project)[:2], path, replace=True)[0]) == 2


def test_what_cannot_be_done_is_a_sentence(project, tmp_path):
    one = ids_of(project)[:1]
    for arguments, words in (
        (([10**7], tmp_path / "o.csv"), "no item 10000000"),
        (([1, 10**30], tmp_path / "o.csv"), "no item 1000000000000000000000000000000"),
        ((one, tmp_path / ("x" * 300)), "cannot be written: File name too long"),
        ((one, tmp_path / "o.csv", "nothing"), "no run “nothing”"),
        ((one, tmp_path / "text" / "kind-0" / "thing-000.txt" / "o.csv"), "cannot be written"),
        ((one, tmp_path), "exists already"),
    ):
        with pytest.raises(WorkbenchError, match=words):
            drain(export_selection(project, *arguments))
    with pytest.raises(WorkbenchError, match="cannot be written"):
        drain(export_selection(project, one, tmp_path, replace=True))
    assert not list(tmp_path.glob("*.new"))


def test_a_stop_writes_nothing(project, tmp_path):
    control = Control()
    control.stop()
    assert (
        drain(export_selection(project, ids_of(project), tmp_path / "o.csv", "p", control)) is None
    )
    assert not (tmp_path / "o.csv").exists()


def test_a_stop_is_heard_between_the_items_that_are_measured(project, tmp_path, monkeypatch):
    monkeypatch.setattr(
        sys.modules["workbench.stations.selecting.selections"], "NEIGHBOURHOODS_AT_ONCE", 2
    )
    control, told = Control(), []

    def stop_at_two(event):
        if "Measuring the selected" in getattr(event, "message", ""):
            told.append((event.done, event.total))
            control.stop()

    job = export_selection(project, ids_of(project), tmp_path / "o.csv", "p", control)
    assert drain(job, stop_at_two) is None
    (measured,) = told
    assert measured[0] == 2 < measured[1]
    assert not (tmp_path / "o.csv").exists()
