import os
from pathlib import Path

import pytest
from pydantic import ValidationError
from worlds.fakes import make_project, tree, write_item, write_world

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import KeyPairs, Project, ProjectSettings, Source, TablePairs
from workbench.stations import scan


def project_of(tmp_path, *sources, pairings=()):
    settings = ProjectSettings(sources=list(sources), pairings=list(pairings))
    return Project.create(tmp_path / "project", settings)


def source(modality="text", path="../text", **more):
    return Source(modality=modality, path=path, **more)


def keys(project):
    return {Path(item.path).name: item.key for item in project.catalogue.items()}


def names_of_pairs(project, relation=("image", "text")):
    names = {item.id: Path(item.path).name for item in project.catalogue.items()}
    pairs = project.catalogue.pairs().get(relation, [])
    return sorted((names[first], names[second]) for first, second in pairs)


def test_a_whole_scan(tmp_path):
    write_world(tmp_path, 6, ("image", "text", "speech"), extra=2)
    project = project_of(
        tmp_path,
        *(source(modality, f"../{modality}") for modality in ("image", "text", "speech")),
        pairings=[KeyPairs(between=("text", "image")), KeyPairs(between=("speech", "text"))],
    )
    before = tree(tmp_path / "image")
    report = drain(scan(project))
    assert report.items == {"image": 8, "text": 8, "speech": 8}
    assert report.pairs == {("image", "text"): 6, ("text", "speech"): 6}
    assert report.unpaired == {"image": 2, "text": 2, "speech": 2}
    assert (report.changes.new, report.problems) == (24, [])
    assert report.sentences()[1:3] == [
        "6 image–text pairs; 2 images without text; 2 texts without image",
        "6 text–speech pairs; 2 texts without recording; 2 recordings without text",
    ]
    item = project.catalogue.items("text")[0]
    assert (item.text, item.label, item.key) == ("thing 0", "kind-0", "thing-000")
    assert tree(tmp_path / "image") == before


def test_a_rescan_keeps_ids_and_tells_what_changed(tmp_path):
    project = make_project(tmp_path, 6)
    before = {item.path: item for item in project.catalogue.items()}
    again = drain(scan(project))
    assert (again.changes.new, again.changes.unchanged, again.changes.vanished) == (0, 12, 0)
    assert {item.path: item for item in project.catalogue.items()} == before
    gone = write_item(tmp_path / "text" / "kind-1", "text", 1)
    content = gone.read_text()
    gone.unlink()
    write_item(tmp_path / "image" / "kind-2", "image", 9, "thing-002")
    os.utime(tmp_path / "image" / "kind-2" / "thing-002.png", ns=(1, 1))
    write_item(tmp_path / "image", "image", 50)
    changes = drain(scan(project)).changes
    assert (changes.new, changes.changed, changes.unchanged, changes.vanished) == (1, 1, 10, 1)
    gone.write_text(content)
    drain(scan(project))
    after = {item.path: item for item in project.catalogue.items()}
    assert all(after[path].id == item.id for path, item in before.items())
    assert after[str(gone)].fingerprint == before[str(gone)].fingerprint
    assert len(names_of_pairs(project)) == 6


def test_a_files_fingerprint_names_the_file(tmp_path):
    # equal size and time, as an unpacked archive has: a lost catalogue must not mix them up
    for number in (1, 2):
        path = write_item(tmp_path / "image", "image", number)
        os.utime(path, ns=(10**18, 10**18))
    project = project_of(tmp_path, source("image", "../image"))
    drain(scan(project))
    assert len({item.fingerprint for item in project.catalogue.items()}) == 2


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("stem", {"a.b": "a.b", "c_desc_fr": "c_desc_fr"}),
        ("path", {"a.b": "deep/er/a.b", "c_desc_fr": "c_desc_fr"}),
        (r"(?:.*/)?(.*?)(?:_desc_fr)?\.txt", {"a.b": "a.b", "c_desc_fr": "c"}),
        (r".*?(\w)\.txt", {"a.b": "b", "c_desc_fr": "r"}),
    ],
)
def test_keys(tmp_path, key, expected):
    write_item(tmp_path / "text" / "deep" / "er", "text", 1, "a.b")
    write_item(tmp_path / "text", "text", 2, "c_desc_fr")
    project = project_of(tmp_path, source(key=key))
    assert drain(scan(project)).problems == []
    assert keys(project) == {f"{name}.txt": value for name, value in expected.items()}


