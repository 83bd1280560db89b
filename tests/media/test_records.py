import csv
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.media import (
    Assumed,
    Columns,
    Record,
    SkippedRecord,
    column_names,
    guess_columns,
    read_records,
    read_rows,
    record_kind,
)
from workbench.media.rows import lines as lines_module

cells = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=12).filter(
    lambda cell: cell != "\\N"
)  # which is MySQL's word for nothing


def put(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def records(path: Path, columns: Columns | None = None) -> list[Record]:
    chosen = guess_columns(column_names(path)) if columns is None else columns
    return [r for r in read_records(path, chosen) if isinstance(r, Record)]


def reasons(path: Path, columns: Columns | None = None) -> dict[int, str]:
    chosen = guess_columns(column_names(path)) if columns is None else columns
    return {r.number: r.reason for r in read_records(path, chosen) if isinstance(r, SkippedRecord)}


def assumed(path: Path, columns: Columns | None = None) -> list[Assumed]:
    chosen = guess_columns(column_names(path)) if columns is None else columns
    return [r for r in read_records(path, chosen) if isinstance(r, Assumed)]


# --- lines ---


def test_lines(tmp_path):
    path = put(tmp_path / "a.txt", "\ufeffhello, you\r\n \r\n\tworld\0 \n")
    assert record_kind(path) == "lines"
    assert column_names(path) == []
    assert records(path) == [
        Record("1", 1, text="hello, you", key="1"),
        Record("3", 3, text="world", key="3"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_lines_in_any_encoding_and_of_any_length(tmp_path, encoding):
    lines = ["plain words"] * 60_000 + ["Mädchen läuft über die größere Straße"] * 20
    path = put(tmp_path / "a.txt", "\n".join(lines).encode(encoding))
    assert [record.text for record in records(path)] == lines
    long = "Ein Mädchen läuft über die Straße. " * 30_000  # one line, over one sample long
    path = put(tmp_path / "b.txt", long.encode(encoding))
    assert [record.text for record in records(path)] == [long.strip()]


def test_a_line_that_is_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(lines_module, "MAX_TEXT_BYTES", 10)
    path = put(tmp_path / "a.txt", "short\n" + "long " * 10 + "\nend\n" + "x" * 50)
    assert [r.text for r in records(path)] == ["short", "end"]
    assert set(reasons(path)) == {2, 4}


# --- tables ---


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("suffix", ["csv", "tsv"])
def test_delimiters(tmp_path, delimiter, suffix):
    path = tmp_path / f"a.{suffix}"
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file, delimiter=delimiter)
        table.writerow(["id", "text", "image"])
        table.writerow(["x", "one, two; three | four\tfive", "a.png"])
        table.writerow(["y", "first line\nsecond “line”", "b.png"])
    assert column_names(path) == ["id", "text", "image"]
    assert records(path) == [
        Record("x", 2, text="one, two; three | four\tfive", path="a.png", key="a.png"),
        Record("y", 4, text="first line\nsecond “line”", path="b.png", key="b.png"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_tables_of_excel(tmp_path, encoding):
    text = "id;text\r\n1;Ein Mädchen läuft, 5 €\r\n2;Größe\r\n"
    path = put(tmp_path / "a.csv", text.encode(encoding))
    assert column_names(path) == ["id", "text"]
    assert [r.text for r in records(path)] == ["Ein Mädchen läuft, 5 €", "Größe"]


def test_results_csv_of_flickr30k(tmp_path):
    path = put(
        tmp_path / "results.csv",
        "image_name| comment_number| comment\n"
        "1000092795.jpg| 0| Two young guys with shaggy hair , outside .\n"
        "2199200615.jpg| 4   A dog runs across the grass .\n",  # as the file has it
    )
    assert guess_columns(column_names(path)) == Columns(text="comment", path="image_name")
    (record,) = records(path)
    assert record.text == "Two young guys with shaggy hair , outside ."
    assert record.key == "1000092795.jpg"
    assert reasons(path) == {3: "has no text in the column “comment”"}


def test_captions_txt_of_flickr8k_is_a_table(tmp_path):
    path = put(tmp_path / "captions.txt", 'image,caption\na.jpg,A child .\na.jpg,"A girl, too ."\n')
    assert record_kind(path) == "table"
    assert [(r.place, r.path, r.text) for r in records(path)] == [
        ("2", "a.jpg", "A child ."),
        ("3", "a.jpg", "A girl, too ."),
    ]
    prose = put(
        tmp_path / "prose.txt", "File, text and more\nThis is a line, or two, or three\nYes\n"
    )
    assert record_kind(prose) == "lines"


def test_one_column_with_commas_in_it(tmp_path):
    path = put(tmp_path / "a.csv", "text\nHello, world\nAgain, again, again\n")
    assert [r.text for r in records(path)] == ["Hello, world", "Again, again, again"]


def test_ids_are_made_unique_and_keys_follow_their_order(tmp_path):
    path = put(tmp_path / "a.csv", "id,text,file,k\na,1,f.png,k1\na,2,f.png,\na~2,3,,\n,4,,\n")
    found = records(path, Columns(id="id", text="text", path="file", key="k"))
    assert [r.place for r in found] == ["a", "a~2", "a~2~2", "5"]
    assert [r.key for r in found] == ["k1", "f.png", "a~2", ""]  # no number: it names nothing
    same = put(tmp_path / "same.csv", "id,text\n" + "a,x\n" * 30_000)  # in no quadratic time
    assert len({r.place for r in records(same)}) == 30_000


def test_what_is_wrong_with_rows_is_told(tmp_path):
    path = put(
        tmp_path / "a.csv",
        "id,text,label\n1,one,x\n2,two\n3,three,x,\n4,four,x,more\n\n,,\n5,,x\n"
        '6,"open,x\n7,seven,x\n8,eight,x\n',
    )
    assert [(r.place, r.text, r.label) for r in records(path)] == [
        ("1", "one", "x"),
        ("2", "two", ""),
        ("3", "three", "x"),
        ("6", '"open', "x"),  # a mark that is never closed takes nothing with it
        ("7", "seven", "x"),
        ("8", "eight", "x"),
    ]
    told = reasons(path)
    assert "4 cells where the table has 3 columns" in told[5]
    assert told[8] == "has no text in the column “text”"
    assert set(told) == {5, 8}
    assert ["1 row with quotation marks" in each.sentence for each in assumed(path)] == [True]


def test_an_absent_column_is_named_at_the_call(tmp_path):
    path = put(tmp_path / "a.csv", "id,words\n1,one\n")
    with pytest.raises(WorkbenchError, match=r"no column “text”. Its columns: “id”, “words”\."):
        read_records(path, Columns(text="text"))
    with pytest.raises(WorkbenchError, match="Its columns: none"):
        read_records(put(tmp_path / "a.txt", "one\n"), Columns(text="text"))


def test_huge_cells_are_no_error(tmp_path):
    path = put(tmp_path / "a.csv", f"id,text\n1,{'x' * 1_000_000}\n2,short\n")
    assert [len(r.text) for r in records(path)] == [1_000_000, 5]


def test_columns_without_or_with_the_same_name(tmp_path):
    path = put(tmp_path / "a.csv", "a,,a\n1,2,3\n")
    assert column_names(path) == ["a", "column 2", "a (column 3)"]
    assert list(read_rows(path)) == [(2, {"a": "1", "column 2": "2", "a (column 3)": "3"})]


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=8), st.sampled_from(",;\t"))
@settings(max_examples=60, deadline=None)
def test_what_is_written_as_csv_comes_back(tmp_path_factory, rows, delimiter):
    path = tmp_path_factory.mktemp("table") / "a.csv"
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        table = csv.writer(file, delimiter=delimiter, quoting=csv.QUOTE_ALL)
        table.writerows([("first", "second", "third"), *rows])
    found = [tuple(row.values()) for _, row in read_rows(path)]
    assert found == [row for row in rows if any(row)]


@given(st.binary(max_size=300), st.sampled_from(["csv", "txt", "jsonl", "json", "parquet", "tsv"]))
@settings(max_examples=150, deadline=None)
def test_any_bytes_give_records_or_a_sentence(tmp_path_factory, content, suffix):
    path = put(tmp_path_factory.mktemp("any") / f"a.{suffix}", content)
    try:
        found = list(read_records(path, guess_columns(column_names(path))))
    except WorkbenchError:
        return
    assert found
    for record in found:
        record_text = (
            record.text if isinstance(record, Record)
            else record.sentence if isinstance(record, Assumed) else record.reason
        )  # fmt: skip
        record_text.encode()


# --- JSON ---


def test_json_lines(tmp_path):
    path = put(
        tmp_path / "a.jsonl",
        '{"id": 1, "text": "Äpfel \\ud800", "n": [1, 2]}\nnonsense\n\n[1]\n{"text": null}\n'
        '{"id": 2.5, "text": true, "new": {"path": "a.wav"}}\n' + "[" * 100_000 + "\n",
    )
    assert column_names(path) == ["id", "text", "n", "new"]
    assert records(path) == [
        Record("1", 1, text="Äpfel \ufffd", key="1"),
        Record("2.5", 6, text="true", key="2.5"),
    ]
    assert set(reasons(path)) == {2, 4, 5, 7}
    skipped = []
    rows = list(read_rows(path, skipped))
    assert [number for number, _ in rows] == [1, 5, 6]
    assert rows[0][1]["n"] == "[1, 2]"
    assert rows[1][1] == {"id": "", "text": "", "n": "", "new": ""}
    assert rows[2][1]["new"] == "a.wav"
    assert [record.number for record in skipped] == [2, 4, 7]


def test_json_list_is_a_table(tmp_path):
    path = put(tmp_path / "a.json", '[{"image": "a.jpg", "caption": "A"},\n 3]')
    assert record_kind(path) == "table"
    assert records(path) == [Record("1", 1, text="A", path="a.jpg", key="a.jpg")]
    assert reasons(path) == {2: "is not a JSON object"}


# --- parquet ---


def test_parquet(tmp_path):
    path = tmp_path / "a.parquet"
    times = pa.array([1, None, 3], pa.timestamp("ns"))
    table = {
        "text": ["eins", None, "drei"],
        "n": [1, 2, None],
        "raw": [b"caf\xe9", None, b""],
        "when": times,
        "audio": [{"path": "a.wav", "bytes": b"RIFF"}, None, {"path": None, "bytes": b""}],
    }
    pq.write_table(pa.table(table), path)
    assert column_names(path) == ["text", "n", "raw", "when", "audio"]
    assert [(r.place, r.text, r.path) for r in records(path)] == [
        ("1", "eins", "a.wav"),
        ("3", "drei", ""),
    ]
    assert reasons(path) == {2: "has no text in the column “text”"}
    rows = dict(read_rows(path))
    assert rows[1] | {"when": ""} == {
        **{"text": "eins", "n": "1", "raw": "café", "when": "", "audio": "a.wav"}
    }
    assert set(rows[2].values()) == {"", "2"}


def test_parquet_is_read_in_batches_of_chosen_columns(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [str(n) for n in range(2500)], "other": range(2500)}), path)
    asked = []
    batches = pq.ParquetFile.iter_batches

    def listening(self, **options):
        asked.append(options)
        return batches(self, **options)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", listening)
    found = records(path, Columns(text="text"))
    assert [r.text for r in found] == [str(n) for n in range(2500)]
    assert asked == [{"batch_size": 1000, "columns": ["text"]}]


