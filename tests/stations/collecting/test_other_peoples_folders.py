"""Folders and tables as people of this field have them: never a wrong pair without a word."""

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workbench.errors import WorkbenchError
from workbench.jobs import Notice, drain
from workbench.media import Columns
from workbench.project import KeyPairs, Project, ProjectSettings, Source, TablePairs, relation_of
from workbench.stations import Preview, scan


def png(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (4, 4)).save(path)
    return path


def wav(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(np.zeros(400, "<i2").tobytes())
    return path


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
    return path


class Scanned:
    """A project made of sources, scanned, and what was told."""

    def __init__(self, root: Path, *sources: Source, pairings=None, look=False):
        modalities = sorted({source.modality for source in sources})
        rules = pairings or [
            KeyPairs(between=relation_of(one, other))
            for number, one in enumerate(modalities)
            for other in modalities[number + 1 :]
        ]
        settings = ProjectSettings(sources=list(sources), pairings=rules)
        self.root, told = root, []
        project = Project.create(root / "project", settings)
        if look:
            self.report = drain(Preview(project.root).look(settings), told.append)
            self.notices = [each.text for each in told if isinstance(each, Notice)]
            return
        self.report = drain(scan(project), told.append)
        self.notices = [each.text for each in told if isinstance(each, Notice)]
        self.items = {item.id: item for m in modalities for item in project.catalogue.items(m)}
        self.pairs = sorted(
            tuple(self.named(each) for each in sorted((a, b), key=self.is_text))
            for ids in project.catalogue.pairs().values()
            for a, b in ids.tolist()
        )
        self.left_out = project.catalogue.left_out()

    def is_text(self, item: int) -> bool:
        return self.items[item].modality == "text"

    def named(self, item: int) -> str:
        found = self.items[item]
        if found.modality == "text":
            return found.text
        return Path(found.path).relative_to(self.root).as_posix()

    def of(self, modality):
        return [item for item in self.items.values() if item.modality == modality]

    def told(self, words: str) -> bool:
        return any(words in sentence for sentence in self.notices)


def image(path, **more):
    return Source(modality="image", path=str(path), **more)


def text(path, **more):
    return Source(modality="text", path=str(path), **more)


def speech(path, **more):
    return Source(modality="speech", path=str(path), **more)


# --- lists and lines -----------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["{k}.jpg\tcaption {k}", "{k}.jpg,caption {k}",
                                  "{k}.jpg|caption {k}", "{k}.jpg#0 caption {k}"])  # fmt: skip
@pytest.mark.parametrize("ending", ["txt", "csv"])
def test_a_list_without_a_line_of_names(tmp_path, line, ending):
    for k in range(5):
        png(tmp_path / f"im/{k}.jpg")
    if "#" in line and ending == "csv":
        pytest.skip("a table has a delimiter")
    table = write(tmp_path / f"t.{ending}", "".join(line.format(k=k) + "\n" for k in range(5)))
    found = Scanned(tmp_path, image(tmp_path / "im"), text(table))
    assert found.pairs == [(f"im/{k}.jpg", f"caption {k}") for k in range(5)]
    assert found.told("no line names its columns")


