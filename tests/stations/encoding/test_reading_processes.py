import subprocess
import sys

import pytest

from workbench.stations.encoding.reading_processes import FreeCores, Pace


def after(pace, batches, waited, worked):
    for _ in range(batches):
        pace.note(waited, worked)
    return pace.wanted


@pytest.mark.parametrize(
    ("free", "waited", "wanted"),
    [
        (7.0, 0.5, 8),  # twice as many at most, each time
        (1.0, 0.5, 4),
        (7.0, 0.01, 1),  # reading is ahead
        (0.2, 0.5, 1),  # others have the cores
    ],
)
def test_more_processes_read_when_the_encoder_waits_and_cores_idle(free, waited, wanted):
    assert after(Pace(8, lambda: free), 4 + 8 + 16, waited, 0.1) == wanted


def test_there_are_never_more_processes_than_allowed_nor_are_cores_asked_for_then():
    asked = []

    def free():
        asked.append(1)
        return 16.0

    pace = Pace(2, free)
    assert after(pace, 4, 0.5, 0.1) == 2
    asked.clear()
    assert after(pace, 100, 0.5, 0.1) == 2
    assert asked == []
    assert after(Pace(3, free, begin_with=3), 100, 0.5, 0.1) == 3


def test_idle_cores_are_read_from_the_system_and_are_all_where_it_does_not_tell(tmp_path):
    stat = tmp_path / "stat"
    stat.write_text("cpu  100 0 50 1000 20 0 0\ncpu0 1 1 1 1 1\n")
    free = FreeCores(stat)
    assert free() == 0
    stat.write_text("cpu  100 0 50 900000000 20 0 0\ncpu0 1 1 1 1 1\n")
    assert free() > 1
    assert FreeCores(tmp_path / "none")() >= 1


@pytest.mark.parametrize(("preparation", "imports"), [(None, False), ("its own", True)])
def test_a_reading_process_imports_the_program_only_for_what_is_defined_in_it(
    tmp_path, preparation, imports
):
    """The command line imports all stations, which takes two seconds."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(preparation="own" if preparation else None))
    told = subprocess.run(
        [sys.executable, program], stdout=subprocess.PIPE, check=True, text=True
    ).stdout.split()
    assert told == ["program"] * (1 + imports) + ["True"]


PROGRAM = """
import pickle
from workbench.media.reading import Order
from workbench.stations.encoding.reading_processes import ReadingProcess

print("program", flush=True)

def own(medium):
    return medium.upper()

if __name__ == "__main__":
    process = ReadingProcess(pickle.dumps({preparation}), 9.0)
    process.ask([Order("text", "", "", "mark", "words", 0.0, 0.0)])
    (found,) = process.answer(lambda: False)
    process.end()
    print(found.medium == ("WORDS" if {preparation} else "words") and found.content == "mark")
"""


def test_a_reading_process_imports_files_and_media_only():
    check = (
        "import sys, workbench.media.reading_process\n"
        "print(*{'torch', 'scipy', 'workbench.project', 'workbench.stations'} & {*sys.modules})"
    )
    told = subprocess.run([sys.executable, "-c", check], stdout=subprocess.PIPE, check=True)
    assert told.stdout.split() == []
