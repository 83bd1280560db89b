"""A small project, what is done to it, and what there is afterwards."""

import hashlib
import json
import shutil
import sqlite3
import sys
from contextlib import closing

import numpy as np
from worlds.fakes import FakeShelf, encode_all, make_project, vector, write_item

from workbench.cache import EmbeddingCache
from workbench.errors import WorkbenchError
from workbench.export import load
from workbench.jobs import drain
from workbench.project import (
    Project,
    SplitSettings,
    read_ladder,
    read_selections,
    save_selection,
)
from workbench.stations import (
    AlignRequest,
    EncodeRequest,
    align,
    encode,
    evaluate,
    export,
    export_selection,
    find_items,
    make_map,
    pick,
    read_map,
    scan,
)
from workbench.stations.labelling.answers import say_no_pair, say_pair

QUICK = {"steps": 4, "neighbours": 3, "anchors": 6, "hidden": 8, "validate_every": 2}
ALPHAS = [0.0, 50.0]
OTHER_SPLIT = SplitSettings(seed=5)


def use_fakes():
    """Let the fake encoders stand in for the real ones."""
    shelf = FakeShelf()
    encoding = sys.modules["workbench.stations.encoding.encode"]
    encoding.load_encoder, encoding.fetch_encoder = shelf, shelf.fetch
    # a training is kept at every step, not every ten seconds
    sys.modules["workbench.alignment.training.trainer"]._SECONDS_A_STATE = 0.0


def make_world(folder):
    """Make a project with all that can be lost, and what was exported of it."""
    use_fakes()
    project = encode_all(make_project(folder, 16))
    for name in ("solved", "gone"):
        drain(align(project, AlignRequest(method="procrustes", name=name)))
    drain(align(project, AlignRequest(settings=QUICK, ladder=ALPHAS, rung=0.0, name="sweep")))
    for name in ("solved", "sweep"):
        drain(evaluate(project, name))
        drain(make_map(project, f"run:{name}"))
    drain(make_map(project, "image"))
    save_selection(project, "mine", np.array([3, 4]))
    (pairs,) = project.catalogue.pairs().values()
    say_pair(project, int(pairs[0, 0]), int(pairs[1, 1]))
    project.shelf.delete("gone")
    drain(export(project, "solved", folder / "out" / "bundle"))
    drain(export_selection(project, [1, 2, 3], folder / "out" / "items.csv"))


# --- what is done -------------------------------------------------------------------------------
# Each may be done again after it was cut off. A function `ready_to_NAME` makes ready for it.


def ready_to_scan(folder, _):
    for number in (40, 41):
        for modality in ("image", "text"):
            write_item(folder / modality, modality, number)
    (folder / "text" / "kind-1" / "thing-001.txt").unlink()


def do_scan(_, project):
    drain(scan(project))


def ready_to_encode(folder, project):
    ready_to_scan(folder, project)
    do_scan(folder, project)


def do_encode(_, project):
    drain(encode(project, EncodeRequest("text", "fake/text", batch_size=4)))


def do_encode_first(_, project):
    drain(encode(project, EncodeRequest("text", "fake/other", batch_size=4)))


def _align(project, **request):
    if "new" in project.shelf.names():  # of one that was cut off
        project.shelf.delete("new")
    drain(align(project, AlignRequest(settings=QUICK, name="new", **request)))


def do_align(_, project):
    _align(project)


def do_sweep(_, project):
    _align(project, ladder=ALPHAS, rung=0.0)


def do_pick(_, project):
    drain(pick(project, "sweep", 50.0))


def do_evaluate(_, project):
    drain(evaluate(project, "solved", csls=3))


def do_map(_, project):
    drain(make_map(project, "run:solved", anew=True, method="pca"))
    drain(make_map(project, "text"))


def do_export(folder, project):
    drain(export(project, "sweep", folder / "out" / "bundle"))


def do_export_new(folder, project):
    drain(export(project, "sweep", folder / "out" / "new"))


def do_export_items(folder, project):
    ids = find_items(project)
    drain(export_selection(project, ids, folder / "out" / "items.csv", replace=True))


def do_split(_, project):
    project.change(split=OTHER_SPLIT)


def do_select(_, project):
    save_selection(project, "other", np.array([5]))


def do_answer(_, project):
    (pairs,) = project.catalogue.pair_sets().given.values()
    say_no_pair(project, int(pairs[0, 0]), int(pairs[0, 1]))


def do_note(_, project):
    project.shelf.note("solved", "good")


def do_rename(_, project):
    if "renamed" not in project.shelf.names():
        project.shelf.rename("solved", "renamed")


def do_delete(_, project):
    if "solved" in project.shelf.names():
        project.shelf.delete("solved")


def do_restore(_, project):
    for each in project.shelf.deleted():
        project.shelf.restore(each)