WORDS = ("yes", "no", "up", "down", "left")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("wavs/u{k}.wav|12|Hello, my friend {k}", "Hello, my friend {k}"),
        ("wavs/u{k}.wav\tanna\tHello, my friend {k}", "Hello, my friend {k}"),
        ("u{k}|Hello my friend {k}|Hello, my friend", "Hello my friend {k}"),
        ('u{k}.wav,12,"Hello, my friend {k}"', "Hello, my friend {k}"),
        ('u{k}.wav,anna,"Hello, my friend {k}"', "Hello, my friend {k}"),
        ('"u{k}.wav","Hello, my friend {k}"', "Hello, my friend {k}"),
        ("u{k}.wav,Hello, my {w} friend,bye", "Hello, my {w} friend,bye"),
        ("u{k}\tHello, my friend {k}", "Hello, my friend {k}"),
        ("u{k},Hello, my friend {k}", "Hello, my friend {k}"),
        ("u{k}|{w}", "{w}"),
        ("u{k}\t{w}", "{w}"),
        ("u{k},{w}", "{w}"),
        ("u{k} {w}", "{w}"),
    ],
)
def test_cells_in_a_text_file(tmp_path, line, words):
    for k in range(5):
        wav(tmp_path / f"wavs/u{k}.wav")
    lines = [line.format(k=k, w=word) + "\n" for k, word in enumerate(WORDS)]
    table = write(tmp_path / "list.txt", "".join(lines))
    found = Scanned(tmp_path, speech(tmp_path / "wavs"), text(table))
    assert found.pairs == sorted(
        (f"wavs/u{k}.wav", words.format(k=k, w=word)) for k, word in enumerate(WORDS)
    )
    assert found.told("no line names its columns")


@pytest.mark.parametrize("line", ["{w}, it is {w}", "{w}| it is {w}", "{w}\t{w}"])
def test_sentences_with_a_sign_are_no_cells(tmp_path, line):
    for k in range(5):
        png(tmp_path / f"im/{k + 1}.png")
    lines = [line.format(w=word) for word in WORDS]
    table = write(tmp_path / "list.txt", "\n".join(lines))
    found = Scanned(tmp_path, image(tmp_path / "im"), text(table))
    assert found.pairs == [(f"im/{k + 1}.png", words) for k, words in enumerate(lines)]


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("digits", [1, 4])
def test_numbered_files_and_a_text_a_line(tmp_path, first, digits):
    for k in range(12):
        png(tmp_path / f"im/{k + first:0{digits}}.png")
    table = write(tmp_path / "t.txt", "".join(f"caption of picture {k}\n" for k in range(12)))
    found = Scanned(tmp_path, image(tmp_path / "im"), text(table))
    assert sorted(found.pairs) == sorted(
        (f"im/{k + first:0{digits}}.png", f"caption of picture {k}") for k in range(12)
    )
    assert found.told("by line number")


@pytest.mark.parametrize("as_folder", [True, False])
def test_transcripts_of_librispeech(tmp_path, as_folder):
    for k in range(3):
        wav(tmp_path / f"l/84/121/84-121-000{k}.wav")
    path = write(tmp_path / "l/84/121/84-121.trans.txt",
                 "".join(f"84-121-000{k} SOME WORDS {k}\n" for k in range(3)))  # fmt: skip
    found = Scanned(tmp_path, speech(tmp_path / "l"), text(tmp_path / "l" if as_folder else path))
    assert found.pairs == [(f"l/84/121/84-121-000{k}.wav", f"SOME WORDS {k}") for k in range(3)]


# --- rows that nothing names, or that name nothing ----------------------------------------------


def pictures(tmp_path, count=6, first=0):
    for k in range(first, first + count):
        png(tmp_path / f"im/{k}.jpg")
    return image(tmp_path / "im")


ROWS_WITHOUT_NAMES = {
    "csv": "caption\n" + "".join(f"caption {k}\n" for k in range(6)),
    "tsv": "youtube_id\tcaption\n" + "".join(f"x{k}\tcaption {k}\n" for k in range(6)),
    "jsonl": "".join(json.dumps({"caption": f"caption {k}"}) + "\n" for k in range(6)),
}


@pytest.mark.parametrize("ending", ROWS_WITHOUT_NAMES)
@pytest.mark.parametrize("first", [0, 1])
def test_rows_that_nothing_names_are_counted_and_it_is_said(tmp_path, ending, first):
    table = write(tmp_path / f"t.{ending}", ROWS_WITHOUT_NAMES[ending])
    found = Scanned(tmp_path, pictures(tmp_path, first=first), text(table))
    assert found.pairs == [(f"im/{k + first}.jpg", f"caption {k}") for k in range(6)]
    assert found.told(f"The rows of {table} have no names, so they were paired with image files")
    assert found.told(f"row 1 is “{first}”")


