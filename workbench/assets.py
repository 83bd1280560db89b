"""Where the files of `resources/` lie, in a checkout and in an installed wheel."""

from pathlib import Path


def resource(*parts: str) -> Path:
    """Return the path of a file in `resources/`.

    Raises
    ------
    FileNotFoundError
        The file is not part of this installation.
    """
    here = Path(__file__).resolve().parent
    for root in (here / "resources", here.parent / "resources"):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise FileNotFoundError(f"resources/{'/'.join(parts)} is missing from this installation.")
