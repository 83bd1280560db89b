import sqlite3
import subprocess
import sys
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.project import Catalogue, Changes, Found, relation_of


def found(modality="image", path="/a", mark="1", **more):
    return Found(modality, path, mark, path.strip("/"), **more)


@pytest.fixture
def catalogue(tmp_path):
    return Catalogue(tmp_path / "catalogue.sqlite")


files = st.dictionaries(
    st.tuples(st.sampled_from(["image", "text"]), st.sampled_from(["/a", "/b", "/c", "/d"])),
    st.sampled_from(["1", "2"]),
)


@settings(deadline=None, max_examples=40)
@given(st.lists(files, min_size=1, max_size=6))
def test_ids_stay_over_any_sequence_of_scans(tmp_path_factory, scans):
    catalogue = Catalogue(tmp_path_factory.mktemp("c") / "catalogue.sqlite")
    ids: dict[tuple[str, str], int] = {}
    last: dict[tuple[str, str], str] = {}
    before: dict[tuple[str, str], str] = {}
    for scan in scans:
        changes = catalogue.take([found(m, p, mark) for (m, p), mark in scan.items()])
        items = {(item.modality, item.path): item for item in catalogue.items()}
        assert {name: item.fingerprint for name, item in items.items()} == scan
        for name, item in items.items():
            assert ids.setdefault(name, item.id) == item.id
        assert len(set(ids.values())) == len(ids)
        changed = sum(name in last and last[name] != mark for name, mark in scan.items())
        new = sum(name not in last for name in scan)
        assert changes == Changes(
            new, changed, len(scan) - new - changed, len(before.keys() - scan.keys())
        )
        last.update(scan)
        before = scan
    # whatever happened, each call sees the same
    assert catalogue.items() == Catalogue(catalogue.path).items()


def test_a_changed_fingerprint_clears_the_problem_and_the_same_one_keeps_it(catalogue):
    catalogue.take([found(path="/a"), found(path="/b")])
    first, second = catalogue.items()
    catalogue.set_problems([(first.id, "is broken"), (second.id, "is broken")])
    catalogue.take([found(path="/a", mark="2"), found(path="/b")])
    assert [item.problem for item in catalogue.items()] == ["", "is broken"]
    catalogue.set_problems([(second.id, "")])
    assert [item.problem for item in catalogue.items()] == ["", ""]


def test_a_rescan_updates_key_label_and_text(catalogue):
    catalogue.take([found("text", label="old", text="old")])
    catalogue.take([Found("text", "/a", "2", "other key", "new", "newer")])
    (item,) = catalogue.items("text")
    assert (item.id, item.key, item.label, item.text) == (1, "other key", "new", "newer")
    assert catalogue.items("image") == []
    assert catalogue.counts() == {"text": 1}


def test_pairs_are_replaced_ordered_and_without_vanished_items(catalogue):
    everything = [found(path="/a"), found("text", "/b"), found("speech", "/c")]
    catalogue.take(everything)
    image, text, speech = (item.id for item in catalogue.items())
    catalogue.take_pairs([(image, text), (image, text), (text, speech)])
    pairs = catalogue.pairs()
    assert {name: ids.tolist() for name, ids in pairs.items()} == {
        ("image", "text"): [[image, text]],
        ("text", "speech"): [[text, speech]],
    }
    assert all(ids.dtype == np.int64 for ids in pairs.values())
    catalogue.take(everything[1:])
    assert list(catalogue.pairs()) == [("text", "speech")]
    catalogue.take(everything)
    assert len(catalogue.pairs()) == 2
    catalogue.take_pairs([(image, speech)])
    assert list(catalogue.pairs()) == [("image", "speech")]


def test_relation_of_orders_as_the_catalogue_does():
    assert relation_of("speech", "image") == relation_of("image", "speech") == ("image", "speech")
    assert relation_of("speech", "text") == ("text", "speech")


def test_odd_names_survive(catalogue):
    names = ["/a\nb", "/ü😀", "/'; DROP TABLE items; --", "/" + "x" * 255, "/ "]
    catalogue.take([found(path=name, text=name) for name in names])
    assert [item.path for item in catalogue.items()] == names


def test_a_scan_that_fails_leaves_everything(catalogue):
    catalogue.take([found(path="/a")])
    with pytest.raises(WorkbenchError):
        catalogue.take([found(path="/b"), Found("image", "/c", "1", None)])
    assert [item.path for item in catalogue.items()] == ["/a"]


def test_many_threads_at_once(catalogue):
    catalogue.take([found(path=f"/{number}") for number in range(20)])
    ids = [item.id for item in catalogue.items()]
    errors = []

    def work(number):
        try:
            for item in ids:
                catalogue.set_problems([(item, f"{number}")])
                assert len(catalogue.items()) == 20
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert {item.problem for item in catalogue.items()} <= set("0123")


WRITER = """
import sys
from pathlib import Path
from workbench.project.catalogue import Catalogue, Found
catalogue = Catalogue(Path(sys.argv[1]))
for _ in range(20):
    catalogue.take([Found("text", f"/{n}", "1", f"{n}") for n in range(30)])
"""


def test_another_process_at_once(catalogue):
    command = [sys.executable, "-c", WRITER, str(catalogue.path)]
    with subprocess.Popen(command) as writer:
        while writer.poll() is None:
            assert len(catalogue.items()) in (0, 30)  # never half a scan
            Catalogue(catalogue.path)
    assert writer.returncode == 0
    assert len(catalogue.items()) == 30


def test_opening_writes_nothing(catalogue):
    catalogue.take([found()])
    with sqlite3.connect(catalogue.path) as other:
        other.execute("BEGIN IMMEDIATE")
        assert len(Catalogue(catalogue.path).items()) == 1  # does not wait for the writer
        other.rollback()
    other.close()


def test_a_busy_file_is_a_sentence(catalogue, monkeypatch):
    real = sqlite3.connect
    monkeypatch.setattr(
        "workbench.project.catalogue.sqlite3.connect", lambda path, timeout: real(path, timeout=0.1)
    )
    other = real(catalogue.path)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(WorkbenchError, match="locked"):
        catalogue.take([found()])
    other.rollback()
    other.close()


def test_damaged_foreign_and_newer_files_are_sentences(tmp_path):
    path = tmp_path / "catalogue.sqlite"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(WorkbenchError, match="not a database"):
        Catalogue(path)
    path.unlink()
    catalogue = Catalogue(path)
    catalogue.take([found(path=f"/{number}" * 50) for number in range(300)])
    content = bytearray(path.read_bytes())
    content[4096:12288] = b"\xa5" * 8192
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match="cannot be used"):
        catalogue.items()
    path.unlink()
    with sqlite3.connect(path) as other:
        other.execute("PRAGMA user_version = 2")
    other.close()
    with pytest.raises(WorkbenchError, match="newer version"):
        Catalogue(path)
    with pytest.raises(WorkbenchError, match="cannot be used"):
        Catalogue(tmp_path / "nowhere" / "catalogue.sqlite")
    with pytest.raises(WorkbenchError, match="cannot be used"):
        Catalogue(tmp_path)
