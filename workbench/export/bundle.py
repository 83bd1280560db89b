"""The portable bundle: heads, what they are, and a loader that needs only numpy and safetensors."""

import json
import shutil
from pathlib import Path
from typing import Any

from workbench.alignment import AlignedSpace, load_space, save_space
from workbench.alignment.space import FORMAT
from workbench.assets import resource
from workbench.errors import WorkbenchError

HEADS_FILE = "heads.safetensors"
CONFIG_FILE = "config.json"
LOADER_FILE = "load_heads.py"


def write_bundle(folder: Path, space: AlignedSpace, facts: dict[str, Any]) -> list[Path]:
    """Write heads, configuration, loader and a README into a folder.

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
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()) and not _is_bundle(folder):
            raise WorkbenchError(
                f"{folder} is not empty and is not an exported folder. Choose a new or an empty "
                "folder."
            )
        configuration = {**space.configuration(), **facts}
        (folder / CONFIG_FILE).write_text(
            json.dumps(configuration, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        save_space(space, folder / HEADS_FILE)
        shutil.copyfile(resource("export", LOADER_FILE), folder / LOADER_FILE)
        (folder / "README.md").write_text(_readme(space, facts), encoding="utf-8")
    except OSError as error:
        raise WorkbenchError(
            f"The bundle cannot be written to {folder}: {error.strerror}. Choose another."
        ) from None
    return sorted(folder / n for n in (HEADS_FILE, CONFIG_FILE, LOADER_FILE, "README.md"))


def _is_bundle(folder: Path) -> bool:
    """Return whether the folder's configuration is ours; other programs write such files too."""
    try:
        configuration = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(configuration, dict) and configuration.get("format") == FORMAT


def load_bundle(folder: Path) -> AlignedSpace:
    """Read the heads of a bundle.

    Raises
    ------
    WorkbenchError
        There is no bundle in the folder, or it is damaged.
    """
    return load_space(folder / HEADS_FILE)


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
