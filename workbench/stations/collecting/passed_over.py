"""What lies in a source's folder and is read by no reader: counted by kind, and told."""

from collections import Counter
from pathlib import Path

from workbench.media import CONTAINERS, RECORD_SUFFIXES, SUFFIXES, Modality
from workbench.words import several

_WAYS_OUT = {
    **dict.fromkeys((".ape", ".wv", ".tta", ".dts", ".mid", ".ra", ".avi", ".mpg", ".mpeg", ".flv"),
                    "convert recordings to .flac or .wav"),
    **dict.fromkeys((".psd", ".jxl", ".cr2", ".nef", ".arw", ".dng", ".raw", ".eps", ".pdf"),
                    "convert pictures to .png or .jpg"),
    **dict.fromkeys((".caption", ".captions", ".docx", ".doc", ".rtf", ".html", ".xml", ".srt"),
                    "save texts as .txt"),
    **dict.fromkeys((".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar"),
                    "unpack archives"),
    **dict.fromkeys((".tar", ".arrow"), "make shards a source of their own"),
}  # fmt: skip
_OF_SYSTEMS = frozenset((".ini", ".db", ".lnk", ".log", ".tmp", ".py", ".pyc", ".sh", ".lock"))
_NOUNS = {"image": "pictures", "text": "texts", "speech": "recordings"}
_KINDS_TOLD = 6


class OtherFiles:
    """Counts the files of a folder that are no items of a source.

    Parameters
    ----------
    modality : str
        Of the source.
    root : Path
        Its folder.
    """

    def __init__(self, modality: Modality, root: Path) -> None:
        self._modality, self._root = modality, root
        self._counts: Counter[str] = Counter()

    def take(self, ending: str) -> None:
        """Take note of a file by its ending, lower case with the dot."""
        self._counts[ending] += 1

    @property
    def containers(self) -> bool:
        """Whether there are files that may hold items themselves."""
        return any(self._counts[end] for end in CONTAINERS)

    def without_containers(self) -> None:
        """Forget those files: they are read."""
        for end in CONTAINERS:
            self._counts.pop(end, None)

    def problems(self, is_empty: bool) -> list[tuple[str, str]]:
        """Return folder and reason: of kinds that nothing reads, and of the rest if `is_empty`."""
        found = []
        read = RECORD_SUFFIXES.union(*SUFFIXES.values(), _OF_SYSTEMS)
        read -= {".tar", ".arrow"}  # beside files of their own nobody would miss them
        unread = {end: n for end, n in self._counts.items() if end not in read and end}
        if unread:
            ways = dict.fromkeys(_WAYS_OUT[end] for end in unread if end in _WAYS_OUT)
            way = f": {'; '.join(ways)}" if ways else ""
            found.append((str(self._root), f"{_told(unread)} of kinds that are not read{way}."))
        if is_empty:
            others = {end: n for end, n in self._counts.items() if end in read - _OF_SYSTEMS}
            holds = f"; it holds {_told(others)}" if others else ""
            found.append((str(self._root), f"It holds no {_NOUNS[self._modality]}{holds}."))
        return found


def _told(counts: dict[str, int]) -> str:
    """Say how many files there are, by kind: “7 files (.m4a 2, .mp4 5)”."""
    total = sum(counts.values())
    kinds = sorted(counts.items(), key=lambda each: (-each[1], each[0]))
    told = ", ".join(f"{end} {count:,}" for end, count in kinds[:_KINDS_TOLD])
    more = f" and {len(kinds) - _KINDS_TOLD:,} kinds more" if len(kinds) > _KINDS_TOLD else ""
    return f"{several(total, 'file')} ({told}{more})"
