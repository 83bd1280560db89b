import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.media import decode_text, pick_text, read_text
from workbench.media import texts as texts_module

TUX_PAINT = "An apple.\nfr.utf8=Une pomme.\nde.utf8=\n"


@pytest.mark.parametrize(
    "content",
    [
        "Äpfel".encode(),
        codecs.BOM_UTF8 + "Äpfel".encode(),
        "Äpfel".encode("utf-16"),
        codecs.BOM_UTF16_BE + "Äpfel".encode("utf-16-be"),
        "Äpfel".encode("utf-32"),
        "Äpfel".encode("latin-1"),
        "Äpfel".encode("cp1252"),
    ],
)
def test_encodings(tmp_path, content):
    path = tmp_path / "a.txt"
    path.write_bytes(content)
    assert read_text(path) == "Äpfel"


@given(st.binary(max_size=200))
def test_no_byte_is_an_error(content):
    decode_text(content).encode("utf-8")


@given(st.text(st.characters(exclude_characters="\r\ufeff", codec="utf-8")))
def test_utf8_comes_back(text):
    assert decode_text(text.encode()) == text


def test_line_ends():
    assert decode_text(b"a\r\nb\rc\n") == "a\nb\nc\n"


def test_half_a_character_of_utf16():
    assert decode_text(codecs.BOM_UTF16_LE + b"a\x00b") == "a\ufffd"


def test_rules():
    assert pick_text("  one\ntwo \n") == "one\ntwo"
    assert pick_text("\n \n one \ntwo", "first-line") == "one"
    assert pick_text(TUX_PAINT, "line:fr.utf8=") == "Une pomme."


@pytest.mark.parametrize(
    ("content", "rule", "words"),
    [
        ("", "whole", "has no text"),
        (" \n\t\ufeff", "whole", "has no text"),
        ("\n\n", "first-line", "has no text"),
        (TUX_PAINT, "line:de.utf8=", "has no text"),
        (TUX_PAINT, "line:xx.utf8=", "has no line that starts with “xx.utf8=”"),
        ("a", "line:", "unknown"),
        ("a", "second-line", "unknown"),
    ],
)
def test_nothing_left_or_unknown_rule(content, rule, words):
    with pytest.raises(WorkbenchError, match=words):
        pick_text(content, rule, "The text file /a/b.txt")


@given(st.text(), st.sampled_from(["whole", "first-line", "line:a"]))
def test_a_pick_is_never_blank(content, rule):
    try:
        picked = pick_text(content, rule)
    except WorkbenchError:
        return
    assert picked
    assert picked == picked.strip()


def test_missing_and_huge_files(tmp_path, monkeypatch):
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_text(tmp_path / "none.txt")
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_text(tmp_path)
    monkeypatch.setattr(texts_module, "MAX_TEXT_BYTES", 10)
    (tmp_path / "a.txt").write_text("a" * 11)
    with pytest.raises(WorkbenchError, match="larger than"):
        read_text(tmp_path / "a.txt")
