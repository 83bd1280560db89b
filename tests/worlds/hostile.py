"""Files that break readers: each must give an item or a reason, never a traceback or a hang."""

import json
import os
import struct
import sys
import zlib
from io import BytesIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile
from PIL import Image

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '


def write_hostile(folder: Path) -> list[Path]:
    """Write pictures, texts, recordings, tables and odd names, and return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {**pictures(), **drawings(), **texts(), **recordings(), **tables()}
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    odd = _odd_names(folder) + _no_files(folder)
    return [folder / name for name in contents] + odd


# --- pictures ---


def png_chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(width: int, height: int, *more: bytes, colour: int = 2) -> bytes:
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + b"".join((header, *more, png_chunk(b"IEND", b"")))


def saved(picture: Image.Image, kind: str, **options) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def pictures() -> dict[str, bytes]:
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8))
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    found = {"zero.png": b"", "one-byte.jpg": b"\xff"}
    for kind in ("png", "jpeg", "gif", "webp", "tiff", "avif", "bmp", "jpeg2000"):
        content = saved(noise, kind)
        found[f"cut.{ {'jpeg2000': 'jp2'}.get(kind, kind) }"] = content[: len(content) // 2]
    pixels = png_chunk(b"IDAT", zlib.compress(b"\0\1\2\3"))
    laughs = png_chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(100_000_000), 9))
    wrong_sum = bytearray(png(1, 1, pixels))
    wrong_sum[30] ^= 0xFF
    found |= {
        "claims-60000.png": png(60_000, 60_000, pixels),
        "claims-2-to-31.png": png(2**31 - 1, 2**31 - 1, pixels),
        "claims-nothing.png": png(0, 0, pixels),
        "text-bomb.png": png(1, 1, laughs, pixels),
        "wrong-sum.png": bytes(wrong_sum),
        "claims-65535.bmp": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 0, 0, 0, 54, 40, 65_535, 65_535,
                                               1, 24, 0, 0, 0, 0, 0, 0),
        "claims-65535.gif": b"GIF89a" + struct.pack("<HHBBB", 65_535, 65_535, 0, 0, 0) + b",",
        "sound.png": sound("wav", np.zeros(800)),
        "page.jpg": b"<!DOCTYPE html><html><body>Not found</body></html>",
        "script.png": b"%!PS-Adobe-3.0 EPSF-3.0\n(%pipe%id) (w) file\n",
        "cmyk.jpg": saved(Image.new("CMYK", (9, 9), (0, 255, 255, 0)), "jpeg"),
        "one-pixel.png": png(1, 1, pixels),
        "thin.png": saved(Image.new("RGB", (1, 10_000)), "png"),
        "sixteen-bits.png": saved(Image.fromarray(np.full((4, 4), 40_000, np.uint16)), "png"),
        "animated.gif": saved(frames[0], "gif", save_all=True, append_images=frames[1:]),
        "animated.webp": saved(frames[0], "webp", save_all=True, append_images=frames[1:]),
        "animated.apng": saved(frames[0], "png", save_all=True, append_images=frames[1:]),
        "damaged-exif.jpg": saved(noise, "jpeg", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff\1\2"),
        "no-palette.png": png(1, 1, png_chunk(b"IDAT", zlib.compress(b"\0\7")), colour=3),
        "endless-folders.tiff": b"II*\0\x08\0\0\0" + struct.pack("<HI", 0, 8),
    }  # fmt: skip
    return found


def drawings() -> dict[str, bytes]:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    uses = "".join(
        f'<g id="u{n}">{f"""<use xlink:href="#u{n - 1}"/>""" * 10}</g>' for n in range(1, 12)
    )
    # three clip paths in a circle, by their attributes and in a style sheet
    clips = "".join(
        f'<clipPath id="c{n}" class="c{n}" clip-path="url(#c{(n + 1) % 3})">'
        '<rect width="9" height="9"/></clipPath>'
        for n in range(3)
    )
    unlinked = clips.replace('clip-path="url', 'title="')
    styles = "".join(f".c{n} {{clip-path: url(#c{(n + 1) % 3})}} " for n in range(3))
    found = {
        "external-entity.svg": '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
        f'{SVG} viewBox="0 0 9 9"><text>&x;</text></svg>',
        "laughs.svg": f'<!DOCTYPE svg [<!ENTITY l0 "ha">{entities}]>'
        f'{SVG} viewBox="0 0 9 9"><text>&l9;</text></svg>',
        "uses.svg": f'{SVG} viewBox="0 0 9 9"><rect id="u0" width="1" height="1"/>{uses}</svg>',
        "deep.svg": f"{SVG}>{'<g>' * 50_000}{'</g>' * 50_000}</svg>",
        "no-size.svg": f'{SVG}><rect width="3" height="3"/></svg>',
        "no-area.svg": f'{SVG} width="0" height="0"/>',
        "huge.svg": f'{SVG} width="1e9" height="1e9"><rect width="9" height="9"/></svg>',
        "remote.svg": f'{SVG} viewBox="0 0 9 9">'
        '<image xlink:href="http://127.0.0.1:9/x.png" width="9" height="9"/></svg>',
        "device.svg": f'{SVG} viewBox="0 0 9 9">'
        '<image xlink:href="/dev/zero" width="9" height="9"/></svg>',
        "circle.svg": f'{SVG} viewBox="0 0 9 9">{clips}'
        '<rect width="9" height="9" clip-path="url(#c0)"/></svg>',
        "styled.svg": f'{SVG} viewBox="0 0 9 9"><style>{styles}</style>'
        f'{unlinked}<rect width="9" height="9" class="c0"/></svg>',
        "script.svg": f'{SVG} viewBox="0 0 9 9"><script>while (true) {{}}</script></svg>',
        "itself.svg": f'{SVG} viewBox="0 0 9 9"><image xlink:href="itself.svg" width="9" '
        'height="9"/><g id="a"><use xlink:href="#a"/></g></svg>',
    }
    return {name: content.encode() for name, content in found.items()}


# --- texts ---


def texts() -> dict[str, bytes]:
    return {
        "zero-byte.txt": b"before\0after\n",
        "only-zeros.txt": bytes(1000),
        "utf16-no-mark.txt": "Grüße aus Köln\n".encode("utf-16-le"),
        "half-utf16.txt": b"\xff\xfea\0b",
        "invalid-utf8.txt": b"caf\xc3 \xff\xfe \xf0\x9f\x90\n",
        "surrogates.txt": b"\xed\xa0\x80\xed\xb0\x80 lone",
        "only-mark.txt": b"\xef\xbb\xbf",
        "only-blanks.txt": " \t\u00a0\r\n\n\u2028".encode(),
        "one-line.txt": b"word " * 200_000,
        "marks.txt": "\u202eשלום\u202c e\u0301 👩‍👩‍👧‍👦 🏳️‍🌈 Z̵͙̈́ä̶l̸g̵o̷\u200b\n".encode(),
        "control.txt": bytes(range(1, 32)) + b"\x7f\x1b[31m",
        "random.txt": np.random.default_rng(1).bytes(5000),
    }


# --- recordings ---


def sound(kind: str, samples: np.ndarray, rate: int = 16_000, **options) -> bytes:
    buffer = BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, **options)
    return buffer.getvalue()


def wav(rate: int, channels: int, data: bytes, length: int | None = None) -> bytes:
    size = len(data) if length is None else length
    block = 2 * channels
    return b"".join((
        b"RIFF", struct.pack("<I", (36 + size) % 2**32), b"WAVEfmt ",
        struct.pack("<IHHIIHH", 16, 1, channels, rate, rate * block % 2**32, block % 2**16, 16),
        b"data", struct.pack("<I", size), data,
    ))  # fmt: skip


def recordings() -> dict[str, bytes]:
    noise = np.random.default_rng(2).normal(scale=0.1, size=8000)
    odd = np.array([0.1, np.nan, np.inf, -np.inf, 3e38], dtype=np.float32)
    flac, ogg, mp3 = (sound(kind, noise) for kind in ("flac", "ogg", "mp3"))
    return {
        "no-frames.wav": wav(16_000, 1, b""),
        "wrong-length.wav": wav(16_000, 1, bytes(3200), length=2**32 - 40),
        "short-length.wav": wav(16_000, 1, bytes(3200), length=7),
        "zero-hertz.wav": wav(0, 1, bytes(3200)),
        "2-to-31-hertz.wav": wav(2**31, 1, bytes(3200)),
        "no-channels.wav": wav(16_000, 0, bytes(3200)),
        "300-channels.wav": wav(16_000, 300, bytes(600 * 160)),
        "not-finite.wav": sound("wav", odd, subtype="FLOAT"),
        "cut.wav": sound("wav", noise)[:5001],
        "cut.flac": flac[: len(flac) // 2],
        "head.flac": flac[:40],
        "cut.ogg": ogg[: len(ogg) // 2],
        "head.ogg": ogg[:60],
        "cut.mp3": mp3[: len(mp3) // 2],
        "garbage.mp3": np.random.default_rng(3).bytes(20_000),
        "garbled.flac": flac[:200] + bytes(500) + flac[700:],
        "words.wav": b"I am no sound.",
    }


# --- tables ---


def tables() -> dict[str, bytes]:
    buffer = BytesIO()
    pq.write_table(pa.table({"text": [f"{n} words" for n in range(5000)]}), buffer)
    parquet = buffer.getvalue()
    deep = "[" * 100_000
    return {
        "ragged.csv": b"id,text\n1,one\n2\n3,three,more\n,,,\n",
        "unclosed.csv": b'id,text\n1,one\n2,"two\n' + b"3,three\n" * 1000,
        "unclosed-first.csv": b'"id,text\n1,one\n',
        "no-header.csv": b"a.jpg,A child\nb.jpg,A girl\n",
        "zero-bytes.csv": b"id,text\n1,a\0b\n\0,\0\n",
        "huge-cell.csv": b"id,text\n1," + b"x" * 500_000 + b"\n",
        "only-header.csv": b"id,text\n",
        "no-table.csv": np.random.default_rng(4).bytes(3000),
        "utf16.tsv": "id\ttext\r\n1\tGröße\r\n".encode("utf-16"),
        "bad-lines.jsonl": b'{"text": "one"}\n{"text":\nnull\n[]\n{"text": "\\ud800"}\n',
        "deep.jsonl": f'{{"text": "fine"}}\n{deep}\n{{"text": {deep}\n'.encode(),
        "huge-number.jsonl": b'{"text": ' + b"9" * 10_000 + b"}\n",
        "nothing.jsonl": b"\n\n",
        "damaged.parquet": parquet[:100] + b"\xff" * 3000 + parquet[3100:],
        "cut.parquet": parquet[: len(parquet) // 2],
        "no.parquet": b"PAR1PAR1",
        "other.json": json.dumps({"images": 3, "annotations": {}}, indent=1).encode(),
        "boxes.json": json.dumps({"images": [], "annotations": [{"bbox": []}]}).encode(),
        "odd-captions.json": json.dumps({
            "images": [{"id": 1, "file_name": "a.jpg"}, {"id": [2], "file_name": 3}, None],
            "annotations": [{"image_id": 1, "caption": "A"}, {"image_id": [9], "caption": 1}, 5],
        }).encode(),
        "deep.json": deep.encode(),
        "odd.token": b"a.jpg#0\tA child\n#1\tNone\nb.jpg#x\n\xff\xfe#0\t\n",
    }  # fmt: skip


# --- names and what is no file ---


def _odd_names(folder: Path) -> list[Path]:
    names = ["-rf.txt", "🐕 dog.txt", "e\u0301.txt"]
    if os.name == "posix":
        names += ["two\nlines.txt", "trailing .txt ", "back\\slash.txt", "a" * 251 + ".txt"]
    if sys.platform == "linux":
        names += [os.fsdecode(b"not-utf8-\xff.txt")]
    for name in names:
        (folder / name).write_bytes(b"words\n")
    return [folder / name for name in names]


def _no_files(folder: Path) -> list[Path]:
    directory = folder / "folder.png"
    directory.mkdir(exist_ok=True)
    found = [directory]
    if os.name == "posix":
        loop, dangling, pipe = (folder / name for name in ("loop.png", "gone.wav", "pipe.txt"))
        loop.symlink_to(loop)
        dangling.symlink_to(folder / "nowhere.wav")
        os.mkfifo(pipe)
        around = directory / "around"
        around.symlink_to(folder)
        found += [loop, dangling, pipe, around]
    return found