def test_every_file_of_counted_lines_is_named(tmp_path):
    lines = write(tmp_path / "a.txt", "one two\nthree four\n")
    rows = write(tmp_path / "b.csv", "caption\nfive\nsix\n")
    found = Scanned(tmp_path, pictures(tmp_path, 2), text(lines), text(rows))
    assert found.told(f"The lines of {lines} have no names")
    assert found.told(f"The rows of {rows} have no names")


def test_a_row_that_cannot_be_read_does_not_move_those_below_it(tmp_path):
    rows = ["c0", "c1", "c2,too,many,cells", "c3"]
    table = write(tmp_path / "t.csv", "caption,x\n" + "".join(f"{row}\n" for row in rows))
    found = Scanned(tmp_path, pictures(tmp_path, 4), text(table))
    assert ("im/3.jpg", "c3") in found.pairs


def test_files_from_0_count_from_0_also_where_they_are_more(tmp_path):
    lines = write(tmp_path / "t.txt", "".join(f"a dog {k}\n" for k in range(6)))
    found = Scanned(tmp_path, pictures(tmp_path, 8), text(lines))
    assert found.pairs == [(f"im/{k}.jpg", f"a dog {k}") for k in range(6)]


@pytest.mark.parametrize("names", ["Datei;caption", "name;caption", "id;name;caption"])
def test_a_column_is_known_for_its_files(tmp_path, names):
    """Also beside a column of ids, which are not the pictures' numbers."""
    start = "{0};" if "id" in names else ""
    rows = "".join(f"{start}{{1}}.jpg;caption {{1}}\n".format(9 - k, k) for k in (3, 1, 0, 2))
    table = write(tmp_path / "t.csv", f"{names}\n{rows}")
    found = Scanned(tmp_path, pictures(tmp_path), text(table))
    assert found.pairs == [(f"im/{k}.jpg", f"caption {k}") for k in range(4)]
    assert found.told(f"files are those of “{names.split(';')[-2]}”, which nothing but its cells")


@pytest.mark.parametrize("names", ["image,caption", "image_id,caption", "id,caption", "key,text"])
def test_an_empty_cell_names_nothing(tmp_path, names):
    ending = ".jpg" if names.startswith("image,") else ""
    rows = f"0{ending},c0\n1{ending},c1\n,names no picture\n2{ending},c2\n"
    table = write(tmp_path / "t.csv", f"{names}\n{rows}")
    found = Scanned(tmp_path, pictures(tmp_path), text(table))
    assert found.pairs == [(f"im/{k}.jpg", f"c{k}") for k in range(3)]
    assert len(found.of("text")) == 4


@pytest.mark.parametrize(("column", "cells"), [("text", "tx/{k}.txt"), ("sentence", "{k}.wav")])
def test_names_of_files_are_no_texts(tmp_path, column, cells):
    rows = "".join(f"{k}.jpg,{cells.format(k=k)}\n" for k in range(3))
    table = write(tmp_path / "t.csv", f"image,{column}\n{rows}")
    with pytest.raises(WorkbenchError, match=rf"“{column}” of .* holds names of files, such as"):
        Scanned(tmp_path, pictures(tmp_path), text(table))


def test_folders_in_cells_tell_equal_names_apart(tmp_path):
    for folder in "ab":
        png(tmp_path / f"im/{folder}/0.jpg")
    table = write(tmp_path / "t.csv", "image,caption\na/0.jpg,in a\nb/0.jpg,in b\nb/0.jpg,b too\n")
    found = Scanned(tmp_path, image(tmp_path / "im"), text(table))
    assert found.pairs == [("im/a/0.jpg", "in a"), ("im/b/0.jpg", "b too"), ("im/b/0.jpg", "in b")]


