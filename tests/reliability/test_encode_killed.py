"""SIGKILL at any moment of an encode: what is marked is right, and the rest is made up for."""

import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import FakeShelf, make_project, vector

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import encode

ITEMS = 400
BATCH = 8

# a real encode station in a process of its own, with a slow encoder; a line on each batch
ENCODE = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from worlds.fakes import FakeShelf
from workbench.jobs import Progress
from workbench.project import Project
from workbench.stations import encode
sys.modules["workbench.stations.encode"].load_encoder = FakeShelf(delay=0.004)
for event in encode(Project.open(Path(sys.argv[1])), "text", "fake/text", batch_size=8):
    if isinstance(event, Progress):
        print(event.done, flush=True)
print("end", flush=True)
"""

# preparing a cache over and over, each time for other items
PREPARE = """
import itertools, sys
from pathlib import Path
from workbench.cache import prepare_cache
for shift in itertools.cycle(range(1, 7)):
    items = [(n, f"mark {n}") for n in range(shift, 4000 + shift)]
    prepare_cache(Path(sys.argv[1]), {"width": 64}, items)
    print(shift, flush=True)
"""


def start(script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, arguments)], stdout=subprocess.PIPE, text=True
    )


def kill_after(process, lines, seconds):
    """Kill a process a moment after it has told so many lines; return what it told."""
    told = []
    with process:
        for line in process.stdout:
            told.append(line.strip())
            if len(told) >= lines:
                break
        time.sleep(seconds)
        process.kill()
        told += [line.strip() for line in process.stdout]
    return told


def check_marked_rows(project):
    """Compare every marked row with the truth; return how many there are."""
    texts = {item.id: item.text for item in project.catalogue.items("text")}
    with EmbeddingCache(project.cache_path("text", "fake/text")) as cache:
        marked = np.flatnonzero(cache.encoded())
        numbers = [int(texts[item].split()[1]) for item in cache.item_ids()[marked].tolist()]
        expected = np.array([vector("text", number) for number in numbers]).reshape(-1, 8)
        np.testing.assert_array_equal(cache.read(marked), expected)
        return len(marked)


def stored(project):
    with EmbeddingCache(project.cache_path("text", "fake/text")) as cache:
        return cache.read().tobytes(), cache.encoded().tolist(), cache.item_ids().tolist()


@pytest.mark.timeout(200)
def test_an_encode_killed_many_times_ends_like_one_that_was_not(tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    calm = make_project(tmp_path / "calm", ITEMS, ("text",))
    drain(encode(calm, "text", "fake/text", batch_size=BATCH))

    project = make_project(tmp_path / "killed", ITEMS, ("text",))
    chance = random.Random(1)
    done, kills = 0, 0
    fakes = Path(__file__).parents[1]
    while done < ITEMS and kills < 6:
        process = start(ENCODE, project.root, fakes)
        told = kill_after(process, chance.randint(1, 6), chance.uniform(0, 0.012))
        kills += 1
        if not project.cache_path("text", "fake/text").exists():
            continue  # killed before it was laid out
        before, done = done, check_marked_rows(project)
        assert done >= before
        counted = [int(line) for line in told if line.isdigit()]
        assert done >= max(counted, default=0)  # what was told as done is done
    assert 0 < done < ITEMS
    report = drain(encode(Project.open(project.root), "text", "fake/text", batch_size=BATCH))
    assert (report.kept, report.encoded) == (done, ITEMS - done)
    assert stored(project) == stored(calm)


@pytest.mark.timeout(200)
def test_a_cache_killed_while_it_is_prepared_is_whole(tmp_path):
    path = tmp_path / "x.h5"
    card = {"width": 64}
    items = [(number, f"mark {number}") for number in range(4000)]
    prepare_cache(path, card, items)
    with EmbeddingCache(path, "r+") as cache:
        rows = np.arange(4000)
        cache.write(rows, np.repeat(rows[:, None], 64, axis=1).astype(np.float32))
    chance = random.Random(2)
    for _ in range(4):
        process = start(PREPARE, path)
        kill_after(process, chance.randint(1, 3), chance.uniform(0, 0.03))
        with EmbeddingCache(path) as cache:
            ids, done = cache.item_ids(), cache.encoded()
            assert len(ids) == 4000
            assert done.sum() >= 4000 - 6
            np.testing.assert_array_equal(cache.read()[done][:, 17], ids[done])
            assert not cache.read()[~done].any()
    prepare_cache(path, card, items)  # also over what a killed one left
    with EmbeddingCache(path) as cache:
        assert cache.holds(items)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
