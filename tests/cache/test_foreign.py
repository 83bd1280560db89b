"""Caches that another program has written anew: read as what they are, or refused in a sentence."""

import json
import os
import resource
import subprocess
import sys

import h5py
import numpy as np
import pytest
from worlds.damage import ANY_FILE, of_100_gigabytes

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.cache.parts import FORMAT
from workbench.errors import WorkbenchError

COUNT, WIDTH = 40, 6
CARD = {"name": "fake", "modality": "text", "width": WIDTH}
ROWS = np.random.default_rng(0).normal(size=(COUNT, WIDTH)).astype(np.float32)
IDS = np.arange(1, COUNT + 1)
MARKS = np.array([f"mark {n}".encode() for n in IDS], "S64")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "cache.h5"
    prepare_cache(path, CARD, IDS, MARKS)
    with EmbeddingCache(path, "r+") as cache:
        cache.write(np.arange(COUNT - 3), ROWS[: COUNT - 3], MARKS[: COUNT - 3])
    return path


def rewrite(path, options=None, **instead):
    """Write all of a cache anew, as another tool would; with other arrays, or layouts, by name."""
    with h5py.File(path) as file:
        said = dict(file.attrs)
        arrays = {name: file[name][()] for name in file} | instead
    with h5py.File(path, "w") as file:
        file.attrs.update(said)
        for name, array in arrays.items():
            if array is not None:
                file.create_dataset(name, data=array, **(options or {}))


def read_all(path):
    with EmbeddingCache(path) as cache:
        header = cache.header()
        picked = cache.read(np.array([30, 2, 2, 0]))
        return header, cache.item_ids(), cache.encoded(), cache.read(), picked, cache.contents()


def read_some(path):
    with EmbeddingCache(path) as cache:
        return cache.item_ids(), cache.read(np.array([3, 4]))


FOREIGN = {
    "chunked": {"chunks": True},
    "small chunks": {"chunks": (1,)},
    "compressed": {"compression": "gzip"},
    "shuffled": {"compression": "gzip", "shuffle": True, "fletcher32": True},
    "growing": {"maxshape": (None,)},
}


def of_any_shape(options, array):
    """Return options that were meant for one dimension, for an array of two."""
    more = (None,) if array.ndim == 2 else ()
    fitted = dict(options)
    if isinstance(options.get("chunks"), tuple):
        fitted["chunks"] = (*options["chunks"], *(WIDTH for _ in more))
    if "maxshape" in options:
        fitted["maxshape"] = (*options["maxshape"], *more)
    return fitted


@pytest.mark.parametrize("options", FOREIGN.values(), ids=FOREIGN)
def test_other_layouts_are_read_and_the_next_encode_lays_them_out_anew(path, options):
    before = read_all(path)
    with h5py.File(path) as file:
        said, arrays = dict(file.attrs), {name: file[name][()] for name in file}
    with h5py.File(path, "w") as file:
        file.attrs.update(said)
        for name, array in arrays.items():
            file.create_dataset(name, data=array, **of_any_shape(options, array))
    for found, known in zip(read_all(path), before, strict=True):
        np.testing.assert_equal(found, known)
    with EmbeddingCache(path) as cache:
        assert not cache.is_current
    with EmbeddingCache(path, "r+") as cache, pytest.raises(WorkbenchError, match="encode again"):
        cache.write(np.array([39]), ROWS[39:])
    prepare_cache(path, CARD, IDS, MARKS)
    with EmbeddingCache(path, "r+") as cache:
        assert cache.is_current
        cache.write(np.arange(COUNT - 3, COUNT), ROWS[COUNT - 3 :])
        np.testing.assert_array_equal(cache.read(), ROWS)


