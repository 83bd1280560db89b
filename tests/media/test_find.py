import os
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.media import FoundFile, SkippedFile, find_files

linux_only = pytest.mark.skipif(sys.platform != "linux", reason="needs a Linux file system")


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def relatives(root: Path, modality="image", **patterns) -> list[str]:
    return [f.relative for f in find_files(root, modality, **patterns) if isinstance(f, FoundFile)]


def skipped(root: Path, modality="image") -> list[SkippedFile]:
    return [f for f in find_files(root, modality) if isinstance(f, SkippedFile)]


def test_order_suffixes_and_hidden_names(tmp_path):
    put(tmp_path, "b.png", "a/z.JPG", "a.txt", "a.png", "a/b/c.svg", ".hidden/x.png", "._b.png")
    put(tmp_path, ".DS_Store", "Thumbs.db", "noise.wav")
    assert relatives(tmp_path) == ["a.png", "a/b/c.svg", "a/z.JPG", "b.png"]
    assert relatives(tmp_path, "text") == ["a.txt"]
    assert relatives(tmp_path, "speech") == ["noise.wav"]


def test_what_a_finding_says(tmp_path):
    put(tmp_path, "in/dog.png")
    os.utime(tmp_path / "in/dog.png", ns=(5, 1_700_000_000_123_456_700))
    (found,) = find_files(tmp_path, "image")
    path = tmp_path / "in/dog.png"
    assert found == FoundFile(str(path), "in/dog.png", 1, 1_700_000_000_123_456_700)
    assert found.path == path


@given(
    st.sets(
        st.lists(st.text("ab.-é ", min_size=1, max_size=3), min_size=1, max_size=3).map(tuple),
        max_size=12,
    )
)
@settings(max_examples=40, deadline=None)
def test_all_files_once_and_sorted(tmp_path_factory, names):
    root = tmp_path_factory.mktemp("tree")
    expected = set()
    for parts in names:
        parts = tuple(f"n{part}n" for part in parts)  # neither hidden nor “..”
        put(root, "/".join((*(f"{part}.d" for part in parts[:-1]), f"{parts[-1]}.png")))
        expected.add("/".join((*(f"{part}.d" for part in parts[:-1]), f"{parts[-1]}.png")))
    assert relatives(root) == sorted(expected)


def test_include_and_exclude(tmp_path):
    put(tmp_path, "cat.png", "dog_mirror.png", "animals/owl.png", "animals/deep/owl2.jpg")
    assert relatives(tmp_path, exclude=["*_mirror.*"]) == [
        "animals/deep/owl2.jpg",
        "animals/owl.png",
        "cat.png",
    ]
    assert relatives(tmp_path, include=["animals/"]) == ["animals/deep/owl2.jpg", "animals/owl.png"]
    assert relatives(tmp_path, include=["*.png"], exclude=["animals/*"]) == [
        "cat.png",
        "dog_mirror.png",
    ]
    assert relatives(tmp_path, include=["**/cat.png", "**/owl.png"]) == [
        "animals/owl.png",
        "cat.png",
    ]
    assert relatives(tmp_path, include=["[co]*"]) == [
        "animals/deep/owl2.jpg",
        "animals/owl.png",
        "cat.png",
    ]


@linux_only
def test_links_neither_loop_nor_double(tmp_path):
    put(tmp_path, "real/a.png", "real/sub/b.png")
    (tmp_path / "a_link").symlink_to(tmp_path / "real")
    (tmp_path / "real/sub/up").symlink_to(tmp_path)
    (tmp_path / "self.png").symlink_to(tmp_path / "self.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    assert relatives(tmp_path) == ["real/a.png", "real/sub/b.png"]
    reasons = {Path(s.path_text).name: s.reason for s in skipped(tmp_path)}
    assert reasons["gone.png"] == "is a broken link"
    assert "cannot be read" in reasons["self.png"]


@linux_only
def test_linked_folder_outside_is_followed(tmp_path):
    put(tmp_path, "outside/x.png", "root/a.png")
    (tmp_path / "root/link").symlink_to(tmp_path / "outside")
    assert relatives(tmp_path / "root") == ["a.png", "link/x.png"]


@linux_only
def test_chain_of_links_and_deep_folders(tmp_path):
    put(tmp_path, "outside/a.png", "outside/inner/b.png", "root/own.png")
    (tmp_path / "outside/back").symlink_to(tmp_path / "root")
    (tmp_path / "outside/inner/further").symlink_to(tmp_path / "third")
    put(tmp_path, "third/c.png")
    (tmp_path / "root/link").symlink_to(tmp_path / "outside")
    assert relatives(tmp_path / "root") == [
        *("own.png", "link/a.png", "link/inner/b.png", "link/inner/further/c.png"),
    ]
    deep = "/".join("d" * 200)
    put(tmp_path, f"deep/{deep}/x.png")
    assert relatives(tmp_path / "deep") == [f"{deep}/x.png"]


@linux_only
def test_hostile_names(tmp_path):
    put(tmp_path, "new\nline.png", "é" * 120 + ".png", "back\\slash.png", "a" * 251 + ".png")
    for name in (b"bad\xff.png", b"bad\xfe.txt", b"folder\xff/in.png"):
        put(tmp_path, os.fsdecode(name))
    assert set(relatives(tmp_path)) == {
        "new\nline.png",
        "é" * 120 + ".png",
        "back\\slash.png",
        "a" * 251 + ".png",
    }
    left_out = skipped(tmp_path)
    assert [s.reason for s in left_out] == ["has a name that is not valid UTF-8: rename it"] * 2
    for finding in left_out:
        finding.path_text.encode("utf-8")


@linux_only
def test_empty_and_special_files(tmp_path):
    put(tmp_path, "good.png")
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    reasons = {Path(s.path_text).name: s.reason for s in skipped(tmp_path)}
    assert reasons == {"empty.png": "is empty (0 bytes)", "pipe.png": "is not a regular file"}
    assert relatives(tmp_path) == ["good.png"]


def test_unreadable_folder_is_reported(tmp_path, monkeypatch):
    put(tmp_path, "a.png", "locked/b.png")
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("locked"):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    assert relatives(tmp_path) == ["a.png"]
    (finding,) = skipped(tmp_path)
    assert finding.reason == "is a folder that cannot be read (permission denied)"


def test_bad_roots(tmp_path):
    put(tmp_path, "file.png")
    with pytest.raises(WorkbenchError, match="does not exist"):
        find_files(tmp_path / "none", "image")
    with pytest.raises(WorkbenchError, match="is not a folder"):
        find_files(tmp_path / "file.png", "image")
    with pytest.raises(WorkbenchError, match="not valid UTF-8"):
        find_files(tmp_path / "\udcff", "image")
