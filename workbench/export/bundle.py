"""The portable bundle: heads, what they are, a loader that needs only numpy, and chosen parts."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from workbench.alignment import save_space
from workbench.alignment.space import FORMAT
from workbench.assets import resource
from workbench.errors import WorkbenchError
from workbench.export.card import readme
from workbench.export.contents import Contents
from workbench.export.example import example
from workbench.export.parts import Part
from workbench.export.taking_place import take_place
from workbench.jobs import Control, Job, Progress
from workbench.received.small import read_json
from workbench.whole_files import draft_folder, open_own

SCHEMA_VERSION = 2
HEADS_FILE = "heads.safetensors"
CONFIG_FILE = "config.json"
LOADER_FILE = "load_heads.py"
README_FILE = "README.md"
EXAMPLE_FILE = "example.py"
HEADS_DIGEST = "heads_sha256"
_FILES = (HEADS_FILE, CONFIG_FILE, LOADER_FILE, README_FILE, EXAMPLE_FILE)
_BEGINNING = 1 << 16  # bytes, in which a file says what it is


def write_bundle(
    folder: Path,
    contents: Contents,
    parts: Sequence[Part] = (),
    control: Control | None = None,
) -> Job[Path | None]:
    """Write heads, configuration, loader, card and parts into a folder.

    They are written beside and take their places in one step, so that a process may be killed at
    any moment: the folder holds the earlier bundle, or the new one. Where it holds other files as
    well, ours do so one after another, and the loader refuses what does not belong together.

    Parameters
    ----------
    folder : Path
        New, empty, or holding an earlier bundle.
    contents : Contents
    parts : sequence of Part
    control : Control, optional
        After a stop nothing is written.

    Yields
    ------
    Progress, Notice

    Returns
    -------
    Path or None
        The folder; None after a stop.

    Raises
    ------
    WorkbenchError
        The folder holds something else, or cannot be written.
    """
    control = control or Control()
    try:
        folder = folder.resolve()  # a link that the user names is meant
        _check_place(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        alone = not _others_in(folder) and _can_be_replaced(folder)
        # with files of somebody else in it only ours are replaced, one after another
        with draft_folder(folder if alone else folder / "export") as draft:
            yield from _write_files(draft, contents, parts, control)
            if control.stopping:
                return None
            _check_place(folder)  # it may have taken minutes, in which others have put files there
            if alone and not _others_in(folder):
                take_place(draft, folder)
            else:
                _replace_ours(draft, folder)
    except OSError as error:
        raise WorkbenchError(
            f"The bundle cannot be written to {folder}: {error.strerror or error}. Choose another."
        ) from None
    return folder


def _write_files(
    folder: Path, contents: Contents, parts: Sequence[Part], control: Control
) -> Job[None]:
    told: dict[str, Any] = {}
    for part in parts:
        control.wait_while_paused()
        yield Progress(0, 0, part.title)
        (folder / part.name).mkdir()
        told[part.name] = yield from part.write(folder / part.name, contents, control)
        if control.stopping:
            return
        told[part.name]["files"] = _listed(folder / part.name)
    save_space(contents.space, folder / HEADS_FILE)
    configuration = {
        **contents.space.configuration(),
        "schema_version": SCHEMA_VERSION,
        "run": contents.name,
        HEADS_DIGEST: digest(folder / HEADS_FILE),
        "encoders": {view: dict(card) for view, card in contents.encoders.items()},
        **contents.facts,
        "parts": told,
    }
    words = json.dumps(configuration, indent=2, ensure_ascii=False) + "\n"
    (folder / CONFIG_FILE).write_text(words, encoding="utf-8")
    shutil.copyfile(resource("export", LOADER_FILE), folder / LOADER_FILE)
    (folder / EXAMPLE_FILE).write_text(example(contents, told), encoding="utf-8")
    (folder / README_FILE).write_text(readme(contents, told), encoding="utf-8")


def _listed(folder: Path) -> dict[str, dict[str, Any]]:
    """Return size and digest of every file below a folder, by its path in it."""
    return {
        path.relative_to(folder).as_posix(): {"bytes": path.stat().st_size, "sha256": digest(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- what lies there already ---------------------------------------------------------------------


def _check_place(folder: Path) -> None:
    """Refuse a folder that holds something and no bundle."""
    if _entries(folder) and not _is_bundle(folder):
        raise WorkbenchError(
            f"{folder} is not empty and is not an exported folder. Choose a new or an empty folder."
        )


def _entries(folder: Path) -> list[Path]:
    """Return what lies in a folder; nothing if there is none."""
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        return []


def _others_in(folder: Path) -> set[str]:
    """Return the files below a folder, and the links, that no export has written there."""
    return set(_walk(folder)) - _ours_in(folder)


def _walk(folder: Path) -> Iterable[str]:
    """Yield the paths of files and links below a folder, and of folders with nothing in them."""
    for where, folders, files in os.walk(folder):
        here = Path(where)
        links = [name for name in folders if (here / name).is_symlink()]
        for name in (*files, *links):
            yield (here / name).relative_to(folder).as_posix()
        if not folders and not files and here != folder:
            yield here.relative_to(folder).as_posix()


def _ours_in(folder: Path) -> set[str]:
    """Return the paths that an earlier bundle in a folder says are its own."""
    ours = set(_FILES)
    try:
        parts = read_json(folder / CONFIG_FILE, "The configuration").get("parts", {})
        ours |= {f"{name}/{file}" for name, part in parts.items() for file in part["files"]}
    except (WorkbenchError, AttributeError, LookupError, TypeError):  # it is of no version of ours
        pass
    return ours


def own_files(folder: Path) -> list[str]:
    """Return the paths of the files in an exported folder that the export has written."""
    there = _ours_in(folder) & set(_walk(folder))
    return sorted(name for name in there if not (folder / name).is_symlink())


def _replace_ours(draft: Path, folder: Path) -> None:
    """Let new files take the places of those of an earlier bundle, and of no other."""
    new, others = set(_walk(draft)), _others_in(folder)
    for name in sorted(new - set(_FILES)):
        taken = {name, *(parent.as_posix() for parent in Path(name).parents)} & others
        if taken:
            raise WorkbenchError(
                f"{folder / taken.pop()} is in the way, and no export has written it. Move it "
                "away, or choose another folder."
            )
    gone = (_ours_in(folder) & set(_walk(folder))) - new
    for name in sorted(new, key=lambda name: (name in _FILES, name)):  # words of them last
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (draft / name).replace(folder / name)
    for name in gone:
        (folder / name).unlink()
        _drop_empty(folder / Path(name).parent, folder)


def _drop_empty(folder: Path, top: Path) -> None:
    while folder != top and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _can_be_replaced(folder: Path) -> bool:
    """Whether another folder can take this one's place."""
    return not folder.is_mount() and os.access(folder.parent, os.W_OK)


def _is_bundle(folder: Path) -> bool:
    """Return whether the folder's content is ours; other programs write such files too.

    Also what an earlier version left that was killed while it wrote one.
    """
    if FORMAT.encode() in _beginning(folder / CONFIG_FILE):
        return True
    ours = {folder / name for name in _FILES}
    begun = FORMAT.encode() in _beginning(folder / HEADS_FILE) or not any(map(_beginning, ours))
    return begun and set(folder.iterdir()) <= ours


def is_readme_of_bundle(path: Path) -> bool:
    """Whether a file tells of an exported run, and so is no text of anybody's data.

    It lies beside the heads, or with a model two folders below.
    """
    folders = (path.parent, *path.parents[2:3])
    return path.name == README_FILE and any(
        FORMAT.encode() in _beginning(folder / HEADS_FILE) for folder in folders
    )


def _beginning(path: Path) -> bytes:
    """Return the first bytes of a file; none of what is no file, such as a link."""
    try:
        with os.fdopen(open_own(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            return file.read(_BEGINNING) if path.is_file() else b""
    except OSError:
        return b""