@pytest.mark.parametrize(
    "instead",
    [
        {"embeddings": ROWS.astype(">f4")},
        {"embeddings": ROWS.astype("f8")},
        {"item_ids": IDS.astype("<u4")},
        {"item_ids": IDS.astype(">i8")},
        {"encoded": np.ones(COUNT, np.uint8)},
        {"fingerprints": MARKS.astype("S10")},
    ],
    ids=lambda instead: f"{next(iter(instead))}-{next(iter(instead.values())).dtype}",
)
def test_other_types_that_mean_the_same_are_read(path, instead):
    rewrite(path, **({"embeddings": ROWS} | instead))
    with EmbeddingCache(path) as cache:
        np.testing.assert_array_equal(cache.read(), ROWS)
        np.testing.assert_array_equal(cache.read(np.array([9, 3])), ROWS[[9, 3]])
        assert cache.item_ids().dtype == np.int64
        assert cache.encoded().dtype == bool
        assert cache.holds(IDS, MARKS)
        assert not cache.is_current


def with_number(value, dtype="f4"):
    rows = ROWS.astype(dtype)
    rows[3, 2] = value
    return rows


TWICE = np.where(IDS == 7, 6, IDS)
REFUSED = {
    "whole numbers": ({"embeddings": np.ones((COUNT, WIDTH), np.int32)}, "type int32"),
    "words": ({"embeddings": np.full((COUNT, WIDTH), b"one")}, "type .S3"),
    "complex numbers": ({"embeddings": ROWS.astype(complex)}, "type complex128"),
    "another width": ({"embeddings": ROWS[:, :4]}, r"shape \(40, 4\)"),
    "one dimension": ({"embeddings": ROWS[:, 0]}, r"shape \(40,\)"),
    "three dimensions": ({"embeddings": ROWS[:, :, None]}, r"shape \(40, 6, 1\)"),
    "fewer rows": ({"embeddings": ROWS[:9]}, r"shape \(9, 6\)"),
    "fewer marks": ({"encoded": np.ones(9, bool)}, r"shape \(9,\)"),
    "nan": ({"embeddings": with_number(np.nan)}, "not finite"),
    "infinite": ({"embeddings": with_number(-np.inf)}, "not finite"),
    "too large": ({"embeddings": with_number(1e300, "f8")}, "not finite"),
    "half nan": ({"embeddings": with_number(np.nan, "f2")}, "not finite"),
    "ids of words": ({"item_ids": IDS.astype("S4")}, "type .S4"),
    "ids with fractions": ({"item_ids": IDS + 0.5}, "type float64"),
    "negative ids": ({"item_ids": IDS - 9}, "negative"),
    "ids twice": ({"item_ids": TWICE, "fingerprints": np.full(COUNT, b"one", "S64")}, "two rows"),
    "long marks": ({"fingerprints": np.full(COUNT, b"x" * 65, "S65")}, "type .S65"),
    "objects": ({"contents": np.array(["x"] * COUNT, h5py.string_dtype())}, "type object"),
    "no ids": ({"item_ids": None}, "not an embedding cache"),
}


