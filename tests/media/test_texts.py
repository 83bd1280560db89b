import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.media import decode_text, detect_encoding, pick_text, read_text
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


@given(st.text(st.characters(exclude_characters="\0\r\ufeff", codec="utf-8")))
def test_utf8_comes_back(text):
    assert decode_text(text.encode()) == text


SENTENCES = {
    "cp1251": "Девочка в розовом платье поднимается по лестнице, а собака бежит за мячом.",
    "koi8_r": "Девочка в розовом платье поднимается по лестнице, а собака бежит за мячом.",
    "iso8859_7": "Ένα παιδί με ροζ φόρεμα ανεβαίνει τις σκάλες. Ένας σκύλος τρέχει στο γρασίδι.",
    "shift_jis": "ピンクのドレスを着た女の子が階段を登っています。犬が芝生の上を走っている。",
    "euc_jp": "ピンクのドレスを着た女の子が階段を登っています。犬が芝生の上を走っている。",
    "gb18030": "一个穿着粉色裙子的小女孩正在爬楼梯。一只狗在草地上追着球跑，男孩在旁边看着。",
    "euc_kr": "분홍색 드레스를 입은 소녀가 계단을 오르고 있다. 개가 잔디밭에서 공을 쫓아 달린다.",
    "latin-1": "Ein Mädchen steigt die Treppe hinauf, ein Hund läuft über das grüne Gras; größer.",
    "cp1252": "Une fillette à l’école, un garçon l’observe : « où est la crème brûlée, à 5 € ? »",
    "cp1250": "Dziewczynka w różowej sukience wchodzi po schodach. Zażółć gęślą jaźń, mój źrebię.",
}


@pytest.mark.parametrize("encoding", SENTENCES)
def test_encodings_from_before_utf8(encoding):
    sentence = SENTENCES[encoding]
    assert decode_text(sentence.encode(encoding)) == sentence
    lines = "\n".join([sentence] * 400)
    assert decode_text(lines.encode(encoding)) == lines


@pytest.mark.parametrize(
    "text", ["café", "Bär", "¿qué?", "„Haus“", "ÄÖÜ", "5 €", "Un élève à l'école", "naïve – “so”"]
)
def test_short_western_texts(text):
    assert decode_text(text.encode("cp1252")) == text


@pytest.mark.parametrize(
    "sentence",
    [SENTENCES["cp1251"], SENTENCES["iso8859_7"], "An apple.", "Äpfel\r\nund 5 €"],
)
@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf16_without_a_mark(encoding, sentence):
    content = sentence.encode(encoding)
    assert detect_encoding(content) == encoding
    assert decode_text(content) == sentence.replace("\r\n", "\n")


def test_a_zero_byte_does_not_make_utf16():
    assert decode_text(b"hello\0world\n") == "hello\0world\n"
    assert decode_text(b"abc\0") == "abc\0"


@given(st.binary(max_size=300))
def test_what_is_detected_is_a_codec(sample):
    codecs.lookup(detect_encoding(sample))


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
