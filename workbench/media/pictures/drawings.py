"""Render SVG drawings in processes of their own, which a drawing may crash or be too much for."""

import atexit
import json
import os
import subprocess
import threading
import time
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import IO, cast

from PIL import Image

from workbench.children import command_of_file
from workbench.errors import WorkbenchError
from workbench.media.inside.features import is_drawing
from workbench.media.pictures import svg_renderer
from workbench.media.pictures.picture_files import check_picture_file, reason_of
from workbench.media.texts import decode_text, read_text

_SECONDS = 20  # of one drawing; usual ones take some hundredths of one


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

    Scripts do not run, nothing is fetched from the network, and of other files only pictures below
    the drawing's own folder are opened.

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
        The file cannot be read, the text is no drawing, or one that overwhelms the renderer or
        opens files elsewhere.
    """
    name = f"The drawing {source}" if isinstance(source, Path) else "The drawing"
    folder = str(source.parent) if isinstance(source, Path) else None
    if isinstance(source, Path):
        check_picture_file(source)
        source = read_text(source)
    try:
        with Image.open(BytesIO(_rendered(source, size, folder)), formats=["PNG"]) as picture:
            return picture.convert("RGB")
    except (OSError, ValueError) as error:
        raise WorkbenchError(
            f"{name} cannot be rendered as SVG ({reason_of(error)}): replace or remove the file."
        ) from error


def end_renderers() -> None:
    """End the processes that render; a drawing that one is at is given up."""
    with _lock:
        waiting, busy = _waiting.copy(), _running.difference(_waiting)
        _waiting.clear()
    for renderer in busy:
        renderer.kill()  # and whoever waits for it ends the rest
    for renderer in waiting:
        renderer.end()


def _rendered(text: str, size: int, folder: str | None) -> bytes:
    """Return a drawing as PNG, made by a process that waits for the next one after it."""
    renderer = _taken()
    try:
        picture, problem = renderer.render(text, size, folder)
    except BaseException:  # Ctrl-C too: its answer would be taken for that to the next request
        renderer.end()
        raise
    with _lock:
        _waiting.append(renderer)
    if problem:
        raise ValueError(problem)
    return picture


class _Renderer:
    """A process that renders, one drawing at a time."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            command_of_file(svg_renderer),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C in a terminal is meant for who waits for the drawing
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
        self._requests = cast("IO[bytes]", self._process.stdin)
        self._answers = cast("IO[bytes]", self._process.stdout)
        with _lock:
            _running.add(self)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def render(self, text: str, size: int, folder: str | None) -> tuple[bytes, str]:
        """Return the picture, or what is wrong with the drawing; ValueError if the process dies."""
        content = text.encode("utf-8", "replace")
        request = {"bytes": len(content), "size": size, "folder": folder, "seconds": _SECONDS}
        began = time.monotonic()
        try:
            self._requests.write(json.dumps(request).encode() + b"\n" + content)
            self._requests.flush()
            answer = json.loads(self._answers.readline())
            return self._answers.read(answer["bytes"]), answer["problem"]
        except (OSError, ValueError):
            too_long = time.monotonic() - began >= _SECONDS
            why = f"it takes longer than {_SECONDS} s" if too_long else "it crashes the renderer"
            raise ValueError(why) from None

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Leave nothing of it; for whoever has taken it alone."""
        with _lock:
            _running.discard(self)
        self.kill()
        with suppress(OSError):  # a request that nobody has read
            self._process.communicate()


_lock = threading.Lock()
_running: set[_Renderer] = set()
_waiting: list[_Renderer] = []  # for a drawing; as many as were ever drawn at once


def _taken() -> _Renderer:
    """Return a process that no other thread uses."""
    while True:
        with _lock:
            renderer = _waiting.pop() if _waiting else None
        if renderer is None:
            return _Renderer()
        if renderer.is_alive():
            return renderer
        renderer.end()


def _forget() -> None:
    """Leave to the parent what is the parent's, after a fork."""
    global _lock
    _lock = threading.Lock()
    _running.clear()
    _waiting.clear()


atexit.register(end_renderers)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
