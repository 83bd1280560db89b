"""Which files a download consists of: asked from the hub, only after the user picked it."""

from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath
from typing import Any

from workbench.encoders.downloading.hub_cache import (
    repository_folder,
    torch_hub_file,
    weights_among,
)
from workbench.encoders.entry import Download
from workbench.encoders.loading import asking_the_hub
from workbench.errors import WorkbenchError

_SECONDS = 10.0
_OTHER_RUNTIMES = frozenset(("onnx", "openvino", "coreml", "tflite", "gguf", "checkpoints", "runs"))


@dataclass(frozen=True)
class WantedFile:
    """A file to fetch.

    Attributes
    ----------
    name : str
        Within its repository, or the last part of its address.
    url : str
        Where it is.
    size : int or None
        Bytes, where the server says so.
    destination : Path
        Where its content goes: in the hub's cache, that is by its hash.
    sha256 : str
        Of its content, or how that begins; empty where it is not known.
    repository : str
        Whose it is; empty for a plain address.
    """

    name: str
    url: str
    size: int | None
    destination: Path
    sha256: str = ""
    repository: str = ""

    @property
    def partial(self) -> Path:
        """What has come of it so far."""
        return self.destination.with_name(f"{self.destination.name}.workbench-part")

    @property
    def here(self) -> int:
        """How many of its bytes are on this machine."""
        for path in (self.destination, self.partial):
            if path.is_file():
                return path.stat().st_size
        return 0


def wanted_files(name: str, download: Download) -> list[WantedFile]:
    """Return the files of a download that are not on this machine yet, weights last.

    Raises
    ------
    WorkbenchError
        The hub cannot be reached, has no such repository or does not give it to this user, or the
        repository holds no weights that the encoder can read.
    """
    found: list[WantedFile] = []
    for part in (*download.also, download):
        with asking_the_hub(name, first=True):
            found += _of_repository(name, part) if part.repository else [_of_url(part.url)]
    return [file for file in found if file.repository or not file.destination.is_file()]


def needed_names(names: list[str], download: Download) -> list[str]:
    """Choose among the files of a repository: settings first, then weights.

    Folders count only in a sentence-transformers model, which has a module in each; those of other
    runtimes (ONNX, OpenVINO) never.

    Returns
    -------
    list of str
        Without any weights where the repository holds none of those wanted.
    """
    in_modules = "modules.json" in names
    candidates = [
        name
        for name in names
        if not _OTHER_RUNTIMES.intersection(PurePosixPath(name).parts[:-1])
        and not name.startswith(".")
        and (in_modules or "/" not in name)
    ]
    weights = weights_among(candidates, download.weights) or []
    settings = [
        name
        for name in candidates
        if name not in weights
        and any(fnmatch(PurePosixPath(name).name, pattern) for pattern in download.settings)
    ]
    return [*sorted(settings), *weights]


def _of_repository(name: str, download: Download) -> list[WantedFile]:
    from huggingface_hub import HfApi, hf_hub_url

    repository = download.repository
    info = HfApi().model_info(repository, files_metadata=True, timeout=_SECONDS)
    siblings = {each.rfilename: each for each in info.siblings or ()}
    needed = needed_names(list(siblings), download)
    if download.weights and not weights_among(needed, download.weights):
        raise WorkbenchError(
            f"The hub's repository {repository} of the encoder {name} holds none of the weights "
            f"that the workbench reads ({', '.join(download.weights)}): choose another."
        )
    folder = repository_folder(repository)
    known = folder / "refs" / "main"
    current = known.is_file() and known.read_text(encoding="ascii").strip() == info.sha
    files = []
    for wanted in needed:
        if current and (folder / "snapshots" / str(info.sha) / wanted).is_file():
            continue
        sha256, content = _hashes(siblings[wanted])
        files.append(
            WantedFile(
                name=wanted,
                url=hf_hub_url(repository, wanted, revision=info.sha),
                size=siblings[wanted].size,
                destination=folder / "blobs" / content,
                sha256=sha256,
                repository=repository,
            )
        )
    return files


def _hashes(sibling: Any) -> tuple[str, str]:
    """Return the SHA-256 of a large file, and the name of any file's content in the cache."""
    if sibling.lfs is not None:
        return str(sibling.lfs.sha256), str(sibling.lfs.sha256)
    return "", str(sibling.blob_id)


def _of_url(url: str) -> WantedFile:
    from huggingface_hub import get_session

    answer = get_session().head(url, timeout=_SECONDS, headers={"Accept-Encoding": "identity"})
    answer.raise_for_status()
    size = answer.headers.get("Content-Length", "")
    destination = torch_hub_file(url)
    beginning = destination.stem.rpartition("-")[2]  # torch's hub: …-<first digits of SHA-256>.pth
    known = len(beginning) >= 8 and all(digit in "0123456789abcdef" for digit in beginning)
    return WantedFile(
        name=destination.name,
        url=url,
        size=int(size) if size.isdigit() else None,
        destination=destination,
        sha256=beginning if known else "",
    )