# --- the same names in several folders -----------------------------------------------------------


def test_a_folder_name_as_text_is_that_of_its_own_files(tmp_path):
    """Speech Commands has the same file names in every word's folder."""
    for word in ("bed", "cat", "dog"):
        for speaker in ("004ae", "00a3f"):
            wav(tmp_path / f"sc/{word}/{speaker}_nohash_0.wav")
    found = Scanned(tmp_path, speech(tmp_path / "sc"), text(tmp_path / "sc", text="folder-name"))
    assert len(found.pairs) == 6
    assert all(path.split("/")[1] == word for path, word in found.pairs)


@pytest.mark.parametrize("below", ["", "deeper/"])
def test_equal_paths_win_over_equal_names(tmp_path, below):
    for folder in "ab":
        for k in range(2):
            png(tmp_path / f"im/{below}{folder}/00{k}.jpg")
            write(tmp_path / f"tx/{folder}/00{k}.txt", f"{folder} {k}")
    found = Scanned(tmp_path, image(tmp_path / "im"), text(tmp_path / "tx"))
    assert found.pairs == [
        (f"im/{below}{folder}/00{k}.jpg", f"{folder} {k}") for folder in "ab" for k in range(2)
    ]
    assert found.told("of the same folder were paired")


def test_a_file_whose_folder_has_no_partner_is_left_alone_and_told(tmp_path):
    for folder in "abc":
        png(tmp_path / f"im/{folder}/0.jpg")
    for folder in "ab":
        write(tmp_path / f"tx/{folder}/0.txt", folder)
    found = Scanned(tmp_path, image(tmp_path / "im"), text(tmp_path / "tx"))
    assert found.pairs == [("im/a/0.jpg", "a"), ("im/b/0.jpg", "b")]
    assert found.told("1 item without such a partner left alone")


def table_of(path, names=("image", "wav")):
    return TablePairs(between=("image", "speech"), path=str(path), columns=names)


def two_folders(tmp_path):
    for folder in "ab":
        for k in range(3):
            png(tmp_path / f"im/{folder}/00{k}.jpg")
            wav(tmp_path / f"au/{folder}/00{k}.wav")
    return image(tmp_path / "im"), speech(tmp_path / "au")


def test_an_ambiguous_cell_of_a_pairs_table_is_left_out_with_its_reason(tmp_path):
    sources = two_folders(tmp_path)
    rows = "".join(f"00{k}.jpg,00{k}.wav\n" for k in range(3))
    table = write(tmp_path / "t.csv", f"image,wav\n{rows}a/001.jpg,001.wav\n")
    found = Scanned(tmp_path, *sources, pairings=[table_of(table)])
    assert found.pairs == [("im/a/001.jpg", "au/a/001.wav")]  # of the same folder
    reasons = [reason for place, reason in found.left_out if "t.csv" in place]
    assert len(reasons) == 6
    assert all("names several" in reason for reason in reasons)


@pytest.mark.parametrize("spelling", ["{0}", "./{0}", "{1}", "im/../im/{0}", "file://{2}/im/{0}"])
def test_paths_of_a_pairs_table_in_any_spelling(tmp_path, spelling):
    sources = two_folders(tmp_path)
    cells = [
        (spelling.format(f"{f}/00{k}.jpg", f"{f}\\00{k}.jpg", tmp_path), f"{f}/00{k}.wav")
        for f in "ab" for k in range(3)
    ]  # fmt: skip
    table = write(tmp_path / "t.csv", "image,wav\n" + "".join(f"{a},{b}\n" for a, b in cells))
    found = Scanned(tmp_path, *sources, pairings=[table_of(table)])
    expected = [(f"im/{f}/00{k}.jpg", f"au/{f}/00{k}.wav") for f in "ab" for k in range(3)]
    if ".." in spelling:  # is no path below the folder, and is told
        assert found.pairs == []
        assert len(found.left_out) == 6
    else:
        assert found.pairs == expected


