"""Two processes at once: what each saves is there afterwards, and none is refused falsely."""

import numpy as np
import pytest
from worlds.forks import Fork

from workbench.cache import EmbeddingCache
from workbench.project import Project, read_selections

HANDS = 3

# each begins when all are ready
START = """
import sys, time
from pathlib import Path
import numpy as np
from workbench.cache import EmbeddingCache, prepare_cache
from workbench.errors import WorkbenchError
from workbench.project import Project, delete_selection, save_selection
root, mine, hands, rounds = Path(sys.argv[1]), *map(int, sys.argv[2:5])
(root / f"ready {mine}").touch()
while len(list(root.glob("ready *"))) < hands:
    time.sleep(0.001)
"""

SAVE = """
project = Project.open(root)
modality = ("image", "text", "speech")[mine]
for each in range(rounds):
    save_selection(project, f"{mine}-{each}", np.array([mine, each + 10]))
    project.choose_encoder(modality, f"encoder {each}")
    if each:
        delete_selection(project, f"{mine}-{each - 1}")
"""

# a fresh cache is made by all of them, and encoded into by one at a time
PREPARE = """
ids = np.arange(50)
marks = np.array([f"mark {number}" for number in ids], dtype="S64")
for each in range(rounds):
    path = root / f"{each}.h5"
    while True:
        try:
            prepare_cache(path, {"width": 4}, ids, marks)
            with EmbeddingCache(path, "r+") as cache:
                cache.write(np.array([mine]), np.full((1, 4), mine + 1, dtype=np.float32))
            break
        except WorkbenchError as error:
            if "is in use by" not in str(error):
                raise
"""


def at_once(root, script, rounds):
    """Run a script in several processes, and return what they complained about."""
    forks = [Fork(START + script, root, mine, HANDS, rounds) for mine in range(HANDS)]
    return [fork.wait()[2] for fork in forks]


@pytest.mark.parametrize("rounds", [15, pytest.param(200, marks=pytest.mark.slow)])
def test_settings_and_selections_of_all_are_saved(tmp_path, rounds):
    project = Project.create(tmp_path / "project")
    assert at_once(project.root, SAVE, rounds) == [""] * HANDS
    again = Project.open(project.root)
    assert again.settings.encoders == dict.fromkeys(
        ("image", "text", "speech"), f"encoder {rounds - 1}"
    )
    assert {name: ids.tolist() for name, ids in read_selections(again).items()} == {
        f"{mine}-{rounds - 1}": [mine, rounds + 9] for mine in range(HANDS)
    }


@pytest.mark.parametrize("rounds", [15, pytest.param(200, marks=pytest.mark.slow)])
def test_a_fresh_cache_made_by_all_is_one(tmp_path, rounds):
    assert at_once(tmp_path, PREPARE, rounds) == [""] * HANDS
    for each in range(rounds):
        with EmbeddingCache(tmp_path / f"{each}.h5") as cache:
            assert np.flatnonzero(cache.encoded()).tolist() == list(range(HANDS))
            found = cache.read(np.arange(HANDS))
        np.testing.assert_array_equal(found, np.repeat([[1], [2], [3]], 4, axis=1))
    assert len(list(tmp_path.iterdir())) == rounds + HANDS  # and no draft