def test_files_that_a_key_pattern_does_not_match_are_reported(tmp_path):
    for name in ("a_1", "b", "_2"):
        write_item(tmp_path / "text", "text", 1, name)
    project = project_of(tmp_path, source(key=r"(.*)_\d\.txt"))
    report = drain(scan(project))
    assert keys(project) == {"a_1.txt": "a"}
    assert [Path(path).name for path, _ in report.problems] == ["_2.txt", "b.txt"]
    assert all("does not match the key pattern" in reason for _, reason in report.problems)
    optional = project_of(tmp_path / "other", source(path="../../text", key=r"(x)?.*"))
    assert len(drain(scan(optional)).problems) == 3


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"key": "("}, "not a regular expression"),
        ({"key": "a{99999999999999999999}(b)"}, "not a regular expression"),
        ({"key": "no-group"}, "has no group"),
        ({"text": "second-line"}, "text rule “second-line”"),
        ({"text": "line:"}, "text rule"),
        ({"path": "../nowhere"}, "nowhere does not exist"),
        ({"path": "../te\0xt"}, "does not exist"),
        ({"path": "~no-such-user/text"}, "does not exist"),
        ({"path": "../" + "x" * 300}, "File name too long"),
    ],
)
def test_a_bad_source_is_a_sentence_and_nothing_is_scanned(tmp_path, more, words):
    write_item(tmp_path / "image", "image", 1)
    write_item(tmp_path / "text", "text", 1)
    project = project_of(
        tmp_path, source("image", "../image"), source(**{"path": "../text"} | more)
    )
    with pytest.raises(WorkbenchError) as error:
        drain(scan(project))
    assert words in str(error.value)
    assert project.catalogue.items() == []


def test_no_source(tmp_path):
    with pytest.raises(WorkbenchError, match="has no folders yet"):
        drain(scan(project_of(tmp_path)))


def test_labels(tmp_path):
    write_item(tmp_path / "text" / "fruit" / "red", "text", 1)
    write_item(tmp_path / "text", "text", 2)
    for rule, expected in (("folder", {"fruit", ""}), ("none", {""})):
        project = project_of(tmp_path / rule, source(path="../../text", label=rule))
        drain(scan(project))
        assert {item.label for item in project.catalogue.items()} == expected


def table(tmp_path, content, name="pairs.csv", columns=("picture", "words"), **more):
    """Make a project of three things in each modality, and a table of pairs."""
    write_world(tmp_path, 3)
    data = content if isinstance(content, bytes) else content.encode()
    (tmp_path / name).write_bytes(data)
    rule = TablePairs(
        **{"between": ("image", "text"), "path": f"../{name}", "columns": columns} | more
    )
    return project_of(
        tmp_path, source("image", "../image"), source("text", "../text"), pairings=[rule]
    )


GOOD = [("thing-000.png", "thing-001.txt"), ("thing-002.png", "thing-000.txt")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "picture,words\nthing-000,thing-001\nthing-002,thing-000\n"),
        ("a.csv", "n,words,picture\r\n1,thing-001,thing-000\r\n2,thing-000,thing-002\r\n"),
        ("a.csv", "picture,words\rthing-000,thing-001\rthing-002,thing-000"),
        ("a.csv", "\ufeffpicture,words\nthing-000,thing-001\n\nthing-002,thing-000\n"),
        ("a.csv", "picture;words\nthing-000;thing-001\nthing-002;thing-000\n"),
        ("a.tsv", "picture\twords\nthing-000\tthing-001\nthing-002\tthing-000\n"),
        ("a.txt", "picture\twords\nthing-000\tthing-001\nthing-002\tthing-000\n"),
        (
            "a.csv",
            'note,picture,words\n"two\nlines, ""quoted""",thing-000,thing-001\n'
            '"three\r\n\r\nlines",thing-002,thing-000\n',
        ),
        (
            "a.csv",
            "picture,words\nkind-0/thing-000.png,kind-1/thing-001.txt\n"
            "kind-2/thing-002.png,kind-0/thing-000.txt\n",
        ),
        ("a.csv", "picture,words\nthing-000,thing-001\n".encode("utf-16")
         + "thing-002,thing-000\n".encode("utf-16-le")),
    ],
)  # fmt: skip
def test_tables(tmp_path, name, content):
    project = table(tmp_path, content, name)
    assert drain(scan(project)).problems == []
    assert names_of_pairs(project) == GOOD


