import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from worlds.hostile import write_hostile

from workbench.errors import WorkbenchError
from workbench.media import (
    MODALITIES,
    RECORD_SUFFIXES,
    SUFFIXES,
    Assumed,
    FoundFile,
    Record,
    SkippedRecord,
    column_names,
    find_files,
    guess_columns,
    pick_text,
    read_image,
    read_records,
    read_rows,
    read_speech,
    read_text,
    speech_seconds,
    thumbnail,
    waveform,
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    return write_hostile(tmp_path_factory.mktemp("hostile") / "files")


def readers(path: Path):
    """Return what may be called on a file of this name, and what it must return."""
    suffix = path.suffix.lower()
    found = []
    if suffix in SUFFIXES["image"]:
        found += [(read_image, a_picture), (lambda p: thumbnail(p, 64), a_picture)]
    if suffix in SUFFIXES["text"]:
        found.append((lambda p: pick_text(read_text(p)), a_text))
    if suffix in SUFFIXES["speech"]:
        found += [(read_speech, a_recording), (speech_seconds, a_length)]
        found.append((lambda p: waveform(p, 32), lambda bins: bins.shape == (32, 2)))
    if suffix in RECORD_SUFFIXES:
        found += [(all_records, some_records), (all_rows, lambda rows: isinstance(rows, list))]
    return found


def all_records(path: Path):
    return list(read_records(path, guess_columns(column_names(path))))


def all_rows(path: Path):
    return list(read_rows(path, []))


def a_picture(picture) -> bool:
    return isinstance(picture, Image.Image) and picture.mode == "RGB" and min(picture.size) > 0


def a_text(text) -> bool:
    return bool(text.encode("utf-8").strip())


def a_recording(samples) -> bool:
    return samples.ndim == 1 and samples.size > 0 and bool(np.isfinite(samples).all())


def a_length(seconds) -> bool:
    return 0 < seconds < 1e7


def some_records(records) -> bool:
    for record in records:
        assert isinstance(record, Record | SkippedRecord | Assumed)
        words = {Record: "text", SkippedRecord: "reason", Assumed: "sentence"}[type(record)]
        getattr(record, words).encode("utf-8")
    return bool(records)


def outcome(reader, path: Path) -> tuple[object, str]:
    try:
        return reader(path), ""
    except WorkbenchError as error:
        return None, str(error)


def test_each_gives_an_item_or_a_sentence(hostile):
    assert len(hostile) >= 40
    read = 0
    for path in hostile:
        for reader, is_right in readers(path):
            value, sentence = outcome(reader, path)
            if sentence:
                assert sentence.endswith("."), (path, sentence)
                assert "\n" not in sentence.replace(str(path), ""), (path, sentence)
            else:
                assert is_right(value), path
            read += 1
    assert read >= 120


def test_the_walk_finds_or_tells(hostile):
    folder = hostile[0].parent
    for modality in MODALITIES:
        names = [p.name for p in hostile if p.suffix.lower() in SUFFIXES[modality]]
        findings = list(find_files(folder, modality))
        found = [f.relative for f in findings if isinstance(f, FoundFile)]
        assert found == sorted(set(found))
        # the folder named like a picture is a folder, and not told of
        expected = len(names) - (modality == "image")
        assert len(findings) == expected
        assert {"zero.png", "loop.png", "gone.wav", "pipe.txt"}.isdisjoint(found)


MEASURE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from media.test_hostile import outcome, peak_kilobytes, readers
began = peak_kilobytes()
for name in sys.argv[2:]:
    for reader, _ in readers(Path(name)):
        outcome(reader, Path(name))
print(peak_kilobytes() - began)
"""


def peak_kilobytes() -> int:
    status = Path("/proc/self/status").read_text()  # ru_maxrss begins with that of the parent
    return int(status.partition("VmHWM:")[2].split()[0])


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_no_giant_allocation(hostile):
    tests = str(Path(__file__).parents[1])
    command = [sys.executable, "-c", MEASURE, tests, *map(str, hostile)]
    grown = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert 0 < grown < 500_000  # with the libraries that are imported on the way


def test_what_must_be_readable_is(hostile):
    folder = hostile[0].parent
    for name in ("cmyk.jpg", "thin.png", "sixteen-bits.png", "animated.webp", "damaged-exif.jpg"):
        assert a_picture(read_image(folder / name))
    assert read_text(folder / "utf16-no-mark.txt") == "Grüße aus Köln\n"
    assert a_recording(read_speech(folder / "300-channels.wav"))
    assert [type(r) for r in all_records(folder / "ragged.csv")] == [
        *(Record, SkippedRecord, SkippedRecord),
    ]