# --- captions ---


def test_token_file(tmp_path):
    path = put(tmp_path / "Flickr8k.token.txt", "a.jpg#0\tA child .\na.jpg#1\tA girl .\nodd\n")
    assert record_kind(path) == "captions"
    assert records(path)[0] == Record("a.jpg#0", 1, text="A child .", path="a.jpg", key="a.jpg")
    assert [r.place for r in records(path)] == ["a.jpg#0", "a.jpg#1"]
    assert set(reasons(path)) == {3}


@pytest.mark.parametrize("indent", [None, 1])
def test_coco(tmp_path, indent):
    content = {
        "info": {},
        "images": [{"id": 1, "file_name": "val/a.jpg"}, {"id": "x"}],
        "annotations": [
            {"id": 7, "image_id": 1, "caption": " A child. "},
            {"id": 8, "image_id": 9, "caption": "Lost."},
            {"id": 9, "image_id": 1, "caption": ""},
            {"id": 7, "image_id": 1, "caption": "Again."},
            "nonsense",
        ],
    }
    path = put(tmp_path / "captions_val.json", json.dumps(content, indent=indent))
    assert record_kind(path) == "captions"
    assert records(path) == [
        Record("7", 1, text="A child.", path="val/a.jpg", key="val/a.jpg"),
        Record("7~2", 4, text="Again.", path="val/a.jpg", key="val/a.jpg"),
    ]
    assert reasons(path)[2] == "names an unknown image, “9”"
    assert set(reasons(path)) == {2, 3, 5}


