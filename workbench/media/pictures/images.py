"""Read pictures as a person sees them: upright, RGB, on white; refuse what would drown memory."""

import logging
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from workbench.errors import WorkbenchError
from workbench.media.inside import read_inside
from workbench.media.pictures.drawings import drawing_of, render_svg
from workbench.media.pictures.picture_files import check_picture_file, reason_of

MAX_PIXELS = 178_956_970
"""Largest picture that is decoded (Pillow's own limit); 512 MB as RGB."""

_MAX_SCANNED = 20 * MAX_PIXELS  # pixels, times they are painted

_USUAL_BITS = (8, 10, 12, 14, 16, 32)  # of cameras, scanners and microscopes

SVG_SIZE = 384
"""Pixels of the longer side at which `read_image` renders a drawing without pixels of its own."""

# Formats that are plain pictures: Pillow would also start Ghostscript for EPS, and more.
_FORMATS = (
    *("PNG", "JPEG", "MPO", "WEBP", "GIF", "BMP", "DIB", "TIFF", "JPEG2000"),
    *("PPM", "TGA", "ICO", "AVIF", "HEIF"),
)


def read_image(path: Path, at_least: int | None = None) -> Image.Image:
    """Return a picture as RGB, turned upright by its EXIF note, transparency laid on white.

    Parameters
    ----------
    path : Path
        Any common picture, also inside another file (``shard.tar#0001.jpg``); of an animation the
        first frame; SVG is rendered to `SVG_SIZE`.
    at_least : int, optional
        The caller scales the picture down to this size, so a JPEG may be decoded at a fraction
        of its own (never below it), and a drawing is rendered at it. None decodes all pixels.

    Raises
    ------
    WorkbenchError
        The file is missing, empty, damaged, no picture, or has more than `MAX_PIXELS` pixels.
    """
    content = read_inside(path)
    drawing = drawing_of(path, content)
    if drawing is not None:
        return render_svg(drawing, at_least or SVG_SIZE)
    if content is None:
        check_picture_file(path)
    elif not content:
        raise WorkbenchError(f"The picture {path} is empty (0 bytes): replace or remove it.")
    _add_plugins()
    source = path if content is None else BytesIO(content)
    try:
        with _quiet_pillow(), Image.open(source, formats=_readable_formats()) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            if _scans(picture) * picture.width * picture.height > _MAX_SCANNED:
                raise Image.DecompressionBombError
            if at_least is not None:
                picture.draft("RGB", (at_least, at_least))
            picture.load()
            return _on_white(_upright(picture))
    except Image.DecompressionBombError:
        raise WorkbenchError(
            f"The picture {path} has more than {MAX_PIXELS // 1_000_000} million pixels, or paints "
            "them too often, too many to decode safely: save it smaller or remove it."
        ) from None
    except MemoryError:
        raise WorkbenchError(
            f"There is not enough memory to decode the picture {path}: save it smaller."
        ) from None
    except Exception as error:  # Pillow's decoders raise nearly every kind on damaged files
        raise WorkbenchError(
            f"The picture {path} cannot be read ({reason_of(error)}): replace or remove the file."
        ) from error


def _scans(picture: Image.Image) -> int:
    """Return how often a JPEG paints its pixels: a small file may do so ten thousand times.

    Usual ones do so once, of which only the head is looked at; progressive ones some ten times.
    """
    file = getattr(picture, "fp", None)
    if picture.format not in ("JPEG", "MPO") or file is None:
        return 1
    place = file.tell()  # behind the mark of the first scan
    parts = file.read(3)[2:]
    scans = 1
    if "progressive" in picture.info or parts != bytes([len(picture.getbands())]):
        scans += sum(part.count(b"\xff\xda") for part in iter(lambda: file.read(1 << 20), b""))
    file.seek(place)
    return scans


def _upright(picture: Image.Image) -> Image.Image:
    """Apply the EXIF orientation; a damaged EXIF block counts as none."""
    try:
        return ImageOps.exif_transpose(picture)
    except Exception:  # any kind, from the bytes of the block
        return picture


def _on_white(picture: Image.Image) -> Image.Image:
    """Convert any mode to RGB, transparent parts white."""
    if picture.mode.startswith("I") or picture.mode == "F":
        return _eight_bits(picture).convert("RGB")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        white = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(white, layer).convert("RGB")
    return picture.convert("RGB")


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Bring 16-bit, 32-bit and float greys to 8 bits (Pillow itself would cut them off at 255).

    Files do not tell how many of their bits a camera has filled, so the range is the smallest usual
    one that holds the brightest value: a 12-bit picture would be nearly black in 16.
    """
    grey = np.nan_to_num(np.asarray(picture).astype(np.float64))
    low, high = float(grey.min()), float(grey.max())
    if picture.mode == "F":  # no fixed range: 0…1 and 0…255 by custom, else what is there
        if low >= 0 and high <= 1:
            low, high = 0.0, 1.0
        elif low >= 0 and high <= 255:
            low, high = 0.0, 255.0
    elif low >= 0:
        low, high = 0.0, next((2.0**bits - 1 for bits in _USUAL_BITS if high < 2**bits), high)
    span = high - low
    scaled = (grey - low) * (255.0 / span) if span > 0 else np.zeros_like(grey)
    return Image.fromarray(np.clip(np.rint(scaled), 0, 255).astype(np.uint8))


def _readable_formats() -> list[str]:
    """Return the plain formats that this Pillow knows."""
    Image.init()
    return [name for name in _FORMATS if name in Image.OPEN]


def _add_plugins() -> None:
    """Let Pillow read HEIC where the plug-in is installed."""
    if "HEIF" in Image.OPEN:
        return
    try:
        import pillow_heif  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        return
    pillow_heif.register_heif_opener()


_quiet_lock = threading.Lock()
_quiet_depth = 0
_quiet_filters: "warnings.catch_warnings[None] | None" = None  # not subscriptable at run time


@contextmanager
def _quiet_pillow() -> Iterator[None]:
    """Keep Pillow's warnings to itself; the first thread in sets the filter, the last resets it.

    `warnings.catch_warnings` alone would restore the wrong filters when threads overlap.
    """
    global _quiet_depth, _quiet_filters
    with _quiet_lock:
        if _quiet_depth == 0:
            logging.getLogger("PIL").setLevel(logging.CRITICAL)
            _quiet_filters = warnings.catch_warnings()
            _quiet_filters.__enter__()
            warnings.simplefilter("ignore")
        _quiet_depth += 1
    try:
        yield
    finally:
        with _quiet_lock:
            _quiet_depth -= 1
            if _quiet_depth == 0 and _quiet_filters is not None:
                _quiet_filters.__exit__(None, None, None)
                _quiet_filters = None
