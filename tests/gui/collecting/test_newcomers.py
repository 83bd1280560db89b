"""Five folders as people have them are dropped on the page and scanned by a click."""

import csv

import pytest
from worlds.inside import write_hub, write_shard

from workbench.project import relation_of

from .conftest import drop, write_pictures, write_voices

NAMES = tuple(f"{number:03}" for number in range(6))
SAID = {name: f"Thing {name}, with a comma" for name in NAMES}


def two_folders(root):
    """Lay pictures and texts of the same names into folders of classes."""
    said = {}
    for name in NAMES:
        for kind in ("cats", "dogs"):
            write_pictures(root / "photos" / kind, [name])
            place = root / "texts" / kind / f"{name}.txt"
            place.parent.mkdir(parents=True, exist_ok=True)
            said[f"{kind}/{name}.png"] = f"{kind}: {SAID[name]}"
            place.write_text(said[f"{kind}/{name}.png"], "utf-8")
    return ("image", "text"), [root / "photos", root / "texts"], said


def flickr(root):
    """Lay what Kaggle has of Flickr8k: Images/ and captions.txt."""
    write_pictures(root / "Images", NAMES)
    said = {f"{name}.png": text for name, text in SAID.items()}
    with (root / "captions.txt").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("image", "caption"), *said.items()])
    return ("image", "text"), [root / "Images", root / "captions.txt"], said


def ljspeech(root):
    """Lay wavs/ and metadata.csv: no line of names, bars, the text once more in plain letters."""
    write_voices(root / "wavs", NAMES)
    lines = [f"{name}|{text}|{text.lower()}\n" for name, text in SAID.items()]
    (root / "metadata.csv").write_text("".join(lines), "utf-8")
    said = {f"{name}.wav": text for name, text in SAID.items()}
    return ("speech", "text"), [root / "wavs", root / "metadata.csv"], said


def hub(root):
    """Lay a data set of the hub: pictures inside of parquet."""
    write_hub(root / "things", 6, shards=2)
    said = {f"-{n // 3:05}-of-00002.parquet#{n % 3 + 1}.image": f"thing {n}" for n in range(6)}
    return ("image", "text"), [root / "things"], said


def shards(root):
    """Lay shards as img2dataset writes them."""
    for shard in range(2):
        write_shard(root / "shards" / f"{shard:05}.tar", range(3 * shard, 3 * shard + 3))
    return ("image", "text"), [root / "shards"], {f"#{n:09}.png": f"thing {n}" for n in range(6)}


@pytest.mark.parametrize("layout", [two_folders, flickr, ljspeech, hub, shards])
def test_a_folder_is_dropped_and_scanned(page, session, scanned, looked, tmp_path, layout):
    modalities, places, said = layout(tmp_path / "data")
    relation = relation_of(*modalities)
    assert drop(page, *places)
    outlook = looked()
    overview = scanned()
    assert overview.items == outlook.items == {each: len(said) for each in relation}
    assert overview.pairs == {relation: len(said)}
    catalogue = session.project.catalogue
    items = {item.id: item for each in relation for item in catalogue.items(each)}
    found = [sorted((items[each] for each in pair), key=lambda item: item.modality == "text")
             for pair in catalogue.pairs()[relation].tolist()]  # fmt: skip
    assert len(found) == len(said)
    for media, text in found:
        assert [text.text] == [words for end, words in said.items() if media.path.endswith(end)]
