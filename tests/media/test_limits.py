"""Files that would take minutes or all memory: each is refused in a sentence, and its like read."""

from io import BytesIO

import pytest
from PIL import Image

from workbench.errors import WorkbenchError
from workbench.media import (
    Columns,
    column_names,
    guess_columns,
    read_image,
    read_records,
    record_kind,
    thumbnail,
)
from workbench.media.pictures import images
from workbench.media.rows.columns import MAX_COLUMNS


def table(kind: str, width: int) -> str:
    names = [f"c{number}" for number in range(width)]
    if kind == "jsonl":
        cells = ",".join(f'"{name}":"x"' for name in names)
        return f"{{{cells}}}\n{{{cells}}}\n"
    mark = {"csv": ",", "tsv": "\t"}[kind]
    return f"{mark.join(names)}\n{mark.join(['x'] * width)}\n"


@pytest.mark.parametrize("kind", ["csv", "tsv", "jsonl"])
def test_tables_of_very_many_columns_are_refused(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    path.write_text(table(kind, MAX_COLUMNS + 1))
    with pytest.raises(WorkbenchError, match=r"more than 20,000 (columns|names)"):
        list(read_records(path, guess_columns(column_names(path))))
    path.write_text(table(kind, 300))
    assert len(column_names(path)) == 300


def test_many_commas_in_a_text_are_no_columns(tmp_path):
    text = "well, " * (MAX_COLUMNS + 1)
    (tmp_path / "a.csv").write_text(f"image;caption\na.jpg;one\nb.jpg;{text}\nc.jpg;three\n")
    assert column_names(tmp_path / "a.csv") == ["image", "caption"]
    records = list(read_records(tmp_path / "a.csv", Columns(text="caption")))
    assert [record.text for record in records] == ["one", text.strip(), "three"]
    (tmp_path / "a.txt").write_text(f"{text}\n")
    assert record_kind(tmp_path / "a.txt") == "lines"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.txt"])
@pytest.mark.parametrize("head", [b"", b"image,caption\na.jpg,one\n"])
def test_files_of_holes_are_refused(tmp_path, name, head):
    with (tmp_path / name).open("wb") as file:
        file.write(head)
        file.truncate(10**11)
    with pytest.raises(WorkbenchError, match=r"is no text|not a table"):
        list(read_records(tmp_path / name, guess_columns(column_names(tmp_path / name))))


def test_a_jpeg_that_paints_its_pixels_ten_thousand_times_is_refused(tmp_path):
    buffer = BytesIO()
    Image.new("RGB", (1000, 1000), "red").save(buffer, "JPEG", progressive=True)
    usual = buffer.getvalue()
    last = usual[usual.rfind(b"\xff\xda") : -2]
    (tmp_path / "usual.jpg").write_bytes(usual)
    (tmp_path / "bomb.jpg").write_bytes(usual[:-2] + 10_000 * last + b"\xff\xd9")
    for read in (read_image, lambda path: thumbnail(path, 64)):
        with pytest.raises(WorkbenchError, match="paints them too often"):
            read(tmp_path / "bomb.jpg")
        red, green, blue = read(tmp_path / "usual.jpg").getpixel((9, 9))
        assert red > 250
        assert green + blue < 10


@pytest.mark.parametrize("mode", ["RGB", "L", "CMYK"])
def test_of_a_usual_jpeg_only_the_head_is_looked_at(tmp_path, mode):
    Image.effect_noise((64, 64), 50).convert(mode).save(tmp_path / "a.jpg")
    with Image.open(tmp_path / "a.jpg") as picture:
        place = picture.fp.tell()
        assert images._scans(picture) == 1
        assert picture.fp.tell() == place
