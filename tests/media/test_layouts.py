"""Files of names and texts as data sets ship them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.media import (
    Assumed,
    Record,
    SkippedRecord,
    read_records,
    record_kind,
    suggest_columns,
)


def read(path):
    found = list(read_records(path))
    records = [(r.key, r.text) for r in found if isinstance(r, Record)]
    told = [r.sentence for r in found if isinstance(r, Assumed)]
    return records, told, [r.reason for r in found if isinstance(r, SkippedRecord)]


def put(path, content):
    path.write_text(content, "utf-8")
    return path


@given(
    st.lists(st.text(st.sampled_from("abc ,;|'äß"), min_size=1, max_size=16), min_size=2,
             max_size=12),
    st.sampled_from(["\t", ",", "|", " ", ";", ", ", " | "]),
    st.sampled_from(["jpg", "JPEG", "png", "wav", "flac"]),
    st.sampled_from(["", "a/", "my pictures/"]),
)  # fmt: skip
@settings(max_examples=120, deadline=None)
def test_a_file_and_its_text_a_line(tmp_path_factory, words, sign, ending, folder):
    texts = [f"w{' '.join(word.split())}w" for word in words]
    path = put(
        tmp_path_factory.mktemp("a") / "captions.txt",
        "".join(f"{folder}{k}.{ending}{sign}{text}\n" for k, text in enumerate(texts)),
    )
    assert record_kind(path) == "captions"
    found, told, left = read(path)
    assert found == [(f"{folder}{k}.{ending}", text) for k, text in enumerate(texts)]
    assert not left
    assert len(told) == 1


def test_several_lines_of_one_file(tmp_path):
    path = put(tmp_path / "a.txt", "a.jpg#0 one\na.jpg#1 two\nb.jpg#0 three\n")
    assert read(path)[0] == [("a.jpg", "one"), ("a.jpg", "two"), ("b.jpg", "three")]


def test_lines_that_are_otherwise_are_left_out_with_their_reason(tmp_path):
    lines = [f"{k}.jpg\tcaption {k}" for k in range(20)] + ["a line of prose"]
    found, _, left = read(put(tmp_path / "a.txt", "\n".join(lines)))
    assert len(found) == 20
    assert left == ["does not begin with the name of a file as the other lines do"]


@pytest.mark.parametrize("name", ["84-121.trans.txt", "text.txt", "transcripts.txt", "any.txt"])
def test_transcripts_of_librispeech_and_kaldi(tmp_path, name):
    path = put(tmp_path / name, "".join(f"84-121-000{k} SOME WORDS {k}\n" for k in range(3)))
    assert read(path)[0] == [(f"84-121-000{k}", f"SOME WORDS {k}") for k in range(3)]


@pytest.mark.parametrize(
    "content",
    ["Roses are red\nViolets are blue\n", "1 first\n2 second\n", "word\nword\n", "a.b c\nd.e f\n",
     "See www.png today\nnothing\nelse\n"],
)  # fmt: skip
def test_prose_stays_a_text_a_line(tmp_path, content):
    path = put(tmp_path / "a.txt", content)
    assert record_kind(path) == "lines"
    assert [text for _, text in read(path)[0]] == content.splitlines()


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("several", [False, True])
def test_json_of_names_to_captions(tmp_path, indent, several):
    content = {f"im/{k}.jpg": [f"a {k}", f"b {k}"] if several else f"a {k}" for k in range(20)}
    path = put(tmp_path / "a.json", json.dumps(content, indent=indent))
    expected = [(name, text) for name, texts in content.items()
                for text in (texts if several else [texts])]  # fmt: skip
    assert read(path)[0] == expected


def test_json_with_its_rows_inside(tmp_path):
    """As Places Audio and WavCaps have them, and what pandas writes."""
    rows = [{"id": str(k), "caption": f"words {k}", "audio": f"{k}.wav"} for k in range(3)]
    columns = {name: {str(k): row[name] for k, row in enumerate(rows)} for name in rows[0]}
    split = {"columns": list(rows[0]), "index": [0, 1, 2], "data": [list(r.values()) for r in rows]}
    for number, content in enumerate(
        ({"num_captions_per_audio": 1, "data": rows}, {"data": rows}, columns, split, rows)
    ):
        for indent in (None, 1):
            path = put(tmp_path / f"{number}{indent}.json", json.dumps(content, indent=indent))
            chosen = suggest_columns(path, "text").columns
            found = [r for r in read_records(path, chosen) if isinstance(r, Record)]
            assert [(r.place, r.text, r.path) for r in found] == [
                (str(k), f"words {k}", f"{k}.wav") for k in range(3)
            ], content


def _orients(rows, names):
    """Return the rows as pandas writes them, by the name of the way."""
    columns = {c: {n: row[c] for n, row in zip(names, rows, strict=True)} for c in rows[0]}
    cells = [list(row.values()) for row in rows]
    return {
        "columns": columns,
        "split": {"columns": list(rows[0]), "index": names, "data": cells},
        "index": dict(zip(names, rows, strict=True)),
    }


@pytest.mark.parametrize("way", ["columns", "split", "index"])
def test_the_index_of_pandas_names_its_rows(tmp_path, way):
    names = [f"{k}.jpg" for k in (3, 1, 2, 0)]
    rows = [{"caption": f"words {name}", "split": "train"} for name in names]
    path = put(tmp_path / "a.json", json.dumps(_orients(rows, names)[way]))
    columns = suggest_columns(path, "text").columns
    found = [r for r in read_records(path, columns) if isinstance(r, Record)]
    assert [(r.key, r.text) for r in found] == [(name, f"words {name}") for name in names]


def test_an_index_beside_a_column_of_files_is_left_alone(tmp_path):
    rows = [{"image": f"{k}.jpg", "caption": f"words {k}"} for k in range(3)]
    for way, content in _orients(rows, ["7", "8", "9"]).items():
        path = put(tmp_path / f"{way}.json", json.dumps(content))
        columns = suggest_columns(path, "text").columns
        found = [r for r in read_records(path, columns) if isinstance(r, Record)]
        assert [(r.key, r.text) for r in found] == [(f"{k}.jpg", f"words {k}") for k in range(3)]


def test_lists_as_columns_are_rows(tmp_path):
    content = {"image": ["0.jpg", "1.jpg"], "caption": ["words 0", "words 1"]}
    path = put(tmp_path / "a.json", json.dumps(content))
    columns = suggest_columns(path, "text").columns
    found = [r for r in read_records(path, columns) if isinstance(r, Record)]
    assert [(r.key, r.text) for r in found] == [("0.jpg", "words 0"), ("1.jpg", "words 1")]


def test_json_that_is_neither(tmp_path):
    for content in ({"a": 1}, {"version": "1", "info": {"b": 2}}, "text", 3):
        path = put(tmp_path / "a.json", json.dumps(content))
        with pytest.raises(WorkbenchError, match=r"no list of JSON objects|no table"):
            list(read_records(path))