@pytest.mark.parametrize(("instead", "words"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("options", [{}, {"chunks": True}], ids=["plain", "chunked"])
def test_what_means_something_else_is_refused_in_a_sentence(path, instead, words, options):
    rewrite(path, options, **instead)
    with pytest.raises(WorkbenchError, match=words):
        read_all(path)
    with pytest.raises(WorkbenchError, match=words):
        read_some(path)


def test_an_item_may_have_rows_of_several_contents(path):
    rewrite(path, item_ids=TWICE)
    with EmbeddingCache(path) as cache:
        np.testing.assert_array_equal(cache.item_ids(), TWICE)


def elsewhere(path):
    other = path.with_name("secret.h5")
    with h5py.File(other, "w") as file:
        file["embeddings"] = ROWS
    return other


def external_link(file, path):
    del file["embeddings"]
    file["embeddings"] = h5py.ExternalLink(str(elsewhere(path)), "embeddings")


def soft_link(file, path):
    file["out"] = h5py.ExternalLink(str(elsewhere(path)), "/")
    del file["embeddings"]
    file["embeddings"] = h5py.SoftLink("/out/embeddings")


def virtual(file, path):
    layout = h5py.VirtualLayout((COUNT, WIDTH), np.float32)
    layout[...] = h5py.VirtualSource(elsewhere(path), "embeddings", (COUNT, WIDTH))
    del file["embeddings"]
    file.create_virtual_dataset("embeddings", layout)


def external_bytes(file, path):
    raw = path.with_name("raw")
    raw.write_bytes(ROWS.tobytes())
    del file["embeddings"]
    file.create_dataset("embeddings", (COUNT, WIDTH), "f4", external=[(str(raw), 0, ROWS.nbytes)])


def only_claimed(file, _path):
    """Claim terabytes in chunks of which none is there."""
    for name, dtype in (("item_ids", "i8"), ("fingerprints", "S64"), ("contents", "S64"),
                        ("encoded", "?"), ("embeddings", "f4")):  # fmt: skip
        del file[name]
        shape = (10**10, WIDTH) if name == "embeddings" else (10**10,)
        file.create_dataset(name, shape, dtype, chunks=True)


def claimed_in_one_piece(file, _path):
    del file["embeddings"]
    file.create_dataset("embeddings", (COUNT, WIDTH), "f4")  # whose bytes were never written


def a_group(file, _path):
    del file["embeddings"]
    file.create_group("embeddings")


def a_deep_card(file, _path):
    file.attrs["card"] = "[" * 900 + "]" * 900


def cards(file, _path):
    file.attrs["card"] = [json.dumps(CARD)] * 3


def a_card_without_a_width(file, _path):
    file.attrs["card"] = "{}"


def another_format(file, _path):
    file.attrs["format"] = FORMAT + "0"


@pytest.mark.parametrize(
    "change",
    [external_link, soft_link, virtual, external_bytes, only_claimed, claimed_in_one_piece,
     a_group, a_deep_card, cards, a_card_without_a_width, another_format],
)  # fmt: skip
def test_what_leads_elsewhere_or_only_claims_is_refused(path, change):
    with h5py.File(path, "r+") as file:
        change(file, path)
    with pytest.raises(WorkbenchError, match=r"cache\.h5"):
        read_all(path)


@pytest.mark.parametrize("way", [way for way in ANY_FILE.values() if way != of_100_gigabytes])
@pytest.mark.timeout(60)
def test_what_is_no_such_file_is_refused(path, way):
    way(path)
    with pytest.raises(WorkbenchError, match=r"cache\.h5"):
        read_all(path)


def test_a_long_hole_behind_it_harms_nothing(path):
    before = read_all(path)
    of_100_gigabytes(path)
    for found, known in zip(read_all(path), before, strict=True):
        np.testing.assert_equal(found, known)


@pytest.mark.timeout(30)
@pytest.mark.parametrize("length", [0, 202, 2**40])
def test_texts_whose_lengths_are_damaged_are_not_looked_for_without_end(path, length):
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL")
    content[heap + 24 : heap + 32] = length.to_bytes(8, "little")  # of its first text
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match="lengths of its texts"):
        read_all(path)


_MANY = """
import sys
from pathlib import Path
import numpy as np
from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError

whole, random = Path(sys.argv[1]).read_bytes(), np.random.default_rng(int(sys.argv[2]))
path = Path(sys.argv[1]).with_name("damaged.h5")
refused = 0
for _ in range(int(sys.argv[3])):
    content = bytearray(whole)
    # the head says where everything lies, and its bytes are few
    for place in random.integers(0, min(len(content), 6000), random.integers(1, 6)):
        content[place] = random.integers(0, 256)
    path.write_bytes(content[: len(content) - int(random.integers(0, 2)) * 500])
    try:
        with EmbeddingCache(path) as cache:
            cache.header(), cache.item_ids(), cache.contents(), cache.read(np.array([1, 5]))
            assert np.isfinite(cache.read()).all()
    except WorkbenchError as error:
        assert "damaged.h5" in str(error)
        refused += 1
print(refused)
"""


def test_any_bytes_of_the_head_changed_are_read_or_refused_in_a_sentence(path):
    """In another process, of little memory: the library is C, and takes what a head claims.

    It was seen to crash of one head in four thousand.
    """
    tries = 60

    def small():
        resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))

    ended = subprocess.run(
        [sys.executable, "-c", _MANY, str(path), "1", str(tries)], check=False, timeout=250,
        capture_output=True, text=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        preexec_fn=small,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert 0 < int(ended.stdout) < tries
