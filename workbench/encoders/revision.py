"""Which weights these are: a string that changes when they do."""

import hashlib
from importlib import metadata
from pathlib import Path

_WEIGHT_SUFFIXES = frozenset((".safetensors", ".bin", ".pth", ".pt", ".npz"))
_SAMPLE = 1 << 20


def package_version(distribution: str) -> str:
    """Return the installed version of a distribution, ``"unknown"`` where there is none."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return "unknown"


def weights_revision(place: Path) -> str:
    """Return a fingerprint of a file, or of all weight and JSON files below a folder.

    Name, size, first and last megabyte of each file go in: other weights of the same shape differ
    there, and a large model need not be read whole.

    Returns
    -------
    str
        ``"sha256:"`` and 16 hexadecimal digits.
    """
    wanted = _WEIGHT_SUFFIXES | {".json"}
    files = [place] if place.is_file() else sorted(place.rglob("*"))
    digest = hashlib.sha256()
    for file in files:
        if not file.is_file() or (file != place and file.suffix.lower() not in wanted):
            continue
        size = file.stat().st_size
        digest.update(f"{file.name} {size}\n".encode("utf-8", "surrogateescape"))
        with file.open("rb") as content:
            digest.update(content.read(_SAMPLE))
            if size > _SAMPLE:
                content.seek(max(_SAMPLE, size - _SAMPLE))
                digest.update(content.read(_SAMPLE))
    return f"sha256:{digest.hexdigest()[:16]}"


def hub_revision(repository: str, file: str = "config.json") -> str:
    """Return the commit of a hub repository that lies in this machine's cache.

    Parameters
    ----------
    repository : str
        Such as ``"openai/whisper-base"``.
    file : str
        A file of it that was loaded.

    Returns
    -------
    str
        The commit, or ``"unknown"`` where the repository is not in the cache.
    """
    from huggingface_hub import try_to_load_from_cache

    found = try_to_load_from_cache(repository, file)
    return commit_in_path(found) if isinstance(found, str) else "unknown"


def commit_in_path(path: str) -> str:
    """Return the commit that a path in the hub's cache names (…/snapshots/COMMIT/file)."""
    parts = Path(path).parts
    if "snapshots" in parts[:-1]:
        return parts[parts.index("snapshots") + 1]
    return "unknown"
