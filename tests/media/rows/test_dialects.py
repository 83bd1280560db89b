"""Tables as other people's programs write them, with the truth known."""

import csv
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.media import (
    Assumed,
    Columns,
    Record,
    SkippedRecord,
    column_names,
    read_records,
    suggest_columns,
)
from workbench.media.rows.dialects import find_dialect


def read(path, modality="text"):
    """Return texts by key, what was assumed, and what was left out, with suggested columns."""
    columns, assumed = suggest_columns(path, modality)
    found = list(read_records(path, columns))
    records = [each for each in found if isinstance(each, Record)]
    told = [*assumed, *(each.sentence for each in found if isinstance(each, Assumed))]
    left = [each.reason for each in found if isinstance(each, SkippedRecord)]
    return [(record.key, record.text) for record in records], told, left


def put(path, content, encoding="utf-8"):
    path.write_bytes(content.encode(encoding))
    return path


WORDS = st.lists(
    st.text(st.sampled_from("abcäß ,;|'\"\\\t"), min_size=1, max_size=14), min_size=3, max_size=12
)
ENDS = {"unix": "\n", "windows": "\r\n", "old mac": "\r"}


@given(
    WORDS,
    st.sampled_from(",;\t|"),
    st.sampled_from(["minimal", "all"]),
    st.sampled_from(list(ENDS)),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.booleans(),
)
@settings(max_examples=120, deadline=None)
def test_what_is_quoted_by_the_standard_comes_back(
    tmp_path_factory, words, delimiter, quoting, ends, encoding, turned
):
    texts = [f"w {word.strip()} w".replace("  ", " ") for word in words]
    rows = [("file", "caption"), *((f"{k}.jpg", text) for k, text in enumerate(texts))]
    out = io.StringIO()
    style = {"minimal": csv.QUOTE_MINIMAL, "all": csv.QUOTE_ALL}[quoting]
    table = csv.writer(out, delimiter=delimiter, quoting=style, lineterminator=ENDS[ends])
    table.writerows(row[::-1] if turned else row for row in rows)
    path = put(tmp_path_factory.mktemp("a") / "a.csv", out.getvalue(), encoding)
    found, told, left = read(path)
    assert found == [(f"{k}.jpg", text) for k, text in enumerate(texts)]
    assert not left
    assert not told


