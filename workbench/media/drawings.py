"""Render SVG drawings by resvg, and refuse those that would drown or crash it."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import Future
from io import BytesIO
from pathlib import Path
from xml.parsers import expat

from PIL import Image

from workbench.errors import WorkbenchError
from workbench.media.inside.features import is_drawing
from workbench.media.picture_files import check_picture_file, reason_of
from workbench.media.texts import decode_text, read_text

_MAX_DEPTH = 200  # elements within each other; resvg recurses, some 16 KB of stack each
_MAX_DRAWN_DEPTH = 1000  # with what <use> puts in; fits into the stack below
_MAX_DRAWN = 100_000  # elements after what <use> and patterns repeat; some seconds
_MAX_OCTAVES = 50  # of feTurbulence
_STACK_BYTES = 64 << 20
_REFERENCE = re.compile(r"#([^\s'\")]+)")

_stack_lock = threading.Lock()


def drawing_of(path: Path, content: bytes | None = None) -> Path | str | None:
    """Return what `render_svg` takes of a picture's file; None of one that is no drawing.

    Parameters
    ----------
    path : Path
    content : bytes, optional
        Of a picture inside another file.
    """
    if content is None:
        return path if path.suffix.lower() == ".svg" else None
    return decode_text(content) if is_drawing(content) else None


def render_svg(source: Path | str, size: int) -> Image.Image:
    """Render an SVG drawing on white.

    Scripts do not run, nothing is fetched from the network.

    Parameters
    ----------
    source : Path or str
        A file, or the drawing's XML text.
    size : int
        Pixels of the longer side; the other follows from the drawing's proportions.

    Returns
    -------
    PIL.Image.Image
        RGB.

    Raises
    ------
    WorkbenchError
        The file cannot be read, the text is no drawing, or one made to overwhelm a renderer.
    """
    import resvg_py

    name = f"The drawing {source}" if isinstance(source, Path) else "The drawing"
    folder = str(source.parent) if isinstance(source, Path) else None
    if isinstance(source, Path):
        check_picture_file(source)
        source = read_text(source)
    text = source

    def render() -> bytes:
        return bytes(
            resvg_py.svg_to_bytes(
                svg_string=text,
                width=size,
                height=size,
                dpi=96,  # at the library's 0 every drawing measured in pt or mm has no size
                background="#ffffff",
                resources_dir=folder,
            )
        )

    try:
        _Census(text).check()
        png = _with_a_large_stack(render)
        with Image.open(BytesIO(png), formats=["PNG"]) as picture:
            return picture.convert("RGB")
    except BaseException as error:  # a panic in the Rust library is a BaseException
        if isinstance(error, (KeyboardInterrupt, SystemExit, GeneratorExit)):
            raise
        raise WorkbenchError(
            f"{name} cannot be rendered as SVG ({reason_of(error)}): replace or remove the file."
        ) from error


class _Part:
    """What lies in an element with an id, down to the next ones with ids of their own."""

    def __init__(self) -> None:
        self.elements = 0
        self.height = 0  # elements within each other
        self.references: list[str] = []


class _Census:
    """Counts what a drawing would have a renderer do, without doing it.

    Each element with an id is counted as a part by itself, and joined where others refer to it.
    """

    def __init__(self, text: str) -> None:
        self.parts = {"": _Part()}
        self._around = [("", 0)]  # the part, and the height in it
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.Parse(text, True)

    def check(self) -> None:
        """Raise ValueError where the drawing, all repetitions drawn, is too large."""
        written = sum(part.elements for part in self.parts.values())
        try:
            elements, height = self._drawn("", {})
        except RecursionError:
            raise ValueError("its references are nested too deeply") from None
        if height > _MAX_DRAWN_DEPTH:
            raise ValueError("its references are nested too deeply")
        if elements > max(_MAX_DRAWN, 4 * written):
            raise ValueError("it repeats its parts too often to be drawn")

    def _start(self, element: str, attributes: dict[str, str]) -> None:
        if len(self._around) > _MAX_DEPTH:
            raise ValueError(f"its elements are nested more than {_MAX_DEPTH} deep")
        octaves = attributes.get("numOctaves", "").strip()
        if octaves.isdecimal() and (len(octaves) > 9 or int(octaves) > _MAX_OCTAVES):
            raise ValueError("its turbulence has too many octaves")
        name, height = self._around[-1]
        own = attributes.get("id")
        if own:
            self.parts[name].references.append(own)
            name, height = own, 0
        part = self.parts.setdefault(name, _Part())
        part.elements += 1
        part.height = max(part.height, height + 1)
        for value in attributes.values():
            if "#" in value:
                part.references += _REFERENCE.findall(value)
        self._around.append((name, height + 1))

    def _end(self, element: str) -> None:
        self._around.pop()

    def _drawn(self, name: str, known: dict[str, tuple[int, int]]) -> tuple[int, int]:
        """Return elements and height of a part with all it refers to; a circle counts once."""
        if name not in known:
            known[name] = (0, 0)  # while it is being counted
            part = self.parts.get(name, _Part())
            elements, height = part.elements, 0
            for reference in part.references:
                more, higher = self._drawn(reference, known)
                elements, height = elements + more, max(height, higher)
            known[name] = (elements, part.height + height)
        return known[name]


def _with_a_large_stack(work: Callable[[], bytes]) -> bytes:
    """Call in a thread of its own: on some systems a thread's usual stack holds ten levels."""
    answer: Future[bytes] = Future()

    def run() -> None:
        try:
            answer.set_result(work())
        except BaseException as error:
            answer.set_exception(error)

    thread = threading.Thread(target=run, daemon=True)
    with _stack_lock:
        before = threading.stack_size(_STACK_BYTES)
        try:
            thread.start()
        finally:
            threading.stack_size(before)
    return answer.result()
