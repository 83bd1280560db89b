"""Folders of files that hold pictures, recordings and their texts themselves."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from workbench.errors import WorkbenchError
from workbench.media import Columns, FoundFile, SkippedFile, find_containers, media_columns
from workbench.project import Source
from workbench.received.small import read_json
from workbench.words import several

DOCUMENTS = frozenset(("readme", "license", "licence", "citation", "changelog", "notice"))
"""What texts that tell of a folder are called, lower case and without ending."""

_FIRST = (".tar", ".arrow", ".parquet")  # tables beside shards of .tar say what is in these


@dataclass
class Shards:
    """Which files of a folder are read as the shards of a data set.

    Attributes
    ----------
    files : list of FoundFile
        In order of their paths.
    skipped : list of SkippedFile
    ending : str
        Of all of them.
    passed : list of str
        Endings, and kinds, of those that were passed over.
    """

    files: list[FoundFile] = field(default_factory=list)
    skipped: list[SkippedFile] = field(default_factory=list)
    ending: str = ""
    passed: list[str] = field(default_factory=list)

    def sentence(self, root: Path) -> str:
        """Say what was assumed, without a full stop."""
        rest = f" ({', '.join(self.passed)} passed over)" if self.passed else ""
        files = several(len(self.files), f"{self.ending} file")
        return f"{root}: items are those inside of {files}{rest}"


def is_document(file: FoundFile) -> bool:
    """Whether a text tells of a folder, as a README does, and is no item of it."""
    return PurePosixPath(file.relative).stem.lower() in DOCUMENTS


def find_shards(source: Source, root: Path) -> Shards | None:
    """Return the shards of a folder that holds no files of its own; None where there are none."""
    shards = Shards()
    by_ending: dict[str, list[FoundFile]] = {}
    for file in find_containers(root, source.include, source.exclude):
        if isinstance(file, SkippedFile):
            shards.skipped.append(file)
        else:
            by_ending.setdefault(file.path.suffix.lower(), []).append(file)
    if ".arrow" in by_ending:
        kept = list(_saved(by_ending[".arrow"]))
        left = len(by_ending[".arrow"]) - len(kept)
        shards.passed += [f"{left:,} .arrow of steps in between"] if left else []
        by_ending[".arrow"] = kept
    shards.ending = next((end for end in _FIRST if by_ending.get(end)), "")
    if not shards.ending:
        return None
    shards.files = by_ending.pop(shards.ending)
    shards.passed += [f"{len(files):,} {end}" for end, files in by_ending.items() if files]
    return shards


def _saved(files: list[FoundFile]) -> Iterator[FoundFile]:
    """Yield the files that a folder of the datasets library says are its data, or all."""
    listed: dict[Path, set[str]] = {}
    for file in files:
        folder = file.path.parent
        if folder not in listed:
            listed[folder] = _data_files(folder)
        name = file.path.name
        if name in listed[folder] or (not listed[folder] and not name.startswith("cache-")):
            yield file


def _data_files(folder: Path) -> set[str]:
    try:
        state = read_json(folder / "state.json", "The list of files", 1 << 24)
        return {str(each["filename"]) for each in state["_data_files"]}
    except (WorkbenchError, KeyError, TypeError):
        return set()


def check_lists(source: Source, path: Path) -> None:
    """Raise where the only pictures or recordings of a table are lists of them."""
    held = {name: each for name, each in media_columns(path).items() if each.several}
    name = next((name for name, each in held.items() if each.modality == source.modality), "")
    if name:
        check_media(source, path, Columns(path=name))


def check_media(source: Source, path: Path, columns: Columns) -> None:
    """Raise where a chosen column holds bytes of another kind than is wanted."""
    media = media_columns(path)
    name = columns.text if source.modality == "text" else columns.path
    held = media.get(name)
    if held is None or (held.modality == source.modality and not held.several):
        return
    what = {"image": "pictures", "speech": "recordings"}.get(held.modality or "", "bytes")
    wanted = {"image": "pictures", "speech": "recordings"}.get(source.modality, "texts")
    if held.several and held.modality == source.modality:
        raise WorkbenchError(
            f"The column “{name}” of {path} holds lists of {what}, and a row can hold but one: "
            "write a row for each, or choose another column."
        )
    raise WorkbenchError(
        f"The column “{name}” of {path} holds {what}, not {wanted}: choose another column."
    )
