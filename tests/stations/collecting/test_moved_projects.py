"""Projects and folders that are moved or copied: ids, vectors, runs and selections stay."""

import os
import shutil
import sqlite3
from contextlib import closing

import numpy as np
import pytest
from worlds.fakes import (
    FakeShelf,
    encode_all,
    make_project,
    settings_of,
    write_item,
    write_world,
)

from workbench.jobs import drain
from workbench.project import (
    Project,
    ProjectSettings,
    Source,
    read_selections,
    read_settings,
    save_selection,
)
from workbench.project.settings import write_settings
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    align,
    encode,
    evaluate,
    export,
    scan,
)

COUNT = 30


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    FakeShelf().put(monkeypatch)


def settings_within(*paths, **more):
    """Return the settings of the fakes with other folders of pictures and texts."""
    settings = settings_of(**more)
    for source, path in zip(settings.sources, paths, strict=True):
        source.path = str(path)
    return settings


def work_in(project):
    """Scan, encode, align, measure, and select something."""
    drain(scan(project))
    encode_all(project)
    drain(align(project, AlignRequest(method="procrustes", name="run")))
    drain(evaluate(project, "run"))
    save_selection(project, "some", np.array([2, 3, 31]))
    return project


def facts(project):
    """Return what must not change by a move: ids, marks and pairs by the names of the files."""
    items = project.catalogue.items()
    return (
        {(i.modality, os.path.basename(i.path), i.label): (i.id, i.fingerprint) for i in items},  # noqa: PTH119
        {name: ids.tolist() for name, ids in project.catalogue.pairs().items()},
    )


def check_nothing_lost(root, before, place):
    """Open a moved project: everything is there before a scan, and after one."""
    project = Project.open(root)
    assert {item.path.startswith(f"{place}{os.sep}") for item in project.catalogue.items()} == {
        True
    }
    assert all(os.path.isfile(item.file) for item in project.catalogue.items())  # noqa: PTH113
    assert facts(project) == before
    report = drain(scan(project))
    assert (report.changes.new, report.changes.changed, report.changes.vanished) == (0, 0, 0)
    assert facts(project) == before
    drain(evaluate(project, "run"))
    kept = read_selections(project)["some"]
    assert [item.id for item in project.catalogue.items_of(kept)] == [2, 3, 31]
    return project


def old_catalogue(project):
    """Make the catalogue one of the second version, which kept whole paths."""
    with closing(sqlite3.connect(project.catalogue.path)) as database, database:
        root = str(project.root)
        for table in ("items", "left_out"):
            for number, path in database.execute(f"SELECT rowid, path FROM {table}").fetchall():  # noqa: S608
                if path.startswith("."):
                    path = os.path.normpath(os.path.join(root, path))  # noqa: PTH118
                    database.execute(
                        f"UPDATE {table} SET path = ? WHERE rowid = ?", (path, number)  # noqa: S608
                    )  # fmt: skip
        database.execute("PRAGMA user_version = 2")


@pytest.fixture
def around(tmp_path):
    """Return a project whose pictures and texts lie inside it."""
    root = tmp_path / "old place" / "project"
    write_world(root, COUNT)
    return work_in(Project.create(root, settings_within("image", "text")))


def test_a_project_around_its_data_is_moved(around, tmp_path):
    before = facts(around)
    (tmp_path / "new").mkdir()
    shutil.move(around.root, tmp_path / "new" / "named otherwise")
    root = tmp_path / "new" / "named otherwise"
    check_nothing_lost(root, before, root)


def test_a_copy_beside_the_original_uses_its_own_files(around, tmp_path):
    before = facts(around)
    copy = tmp_path / "old place" / "copy"
    shutil.copytree(around.root, copy)
    project = check_nothing_lost(copy, before, copy)
    next((copy / "image").rglob("*.png")).unlink()
    assert drain(scan(project)).changes.vanished == 1
    assert facts(Project.open(around.root)) == before
    assert drain(scan(around)).changes.vanished == 0


def test_project_and_data_beside_it_are_moved_together(tmp_path):
    project = work_in(make_project(tmp_path / "old", COUNT))  # its sources are ../image and ../text
    before = facts(project)
    shutil.move(tmp_path / "old", tmp_path / "new")
    check_nothing_lost(tmp_path / "new" / "project", before, tmp_path / "new")


