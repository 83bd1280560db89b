"""Words of others never steer a terminal, nor are they computed by a spreadsheet."""

import csv
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.table import Table
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.cli.following import out, say, tell
from workbench.jobs import drain
from workbench.received.words import for_cell, for_terminal
from workbench.stations import (
    AlignRequest,
    align,
    export_selection,
    find_items,
    scan,
)

EVIL = "a\x1b]0;owned\x07\x1b[2J\x9b31m\r\u202egnp.exe\u2066\x7f\x08"
TURNING = {"RLO", "LRO", "RLE", "LRE", "PDF", "RLI", "LRI", "FSI", "PDI"}


def steers(words):
    return [
        each for each in words
        if each not in "\n\t" and (unicodedata.category(each) == "Cc"
                                   or unicodedata.bidirectional(each) in TURNING)
    ]  # fmt: skip


@given(st.text())
def test_nothing_that_steers_is_left_and_nothing_else_is_changed(words):
    shown = for_terminal(words)
    assert not steers(shown)
    if not steers(words) and not set(words) & set("\u061c\u200e\u200f\u2028\u2029"):
        assert shown == words


def test_it_is_spelt_out():
    assert for_terminal("a\x1b[2J\u202eb\x9b\r\n\tü 猫 👩‍👧") == (
        "a\\x1b[2J\\u202eb\\x9b\\r\n\tü 猫 👩‍👧"
    )


def test_whatever_is_printed_passes_there(capfd):
    say(EVIL)
    tell(EVIL)
    table = Table("head" + EVIL, title="title" + EVIL)
    table.add_row("cell" + EVIL)
    out.print(table)
    for printed in capfd.readouterr():
        assert "x1b" in printed
        assert not steers(printed)


@pytest.mark.parametrize(
    ("words", "cell"),
    [
        ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'), ("+1", "'+1"),
        ("-rf", "'-rf"), ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"),
        ("＝1", "'＝1"), ("a=1", "a=1"), ("", ""), (" =1", " =1"), (-1.5, -1.5), (None, None),
    ],
)  # fmt: skip
def test_a_cell_is_no_formula(words, cell):
    assert for_cell(words) == cell


@pytest.fixture
def project(tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    project = make_project(tmp_path, 20)
    folder = tmp_path / "text" / "kind-0"
    (folder / f"thing-000{EVIL}.txt").write_text(f"={EVIL} 7")
    (folder / f"no{EVIL}.txt").write_bytes(b"")
    (tmp_path / "image" / f"broken{EVIL}.png").write_bytes(b"\x89PNG")
    drain(scan(project))
    encode_all(project)
    drain(align(project, AlignRequest(method="procrustes", name="p")))
    project.shelf.note("p", f"note {EVIL}")
    return project


def test_no_command_prints_what_steers(project, gera, tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")  # whatever the temporary folder is called
    (tmp_path / "text" / "kind-0" / f"more{EVIL}.txt").write_text(f"more {EVIL}")
    printed = []
    for arguments in (
        ("scan", project.root), ("problems", project.root), ("encode", project.root, "text"),
        ("runs", project.root), ("runs", project.root, "--json"), ("evaluate", project.root),
        ("query", project.root, "p", "--item", "1", "--top", "60"),
        ("query", project.root, "p", "--item", "1", "--json"), ("query", project.root, f"p{EVIL}"),
        ("compare-spaces", project.root, "p", "p", "--most", "40"), ("caches", project.root),
        ("split", project.root), ("runs", tmp_path / f"no{EVIL}"),
    ):  # fmt: skip
        _, said, told = gera(*arguments)
        printed.append(said + told)
        assert not steers(said + told), arguments
    assert "note a\\x1b" in printed[3]
    assert "\\u202e" in printed[1]
    assert json.loads(printed[4])[0]["note"] == " ".join(f"note {EVIL}".split())


def test_an_exported_table_computes_nothing(project, tmp_path):
    drain(export_selection(project, find_items(project), tmp_path / "items.csv"))
    with (tmp_path / "items.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert any(row["text"].startswith("'=a") for row in rows)
    assert not any(cell.startswith(tuple("=+-@\t\r")) for row in rows for cell in row.values())
