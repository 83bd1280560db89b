"""A disk that fills up while it is written to: a sentence, and nothing is lost."""

import sys
from pathlib import Path

import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, tree
from worlds.forks import Fork

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import Project, Run, load_embeddings
from workbench.stations import EncodeRequest, encode, export_selection, make_map

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="sets limits of Linux")

# the system refuses to let a file grow beyond a limit, as a full disk does
ENCODE = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from worlds.fakes import FakeShelf
from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import EncodeRequest, encode, export_selection, make_map
shelf, station = FakeShelf(), sys.modules["workbench.stations.encoding.encode"]
station.load_encoder, station.fetch_encoder = shelf, shelf.fetch
project = Project.open(Path(sys.argv[1]))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]),) * 2)
try:
    print(drain(encode(project, EncodeRequest("text", "fake/text", batch_size=8))))
except WorkbenchError as error:
    sys.exit(str(error))
"""


def encode_with_room(project, room):
    return Fork(ENCODE, project.root, Path(__file__).parents[1], room).wait()


def test_no_room_to_lay_out_a_cache(tmp_path, monkeypatch):
    project = make_project(tmp_path, 200, ("text",))
    path = project.cache_path("text", "fake/text")
    code, _, err = encode_with_room(project, 20_000)
    assert code == 1
    assert "cannot be written: File too large. Is the disk full?" in err
    assert "Traceback" not in err
    assert list(path.parent.iterdir()) == []
    FakeShelf().put(monkeypatch)
    assert drain(encode(project, EncodeRequest("text", "fake/text"))).encoded == 200


def test_no_room_to_lay_it_out_anew_keeps_what_was_there(tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    project = make_project(tmp_path, 100, ("text",))
    drain(encode(project, EncodeRequest("text", "fake/text")))
    path = project.cache_path("text", "fake/text")
    before = path.read_bytes()
    make_more = make_project(tmp_path / "more", 300, ("text",))
    project.change(sources=[*project.settings.sources, make_more.settings.sources[0].model_copy(
        update={"path": str(tmp_path / "more" / "text")})])  # fmt: skip
    from workbench.stations import scan

    drain(scan(project))
    code, _, err = encode_with_room(project, len(before) + 1000)
    assert code == 1
    assert "Is the disk full?" in err
    assert path.read_bytes() == before
    assert len(load_embeddings(project, "text", "fake/text")[0]) == 100
    report = drain(encode(Project.open(project.root), EncodeRequest("text", "fake/text")))
    assert (report.kept, report.complete) == (100, True)


# maps and tables that do not fit
WRITE = """
import resource, signal, sys
from pathlib import Path
from workbench.errors import WorkbenchError
from workbench.jobs import Notice, drain
from workbench.project import Project, save_selection
from workbench.stations import export_selection, find_items, make_map
import numpy as np
project, table = Project.open(Path(sys.argv[1])), Path(sys.argv[2])
ids = find_items(project)

def tell(event):  # a map that cannot be kept is shown, with a notice
    if isinstance(event, Notice):
        print(event.text, file=sys.stderr)

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for room in map(int, sys.argv[3:]):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    for write in (
        lambda: drain(make_map(project, "text", anew=True), tell),
        lambda: drain(export_selection(project, ids, table, replace=True)),
        lambda: save_selection(project, "all", np.arange(5000)),
    ):
        try:
            write()
        except WorkbenchError as error:
            print(error, file=sys.stderr)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
"""


def test_maps_tables_and_selections_are_whole_or_as_they_were(tmp_path, monkeypatch):
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path / "p", 200, ("text",)))
    drain(make_map(project, "text"))
    table = tmp_path / "out" / "items.csv"
    drain(export_selection(project, [1, 2], table))
    before = all_but_locks(project.root), tree(table.parent)
    code, _, err = Fork(WRITE, project.root, table, 100, 1000, 3000).wait()
    assert code == 0, err
    assert err.count("File too large") == err.count("\n") == 9
    assert "Traceback" not in err
    assert tree(table.parent) == before[1]
    assert all_but_locks(project.root) == before[0]


def all_but_locks(folder):
    return {name: content for name, content in tree(folder).items() if not name.endswith(".lock")}


# curves that cannot grow for a while, with room for a part of the rows to add
CURVES = """
import resource, signal, sys
from pathlib import Path
from workbench.errors import WorkbenchError
from workbench.project import Run
run = Run(Path(sys.argv[1]))
rows = [{"step": step, "loss": 1 / step} for step in range(1, 2001)]
run.add_to_curves(rows[:5])
size = (run.folder / "curves.csv").stat().st_size
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for room in (100, 10_000):
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + room, before[1]))
    try:
        run.add_to_curves(rows[5:])
    except WorkbenchError as error:
        print(error, file=sys.stderr)
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert run.curves() == rows[:5], len(run.curves())
run.add_to_curves(rows[5:])
assert run.curves() == rows, len(run.curves())
"""


def test_curves_are_whole_after_a_while_without_room(tmp_path):
    code, _, err = Fork(CURVES, tmp_path).wait()
    assert code == 0, err
    assert err.count("curves.csv cannot be written: File too large.") == 2
    assert "Traceback" not in err


def test_curves_that_cannot_be_read_to_add_to_are_a_sentence(tmp_path):
    (tmp_path / "curves.csv").mkdir()
    with pytest.raises(WorkbenchError, match="not a regular file"):
        Run(tmp_path).add_to_curves([{"step": 1, "loss": 1.0}])