def test_a_cell_may_be_a_whole_path_and_the_order_of_modalities_is_free(tmp_path):
    rows = f"{tmp_path}/text/kind-1/thing-001.txt,{tmp_path}/image/kind-0/thing-000.png\n"
    project = table(
        tmp_path, "w,p\n" + rows, between=("text", "image"), columns=("w", "p")
    )  # fmt: skip
    assert drain(scan(project)).problems == []
    assert names_of_pairs(project) == GOOD[:1]


def test_names_that_are_missing_are_reported_and_the_rest_is_taken(tmp_path):
    content = 'picture,words\n"no\nsuch",thing-001\nthing-000,thing-001\nthing-000\nx,y,z\n'
    project = table(tmp_path, content)
    report = drain(scan(project))
    assert names_of_pairs(project) == GOOD[:1]
    assert [(place.rpartition(", ")[2], reason) for place, reason in report.problems] == [
        (
            "line 6",
            "It has 3 cells where the table has 2 columns: put cells that hold the "
            "delimiter in quotation marks.",
        ),
        ("line 3", "No image item “no\nsuch”."),
        ("line 5", "No text item “”."),
    ]


def test_two_tables_rules_on_one_file(tmp_path):
    write_world(tmp_path, 3, ("image", "text", "speech"))
    (tmp_path / "t.csv").write_text("p,w,s\nthing-000,thing-001,thing-002\n")
    rules = [
        TablePairs(between=("image", "text"), path="../t.csv", columns=("p", "w")),
        TablePairs(between=("speech", "text"), path="../t.csv", columns=("s", "w")),
    ]
    project = project_of(
        tmp_path, *(source(m, f"../{m}") for m in ("image", "text", "speech")), pairings=rules
    )
    assert drain(scan(project)).problems == []
    assert names_of_pairs(project) == GOOD[:1]
    assert names_of_pairs(project, ("text", "speech")) == [("thing-001.txt", "thing-002.wav")]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("picture,text\na,b\n", "no column “words”. Its columns: “picture”, “text”"),
        ("picture;text\na;b\n", "no column “words”. Its columns: “picture”, “text”"),
        ("", "is empty"),
        (b"\0\0\0", "no column"),
    ],
)
def test_a_bad_table_is_a_sentence_and_nothing_changes(tmp_path, content, words):
    project = table(tmp_path, content)
    with pytest.raises(WorkbenchError) as error:
        drain(scan(project))
    assert words in str(error.value)
    assert project.catalogue.items() == []


def test_a_missing_table(tmp_path):
    project = table(tmp_path, "", path="../nowhere.csv")
    with pytest.raises(WorkbenchError, match=r"nowhere\.csv does not exist"):
        drain(scan(project))


def test_a_modality_is_never_paired_with_itself():
    for make in (
        lambda: KeyPairs(between=("image", "image")),
        lambda: TablePairs(between=("text", "text"), path="x", columns=("a", "b")),
    ):
        with pytest.raises(ValidationError, match="with itself"):
            make()


def test_odd_names(tmp_path):
    names = ["new\nline", "📷 pïcture", "x" * 251, "[bold]", ":smile:", "it's; DROP", " "]
    for number, name in enumerate(names):
        write_item(tmp_path / "text", "text", number, name)
        write_item(tmp_path / "image", "image", number, name)
    project = project_of(
        tmp_path, source("image", "../image", key=r"(.*)\.png"), source("text", "../text"),
        pairings=[KeyPairs(between=("image", "text"))],
    )  # fmt: skip
    report = drain(scan(project))
    assert report.problems == []
    assert names_of_pairs(project) == sorted((f"{name}.png", f"{name}.txt") for name in names)


def test_files_that_cannot_be_used_are_reported_and_the_rest_is_taken(tmp_path):
    folder = tmp_path / "text"
    write_item(folder, "text", 1)
    (folder / "empty.txt").touch()
    (folder / "blank.txt").write_text(" \n\t\n")
    (folder / "link.txt").symlink_to(folder / "nothing")
    os.mkfifo(folder / "pipe.txt")
    (Path(os.fsdecode(os.fsencode(folder) + b"/bad\xff.txt"))).write_text("x")
    report = drain(scan(project_of(tmp_path, source())))
    assert report.items == {"text": 1}
    assert sorted(Path(path).name for path, _ in report.problems) == [
        "bad\\udcff.txt", "blank.txt", "empty.txt", "link.txt", "pipe.txt",
    ]  # fmt: skip
    assert all(reason for _, reason in report.problems)
    assert "5 files or table rows left out" in report.sentences()


