import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from workbench.errors import WorkbenchError
from workbench.media import read_image, render_svg
from workbench.media.pictures import images as images_module

RED = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 2 1">'
    '<rect width="1" height="1" fill="red"/></svg>'
)


def save(path: Path, picture: Image.Image, **options) -> Path:
    picture.save(path, **options)
    return path


def png_bytes(width: int, height: int, rows: bytes, depth: int = 8, colour: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


@pytest.mark.parametrize(
    "suffix", ["png", "jpg", "webp", "bmp", "tiff", "gif", "ppm", "tga", "ico"]
)
def test_common_kinds(tmp_path, suffix):
    path = save(tmp_path / f"a.{suffix}", Image.new("RGB", (32, 32), (200, 30, 30)))
    picture = read_image(path)
    assert (picture.mode, picture.size) == ("RGB", (32, 32))
    assert np.abs(np.asarray(picture)[16, 16].astype(int) - (200, 30, 30)).max() < 12


@pytest.mark.parametrize("suffix", ["gif", "webp", "png", "avif", "tiff"])
def test_first_frame_of_an_animation(tmp_path, suffix):
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    path = save(tmp_path / f"a.{suffix}", frames[0], save_all=True, append_images=frames[1:])
    red, green, blue = read_image(path).getpixel((4, 4))
    assert red > 250 > 8 > max(green, blue)


def test_pictures_of_phones(tmp_path):
    pytest.importorskip("pillow_heif").register_heif_opener()
    for name in ("a.heic", "b.avif"):
        path = save(tmp_path / name, Image.new("RGB", (64, 48), (200, 30, 30)))
        picture = read_image(path)
        assert (picture.mode, picture.size) == ("RGB", (64, 48))
        assert np.abs(np.asarray(picture)[24, 32].astype(int) - (200, 30, 30)).max() < 6


def test_inverted_cmyk_of_a_jpeg(tmp_path):
    path = save(tmp_path / "a.jpg", Image.new("CMYK", (16, 16), (0, 255, 255, 0)), quality=95)
    for at_least in (None, 4):
        red, green, blue = read_image(path, at_least).getpixel((1, 1))
        assert red > 245 > 10 > max(green, blue)


def test_transparency_lies_on_white(tmp_path):
    clear = Image.new("RGBA", (4, 4), (0, 0, 0, 0))
    clear.putpixel((0, 0), (255, 0, 0, 255))
    picture = read_image(save(tmp_path / "rgba.png", clear))
    assert picture.getpixel((0, 0)) == (255, 0, 0)
    assert picture.getpixel((3, 3)) == (255, 255, 255)
    grey = read_image(save(tmp_path / "la.png", Image.new("LA", (2, 2), (0, 128))))
    assert abs(grey.getpixel((0, 0))[0] - 127) <= 1


def test_palette_with_transparency(tmp_path):
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 250, 0, 0])
    palette.putpixel((1, 0), 1)
    path = save(tmp_path / "p.png", palette, transparency=b"\x00\xff")
    picture = read_image(path)
    assert [picture.getpixel((x, 0)) for x in (0, 1)] == [(255, 255, 255), (250, 0, 0)]


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "YCbCr"])
def test_other_modes_become_rgb(tmp_path, mode):
    picture = Image.new("RGB", (8, 8), "white")
    suffix = "tiff" if mode in ("CMYK", "YCbCr") else "png"
    path = save(tmp_path / f"a.{suffix}", picture.convert(mode))
    assert min(read_image(path).getpixel((4, 4))) > 250


def test_sixteen_bits_are_scaled_not_cut(tmp_path):
    ramp = np.array([[0, 0x4000, 0x8000, 0xFFFF]], dtype=np.uint16)
    for name in ("a.png", "a.tiff"):
        picture = read_image(save(tmp_path / name, Image.fromarray(ramp)))
        assert np.asarray(picture)[0, :, 0].tolist() == [0, 64, 128, 255]
    rgb = b"\x00" + struct.pack(">6H", 0xFFFF, 0x8000, 0, 0x4000, 0, 0xFFFF)
    (tmp_path / "rgb.png").write_bytes(png_bytes(2, 1, rgb, depth=16))
    assert read_image(tmp_path / "rgb.png").getpixel((0, 0)) == (255, 128, 0)