@pytest.mark.parametrize("same", [False, True])
def test_a_pairs_table_may_hold_the_sentences(tmp_path, same):
    """As Common Voice has them: path, sentence."""
    for k in range(4):
        wav(tmp_path / f"clips/{k}.wav")
        write(tmp_path / f"words/{k}.txt", f"word {k}")
    rows = "".join(f"{k}.wav,word {k}\n" for k in range(4))
    table = write(tmp_path / "t.csv", "clip,sentence\n" + rows)
    rule = TablePairs(between=("speech", "text"), path=str(table), columns=("clip", "sentence"))
    texts = text(table) if same else text(tmp_path / "words")
    found = Scanned(tmp_path, speech(tmp_path / "clips"), texts, pairings=[rule])
    assert found.pairs == [(f"clips/{k}.wav", f"word {k}") for k in range(4)]


def test_a_file_name_that_begins_with_a_blank(tmp_path):
    """Three recordings of Clotho do."""
    for name in (" img0.jpg", "img1.jpg"):
        png(tmp_path / "im" / name)
    table = write(
        tmp_path / "t.csv", "file_name,caption\n img0.jpg,caption 0\nimg1.jpg,caption 1\n"
    )
    found = Scanned(tmp_path, image(tmp_path / "im"), text(table))
    assert found.pairs == [("im/ img0.jpg", "caption 0"), ("im/img1.jpg", "caption 1")]


# --- tables of several modalities ----------------------------------------------------------------


@pytest.mark.parametrize("from_folders", [False, True])
def test_pictures_recordings_and_texts_meet_in_the_rows(tmp_path, from_folders):
    """As Places Audio has them; names of other rows must not meet by being equal."""
    rows = [("1", "2"), ("2", "1"), ("3", "x")]
    for picture, sound in rows:
        png(tmp_path / f"im/{picture}.jpg")
        wav(tmp_path / f"au/{sound}.wav")
    table = write(
        tmp_path / "t.csv",
        "image,audio,caption\n"
        + "".join(f"im/{a}.jpg,au/{b}.wav,caption {a}{b}\n" for a, b in rows),
    )
    media = (
        (image(tmp_path / "im"), speech(tmp_path / "au"))
        if from_folders
        else (image(table), speech(table))
    )
    found = Scanned(tmp_path, *media, text(table))
    of_texts = [pair for pair in found.pairs if any("caption" in each for each in pair)]
    expected = {(f"im/{a}.jpg", f"caption {a}{b}") for a, b in rows}
    expected |= {(f"au/{b}.wav", f"caption {a}{b}") for a, b in rows}
    assert set(of_texts) == expected
    between = {tuple(sorted(pair)) for pair in found.pairs if pair not in of_texts}
    if not from_folders:
        assert between == {(f"au/{b}.wav", f"im/{a}.jpg") for a, b in rows}


def test_all_texts_of_rows_with_keys_of_their_own_are_their_picture_s(tmp_path):
    png(tmp_path / "a.jpg")
    table = write(tmp_path / "t.csv", "image,key,caption\na.jpg,k1,one\na.jpg,k2,two\n")
    found = Scanned(tmp_path, image(table), text(table))
    assert found.pairs == [("a.jpg", "one"), ("a.jpg", "two")]


@pytest.mark.parametrize("where", ["audio/esc50.csv", "meta/esc50.csv"])
def test_media_files_are_no_texts(tmp_path, where):
    for k in range(3):
        wav(tmp_path / f"audio/{k}.wav")
    rows = "".join(f"{k}.wav,1,dog\n" for k in range(3))
    table = write(tmp_path / where, f"filename,fold,category\n{rows}")
    with pytest.raises(WorkbenchError, match=r"not clear which .* texts\. Choose .*“category”"):
        Scanned(tmp_path, speech(tmp_path / "audio"), text(table))
    other = tmp_path / "other"
    other.mkdir()
    chosen = text(table, columns=Columns(path="filename", text="category"))
    found = Scanned(other, speech(tmp_path / "audio"), chosen, look=True)
    assert list(found.report.pairs.values()) == [3]