def test_karpathy(tmp_path):
    images = [
        {"filename": "a.jpg", "filepath": "val2014", "sentences": [{"raw": "A"}, {"raw": "B"}]},
        {"filename": "b.jpg", "sentences": [{"raw": "C"}, {"tokens": []}]},
        {"sentences": []},
    ]
    path = put(tmp_path / "dataset_coco.json", json.dumps({"images": images, "dataset": "coco"}))
    assert [(r.place, r.key, r.text) for r in records(path)] == [
        ("val2014/a.jpg#0", "val2014/a.jpg", "A"),
        ("val2014/a.jpg#1", "val2014/a.jpg", "B"),
        ("b.jpg#0", "b.jpg", "C"),
    ]
    assert set(reasons(path)) == {4, 5}


# --- columns and bad files ---


@pytest.mark.parametrize(
    ("names", "guess"),
    [
        (["image", "caption"], Columns(path="image", text="caption")),
        (["filepath", "title"], Columns(path="filepath", text="title")),
        (["client_id", "path", "sentence", "locale"],
         Columns(path="path", text="sentence", language="locale")),
        (["ID", "FileName", "Caption", "Class"],
         Columns(id="ID", path="FileName", text="Caption", label="Class")),
        (["image_id", "caption_en"], Columns(key="image_id", text="caption_en")),
        (["title", "text", "lang"], Columns(text="text", language="lang")),
        (["comment_number", "comment_id"], Columns()),
        ([], Columns()),
    ],
)  # fmt: skip
def test_guesses(names, guess):
    assert guess_columns(names) == guess