def tiff_bytes(width: int, samples: int, values: list[int]) -> bytes:
    """Return one row of an uncompressed TIFF of 16 bits, which Pillow reads but does not write."""
    data = struct.pack(f"<{len(values)}H", *values)
    bits = struct.pack(f"<{samples}H", *[16] * samples)
    numbers = {256: width, 257: 1, 259: 1, 262: 2 if samples == 3 else 1, 277: samples, 278: 1}
    after = 8 + 2 + 12 * 9 + 4
    entries = [(tag, 3, 1, struct.pack("<HH", value, 0)) for tag, value in numbers.items()]
    entries.append((258, 3, samples, struct.pack("<I", after)))
    entries.append((273, 4, 1, struct.pack("<I", after + len(bits))))
    entries.append((279, 4, 1, struct.pack("<I", len(data))))
    folder = b"".join(struct.pack("<HHI", *entry[:3]) + entry[3] for entry in sorted(entries))
    return b"II*\0\x08\0\0\0\x09\0" + folder + bytes(4) + bits + data


def test_sixteen_bits_of_colours_and_with_transparency(tmp_path):
    (tmp_path / "rgb.tiff").write_bytes(tiff_bytes(2, 3, [0xFFFF, 0x8000, 0, 0x4000, 0, 0xFFFF]))
    picture = read_image(tmp_path / "rgb.tiff")
    assert [picture.getpixel((x, 0)) for x in (0, 1)] == [(255, 128, 0), (64, 0, 255)]
    rows = b"\0" + struct.pack(">4H", 0x8000, 0xFFFF, 0, 0)  # grey and alpha
    (tmp_path / "la.png").write_bytes(png_bytes(2, 1, rows, depth=16, colour=4))
    picture = read_image(tmp_path / "la.png")
    assert [picture.getpixel((x, 0))[0] for x in (0, 1)] == [128, 255]


@pytest.mark.parametrize("top", [1.0, 200.0, 5000.0])
def test_float_pictures(tmp_path, top):
    values = np.array([[0, top]], dtype=np.float32)
    picture = read_image(save(tmp_path / "f.tiff", Image.fromarray(values)))
    darkest, brightest = np.asarray(picture)[0, :, 0].tolist()
    assert (darkest, brightest) == (0, 200 if top == 200 else 255)


@pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "tiff", "avif"])
def test_turned_upright(tmp_path, suffix):
    picture = Image.new("RGB", (20, 10), "white")
    picture.paste("red", (0, 0, 10, 10))  # left half
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned a quarter clockwise
    upright = read_image(save(tmp_path / f"a.{suffix}", picture, exif=exif, quality=95))
    assert upright.size == (10, 20)
    assert upright.getpixel((5, 4))[1] < 40  # the left half is now on top
    assert upright.getpixel((5, 15))[1] > 200


def test_damaged_exif_counts_as_none(tmp_path):
    path = save(tmp_path / "a.jpg", Image.new("RGB", (20, 10)), exif=b"Exif\x00\x00II*\x00garbage")
    assert read_image(path).size == (20, 10)


def test_bomb_is_refused_from_its_header(tmp_path):
    path = tmp_path / "bomb.png"
    path.write_bytes(png_bytes(29_700, 20_990, b""))
    with pytest.raises(WorkbenchError, match="178 million pixels"):
        read_image(path)


@pytest.mark.parametrize("suffix", ["png", "jpg", "webp", "tiff", "gif", "bmp", "avif", "jp2"])
def test_too_many_pixels_are_refused_without_decoding(tmp_path, monkeypatch, suffix):
    path = save(tmp_path / f"a.{suffix}", Image.new("RGB", (40, 30)))
    monkeypatch.setattr(images_module, "MAX_PIXELS", 1199)

    def decode(self):
        raise AssertionError("decoded")

    for kind in {type(Image.open(path)), ImageFile.ImageFile}:
        monkeypatch.setattr(kind, "load", decode)
    with pytest.raises(WorkbenchError, match="too many to decode safely"):
        read_image(path)


