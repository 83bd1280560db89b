"""Small files from anywhere: bounded, regular, and no deeper than such files are."""

import json
import os
import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter

from workbench.errors import WorkbenchError
from workbench.received.small import (
    MOST_LEVELS,
    MissingFileError,
    check_regular,
    parse_json,
    read_bytes,
    read_checked,
    read_json,
    read_toml,
)


class Point(BaseModel):
    x: int
    y: int = 0


@pytest.fixture
def path(tmp_path):
    return tmp_path / "file"


def test_what_is_no_regular_file_is_refused_at_once(path):
    with pytest.raises(MissingFileError, match="does not exist"):
        read_bytes(path, "The list")
    with pytest.raises(MissingFileError):
        read_bytes(path / "below" / "no" / "folder", "The list")
    path.mkdir()
    with pytest.raises(WorkbenchError, match="not a regular file"):
        read_bytes(path, "The list")
    path.rmdir()
    os.mkfifo(path)
    with pytest.raises(WorkbenchError, match="not a regular file"):
        read_bytes(path, "The list")
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(WorkbenchError, match="not a regular file"):
        check_regular(path, "The list")
    path.unlink()
    path.symlink_to(path)
    with pytest.raises(WorkbenchError, match="cannot be read"):
        check_regular(path, "The list")


def test_a_large_file_is_refused_before_it_is_read(path):
    with path.open("wb") as file:
        file.truncate(100 << 30)
    with pytest.raises(WorkbenchError, match=r"larger than 8\.4 MB"):
        read_bytes(path, "The list")
    path.write_bytes(b"12345")
    assert read_bytes(path, "The list", 5) == b"12345"
    with pytest.raises(WorkbenchError, match="larger than 4 bytes"):
        read_bytes(path, "The list", 4)


@pytest.mark.parametrize("levels", [MOST_LEVELS, 200, 990, 100_000])
def test_a_deep_file_is_refused_however_deep(path, levels):
    fine = levels <= MOST_LEVELS
    for text in ("[" * levels + "]" * levels, '{"a":' * levels + "1" + "}" * levels):
        path.write_text(text)
        if fine:
            assert json.loads(text) == read_json(path, "The list")
            continue
        with pytest.raises(WorkbenchError, match="deep in each other"):
            read_json(path, "The list")
    names = ".".join(f"a{n}" for n in range(levels - 1))
    for text in (f"{names} = 1", f"[{names}]\nb = 1", f"x = {{ {names} = 1 }}" if not fine else "",
                 "x = " + "[" * (levels - 1) + "]" * (levels - 1)):  # fmt: skip
        path.write_text(text)
        if fine:
            assert tomllib.loads(text) == read_toml(path, "The list")
            continue
        with pytest.raises(WorkbenchError, match="deep in each other"):
            read_toml(path, "The list")


def test_a_name_that_would_take_for_ever_is_refused_and_dots_in_texts_are_not(path):
    path.write_text('"a"' + '. "a"' * 300_000 + " = 1")
    with pytest.raises(WorkbenchError, match="deep in each other"):
        read_toml(path, "The list")
    dots = ".".join("abcdefghij" * 20)
    path.write_text(f"text = '{dots}'\nlist = ['x', \"{dots}\"]\n")
    assert read_toml(path, "The list") == {"text": dots, "list": ["x", dots]}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "EOF"),
        (b"{", "line 1 column 1"),
        (b"\xff", "line 1 column 1"),
        (b'{"x": ' + b"[" * 999 + b"]" * 999 + b"}", "recursion"),
        (b'{"x": 1' + b"0" * 5000 + b"}", "number out of range"),
        (b"[]", "object"),
        (b'{"x": "many"}', "x: "),
        (b'{"y": 1}', "x: Field required"),
    ],
)
def test_what_is_wrong_is_said_with_the_place(path, content, words):
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match=f"The point {path} is damaged.*{words}"):
        read_checked(TypeAdapter(Point), path, "The point")


def test_what_is_right_is_read(path):
    path.write_bytes(b'\xef\xbb\xbf{"x": 3}')
    assert read_checked(TypeAdapter(Point), path, "The point") == Point(x=3)


def test_many_faults_are_a_short_sentence(path):
    class Many(BaseModel):
        numbers: dict[str, int]

    path.write_text(json.dumps({"numbers": {"n" * 5000 + str(n): "x" for n in range(1000)}}))
    with pytest.raises(WorkbenchError, match="and 995 more") as error:
        read_checked(TypeAdapter(Many), path, "The list")
    assert len(str(error.value)) < 2000


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=20,
)


@given(_VALUES)
def test_all_that_is_written_is_read(value):
    assert parse_json(json.dumps(value)) == value


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8")))
def test_any_bytes_are_read_or_refused_in_a_sentence(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes(content)
    for read in (read_json, read_toml):
        try:
            read(path, "The list")
        except WorkbenchError as error:
            assert str(path) in str(error)  # noqa: PT017 - which of them is the question