def test_an_unpacked_project_has_files_of_other_times(around, tmp_path):
    before, copy = facts(around), tmp_path / "unpacked"
    shutil.copytree(around.root, copy, copy_function=shutil.copyfile)
    pictures = sorted((copy / "image").rglob("*.png"))
    project = check_nothing_lost(copy, before, copy)
    content = pictures[4].read_bytes()
    pictures[4].write_bytes(content[:-1] + b"?")  # of the same size, but another content
    for picture in pictures[:3]:
        picture.touch()
    report = drain(scan(project))
    assert (report.changes.new, report.changes.changed) == (0, 1)
    pictures[4].write_bytes(content)
    drain(scan(project))
    drain(encode(project, EncodeRequest("image")))
    drain(evaluate(project, "run"))


@pytest.mark.parametrize("way", ["copied", "copied with times", "moved"])
def test_a_folder_outside_is_moved_and_the_source_follows(tmp_path, way):
    data, moved = tmp_path / "disk" / "data", tmp_path / "other disk" / "deep" / "data"
    write_world(data, COUNT)
    project = Project.create(tmp_path / "project", settings_within(data / "image", data / "text"))
    before = facts(work_in(project))
    if way != "moved":
        how = shutil.copyfile if way == "copied" else shutil.copy2
        shutil.copytree(data, moved, copy_function=how)
    else:
        moved.parent.mkdir(parents=True)
        shutil.move(data, moved)
    write_settings(
        project.root / "project.toml",
        settings_within(moved / "image", moved / "text", encoders=project.settings.encoders),
    )
    project = Project.open(project.root)
    report = drain(scan(project))
    assert (report.changes.new, report.changes.changed, report.changes.vanished) == (0, 0, 0)
    check_nothing_lost(project.root, before, moved)


def test_where_paths_agree_ids_stay_and_the_rest_is_new_or_gone(tmp_path):
    data, moved = tmp_path / "data", tmp_path / "moved"
    write_world(data, COUNT)
    settings = settings_within(data / "image", data / "text")
    project = Project.create(tmp_path / "project", settings)
    drain(scan(project))
    ids = {os.path.basename(i.path): i.id for i in project.catalogue.items("image")}  # noqa: PTH119
    shutil.move(data, moved)
    (moved / "image" / "kind-0" / "thing-000.png").unlink()
    (moved / "image" / "kind-1" / "thing-001.png").write_bytes(b"another picture altogether")
    write_item(moved / "image" / "kind-0", "image", 99)
    project.change(sources=settings_within(moved / "image", moved / "text").sources)
    report = drain(scan(project))
    changes = report.changes
    assert (changes.new, changes.changed, changes.vanished) == (1, 1, 1)
    now = {os.path.basename(i.path): i.id for i in project.catalogue.items("image")}  # noqa: PTH119
    assert {name: ids[name] for name in now if name in ids} == {
        name: number for name, number in now.items() if name in ids
    }
    assert now["thing-099.png"] not in ids.values()


