"""SIGKILL at any moment of an encode: what is marked is right, and the rest is made up for."""

import math
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import FakeShelf, make_project, picture, vector
from worlds.family import children_of, outliving
from worlds.forks import Fork

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import EncodeRequest, encode
from workbench.temporary import TemporaryFolder

ITEMS = 1200
# What comes before each kill: batches told, none yet or some, and a moment of chance; or writes to
# the file, three a batch (rows, hashes, marks), right after one of which the process dies.
KILLS = (("batches", 0), ("batches", 3), *(("writes", count) for count in (1, 2, 3, 5)))
REQUEST = EncodeRequest("text", "fake/text", batch_size=8)

# a real encode station in a process of its own, with a slow encoder; a line on each batch; it dies
# after so many writes to the file, if told how many
ENCODE = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from worlds.fakes import FakeShelf
from workbench.cache import EmbeddingCache
from workbench.jobs import Progress
from workbench.project import Project
from workbench.stations import EncodeRequest, encode
shelf, station = FakeShelf(delay=0.003), sys.modules["workbench.stations.encoding.encode"]
station.load_encoder, station.fetch_encoder = shelf, shelf.fetch
write, writes = EmbeddingCache._put, [0]
def deadly(*arguments):
    write(*arguments)
    writes[0] += 1
    if sys.argv[3:] == [str(writes[0])]:
        os.kill(os.getpid(), signal.SIGKILL)
EmbeddingCache._put = deadly
request = EncodeRequest("text", "fake/text", batch_size=8)
for event in encode(Project.open(Path(sys.argv[1])), request):
    if isinstance(event, Progress):
        print(event.done, flush=True)
print("end", flush=True)
"""

# the same with pictures, read ahead in a process of its own
ENCODE_IMAGES = "if __name__ == '__main__':\n    " + ENCODE.strip().replace("\n", "\n    ").replace(
    '"text", "fake/text"', '"image", "fake/image"'
).replace("batch_size=8", "batch_size=8, workers=1").replace("delay=0.003", "delay=0.3")

# preparing a cache over and over, each time for other items
PREPARE = """
import itertools, sys
import numpy as np
from pathlib import Path
from workbench.cache import prepare_cache
for shift in itertools.cycle(range(1, 7)):
    ids = np.arange(shift, 4000 + shift)
    marks = np.array([f"mark {n}" for n in ids], dtype="S64")
    prepare_cache(Path(sys.argv[1]), {"width": 64}, ids, marks)
    print(shift, flush=True)
"""


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


@pytest.mark.timeout(280)
@pytest.mark.parametrize("kills", [KILLS, pytest.param(4 * KILLS, marks=pytest.mark.slow)], ids=len)
def test_an_encode_killed_many_times_ends_like_one_that_was_not(tmp_path, monkeypatch, kills):
    FakeShelf().put(monkeypatch)
    calm = make_project(tmp_path / "calm", ITEMS, ("text",))
    drain(encode(calm, REQUEST))

    project = make_project(tmp_path / "killed", ITEMS, ("text",))
    path = project.cache_path("text", "fake/text")
    chance = random.Random(1)
    done = 0
    for moment, count in kills:
        command = [ENCODE, project.root, Path(__file__).parents[1]]
        if moment == "writes":
            told = kill_after(Fork(*command, count), math.inf, 0)
        else:
            told = kill_after(Fork(*command), count, chance.uniform(0, 0.02))
        if not path.exists():
            continue  # killed before it was laid out
        before, done = done, check_marked_rows(project)
        assert done >= before
        counted = [int(line) for line in told if line.isdigit()]
        assert done >= max(counted, default=0)  # what was told as done is done
        assert done < ITEMS
    assert done > 0
    report = drain(encode(Project.open(project.root), REQUEST))
    assert (report.kept, report.encoded) == (done, ITEMS - done)
    calm_path = calm.cache_path("text", "fake/text")
    assert path.read_bytes() == calm_path.read_bytes()
    assert [each.name for each in path.parent.iterdir()] == [path.name]


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
@pytest.mark.parametrize(
    "end",
    [
        signal.SIGKILL,
        *(pytest.param(other, marks=pytest.mark.slow) for other in (signal.SIGTERM, signal.SIGHUP)),
    ],
)
def test_no_reading_process_outlives_a_killed_encode(tmp_path, monkeypatch, end):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    project = make_project(tmp_path, 120, ("image",))
    # more than a pipe holds: a reader waits to write; and no copies, with which it would soon end
    for number, item in enumerate(project.catalogue.items("image")):
        Path(item.path).write_bytes(picture((400, 400), (number, 0, 9)))
    process = subprocess.Popen(
        [sys.executable, "-c", ENCODE_IMAGES, project.root, Path(__file__).parents[1]],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    for line in process.stdout:
        if int(line) >= 16:
            break
    family = children_of(process.pid)
    assert family
    time.sleep(1)  # until what was read ahead has filled the pipe
    process.send_signal(end)
    assert process.wait() == -end
    process.stdout.close()
    assert outliving(family) == []
    after = TemporaryFolder()  # what was left there goes when the next one begins
    assert list(temporary.iterdir()) == [after.path]


@pytest.mark.timeout(200)
def test_a_cache_killed_while_it_is_prepared_is_whole(tmp_path):
    path = tmp_path / "x.h5"
    card = {"width": 64}
    wanted = np.arange(4000), np.array([f"mark {number}" for number in range(4000)], dtype="S64")
    prepare_cache(path, card, *wanted)
    with EmbeddingCache(path, "r+") as cache:
        rows = np.arange(4000)
        cache.write(rows, np.repeat(rows[:, None], 64, axis=1).astype(np.float32))
    chance = random.Random(2)
    for _ in range(4):
        process = Fork(PREPARE, path)
        kill_after(process, chance.randint(1, 3), chance.uniform(0, 0.03))
        with EmbeddingCache(path) as cache:
            ids, done = cache.item_ids(), cache.encoded()
            assert len(ids) == 4000
            assert done.sum() >= 4000 - 6
            np.testing.assert_array_equal(cache.read()[done][:, 17], ids[done])
            assert not cache.read()[~done].any()
    prepare_cache(path, card, *wanted)  # also over what a killed one left
    with EmbeddingCache(path) as cache:
        assert cache.holds(*wanted)
    assert [each.name for each in tmp_path.iterdir()] == [path.name]