@given(
    st.lists(st.text(st.sampled_from("ab'\" "), min_size=1, max_size=12), min_size=3, max_size=20),
    st.sampled_from("\t|;,"),
    st.integers(3, 4),
)
@settings(max_examples=120, deadline=None)
def test_a_table_that_does_not_quote_loses_no_row_and_no_mark(
    tmp_path_factory, words, delimiter, columns
):
    """As Common Voice and LJSpeech are written: marks are what somebody said."""
    texts = [f"{word.strip()} w" for word in words]
    # what is well quoted as a whole cannot be told from quotation: it is not made here
    texts = [f"w{text}" if text.count('"') % 2 == 0 else text for text in texts]
    names = ["path", "sentence", "up_votes", "down_votes"][:columns]
    lines = [[f"{k}.wav", text, "2", "0"][:columns] for k, text in enumerate(texts)]
    content = "\n".join(delimiter.join(row) for row in [names, *lines]) + "\n"
    path = put(tmp_path_factory.mktemp("a") / "a.tsv", content)
    found, _, left = read(path)
    assert not left
    assert found == [(f"{k}.wav", text) for k, text in enumerate(texts)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_one_mark_that_is_never_closed_swallows_nothing(tmp_path, delimiter):
    texts = [f"sentence number {k}" for k in range(400)]
    texts[10], texts[390] = '"Come here he said', 'they called it a day"'
    lines = [f"{k}.wav{delimiter}{text}" for k, text in enumerate(texts)]
    path = put(tmp_path / "a.csv", "\n".join([f"path{delimiter}sentence", *lines]))
    found, told, left = read(path)
    assert [text for _, text in found] == texts
    assert not left
    assert any("quotation marks" in each for each in told)


def test_cells_of_several_lines_stay_whole_beside_a_stray_mark(tmp_path):
    path = put(
        tmp_path / "a.csv",
        'file,caption\n1.jpg,"two\nlines, quoted"\n2.jpg,"stray\n3.jpg,plain\n4.jpg,"a, b"\n',
    )
    found, told, left = read(path)
    assert [text for _, text in found] == ["two\nlines, quoted", '"stray', "plain", "a, b"]
    assert len(told) == 1
    assert not left


def test_backslashes_before_marks(tmp_path):
    """As MySQL, Spark and dumps of Postgres write them."""
    path = put(
        tmp_path / "a.csv",
        'image,caption\n0.jpg,"a \\"big\\" dog"\n1.jpg,"a \\"big, red\\" dog"\n2.jpg,"plain"\n'
        '3.jpg,"the \\"end\\", she said"\n4.jpg,C:\\new\n',
    )
    found, told, left = read(path)
    assert [text for _, text in found] == [
        'a "big" dog', 'a "big, red" dog', "plain", 'the "end", she said', "C:\\new",
    ]  # fmt: skip
    assert any("backslash" in each for each in told)
    assert not left


@pytest.mark.parametrize(
    ("above", "row"),
    [("sep=;\r\n", 0), ("My data;\r\n;\r\n", 1), ("# exported by hand\n", 1), ("Title\n\n", 1),
     ("# made by A; of B\n", 1), ("A;\nB;\n", 2), ("My list\n\nmade by me; 2020\n", 2)],
)  # fmt: skip
def test_lines_above_the_names(tmp_path, above, row):
    body = "image;caption\r\n" + "".join(f"{k}.jpg;caption {k}\r\n" for k in range(4))
    path = put(tmp_path / "a.csv", above + body, "utf-8-sig")
    found, told, left = read(path)
    assert column_names(path) == ["image", "caption"]
    assert found == [(f"{k}.jpg", f"caption {k}") for k in range(4)]
    assert not left
    rows = {1: "1 row above them was", 2: "2 rows above them were"}.get(row)
    names = "“image”, “caption” were taken for the names of the columns"
    assert told == ([f"{names}, and {rows} left out"] if row else [])


def test_names_of_columns_that_come_again_are_no_row(tmp_path):
    """As in tables that were put one behind the other."""
    found, told, left = read(put(tmp_path / "a.csv", "image,caption\n0.jpg,c0\n" * 2))
    assert found == [("0.jpg", "c0")] * 2
    assert not left
    assert told == ["1 row that repeats the names of the columns was left out"]


def test_what_databases_write_for_nothing_is_nothing(tmp_path):
    found, _, left = read(put(tmp_path / "a.tsv", "image\tcaption\n0.jpg\t\\N\n1.jpg\tc1\n"))
    assert found == [("1.jpg", "c1")]
    assert left == ["has no text in the column “caption”"]


@pytest.mark.parametrize("delimiter", [",", "\t", "|", ";"])
def test_no_line_of_names(tmp_path, delimiter):
    lines = [f"{k}.jpg{delimiter}a caption {k}" for k in range(5)]
    path = put(tmp_path / "a.csv", "\n".join(lines))
    found, told, _ = read(path)
    assert found == [(f"{k}.jpg", f"a caption {k}") for k in range(5)]
    assert "no line names its columns" in told[0]
    assert column_names(path) == ["column 1", "column 2"]


def test_metadata_of_ljspeech(tmp_path):
    path = put(
        tmp_path / "metadata.csv",
        "LJ001-0001|Printing, in the only sense, differs from most|Printing, in the only sense\n"
        "LJ001-0002|in being comparatively modern.|in being comparatively modern.\n"
        'LJ001-0003|"For although the Chinese took|"For although the Chinese took\n',
    )
    found, told, left = read(path)
    assert [key for key, _ in found] == ["LJ001-0001", "LJ001-0002", "LJ001-0003"]
    assert found[2][1] == '"For although the Chinese took'
    assert not left
    assert "no line names its columns" in told[0]


def test_a_header_of_numbers_and_a_matrix_are_no_items(tmp_path):
    path = put(tmp_path / "a.csv", "0,1,2\n3,4,5\n6,7,8\n")
    assert find_dialect(path).has_names


def test_lists_in_cells_are_several_texts(tmp_path):
    lists = [[f"caption {k} {n}" for n in range(3)] for k in range(4)]
    names = [f"{k}.jpg" for k in range(4)]
    expected = [(name, text) for name, texts in zip(names, lists, strict=True) for text in texts]
    pq.write_table(pa.table({"filename": names, "caption": lists}), tmp_path / "a.parquet")
    objects = [{"image": n, "captions": t} for n, t in zip(names, lists, strict=True)]
    put(tmp_path / "a.json", json.dumps(objects))
    put(tmp_path / "a.jsonl", "\n".join(map(json.dumps, objects)))
    for name, write in (("json.csv", json.dumps), ("python.csv", repr)):
        with (tmp_path / name).open("w", newline="") as file:
            rows = [(write(t), n) for n, t in zip(names, lists, strict=True)]
            csv.writer(file).writerows([("raw", "filename"), *rows])
    for name in ("a.parquet", "a.json", "a.jsonl", "json.csv", "python.csv"):
        found, told, _ = read(tmp_path / name)
        assert found == expected, name
        assert any("4 cells" in each and "12 texts" in each for each in told), name
        columns = suggest_columns(tmp_path / name, "text").columns
        records = [r for r in read_records(tmp_path / name, columns) if isinstance(r, Record)]
        assert len({record.place for record in records}) == 12, name


@pytest.mark.parametrize(
    "cell", ["['a dog' \"it's a cat\"]", "['a dog'\n \"it's a cat\"]",
             '{"en": "a dog", "de": "it\'s a cat"}', "{'en': 'a dog', 'de': \"it's a cat\"}"],
)  # fmt: skip
def test_arrays_of_numpy_and_objects_of_languages_are_several_texts(tmp_path, cell):
    rows = [{"image": "0.jpg", "captions": cell}, {"image": "1.jpg", "captions": "[one] word"}]
    with (tmp_path / "a.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, ["image", "captions"])
        writer.writeheader()
        writer.writerows(rows)
    put(tmp_path / "a.jsonl", "\n".join(map(json.dumps, rows)))
    for name in ("a.csv", "a.jsonl"):
        found, told, _ = read(tmp_path / name)
        assert found == [("0.jpg", "a dog"), ("0.jpg", "it's a cat"), ("1.jpg", "[one] word")]
        assert any("1 cell" in each and "2 texts" in each for each in told)


def test_numbered_columns_are_several_texts(tmp_path):
    """As Clotho has them."""
    path = put(
        tmp_path / "a.csv",
        "file_name,caption_1,caption_2,caption_10\na.wav,one,two,ten\nb.wav,eins,,zehn\n",
    )
    found, told, _ = read(path)
    assert found == [("a.wav", "one"), ("a.wav", "two"), ("a.wav", "ten"),
                     ("b.wav", "eins"), ("b.wav", "zehn")]  # fmt: skip
    assert not told
    chosen = Columns(path="file_name", text="caption_2")
    assert [r.text for r in read_records(path, chosen) if isinstance(r, Record)] == ["two"]


def test_texts_that_are_not_taken_are_told(tmp_path):
    path = put(tmp_path / "a.csv", "image,caption_en,caption_de\na.jpg,a dog,ein Hund\n")
    found, told, _ = read(path)
    assert found == [("a.jpg", "a dog")]
    assert told == ["texts are those of “caption_en”, not of “caption_de”"]


def test_each_modality_has_its_own_column(tmp_path):
    path = put(tmp_path / "a.csv", "image,audio,caption\na.jpg,b.wav,words\n")
    assert suggest_columns(path, "image").columns.path == "image"
    assert suggest_columns(path, "speech").columns.path == "audio"
    assert suggest_columns(path, "text").columns.text == "caption"


@pytest.mark.parametrize("count", [5, 20_000])
def test_messages_do_not_grow_with_the_columns(tmp_path, count):
    names = [f"feature {k}" for k in range(count)]
    path = put(tmp_path / "a.csv", ",".join(names) + "\n" + ",".join(["1"] * count) + "\n")
    with pytest.raises(Exception, match="no column “text”") as caught:
        read_records(path, Columns(text="text"))
    assert len(str(caught.value)) < 1500
