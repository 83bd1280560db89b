"""Pairing rules against what they say, on items made by hypothesis and on real folders."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from worlds.fakes import make_project, settings_of, write_item, write_world

from workbench.jobs import Control, Notice, drain
from workbench.media import Columns
from workbench.project import (
    Found,
    KeyPairs,
    Project,
    ProjectSettings,
    SidecarPairs,
    Source,
    SplitSettings,
    TablePairs,
)
from workbench.stations import Preview, RelationFindings, division, scan
from workbench.stations.collecting.key_pairs import MOST_PAIRS_OF_A_KEY
from workbench.stations.collecting.pairing import pair_items
from workbench.stations.collecting.table_pairs import PairTable

ROOT = Path("/project")
RELATION = ("image", "text")

items = st.lists(
    st.builds(
        Found,
        st.sampled_from(RELATION),
        st.uuids().map(lambda name: f"/files/{name}"),
        st.just("mark"),
        st.sampled_from(["a", "b", "é", "e\u0301", "", "a.b"]),
    ),
    max_size=20,
    unique_by=lambda item: item.path,
)


def project_settings(*rules):
    return ProjectSettings(pairings=list(rules))


def partners(made, side):
    found = {}
    for pair in made.pairs:
        found.setdefault(pair[side], []).append(pair[1 - side])
    return found


@given(items)
@settings(deadline=None)
def test_by_key_is_every_two_of_equal_keys(things):
    made = pair_items(things, ROOT, project_settings(KeyPairs(between=RELATION)), [PairTable()])
    expected = [
        (first, second)
        for first, one in enumerate(things)
        for second, other in enumerate(things)
        if (one.modality, other.modality) == RELATION and one.key == other.key
    ]
    assert made.pairs == sorted(expected)
    (found,) = made.relations
    assert found.pairs == len(expected)
    for side, modality in enumerate(RELATION):
        have = partners(made, side)
        count = sum(item.modality == modality for item in things)
        assert found.alone[side] == count - len(have)
        assert found.claimed[side] == sum(len(each) > 1 for each in have.values())


@given(
    items,
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "é", "", "zz"]), st.sampled_from(["a", "b", "?"])),
        max_size=8,
    ),
    st.booleans(),
)
@settings(deadline=None)
def test_a_table_pairs_what_its_rows_name_and_tells_what_is_missing(things, rows, turned):
    between = RELATION[::-1] if turned else RELATION
    rule = TablePairs(between=between, path="t.csv", columns=("x", "y"))
    cells = [row[::-1] if turned else row for row in rows]
    table = PairTable([(line, *each) for line, each in enumerate(cells, 2)])
    made = pair_items(things, ROOT, project_settings(rule), [table])

    def named(modality, cell):
        import unicodedata

        return [
            place
            for place, item in enumerate(things)
            if item.modality == modality and cell
            and unicodedata.normalize("NFC", item.key) == unicodedata.normalize("NFC", cell)
        ]  # fmt: skip

    expected, wrong = set(), 0
    for first, second in rows:
        meant = [named("image", first), named("text", second)]
        # a name that several files have could mean any of them
        doubtful = [len(places) > 1 for places in meant]
        missing = [not places for places in meant]
        wrong += sum(missing) or sum(doubtful)
        if not any(missing) and not any(doubtful):
            expected.add((meant[0][0], meant[1][0]))
    assert made.pairs == sorted(expected)
    assert len(made.problems) == wrong
    assert all(where.startswith("/project/t.csv, line ") for where, _ in made.problems)


@pytest.mark.parametrize(
    ("image", "text", "belong"),
    [
        ("/a/dog.jpg", "/a/dog.txt", True),
        ("/a/dog.jpg", "/a/dog.jpg.txt", True),
        ("/a/dog.jpg", "/b/dog.txt", False),
        ("/a/dog.jpg", "/a/cat.txt", False),
        ("/a/dog.v2.jpg", "/a/dog.v2.txt", True),
        ("/a/dog.v2.jpg", "/a/dog.txt", False),
        ("/a/caf\u00e9.jpg", "/a/cafe\u0301.txt", True),
        ("/a/dog", "/a/dog.txt", True),
    ],
)
def test_side_by_side(image, text, belong):
    things = [Found("image", image, "m", "x"), Found("text", text, "m", "y")]
    rule = SidecarPairs(between=("text", "image"))
    made = pair_items(things, ROOT, project_settings(rule), [PairTable()])
    assert made.pairs == ([(0, 1)] if belong else [])


def test_two_rules_of_one_relation_add_up_without_doubles():
    things = [Found("image", "/a/x.png", "m", "x"), Found("text", "/a/x.txt", "m", "x")]
    rules = [KeyPairs(between=RELATION), SidecarPairs(between=RELATION)]
    made = pair_items(things, ROOT, project_settings(*rules), [PairTable(), PairTable()])
    assert made.pairs == [(0, 1)]
    assert made.relations == [RelationFindings(RELATION, 1, (0, 0), (0, 0))]


def test_a_key_that_names_crowds_pairs_nothing_and_is_told():
    side = int(MOST_PAIRS_OF_A_KEY**0.5) + 1
    things = [
        Found(modality, f"/{modality}/{number}", "m", "index") for modality in RELATION
        for number in range(side)
    ]  # fmt: skip
    things += [Found("image", "/x", "m", "x"), Found("text", "/x", "m", "x")]
    made = pair_items(things, ROOT, project_settings(KeyPairs(between=RELATION)), [PairTable()])
    assert made.pairs == [(2 * side, 2 * side + 1)]
    assert [where for where, _ in made.problems] == ["key “index”"]
    assert f"{side:,} image and {side:,} text items" in made.problems[0][1]
    assert made.notices == []


@pytest.mark.parametrize(
    ("findings", "sentence"),
    [
        (RelationFindings(RELATION, 1204, (31, 0), (2, 0)),
         "1,204 image–text pairs; 31 images without text; 2 images have several texts"),
        (RelationFindings(("text", "speech"), 0, (1, 3), (0, 0)),
         "0 text–speech pairs; 1 text without recording; 3 recordings without text"),
        (RelationFindings(("image", "speech"), 5, (0, 0), (0, 1)),
         "5 image–speech pairs; 1 recording has several images"),
    ],
)  # fmt: skip
def test_findings_in_words(findings, sentence):
    assert findings.sentence() == sentence


# --- real folders ---------------------------------------------------------------------------------


def made_of(tmp_path, *sources):
    found = ProjectSettings(sources=list(sources), pairings=[KeyPairs(between=RELATION)])
    return Project.create(tmp_path / "project", found)


def named_pairs(project, relation=RELATION):
    names = {item.id: item.text or Path(item.path).name for item in project.catalogue.items()}
    return sorted((names[a], names[b]) for a, b in project.catalogue.pairs()[relation])


def pictures(tmp_path, *names):
    for number, name in enumerate(names):
        write_item(tmp_path / "image", "image", number, name)
    return Source(modality="image", path=str(tmp_path / "image"))


def test_flickr_captions_in_every_shape(tmp_path):
    images = pictures(tmp_path, "1000_a", "2000_b")
    tokens = "1000_a.png#0\tA dog runs .\n1000_a.png#1\tA brown dog .\n2000_b.png#0\tA cat .\n"
    csv = "image,caption\n1000_a.png,A dog runs .\n1000_a.png,A brown dog .\n2000_b.png,A cat .\n"
    piped = (
        "image_name| comment_number| comment\n1000_a.png| 0| A dog runs .\n"
        "1000_a.png| 1| A brown dog .\n2000_b.png| 0| A cat .\n"
    )
    coco = json.dumps({
        "images": [{"id": 7, "file_name": "1000_a.png"}, {"id": 8, "file_name": "2000_b.png"}],
        "annotations": [
            {"id": 1, "image_id": 7, "caption": "A dog runs ."},
            {"id": 2, "image_id": 7, "caption": "A brown dog ."},
            {"id": 3, "image_id": 8, "caption": "A cat ."},
        ],
    })  # fmt: skip
    for name, content in (
        ("Flickr8k.token.txt", tokens), ("results_20130124.token", tokens),
        ("captions.txt", csv), ("results.csv", piped), ("captions_val.json", coco),
    ):  # fmt: skip
        (tmp_path / name).write_text(content, encoding="utf-8")
        texts = Source(modality="text", path=str(tmp_path / name))
        project = made_of(tmp_path / f"for {name}", images, texts)
        report = drain(scan(project))
        assert report.problems == []
        assert report.relations == [RelationFindings(RELATION, 3, (0, 0), (1, 0))]
        assert named_pairs(project) == [
            ("1000_a.png", "A brown dog ."), ("1000_a.png", "A dog runs ."),
            ("2000_b.png", "A cat ."),
        ]  # fmt: skip
        item = project.catalogue.items("text")[0]
        assert item.file == str(tmp_path / name)


def test_names_as_texts(tmp_path):
    images = pictures(tmp_path, "red_apple", "green-pear")
    for rule, expected in (
        ("file-name", [("green-pear.png", "green pear"), ("red_apple.png", "red apple")]),
        ("folder-name", []),
    ):
        texts = Source(modality="text", path=images.path, text=rule)
        project = made_of(tmp_path / rule, images, texts)
        report = drain(scan(project))
        if expected:
            assert named_pairs(project) == expected
            assert report.problems == []
        else:
            assert {reason for _, reason in report.problems} == {
                "It is in no folder below the source that could name it."
            }


def test_folder_names_as_texts(tmp_path):
    write_world(tmp_path, 6, ("image",))
    images = Source(modality="image", path=str(tmp_path / "image"))
    texts = Source(modality="text", path=str(tmp_path / "image"), text="folder-name")
    project = made_of(tmp_path, images, texts)
    drain(scan(project))
    assert {text for _, text in named_pairs(project)} == {"kind 0", "kind 1", "kind 2"}
    assert {item.label for item in project.catalogue.items("text")} == {
        "kind-0", "kind-1", "kind-2"
    }  # fmt: skip


def test_a_table_lists_pictures_and_another_texts(tmp_path):
    pictures(tmp_path, "a", "b")
    (tmp_path / "files.jsonl").write_text(
        '{"id": "p1", "path": "image/a.png", "kind": "fruit"}\n'
        '{"id": "p2", "path": "image/nowhere.png", "kind": "fruit"}\n'
        '{"id": "p3", "path": "image/b.png", "kind": "tool"}\n'
        '{"id": "p4", "path": "image/b.png", "kind": "tool, told twice"}\n'
    )
    (tmp_path / "words.tsv").write_text("id\tpicture\tworte\tlang\n9\tp1\tApfel\tde\n")
    images = Source(
        modality="image", path=str(tmp_path / "files.jsonl"),
        columns=Columns(path="path", key="id", label="kind"),
    )  # fmt: skip
    texts = Source(
        modality="text", path=str(tmp_path / "words.tsv"),
        columns=Columns(id="id", key="picture", text="worte", language="lang"),
    )  # fmt: skip
    project = made_of(tmp_path, images, texts)
    report = drain(scan(project))
    assert report.items == {"image": 2, "text": 1}
    assert "line 2" in report.problems[0][0]
    assert "does not exist" in report.problems[0][1]
    assert named_pairs(project) == [("a.png", "Apfel")]
    (text,) = project.catalogue.items("text")
    assert (text.place, text.language, text.path) == ("9", "de", f"{tmp_path}/words.tsv#9")
    assert [item.label for item in project.catalogue.items("image")] == ["fruit", "tool"]


def test_columns_that_are_missing_are_named_before_any_work(tmp_path):
    images = pictures(tmp_path, "a")
    (tmp_path / "t.csv").write_text("foo,bar\n1,2\n")
    for columns, words in (
        (Columns(text="words"), "no column “words”. Its columns: “foo”, “bar”"),
        (Columns(), "which column of .* holds the texts. Choose one of .*: “foo”, “bar”"),
    ):
        texts = Source(modality="text", path=str(tmp_path / "t.csv"), columns=columns)
        project = Project.create(tmp_path / words[:4], ProjectSettings(sources=[images, texts]))
        with pytest.raises(Exception, match=words):
            drain(scan(project))
        assert project.catalogue.items() == []


def test_a_preview_says_what_a_scan_finds_and_writes_nothing(tmp_path):
    write_world(tmp_path, 6, extra=1)
    project = Project.create(tmp_path / "project", settings_of())
    before = project.catalogue.path.read_bytes()
    preview = Preview(project.root, project.catalogue.known())
    looked = drain(preview.look(project.settings))
    assert project.catalogue.path.read_bytes() == before
    scanned = drain(scan(project))
    assert looked.items == scanned.items == {"image": 7, "text": 7}
    assert looked.relations == scanned.relations
    assert looked.unpaired == scanned.unpaired == {"image": 1, "text": 1}
    # another rule is answered without reading the folders again
    for path in (tmp_path / "image").rglob("*.png"):
        path.unlink()
    other = project.settings.model_copy(update={"pairings": [SidecarPairs(between=RELATION)]})
    assert drain(preview.look(other)).relations[0].pairs == 0
    assert drain(preview.look(project.settings)).relations == scanned.relations
    changed = other.model_copy(update={"sources": other.sources[1:], "pairings": []})
    assert drain(preview.look(changed)).items == {"text": 7}


def test_a_preview_can_be_stopped_and_asked_again(tmp_path):
    write_world(tmp_path, 6)
    project = Project.create(tmp_path / "project", settings_of())
    preview, control = Preview(project.root), Control()
    control.stop()
    assert drain(preview.look(project.settings, control)).items == {}
    assert drain(preview.look(project.settings)).items == {"image": 6, "text": 6}


def test_unchanged_files_are_not_read_again(tmp_path, monkeypatch):
    project = make_project(tmp_path, 6, ("text", "speech"))
    read = []
    module = "workbench.stations.collecting.source_reader"
    monkeypatch.setattr(f"{module}.read_text", lambda path: read.append(path) or "new words")
    monkeypatch.setattr(f"{module}.speech_seconds", lambda path: read.append(path) or 1.0)
    before = project.catalogue.items()
    drain(scan(project))
    assert read == []
    assert project.catalogue.items() == before
    changed = write_item(tmp_path / "text" / "kind-1", "text", 99, "thing-001")
    drain(scan(project))
    assert read == [changed]
    project.change(
        sources=[project.settings.sources[0].model_copy(update={"text": "first-line"}),
                 project.settings.sources[1]]
    )  # fmt: skip
    drain(scan(project))
    assert len(read) == 7  # by another rule the text may be another


def test_the_division_of_pairs_is_that_of_training(tmp_path):
    project = make_project(tmp_path, 40, extra=2)
    (whole,) = division(project)
    assert whole.relation == RELATION
    assert (whole.training, whole.validation, whole.test, whole.spare) == (28, 4, 8, 0)
    (cut,) = division(project, SplitSettings(budget=10, seed=3))
    assert (cut.training, cut.validation, cut.test, cut.spare) == (10, 4, 8, 18)
    assert cut.sentence() == (
        "image–text: 10 training pairs, 4 for validation, 8 held out, 18 beyond the budget"
    )
    project.change(pairings=[])
    drain(scan(project))
    assert division(project) == []


def test_long_recordings_are_told(tmp_path):
    write_world(tmp_path, 3, ("speech",))
    source = Source(modality="speech", path=str(tmp_path / "speech"), max_seconds=0.0625)
    project = Project.create(tmp_path / "project", ProjectSettings(sources=[source]))
    told = []
    drain(scan(project), told.append)
    (notice,) = [event for event in told if isinstance(event, Notice)]
    assert notice.text.startswith("2 recordings in ")
    assert "longer than 0.0625 s" in notice.text