def ready_to_migrate(folder, _):
    """Let the catalogue be of the first version."""
    path = folder / "project" / "catalogue.sqlite"
    catalogue = Project.open(folder / "project").catalogue
    items = [
        (item.id, item.modality, item.path, item.text, item.key, item.label, item.fingerprint)
        for item in catalogue.items()
    ]
    pairs = [pair for ids in catalogue.pairs().values() for pair in ids.tolist()]
    path.unlink()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "CREATE TABLE items (id INTEGER PRIMARY KEY, modality TEXT NOT NULL,"
            " path TEXT NOT NULL, text TEXT NOT NULL DEFAULT '', key TEXT NOT NULL,"
            " label TEXT NOT NULL DEFAULT '',"
            " fingerprint TEXT NOT NULL, vanished INTEGER NOT NULL DEFAULT 0,"
            " problem TEXT NOT NULL DEFAULT '', UNIQUE (modality, path))"
        )
        database.execute(
            "CREATE TABLE pairs (first INTEGER NOT NULL, second INTEGER NOT NULL,"
            " PRIMARY KEY (first, second)) WITHOUT ROWID"
        )
        database.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?, ?, ?, 0, '')", items)
        database.executemany("INSERT INTO pairs VALUES (?, ?)", pairs)
        database.execute("PRAGMA user_version = 1")


def do_migrate(folder, _):
    Project.open(folder / "project").catalogue.items()


OPERATIONS = [
    name.removeprefix("do_") for name in list(globals()) if name.startswith("do_")
]  # fmt: skip


def make_ready(name, folder):
    """Make ready for something to be done; return the project, if it can be opened before."""
    use_fakes()
    if name == "migrate":
        ready_to_migrate(folder, None)
        return None
    project = Project.open(folder / "project")
    globals().get(f"ready_to_{name}", lambda *_: None)(folder, project)
    return project


def do(name, folder, project=None):
    """Do something to the project in a folder."""
    use_fakes()
    if project is None and name != "migrate":
        project = Project.open(folder / "project")
    globals()[f"do_{name}"](folder, project)


# --- what there is ------------------------------------------------------------------------------


def state_of(folder):
    """Return all there is, by what belongs together: each part must be as before, or as after."""
    project = Project.open(folder / "project")
    parts = {"settings": project.settings.model_dump_json()}
    known = [
        (item.id, item.modality, item.path, item.text, item.label)
        for item in project.catalogue.items()
    ]
    pairs = {name: ids.tolist() for name, ids in project.catalogue.pairs().items()}
    parts["items and pairs"] = repr((known, pairs))
    parts["selections"] = repr(
        {name: ids.tolist() for name, ids in read_selections(project).items()}
    )
    answers = project.catalogue.answers()
    said = [[(each.first, each.second) for each in some] for some in (answers.pairs,
            answers.refused)]  # fmt: skip
    parts["answers"] = repr((said, answers.odd))
    for path in (project.root / "embeddings").glob("*.h5"):
        parts[path.name] = _embeddings(project, path)
    for run in project.runs():
        parts[f"run {run.name}"] = _run(project, run)
    for place, each in enumerate(project.shelf.deleted()):
        parts[f"deleted {place} {each.name}"] = _digest(each.folder / "heads.safetensors")
    for space in ("image", "text"):
        parts[f"map {space}"] = _map(project, space)
    for name in ("bundle", "new"):
        parts[name] = _bundle(folder / "out" / name)
    parts["items.csv"] = _digest(folder / "out" / "items.csv")
    return parts


def strange_things_in(folder):
    """Return what nothing that is done should leave, whether it failed or not."""
    project = Project.open(folder / "project")
    listed = {run.name for run in project.runs()}
    ghosts = [name for name in project.shelf.names() if name not in listed]
    drafts = [
        path.name
        for path in folder.rglob("*")
        if path.name.endswith((".new", ".next")) and ".deleted" not in path.parts
    ]
    return [f"ghost {name}" for name in ghosts] + [f"draft {name}" for name in drafts]


def _digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else None


def _run(project, run):
    recipe = run.recipe()
    if recipe.state == "running":  # it was cut off, and can go on or be made again
        return "interrupted"
    told = recipe.model_dump(mode="json", exclude={"seconds", "created"})
    ladder = read_ladder(run).alphas if recipe.ladder else []
    run.space()
    report = {key: value for key, value in run.report().items() if key != "seconds"}
    heads = _digest(run.folder / "heads.safetensors")
    return json.dumps([told, ladder, report, heads, run.curves(), _map(project, f"run:{run.name}")])


def _map(project, space):
    found = read_map(project, space, "pca")
    return None if found is None else hashlib.sha256(found.positions.tobytes()).hexdigest()


def _bundle(folder):
    if not folder.exists():
        return None
    try:
        load(folder)
    except WorkbenchError as error:
        return str(error)
    words = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    heads = _digest(folder / "heads.safetensors")
    return json.dumps([words["recipe"]["method"], words["recipe"]["rung"], heads])


def _embeddings(project, path):
    """Compare marked rows with the truth; return which items they are of."""
    texts = {item.id: item.text for item in project.catalogue.items("text")}
    with EmbeddingCache(path) as cache:
        rows = np.flatnonzero(cache.encoded())
        ids, found = cache.item_ids()[rows].tolist(), cache.read(rows)
    if path.name.startswith("text"):
        for item, row in zip(ids, found, strict=True):
            number = int(texts[item].split()[1]) if item in texts else None
            if number is not None and not np.array_equal(row, vector("text", number)):
                return f"the vector of item {item} is wrong"
    return repr(sorted(ids))


def copy_back(kept, folder):
    """Put a world in the place of what was made of it."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(kept, folder)