@given(st.lists(st.text(max_size=12), max_size=8))
def test_a_guess_takes_no_column_twice(names):
    chosen = list(guess_columns(names).chosen().values())
    assert set(chosen) <= set(names)
    assert len(chosen) == len(set(chosen))


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.csv", "", "is empty"),
        ("a.csv", " \n\n", "no rows"),
        ("a.jsonl", "hello\n", "not a table of JSON objects: its line 1 is not JSON"),
        ("a.json", '{"a":\n 1}', "holds no list of JSON objects"),
        ("a.json", "[" * 100_000, "nested too deep"),
        ("a.json", '{"images":\n [], "annotations": [{"bbox": []}]}', "holds no captions"),
        ("a.parquet", "PAR1 nonsense PAR1", "cannot be read as parquet"),
        ("a.csv", '"open\n1,2\n', "quotation mark in its first row"),
    ],
)
def test_bad_files_give_a_sentence_at_the_call(tmp_path, name, content, words):
    path = put(tmp_path / name, content)
    with pytest.raises(WorkbenchError, match=words) as caught:
        read_records(path)
    assert str(path) in str(caught.value)


def test_missing_files_and_folders(tmp_path):
    for read in (read_records, read_rows, record_kind, column_names):
        with pytest.raises(WorkbenchError, match="does not exist"):
            read(tmp_path / "none.csv")
        with pytest.raises(WorkbenchError, match="not a regular file"):
            read(tmp_path)


def test_parquet_that_breaks_off(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"text": [str(n) * 20 for n in range(9000)]}), path)
    content = bytearray(path.read_bytes())
    content[100:6000] = b"\xff" * 5900  # the footer stays
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match="cannot be read as parquet"):
        list(read_records(path, Columns(text="text")))


def test_nothing_but_blanks_is_told(tmp_path):
    path = put(tmp_path / "a.txt", "\ufeff \n\n")
    assert list(read_records(path)) == [SkippedRecord(0, "holds no items")]
