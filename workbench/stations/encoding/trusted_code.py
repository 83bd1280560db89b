"""Which models' own program code the user lets run: kept on this machine, for code as it is.

Never in a project, which may come from anybody. An answer holds for a place and a content: the same
folder with one other line is asked about anew, and so is a newer commit of a repository.
"""

import json
from pathlib import Path

from filelock import FileLock

from workbench.encoders import OwnCode, own_code, place_of_code
from workbench.home import settings_folder
from workbench.media import Modality
from workbench.whole_files import write_whole

_MOST_BYTES = 10_000_000


def is_trusted(encoder: str, modality: Modality) -> bool:
    """Whether the user has let this encoder's code run, and it is the same still.

    Parameters
    ----------
    encoder, modality : str
        As for `load_encoder`.
    """
    folder = settings_folder()
    known = [] if folder is None else _read(_file_in(folder))
    if not known:
        return False
    place = place_of_code(encoder, modality)
    if all(each.place != place for each in known):
        return False  # before its files are looked at
    return own_code(encoder, modality) in known


def trust(code: OwnCode | None) -> str:
    """Keep that the user lets code run.

    Parameters
    ----------
    code : OwnCode or None
        As `own_code` returned it before it ran.

    Returns
    -------
    str
        Empty; or a sentence on why it could not be kept, so that the user is asked again.
    """
    again = "so you will be asked again next time."
    if code is None:
        return f"That this model’s code may run cannot be kept, as it leads elsewhere: {again}"
    folder = settings_folder()
    if folder is None:
        return f"You have no home folder to keep there that this model’s code may run, {again}"
    file = _file_in(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(f"{file}.lock", timeout=10):
            known = [each for each in _read(file) if each.place != code.place]
            _write(file, [*known, code])
    except OSError as error:
        return f"{file} cannot be written ({error.strerror or error}), {again}"
    return ""


def not_heeded(file: Path, encoder: str) -> str:
    """Say that a project's own word for an encoder's code counts no more."""
    return (
        f"{file} says that {encoder} may run its own code. Older versions kept your answer there; "
        "as a project may come from anybody, it is not heeded any more, and is taken out."
    )


def _file_in(folder: Path) -> Path:
    return folder / "trusted-code.json"


def _read(file: Path) -> list[OwnCode]:
    """Return what is trusted; nothing where the file says nothing that can be read."""
    try:
        if not file.is_file() or file.stat().st_size > _MOST_BYTES:
            return []
        rows = json.loads(file.read_bytes())["trusted"]
        return [OwnCode(str(row["place"]), str(row["content"])) for row in rows]
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return []


def _write(file: Path, known: list[OwnCode]) -> None:
    rows = [{"place": each.place, "content": each.content} for each in known]
    write_whole(file, json.dumps({"trusted": rows}, indent=2).encode("utf-8", "backslashreplace"))
