"""The portable bundle: heads, what they are, and a loader that needs only numpy and safetensors."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from workbench.alignment import AlignedSpace, load_space, save_space
from workbench.alignment.space import FORMAT
from workbench.assets import resource
from workbench.errors import WorkbenchError
from workbench.export.taking_place import take_place
from workbench.whole_files import draft_folder, open_own

HEADS_FILE = "heads.safetensors"
CONFIG_FILE = "config.json"
LOADER_FILE = "load_heads.py"
README_FILE = "README.md"
HEADS_DIGEST = "heads_sha256"
_FILES = (HEADS_FILE, CONFIG_FILE, LOADER_FILE, README_FILE)
_BEGINNING = 1 << 16  # bytes, in which a file says what it is


def write_bundle(folder: Path, space: AlignedSpace, facts: dict[str, Any]) -> list[Path]:
    """Write heads, configuration, loader and a README into a folder.

    They are written beside and take their places in one step, so that a process may be killed at
    any moment: the folder holds the earlier bundle, or the new one. Where it holds other files as
    well, they do so one after another, and the loader refuses what does not belong together.

    Parameters
    ----------
    folder : Path
        New, empty, or holding an earlier bundle.
    space : AlignedSpace
    facts : dict
        What else the configuration says: ``encoders`` (a card a view), ``recipe``, ``report``.

    Returns
    -------
    list of Path
        The files.

    Raises
    ------
    WorkbenchError
        The folder holds something else, or cannot be written.
    """
    try:
        folder = folder.resolve()  # a link that the user names is meant
        there = _names_in(folder)
        if there and not _is_bundle(folder):
            raise WorkbenchError(
                f"{folder} is not empty and is not an exported folder. Choose a new or an empty "
                "folder."
            )
        folder.parent.mkdir(parents=True, exist_ok=True)
        if there - set(_FILES) or not _can_be_replaced(folder):
            # with files of somebody else in it only ours are replaced, one after another
            with draft_folder(folder / "export") as draft:
                _write_files(draft, space, facts)
                for name in _FILES:
                    (draft / name).replace(folder / name)
        else:
            with draft_folder(folder) as draft:
                _write_files(draft, space, facts)
                take_place(draft, folder)
    except OSError as error:
        raise WorkbenchError(
            f"The bundle cannot be written to {folder}: {error.strerror}. Choose another."
        ) from None
    return sorted(folder / name for name in _FILES)


def _write_files(folder: Path, space: AlignedSpace, facts: dict[str, Any]) -> None:
    save_space(space, folder / HEADS_FILE)
    configuration = {**space.configuration(), HEADS_DIGEST: _digest(folder), **facts}
    (folder / CONFIG_FILE).write_text(
        json.dumps(configuration, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    shutil.copyfile(resource("export", LOADER_FILE), folder / LOADER_FILE)
    (folder / README_FILE).write_text(_readme(space, facts), encoding="utf-8")


def _names_in(folder: Path) -> set[str]:
    """Return what lies in a folder; nothing if there is none."""
    try:
        return {each.name for each in folder.iterdir()}
    except FileNotFoundError:
        return set()


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
    """Whether a file tells of an exported run beside it, and so is no text of anybody's data."""
    return path.name == README_FILE and FORMAT.encode() in _beginning(path.parent / HEADS_FILE)


def _beginning(path: Path) -> bytes:
    """Return the first bytes of a file; none of what is no file, such as a link."""
    try:
        with os.fdopen(open_own(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
            return file.read(_BEGINNING) if path.is_file() else b""
    except OSError:
        return b""


def _digest(folder: Path) -> str:
    with (folder / HEADS_FILE).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def load_bundle(folder: Path) -> AlignedSpace:
    """Read the heads of a bundle.

    Raises
    ------
    WorkbenchError
        There is no bundle in the folder, or it is damaged.
    """
    space = load_space(folder / HEADS_FILE)
    try:
        told = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))[HEADS_DIGEST]
    except (OSError, ValueError, LookupError, TypeError):  # of an earlier version
        return space
    if told != _digest(folder):
        raise WorkbenchError(
            f"{folder} has a {CONFIG_FILE} of other heads: an export was cut off. Export again."
        )
    return space


def _readme(space: AlignedSpace, facts: dict[str, Any]) -> str:
    rows = "\n".join(
        f"| {view} | {card.get('name', '')} | {card.get('revision', '')} | {space.width(view)} |"
        for view, card in facts.get("encoders", {}).items()
    )
    first = space.views[0]
    return f"""# Aligned heads

Made by GeRA Workbench. Each head maps frozen embeddings of one encoder into a shared space, where
the dot product of two rows is their similarity.

| view | encoder | revision | width |
|---|---|---|---|
{rows}

```python
from load_heads import load_heads          # needs numpy and safetensors

heads = load_heads(".")
rows = heads.embed("{first}", embeddings)   # (n, {space.width(first)}) frozen → (n, w) unit rows
```

`config.json` says which encoders to use, how the heads were trained, and what they score on pairs
that were held out.
"""