def test_a_file_that_cannot_be_read(tmp_path, monkeypatch):
    write_item(tmp_path / "text", "text", 1)
    locked = write_item(tmp_path / "text", "text", 2)
    real = Path.open

    def guarded(self, *args, **options):
        if self == locked:
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **options)

    monkeypatch.setattr(Path, "open", guarded)
    report = drain(scan(project_of(tmp_path, source())))
    assert report.items == {"text": 1}
    assert "Permission denied" in report.problems[0][1]


def test_many_problems_are_told_in_few_lines(tmp_path):
    for number in range(30):
        (tmp_path / "text").mkdir(exist_ok=True)
        (tmp_path / "text" / f"{number}.txt").touch()
    told = []
    report = drain(scan(project_of(tmp_path, source())), told.append)
    notices = [event.text for event in told if isinstance(event, Notice)]
    assert len(notices) == 21
    assert notices[-1] == "… and 10 more left out."
    assert len(report.problems) == 30
    assert report.sentences()[0] == "No items were found"


def test_a_file_in_two_sources_counts_once(tmp_path):
    path = write_item(tmp_path / "text" / "inner", "text", 1)
    project = project_of(tmp_path, source(key="path"), source(path="../text/inner"))
    report = drain(scan(project))
    assert report.items == {"text": 1}
    assert report.problems == [
        (str(path), "Two sources of the project contain it; the first one is used.")
    ]
    assert project.catalogue.items()[0].key == "inner/thing-001"


def test_a_file_may_be_an_item_of_two_modalities_by_two_sources(tmp_path):
    write_world(tmp_path, 2)
    both = project_of(tmp_path, source("image", ".."), source("text", ".."))
    assert drain(scan(both)).items == {"image": 2, "text": 2}


def test_a_stop_leaves_the_catalogue_as_it_was(tmp_path):
    project = make_project(tmp_path, 6)
    before = project.catalogue.items(), names_of_pairs(project)
    write_item(tmp_path / "text", "text", 70)
    control = Control()
    told = []

    def stop(event):
        told.append(event)
        control.stop()

    report = drain(scan(project, control), stop)
    assert (project.catalogue.items(), names_of_pairs(project)) == before
    assert report.changes.new == 0
    assert told[-1] == Notice("The scan was stopped; the catalogue is as it was.")
    assert drain(scan(project)).changes.new == 1


def test_keys_that_pair_everything_with_everything_are_told(tmp_path):
    for kind, other in (("cats", "Katzen"), ("dogs", "Hunde")):
        for number in range(3):
            write_item(tmp_path / "image" / kind, "image", number)
            write_item(tmp_path / "text" / other, "text", number)
    sources = (source("image", "../image"), source("text", "../text"))
    project = project_of(tmp_path, *sources, pairings=[KeyPairs(between=("image", "text"))])
    told = []
    assert drain(scan(project), told.append).pairs == {("image", "text"): 12}
    words = [event.text for event in told if isinstance(event, Notice)]
    assert len(words) == 1
    assert "3 keys, such as" in words[0]
    assert "pair by “path”" in words[0]
    for kind, other in (("cats", "Katzen"), ("dogs", "Hunde")):
        (tmp_path / "text" / other).rename(tmp_path / "text" / kind)
    project.change(sources=[source("image", "../image", key="path"), source(key="path")])
    told.clear()
    assert drain(scan(project), told.append).pairs == {("image", "text"): 6}
    assert not [event for event in told if isinstance(event, Notice)]


def test_a_table_about_a_modality_without_a_folder_is_a_sentence(tmp_path):
    write_item(tmp_path / "image", "image", 1)
    (tmp_path / "t.csv").write_text("p,w\nthing-001.png,a thing\n", encoding="utf-8")
    rule = TablePairs(between=("image", "text"), path="../t.csv", columns=("p", "w"))
    project = project_of(tmp_path, source("image", "../image"), pairings=[rule])
    with pytest.raises(WorkbenchError, match="pairs text items, but the project has no folder"):
        drain(scan(project))


def test_no_pairs_at_all_are_said(tmp_path):
    write_item(tmp_path / "image", "image", 1)
    write_item(tmp_path / "text", "text", 2)
    sources = (source("image", "../image"), source())
    project = project_of(tmp_path, *sources, pairings=[KeyPairs(between=("image", "text"))])
    assert any("No pairs were found" in line for line in drain(scan(project)).sentences())