def test_another_data_set_of_the_same_names_is_another(tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    write_world(first, COUNT, ("text",))
    for number in range(COUNT):
        write_item(
            second / "text" / f"kind-{number % 3}", "text", number + 500, f"thing-{number:03}"
        )
    project = Project.create(
        tmp_path / "project",
        ProjectSettings(sources=[Source(modality="text", path=str(first / "text"))]),
    )
    drain(scan(project))
    project.change(sources=[Source(modality="text", path=str(second / "text"))])
    changes = drain(scan(project)).changes
    assert (changes.new, changes.vanished) == (COUNT, COUNT)
    # and when the first comes back, so do its ids
    project.change(sources=[Source(modality="text", path=str(first / "text"))])
    assert drain(scan(project)).changes.new == 0
    assert [item.id for item in project.catalogue.items()] == list(range(1, COUNT + 1))


def test_a_folder_that_is_still_a_source_gives_its_ids_to_none(tmp_path):
    write_world(tmp_path / "a", COUNT, ("text",))
    source = Source(modality="text", path=str(tmp_path / "a"))
    project = Project.create(tmp_path / "project", ProjectSettings(sources=[source]))
    drain(scan(project))
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    next((tmp_path / "a").rglob("*.txt")).unlink()
    project.change(sources=[source, Source(modality="text", path=str(tmp_path / "b"))])
    changes = drain(scan(project)).changes
    assert (changes.new, changes.vanished) == (COUNT, 1)


def test_a_table_and_its_rows_are_moved(tmp_path):
    write_world(tmp_path / "set", COUNT, ("image",))
    pictures = sorted((tmp_path / "set" / "image").rglob("*.png"))
    lines = [
        f"{p.relative_to(tmp_path / 'set').as_posix()},words {n}" for n, p in enumerate(pictures)
    ]
    (tmp_path / "set" / "list.csv").write_text("\n".join(["image,caption", *lines]) + "\n")

    def sources(place):
        return [Source(modality=m, path=str(place / "list.csv")) for m in ("image", "text")]

    project = Project.create(
        tmp_path / "project", ProjectSettings(sources=sources(tmp_path / "set"))
    )
    assert drain(scan(project)).changes.new == 2 * COUNT
    ids = [item.id for item in project.catalogue.items()]
    shutil.move(tmp_path / "set", tmp_path / "elsewhere")
    project.change(sources=sources(tmp_path / "elsewhere"))
    changes = drain(scan(project)).changes
    assert (changes.new, changes.changed, changes.vanished) == (0, 0, 0)
    assert [item.id for item in project.catalogue.items()] == ids


def test_the_fingerprint_of_a_file_does_not_tell_where_the_project_lies(tmp_path):
    marks = []
    for place in ("here", "there"):
        root = tmp_path / place
        write_world(root, 3)
        for path in root.rglob("thing*"):
            os.utime(path, ns=(10**18, 10**18))
        project = Project.create(root, settings_within("image", "text"))
        drain(scan(project))
        marks.append(facts(project))
    assert marks[0] == marks[1]


def test_what_a_project_around_its_data_exports_is_none_of_its_items(tmp_path):
    write_world(tmp_path, COUNT)
    project = work_in(Project.create(tmp_path, settings_within(".", ".")))
    before = facts(project)
    drain(export(project, "run", tmp_path / "exports" / "run"))
    (tmp_path / "exports" / "run" / "mine.txt").write_text("mine")
    changes = drain(scan(project)).changes
    assert (changes.new, changes.vanished) == (1, 0)
    (tmp_path / "exports" / "run" / "mine.txt").unlink()
    drain(scan(project))
    assert facts(project) == before
    drain(evaluate(project, "run"))


# --- catalogues that kept whole paths -------------------------------------------------------------


def test_an_old_catalogue_is_brought_up_to_date_where_it_is(around, tmp_path):
    before = facts(around)
    old_catalogue(around)
    check_nothing_lost(around.root, before, around.root)
    shutil.move(around.root, tmp_path / "new")
    check_nothing_lost(tmp_path / "new", before, tmp_path / "new")


@pytest.mark.parametrize("way", ["moved", "copied"])
@pytest.mark.parametrize("sources", ["relative", "absolute"])
def test_an_old_catalogue_of_a_project_moved_or_copied_before(around, tmp_path, way, sources):
    before, root = facts(around), tmp_path / "new" / "project 2"
    old_catalogue(around)
    if sources == "absolute":  # as “gera-workbench new” wrote them once
        folders = (around.root / "image", around.root / "text")
        write_settings(
            around.root / "project.toml",
            settings_within(*folders, encoders=around.settings.encoders),
        )
    if way == "moved":
        root.parent.mkdir()
        shutil.move(around.root, root)
    else:
        shutil.copytree(around.root, root)
    check_nothing_lost(root, before, root)
    assert [source.path for source in read_settings(root / "project.toml").sources] == [
        "image", "text"
    ]  # fmt: skip


def test_an_old_project_keeps_its_folders_outside_though_it_has_others_of_the_name(tmp_path):
    project = Project.create(
        tmp_path / "project",
        settings_within(tmp_path / "data" / "image", tmp_path / "data" / "text"),
    )
    write_world(tmp_path / "data", COUNT)
    write_world(tmp_path / "project", COUNT)
    before = facts(work_in(project))
    old_catalogue(project)
    check_nothing_lost(project.root, before, tmp_path / "data")


def test_an_old_project_that_cannot_be_written_opens(around, monkeypatch):
    before = facts(around)
    old_catalogue(around)
    content, connect = around.catalogue.path.read_bytes(), sqlite3.connect
    monkeypatch.setattr(
        "workbench.project.catalogue.database.sqlite3.connect",
        lambda path, uri=False, timeout=5.0: connect(
            path if uri else f"{path.as_uri()}?mode=ro", timeout, uri=True
        ),
    )
    assert facts(Project.open(around.root)) == before
    assert around.catalogue.path.read_bytes() == content


def test_folders_inside_that_are_written_whole_are_kept_from_the_project_on(tmp_path):
    root = tmp_path / "project"
    write_world(root, 3)
    Project.create(root, settings_within(root / "image", root / "text"))
    assert [source.path for source in Project.open(root).settings.sources] == ["image", "text"]
    assert [each.path for each in read_settings(root / "project.toml").sources] == ["image", "text"]
