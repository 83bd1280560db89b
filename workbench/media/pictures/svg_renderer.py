"""The program that draws SVG, run by itself: a drawing that crashes or drowns it costs no other.

It imports nothing of the workbench, so that it is there at once. Requests come on standard input
and answers go to standard output, each as a line of JSON and as many bytes as the line says.
"""

import faulthandler
import json
import os
import re
import stat
import sys
import threading
from io import BufferedReader, BufferedWriter
from xml.parsers import expat

_MAX_DEPTH = 200  # elements within each other; resvg recurses, some 16 KB of stack each
_MAX_DRAWN_DEPTH = 1000  # with what <use> puts in; fits into the stack below
_MAX_DRAWN = 100_000  # elements after what <use> and patterns repeat; some seconds
_MAX_OCTAVES = 50  # of feTurbulence
_MAX_FILE_BYTES = 64 << 20  # of a picture that is part of a drawing
_STACK_BYTES = 64 << 20
_MEMORY_BYTES = 3 << 30
_REFERENCE = re.compile(r"(url\(\s*['\"]?)?#([^\s'\")]+)")


def main() -> None:
    """Answer requests until there are no more."""
    _bound_memory()
    threading.stack_size(_STACK_BYTES)  # on some systems the usual one holds ten levels
    answering = threading.Thread(target=_answer, args=(sys.stdin.buffer, sys.stdout.buffer))
    answering.start()
    answering.join()


def _answer(requests: BufferedReader, answers: BufferedWriter) -> None:
    for line in requests:
        request = json.loads(line)
        # by a thread that needs no lock of the interpreter's, which ends the process
        faulthandler.dump_traceback_later(request["seconds"], exit=True)
        picture, problem = b"", ""
        try:
            text = requests.read(request["bytes"]).decode()
            picture = render(text, request["size"], request["folder"])
        except BaseException as error:  # a panic in the Rust library is a BaseException
            problem = str(error) or type(error).__name__
        faulthandler.cancel_dump_traceback_later()
        head = json.dumps({"bytes": len(picture), "problem": problem})
        answers.write(head.encode() + b"\n" + picture)
        answers.flush()


def _bound_memory() -> None:
    """Let what a drawing allocates fail in time, where the system has such limits."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":  # macOS counts what all processes share
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))


def render(text: str, size: int, folder: str | None) -> bytes:
    """Render a drawing on white as PNG.

    Parameters
    ----------
    text : str
        XML.
    size : int
        Pixels of the longer side.
    folder : str or None
        Where the drawing lies; None if it is no file of its own.

    Raises
    ------
    ValueError
        It is no drawing, would overwhelm the renderer, or opens other files.
    """
    import resvg_py

    folder = folder or os.devnull  # below which there is nothing
    _Census(text, folder).check()
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


class _Part:
    """What lies in an element with an id, down to the next ones with ids of their own."""

    def __init__(self) -> None:
        self.named = 0  # elements with its id
        self.elements = 0
        self.height = 0  # elements within each other
        self.references: list[tuple[str, bool]] = []  # to an id, and whether by url()


class _Census:
    """Counts what a drawing would have a renderer do, without doing it.

    Each element with an id is counted as a part by itself, and joined where others refer to it.
    """

    def __init__(self, text: str, folder: str) -> None:
        self.parts = {"": _Part()}
        self._folder = folder
        self._around = [("", 0)]  # the part, and the height in it
        self._way: list[tuple[str, bool]] = []  # references from the whole to what is counted now
        parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.Parse(text, True)

    def check(self) -> None:
        """Raise ValueError where the drawing is a circle, or too large with all repetitions."""
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
            self.parts[name].references.append((own, False))
            name, height = own, 0
        part = self.parts.setdefault(name, _Part())
        part.named += bool(own)
        part.elements += 1
        part.height = max(part.height, height + 1)
        draws_files = _local(element) in ("image", "feImage")
        for attribute, value in attributes.items():
            if draws_files and _local(attribute) == "href":
                _check_href(value, self._folder)
            if "#" in value:
                part.references += [(to, bool(url)) for url, to in _REFERENCE.findall(value)]
        self._around.append((name, height + 1))

    def _end(self, element: str) -> None:
        self._around.pop()

    def _drawn(self, name: str, known: dict[str, tuple[int, int] | None]) -> tuple[int, int]:
        """Return elements and height of a part with all it refers to."""
        if name in known:
            return known[name] or self._closed_circle(name)
        known[name] = None  # while it is being counted
        part = self.parts.get(name, _Part())
        elements, height = part.elements, 0
        for reference in part.references:
            self._way.append(reference)
            more, higher = self._drawn(reference[0], known)
            self._way.pop()
            elements, height = elements + more, max(height, higher)
        known[name] = made = (elements, part.height + height)
        return made

    def _closed_circle(self, name: str) -> tuple[int, int]:
        """Count a circle of <use> once, as the renderer does; refuse others, which can crash it.

        Of an id that several elements have it is not known which one is drawn.
        """
        began = max(n for n, (to, _) in enumerate(self._way[:-1], 1) if to == name)
        circle = self._way[began:]
        if any(url for _, url in circle) and all(self.parts[to].named == 1 for to, _ in circle):
            raise ValueError("its parts refer to each other in a circle")
        return 0, 0


def _local(name: str) -> str:
    """Return a name without the prefix of its namespace."""
    return name.rpartition(":")[2]


def _check_href(href: str, folder: str) -> None:
    """Raise ValueError where a picture in a drawing is neither data nor a file below its folder.

    What is no data is a path to the renderer, an address in the network too: a file is not there.
    """
    if href.startswith("data:") and "," in href.partition("#")[0]:
        return
    from pathlib import Path  # which most drawings do not wait for

    path = Path(folder, href)
    try:
        below = path.resolve().is_relative_to(Path(folder).resolve())
        status = path.stat() if below else None
    except OSError:
        return  # as it cannot be opened, the drawing is without it
    if status is None:
        raise ValueError(f"it opens “{href[:60]}”, a file outside its own folder")
    if not stat.S_ISREG(status.st_mode) or status.st_size > _MAX_FILE_BYTES:
        raise ValueError(f"it opens “{href[:60]}”, which is no usual file or too large")


if __name__ == "__main__":
    main()