# --- what is passed over, and labels -------------------------------------------------------------


def test_files_of_other_kinds_are_counted_and_told(tmp_path):
    wav(tmp_path / "rec/a.wav")
    for name in ("b.ape", "c.APE", "d.mid", "e.psd", "f", ".hidden", "g.caption", "h.tar.gz"):
        write(tmp_path / "rec" / name, "x")
    found = Scanned(tmp_path, speech(tmp_path / "rec"))
    (reason,) = [reason for place, reason in found.left_out if place == str(tmp_path / "rec")]
    assert reason.startswith("6 files (.ape 2, .caption 1, .gz 1, .mid 1, .psd 1) of kinds ")
    assert "convert recordings to .flac or .wav" in reason
    assert "unpack archives" in reason
    assert found.told(".ape 2")


def test_a_folder_of_nothing_that_is_wanted_says_what_it_holds(tmp_path):
    png(tmp_path / "p/a.png")
    found = Scanned(tmp_path, speech(tmp_path / "p"), image(tmp_path / "p"))
    assert any("holds no recordings; it holds 1 file (.png 1)" in r for _, r in found.left_out)


@pytest.mark.parametrize(
    ("rule", "labels"),
    [("folder", {"cat", "dog"}), ("last-folder", {"cat", "dog"}),
     ("first-folder", {"train", "val"}), ("none", {""})],
)  # fmt: skip
def test_labels_of_train_and_val_layouts(tmp_path, rule, labels):
    for part in ("train", "val"):
        for animal in ("cat", "dog"):
            png(tmp_path / f"d/{part}/{animal}/{part}{animal}.jpg")
    found = Scanned(tmp_path, image(tmp_path / "d", label=rule))
    assert {item.label for item in found.of("image")} == labels
    assert found.told("are parts of a data set") == (rule == "folder")


@pytest.mark.parametrize("part", ["train2014", "val_2017", "dev-clean", "test-other", "Val"])
def test_parts_of_a_data_set_are_no_labels(tmp_path, part):
    """As COCO and LibriSpeech have them, and ImageNet where its validation lies flat."""
    png(tmp_path / "d" / part / "a.jpg")
    png(tmp_path / "d" / "train" / "cat" / "b.jpg")
    png(tmp_path / "d" / "trains" / "c.jpg")
    found = Scanned(tmp_path, image(tmp_path / "d"))
    assert {Path(i.path).name: i.label for i in found.of("image")} == {
        "a.jpg": "", "b.jpg": "cat", "c.jpg": "trains"
    }  # fmt: skip
    assert found.told(f"below {', '.join(sorted([part, 'train']))}, which are parts of a data set")


@pytest.mark.parametrize("key", ["key", "pair"])
def test_a_key_that_wins_over_the_file_of_its_row_is_told(tmp_path, key):
    rows = "".join(f"{5 - k},{k}.jpg,caption {k}\n" for k in range(6))
    table = write(tmp_path / "t.csv", f"{key},image,caption\n{rows}")
    found = Scanned(tmp_path, pictures(tmp_path), text(table))
    assert found.told(f"rows are paired by “{key}”, not by the files of “image”")


def test_what_is_assumed_stands_in_the_preview_too(tmp_path):
    png(tmp_path / "im/0.jpg")
    table = write(tmp_path / "t.json", json.dumps([{"image": "0.jpg", "caption": ["a", "b"]}]))
    found = Scanned(tmp_path, image(tmp_path / "im"), text(table), look=True)
    assert found.told("with a list")
