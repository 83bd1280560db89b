"""What lies on this machine of a model that came over the network: read from disk, never asked."""

import os
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from workbench.encoders.entry import Download
from workbench.errors import WorkbenchError
from workbench.home import expanded
from workbench.received.small import read_json


def files_here(download: Download) -> list[Path] | None:
    """Return the files of a download that is complete on this machine, None where it is not.

    Files of a repository count as the hub's library keeps them: what its branch ``main`` pointed
    to when it was last asked. Complete means that all shards of the weights are there; the job that
    downloads fetches them last.
    """
    here: list[Path] = []
    for part in (download, *download.also):
        found = _of_repository(part) if part.repository else _of_url(part)
        if not found:
            return None
        here += found
    return here


def bytes_here(files: list[Path]) -> int:
    """Return how many bytes files take, each content once although several names lead to it."""
    return sum(real.stat().st_size for real in {file.resolve() for file in files})


def weights_among(names: list[str], wanted: tuple[str, ...]) -> list[str] | None:
    """Choose the weights among the files of a repository.

    Parameters
    ----------
    names : list of str
        Paths within the repository, with slashes.
    wanted : tuple of str
        File names, the preferred first.

    Returns
    -------
    list of str or None
        In each folder that has any, the preferred one, all its shards and their index. None where a
        shard that the names announce is missing, or nothing is there at all.
    """
    chosen: list[str] = []
    for folder in sorted({str(PurePosixPath(name).parent) for name in names}):
        files = {PurePosixPath(n).name: n for n in names if str(PurePosixPath(n).parent) == folder}
        for wish in wanted:
            shards = _shards(wish, list(files))
            if shards is None:
                return None
            if wish in files or shards:
                whole = [wish] if wish in files else [*shards, f"{wish}.index.json"]
                chosen += [files[name] for name in whole if name in files]
                break
    return chosen or None


def _shards(wish: str, names: list[str]) -> list[str] | None:
    """Return the files ``model-00001-of-00003.safetensors`` of a name; None where some lack."""
    stem, _, suffix = wish.rpartition(".")
    shards = sorted(n for n in names if fnmatch(n, f"{stem}-[0-9]*-of-[0-9]*.{suffix}"))
    if not shards:
        return []
    announced = shards[0].rpartition("-of-")[2].partition(".")[0]
    return shards if announced.isdigit() and len(shards) == int(announced) else None


def repository_folder(repository: str) -> Path:
    """Return where the hub's library keeps a model's repository."""
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / f"models--{repository.replace('/', '--')}"


def snapshot_here(repository: str) -> Path | None:
    """Return the folder of a repository's files, whose name is their commit; None without any.

    The commit is what its branch ``main`` pointed to when it was last asked.
    """
    folder = repository_folder(repository)
    try:
        commit = (folder / "refs" / "main").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return folder / "snapshots" / commit if commit else None


def torch_hub_file(url: str) -> Path:
    """Return where torch's hub keeps the file of an address."""
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("TORCH_HOME") or f"{cache}/torch"
    return expanded(home) / "hub" / "checkpoints" / PurePosixPath(url).name


def _of_repository(download: Download) -> list[Path] | None:
    snapshot = snapshot_here(download.repository)
    if snapshot is None:
        return None
    files = {f.relative_to(snapshot).as_posix(): f for f in snapshot.rglob("*") if f.is_file()}
    if not files:
        return None
    if download.weights:
        weights = weights_among(list(files), download.weights)
        if weights is None or not _index_satisfied(weights, files):
            return None
    return list(files.values())


def _index_satisfied(weights: list[str], files: dict[str, Path]) -> bool:
    """Whether every file that an index of shards names is there."""
    for name in weights:
        if not name.endswith(".index.json"):
            continue
        try:
            shards = set(read_json(files[name], "The index")["weight_map"].values())
        except (WorkbenchError, KeyError, AttributeError, TypeError):
            return False
        if not all(str(PurePosixPath(name).parent / shard) in files for shard in shards):
            return False
    return True


def _of_url(download: Download) -> list[Path] | None:
    file = torch_hub_file(download.url)
    return [file] if download.url and file.is_file() else None