def test_truncated_pictures_are_not_filled_up():
    assert not ImageFile.LOAD_TRUNCATED_IMAGES  # of the whole process: no library may set it


def test_large_picture_below_the_limit_gives_no_warning(tmp_path, monkeypatch):
    path = save(tmp_path / "a.png", Image.new("RGB", (30, 5)))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)  # 150 pixels: Pillow warns, twice: refuses
    with ThreadPoolExecutor(4) as pool:
        assert {p.size for p in pool.map(read_image, [path] * 20)} == {(30, 5)}


def damaged(tmp_path: Path) -> dict[str, Path]:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    contents = {
        "zero.png": b"",
        "text.png": b"I am no picture.",
        "eps.png": b"%!PS-Adobe-3.0 EPSF-3.0\n",
    }
    for suffix in ("png", "jpg", "gif", "webp", "tiff", "bmp", "avif"):
        buffer = BytesIO()
        noise.save(buffer, {"jpg": "jpeg"}.get(suffix, suffix))
        contents[f"cut.{suffix}"] = buffer.getvalue()[: len(buffer.getvalue()) // 3]
        contents[f"head.{suffix}"] = buffer.getvalue()[:20]
    contents["rows.png"] = png_bytes(64, 64, b"\x00" * 10)
    contents["broken.svg"] = b"<svg xmlns='http://www.w3.org/2000/svg'><rect"
    contents["none.svg"] = b"hello"
    contents["nosize.svg"] = b"<svg xmlns='http://www.w3.org/2000/svg' width='0' height='0'/>"
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    return {name: tmp_path / name for name in contents}


def test_damaged_files_give_a_sentence_with_their_name(tmp_path):
    for name, path in damaged(tmp_path).items():
        with pytest.raises(WorkbenchError) as caught:
            read_image(path)
        sentence = str(caught.value)
        assert name in sentence, sentence
        assert sentence.endswith(".")
        assert "\n" not in sentence


def test_missing_file_and_folder(tmp_path):
    with pytest.raises(WorkbenchError, match="cannot be opened"):
        read_image(tmp_path / "none.png")
    (tmp_path / "folder.png").mkdir()
    with pytest.raises(WorkbenchError, match="is not a file"):
        read_image(tmp_path / "folder.png")


def test_svg_keeps_proportions_on_white(tmp_path):
    picture = render_svg(RED, 100)
    assert (picture.mode, picture.size) == ("RGB", (100, 50))
    assert picture.getpixel((10, 25)) == (255, 0, 0)
    assert picture.getpixel((90, 25)) == (255, 255, 255)
    (tmp_path / "utf16.svg").write_bytes(RED.encode("utf-16"))
    assert read_image(tmp_path / "utf16.svg").getpixel((10, 10)) == (255, 0, 0)


@pytest.mark.parametrize("unit", ["", "px", "pt", "mm", "in"])
def test_svg_of_any_unit(unit):
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg" width="96{unit}" height="48{unit}"/>'
    assert render_svg(drawing, 64).size == (64, 32)


def test_broken_svg_text():
    with pytest.raises(WorkbenchError, match="cannot be rendered as SVG"):
        render_svg("<svg", 64)


@pytest.mark.parametrize(
    ("top", "kind", "suffix"),
    [(255, "u2", "png"), (1023, "u2", "png"), (4095, "u2", "png"), (4095, "u2", "tif"),
     (16383, "u2", "tif"), (65535, "u2", "png"), (255, "i4", "tif"), (2**20, "i4", "tif")],
)  # fmt: skip
def test_greys_of_few_bits_in_wide_files_are_not_black(tmp_path, top, kind, suffix):
    ramp = np.tile(np.linspace(0, top, 64).astype(kind), (64, 1))
    Image.fromarray(ramp).save(tmp_path / f"a.{suffix}")
    grey = np.asarray(read_image(tmp_path / f"a.{suffix}"))[0, :, 0].astype(int)
    if top < 2**16:  # else it is wider than any camera's, and only must not be cut off
        assert grey[0] == 0
        assert grey[-1] >= 250
    assert (np.diff(grey) >= 0).all()
