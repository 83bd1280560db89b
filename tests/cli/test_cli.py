"""The command line: exit codes, one-sentence errors, pure JSON; stations themselves elsewhere."""

import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, tree, write_item, write_world

from workbench.alignment import OWN_WORDS, StepReport, methods
from workbench.cache import EmbeddingCache
from workbench.cli.method_tables import range_of
from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import AlignRequest, align, evaluate

ALL = (*methods(), OWN_WORDS)
MARKS = {True: " *", False: ""}


pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Make a project with a run, once."""
    root = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as monkeypatch:
        FakeShelf().put(monkeypatch)
        project = encode_all(make_project(root))
        drain(align(project, AlignRequest(method="procrustes", name="p")))
        drain(evaluate(project, "p"))
    return project.root


def test_the_whole_road(tmp_path, gera):
    write_world(tmp_path, 40, extra=2)
    root = tmp_path / "my project"
    code, out, err = gera("new", root, "--image", tmp_path / "image", "--text", tmp_path / "text")
    assert (code, err) == (0, "")
    assert "42 image items, 42 text items" in out
    assert "40 image–text pairs" in out
    code, out, _ = gera("encode", root, "image=fake/image", "text=fake/text")
    assert code == 0
    assert "image: 42 encoded" in out
    assert "text: 42 encoded" in out
    assert "42 were encoded before" in gera("encode", root)[1]
    code, out, _ = gera(
        "align", root, "--alpha", 3, "--neighbours", 5, "--steps", 6, "--set", "anchors=8",
        "--pairs", 12, "--seed", 4,
    )  # fmt: skip
    assert code == 0
    assert f"The run “gera” is kept in {root / 'runs' / 'gera'}" in out
    assert "image→text" in out
    recipe = Project.open(root).run("gera").recipe()
    assert (recipe.settings["alpha"], recipe.settings["anchors"], recipe.pairs) == (3.0, 8, 12)
    assert gera("align", root, "--repeat", "gera", "--name", "again")[0] == 0
    runs = root / "runs"
    assert (runs / "gera" / "heads.safetensors").read_bytes() == (
        runs / "again" / "heads.safetensors"
    ).read_bytes()
    assert gera("align", root, "--start-from", "gera", "--steps", 2, "--name", "more")[0] == 0
    assert Project.open(root).run("more").recipe().started_from.run == "gera"
    assert gera("evaluate", root)[0] == 0
    code, out, _ = gera("map", root, "run:gera")
    assert (code, out) == (0, f"84 items mapped: {runs / 'gera' / 'maps' / 'pca.h5'}\n")
    code, out, _ = gera("export", root, "gera", tmp_path / "bundle")
    assert (code, out) == (0, f"Exported to {tmp_path / 'bundle'}\n")
    assert gera("scan", root)[0] == 0


def test_queries(project, tmp_path, gera):
    code, out, err = gera("query", project, "p", "--text", "thing 9", "--to", "image", "--json")
    assert (code, err) == (0, "")
    rows = json.loads(out)
    assert [row["rank"] for row in rows] == list(range(1, 11))
    assert rows[0].keys() == {"rank", "score", "id", "modality", "path", "text", "label"}
    assert Path(rows[0]["path"]).stem == "thing-009"
    assert all(row["modality"] == "image" for row in rows)
    code, out, _ = gera("query", project, "p", "--item", rows[0]["id"], "--top", 3, "--json")
    assert rows[0]["id"] not in [row["id"] for row in json.loads(out)]
    picture = write_item(tmp_path / "elsewhere", "image", 5)
    code, out, _ = gera("query", project, "p", "--image", picture, "--top", 2)
    assert code == 0
    assert "thing 5" in out


def test_evaluate_prints_pure_json(project, gera):
    code, out, err = gera("evaluate", project, "--json")
    assert (code, err) == (0, "")
    report = json.loads(out)
    assert report == {"p": Project.open(project).run("p").report()}


def test_lists(gera):
    code, out, _ = gera("encoders", "text")
    assert code == 0
    assert "bundled/minilm-l6" in out
    code, out, _ = gera("--version")
    assert (code, out.split()[0]) == (0, "gera-workbench")
    for command in (
        "sample", "new", "scan", "split", "problems", "encoders", "fetch", "encode", "caches",
        "methods", "align", "evaluate", "map", "query", "export",
    ):  # fmt: skip
        code, out, _ = gera(command, "--help")
        assert code == 0
        assert "Usage: gera-workbench" in out


def test_methods_are_told_with_every_setting(gera, monkeypatch):
    monkeypatch.setenv("COLUMNS", "600")
    code, out, err = gera("methods")
    assert (code, err) == (0, "")
    parts, lines = {}, []
    for line in (" ".join(each.split()) for each in out.splitlines()):
        if line.partition(":")[0] in {entry.name for entry in ALL}:
            parts[line.partition(":")[0]] = lines = []
        lines.append(line)
    assert list(parts) == [entry.name for entry in ALL]
    for entry in ALL:
        ends = "trained step by step" if entry.trains else "in closed form"
        assert f"{entry.name}: {entry.title}, {entry.source}, {ends}." in parts[entry.name]
        assert entry.summary in parts[entry.name]
        for name, field in entry.settings.model_fields.items():
            extra = field.json_schema_extra
            (line,) = [
                each
                for each in parts[entry.name]
                if each.startswith(f"{name}{MARKS[extra['advanced']]} ")
            ]
            assert line.endswith(field.description)
            assert extra["unit"] in line
            for choice in get_args(field.annotation):
                assert not isinstance(choice, str) or choice in line
            for limit in ("ge", "gt", "le"):
                values = [getattr(rule, limit) for rule in field.metadata if hasattr(rule, limit)]
                assert all(f"{value:,.12g}" in line for value in values), line


def test_ranges_are_told_in_words():
    assert range_of({"type": "integer", "minimum": 2, "maximum": 16384, "unit": "items"}) == (
        "2 to 16,384 items"
    )
    assert range_of({"type": "number", "exclusiveMinimum": 0, "maximum": 1e6}) == (
        "above 0 to 1,000,000"
    )
    assert range_of({"type": "integer", "minimum": 1, "unit": "steps"}) == "from 1 steps"
    optional = [{"type": "number", "minimum": 0, "maximum": 16}, {"type": "null"}]
    assert range_of({"anyOf": optional, "unit": "numbers"}) == "0 to 16 numbers, automatic"
    assert range_of({"enum": ["symmetric", "row"], "type": "string"}) == "symmetric, row"
    assert range_of({"type": "boolean"}) == "true, false"


def test_methods_as_json_are_their_schemas(gera):
    code, out, err = gera("methods", "--json")
    assert (code, err) == (0, "")
    told = json.loads(out)
    assert [each["name"] for each in told] == [entry.name for entry in ALL]
    for each, entry in zip(told, ALL, strict=True):
        assert each["settings"] == entry.schema()
        assert (each["title"], each["summary"], each["source"], each["trains"]) == (
            entry.title, entry.summary, entry.source, entry.trains
        )  # fmt: skip


def test_align_names_every_method(gera, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    _, out, _ = gera("align", "--help")
    assert ", ".join(entry.name for entry in ALL) in out


@pytest.mark.parametrize("method", methods(), ids=lambda entry: entry.name)
def test_every_method_is_aligned_by_its_name(project, gera, method):
    steps = ["--steps", 2] if method.trains else []
    code, out, _ = gera("align", project, "--method", method.name, "--name", "x", *steps)
    assert code == 0
    assert "The run “x” is kept in" in out
    assert Project.open(project).run("x").recipe().method == method.name


def test_encoders_are_searched_and_told_as_json(gera):
    code, out, _ = gera("encoders", "text", "--search", "minilm", "--json")
    assert code == 0
    found = json.loads(out)
    assert all("minilm" in f"{each['name']} {each['title']}".lower() for each in found)
    (bundled,) = [each for each in found if each["name"] == "bundled/minilm-l6"]
    assert (bundled["width"], bundled["modality"], bundled["state"]) == (384, "text", "bundled")
    assert bundled["bytes"] > 80e6
    code, out, _ = gera("encoders", "--search", "no-such-words")
    assert code == 0
    assert "No encoder matches these words" in out


def test_a_preview_makes_no_project(tmp_path, gera):
    write_world(tmp_path, 6, extra=1)
    (tmp_path / "captions.csv").write_text("image,caption\nthing-001.png,a thing\n")
    root = tmp_path / "p"
    code, out, _ = gera("new", root, "--image", tmp_path / "image", "--text",
                        tmp_path / "captions.csv", "--preview")  # fmt: skip
    assert code == 0
    assert "1 image–text pair; 6 images without text" in out
    assert not root.exists()
    code, out, _ = gera("new", root, "--image", tmp_path / "image", "--file-names",
                        tmp_path / "image", "--budget", "3")  # fmt: skip
    assert code == 0
    assert "7 image–text pairs" in out
    before = (root / "catalogue.sqlite").read_bytes()
    (tmp_path / "image" / "more.png").write_bytes(b"x")
    code, out, _ = gera("scan", root, "--preview")
    assert code == 0
    assert "8 image–text pairs" in out
    assert (root / "catalogue.sqlite").read_bytes() == before


def test_side_by_side_and_columns_of_tables(tmp_path, gera):
    for kind in ("a", "b"):
        write_item(tmp_path / "both" / kind, "image", 1, "same")
        write_item(tmp_path / "both" / kind, "text", 1, "same")
    both = tmp_path / "both"
    code, out, _ = gera("new", tmp_path / "p", "--image", both, "--text", both,
                        "--pair-by", "sidecar")  # fmt: skip
    assert code == 0
    assert "2 image–text pairs" in out
    (tmp_path / "t.tsv").write_text("foo\tbar\nsame\twords\n")
    code, out, _ = gera("new", tmp_path / "q", "--image", both / "a", "--text", tmp_path / "t.tsv",
                        "--table-columns", "text=bar,key=foo")  # fmt: skip
    assert code == 0
    assert "1 image–text pair" in out
    assert Project.open(tmp_path / "q").catalogue.items("text")[0].text == "words"


def test_the_split_is_told_and_changed(project, gera):
    code, out, _ = gera("split", project)
    assert (code, out) == (
        0, "image–text: 28 training pairs, 4 for validation, 8 held out\n"
    )  # fmt: skip
    code, out, _ = gera("split", project, "--budget", 10, "--test", 0.5, "--seed", 7)
    assert "10 training pairs, 4 for validation, 20 held out, 6 beyond the budget" in out
    split = Project.open(project).settings.split
    assert (split.budget, split.test, split.validation, split.seed) == (10, 0.5, 0.1, 7)
    assert gera("split", project, "--budget", 0)[0] == 0
    assert Project.open(project).settings.split.budget is None
    sentence(gera("split", project, "--test", 0.95), "leave pairs for training")


def test_problems_retries_and_caches(tmp_path, gera, monkeypatch):
    monkeypatch.setenv("COLUMNS", "400")  # whatever the temporary folder is called
    made = make_project(tmp_path, 6)
    bad = Path(made.catalogue.items("image")[2].path)
    good = bad.read_bytes()
    bad.write_bytes(b"no picture")
    (tmp_path / "text" / "empty.txt").touch()
    assert gera("scan", made.root)[0] == 0
    code, out, _ = gera("encode", made.root, "image=fake/image", "text=fake/text")
    assert "image: 5 encoded" in out
    assert "1 could not be encoded" in out
    code, out, _ = gera("problems", made.root)
    assert (code, "empty.txt" in out, bad.name in out) == (0, True, True)
    code, out, _ = gera("problems", made.root, "text")
    assert "everything that was tried could be encoded" in out
    assert (
        "1 that failed before were skipped (--retry tries them again)"
        in gera("encode", made.root)[1]
    )
    stamp = bad.stat()
    bad.write_bytes(good)
    os.utime(bad, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    code, out, _ = gera("encode", made.root, "image", "--retry", "--dtype", "float16")
    assert "image: 1 encoded" in out
    code, out, _ = gera("caches", made.root)
    assert "fake/image" in out
    assert "float16" in out
    code, out, _ = gera("caches", made.root, "--delete", "image=fake/image")
    assert "Deleted the image embeddings of fake/image" in out
    assert not made.cache_path("image", "fake/image").exists()
    sentence(gera("caches", made.root, "--delete", "image=fake/image"), "There is no cache")
    sentence(gera("encode", made.root, "--dtype", "float8"), "one of float16, float32")


def test_odd_names_and_texts_are_printed_as_they_are(tmp_path, gera, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    names = ["[/b] [red]x", ":smile:", "new\nline", "ünï" + "x" * 100]
    for number, name in enumerate(names):
        for modality in ("image", "text"):
            write_item(tmp_path / modality / "[/label]", modality, number, name.replace("/", "-"))
    (tmp_path / "text" / "[/empty].txt".replace("/", "-")).touch()
    for number in range(10, 30):
        write_item(tmp_path / "image", "image", number)
        path = write_item(tmp_path / "text", "text", number)
        path.write_text(f"[/i] :apple: {number}\n")
    root = tmp_path / "[/p] :smile: project".replace("/", "-")
    code, _, err = gera("new", root, "--image", tmp_path / "image", "--text", tmp_path / "text")
    assert code == 0
    assert "[-empty].txt: It is empty" in err
    assert gera("encode", root, "image=fake/image", "text=fake/text")[0] == 0
    assert gera("align", root, "--method", "procrustes")[0] == 0
    code, out, _ = gera("query", root, "procrustes", "--text", "[/i] 12", "--to", "text")
    assert code == 0
    assert "[/i] :apple: 12" in out
    code, out, _ = gera("export", root, "procrustes", tmp_path / ("deep" * 30))
    assert out == f"Exported to {tmp_path / ('deep' * 30)}\n"  # in one line, though it is long


def sentence(result, words=""):
    """Check that a call ended with one sentence for people, and return it."""
    code, out, err = result
    assert (code, out) == (2, "")
    assert "Traceback" not in err
    assert words in " ".join(err.replace("│", " ").split())
    return err


def test_a_missing_or_broken_project(tmp_path, gera):
    (tmp_path / "file").write_text("x")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "project.toml").write_text("name = ")
    (tmp_path / "sick").mkdir()
    (tmp_path / "sick" / "project.toml").write_text("name = 'sick'")
    (tmp_path / "sick" / "catalogue.sqlite").write_text("no database" * 100)
    commands = [
        ["scan"], ["encode"], ["align"], ["evaluate"], ["map", "image"],
        ["query", "run", "--text", "x"], ["export", "run", str(tmp_path / "out")],
    ]  # fmt: skip
    for command, *rest in commands:
        for place, words in (
            ("nowhere", "is not a project"), ("file", "is not a project"),
            ("broken", "cannot be read"), ("sick", "not a database"),
            ("x" * 300, "File name too long"), ("\udcff", "not valid UTF-8"),
        ):  # fmt: skip
            err = sentence(gera(command, tmp_path / place, *rest), words)
            assert err.startswith("gera-workbench: ")
            assert err.count("\n") == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["broken", "file", "sick"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "has no folders yet"),
        (["--image", "{}/nowhere"], "nowhere does not exist"),
        (["--image", "{}/image/kind-1/thing-001.png"], "is not a folder, and not a file with"),
        (["--image", "~no-such-user/x"], "does not exist"),
        (["--text", "{}/text", "--pair-by", "("], "not a regular expression"),
        (["--text", "{}/text", "--pair-by", "x"], "has no group"),
        (["--text", "{}/text", "--pairs-table", "{}/t.csv"], "--columns"),
        (["--text", "{}/text", "--pairs-table", "{}/t.csv", "--columns", "a,b"], "--columns"),
        (
            ["--text", "{}/text", "--pairs-table", "{}/t.csv", "--columns", "image=a,smell=b"],
            "“smell” is not a modality",
        ),
        (
            ["--text", "{}/text", "--pairs-table", "{}/t.csv", "--columns", "text=a,text=b"],
            "two different modalities",
        ),
        (
            ["--text", "{}/text", "--pairs-table", "{}/t.csv", "--columns", "image=a,text=b"],
            "t.csv does not exist",
        ),
        (["--smell", "x"], "No such option"),
    ],
)
def test_a_bad_new_makes_no_project(tmp_path, gera, arguments, words):
    write_world(tmp_path, 2)
    filled = [argument.replace("{}", str(tmp_path)) for argument in arguments]
    sentence(gera("new", tmp_path / "p", *filled), words)
    assert not (tmp_path / "p").exists()


def test_new_twice_and_where_it_cannot_be(tmp_path, gera):
    write_world(tmp_path, 2)
    assert gera("new", tmp_path / "p", "--text", tmp_path / "text")[0] == 0
    sentence(gera("new", tmp_path / "p", "--text", tmp_path / "text"), "is a project already")
    below = tmp_path / "text" / "kind-1" / "thing-001.txt" / "p"
    sentence(gera("new", below, "--text", tmp_path / "text"), "No project can be made")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["encode", "smell"], "“smell” is not a modality"),
        (["encode", "speech=fake/speech"], "no speech items"),
        (["encode", "--batch-size", "0"], "batch-size"),
        (["encoders", "smell"], "“smell” is not a modality"),
        (["align", "--method", "magic"], "no method “magic”"),
        (["align", "--alpha", "-1"], "alpha"),
        (["align", "--alpha", "much"], "alpha"),
        (["align", "--alpha", "nan"], "alpha"),
        (["align", "--pairs", "1"], "pairs"),
        (["align", "--pairs", "-3"], "pairs"),
        (["align", "--steps", "0"], "steps"),
        (["align", "--seed", "-1"], "seed"),
        (["align", "--seed", str(2**63)], "seed"),
        (["align", "--set", "alpha"], "NAME=VALUE"),
        (["align", "--set", "alpa=3"], "no setting “alpa”"),
        (["align", "--set", "=3"], "no setting"),
        (["align", "--set", "kernel=magic"], "kernel"),
        (["align", "--set", 'alpha={"image": "x"}'], "alpha"),
        (["align", "--method", "asif", "--alpha", "3"], "asif has no setting “alpha”"),
        (["align", "--method", "contrastive", "--neighbours", "3"], "contrastive has no setting"),
        (["align", "--method", "ridge", "--steps", "3"], "ridge has no setting “steps”"),
        (["align", "--device", "tpu"], "device “tpu” is unknown"),
        (["align", "--device", "cuda:99"], "CUDA device"),
        (["align", "--resume", "other"], "no run “other”. Its runs: p"),
        (["align", "--resume", "p"], "“p” is finished, so there is nothing to resume"),
        (["align", "--resume", "p", "--device", "tpu"], "“p” is finished"),
        (["align", "--resume", "p", "--repeat", "p"], "--repeat or --resume"),
        (["align", "--resume", "p", "--name", "q"], "leave out --name"),
        (["align", "--resume", "p", "--steps", "9"], "recipe: leave out steps"),
        (["align", "--repeat", "p", "--method", "gera", "--set", "x=1"], "leave out method, x"),
        (["align", "--repeat", "other"], "no run “other”. Its runs: p"),
        (["align", "--start-from", "other"], "no run “other”. Its runs: p"),
        (["align", "--repeat", "p", "--start-from", "p"], "recipe: leave out start-from"),
        (["align", "--start-from", "p", "--set", "head=mlp"], "training is to start, have linear"),
        (["align", "--start-from", "p", "--method", "cca"], "starts from no other heads"),
        (["evaluate", "other"], "no run “other”"),
        (["evaluate", "../runs/p"], "no run"),
        (["map", "smell"], "no space “smell”"),
        (["map", "run:other"], "no run “other”"),
        (["map", "speech"], "No encoder is chosen for speech"),
        (["map", "image", "--method", "tsne"], "no map method"),
        (["map", "image", "--neighbours", "1"], "neighbours"),
        (["query", "p"], "A query needs at least one"),
        (["query", "p", "--text", " "], "query is empty"),
        (["query", "p", "--text", "a", "--minus-text", "a"], "cancel each other out"),
        (["query", "p", "--text", "a", "--to", "smell"], "“smell” is not a modality"),
        (["query", "p", "--text", "a", "--to", "speech"], "no speech head"),
        (["query", "p", "--text", "a", "--top", "0"], "top"),
        (["query", "p", "--item", "99999"], "no item 99999"),
        (["query", "p", "--image", "/nowhere.png"], "/nowhere.png"),
        (["query", "p", "--image", "/"], "/"),
        (["query", "p", "--image", "{}/project.toml"], "project.toml"),
        (["query", "p", "--speech", "/nowhere.wav"], "no speech head"),
        (["query", "other", "--text", "a"], "no run “other”"),
        (["export", "other", "{}/out"], "no run “other”"),
        (["export", "p", "{}"], "is not empty"),
        (["export", "p", "{}/project.toml"], "cannot be written"),
        (["dance"], "No such command"),
    ],
)
def test_bad_input_is_one_sentence(project, gera, arguments, words):
    before = tree(project)
    command, *rest = [argument.replace("{}", str(project)) for argument in arguments]
    place = [] if command == "encoders" else [str(project)]
    sentence(gera(command, *place, *rest), words)
    assert tree(project) == before


def test_encode_without_a_choice(tmp_path, gera):
    made = make_project(tmp_path, 3)
    sentence(gera("encode", made.root), "No encoder is chosen yet")
    sentence(gera("encode", made.root, "image"), "No encoder is chosen for image")
    sentence(gera("align", made.root), "no pairs of encoded modalities")
    sentence(gera("evaluate", made.root), "no runs yet")
    assert gera("evaluate", made.root, "--json")[:2] == (0, "{}\n")


def test_a_run_that_cannot_be_measured_is_kept_all_the_same(tmp_path, gera):
    made = make_project(tmp_path, 20, split={"test": 0.0})
    assert gera("encode", made.root, "image=fake/image", "text=fake/text")[0] == 0
    code, out, err = gera("align", made.root, "--method", "procrustes")
    assert code == 0
    assert "is kept in" in out
    assert "No pairs are held out" in err


def test_damaged_files_are_one_sentence(project, gera):
    run = project / "runs" / "p"
    recipe = (run / "recipe.json").read_text()
    (run / "recipe.json").write_text("{")
    sentence(gera("evaluate", project), "recipe.json is damaged")
    sentence(gera("align", project, "--repeat", "p"), "recipe.json is damaged")
    content = json.loads(recipe)
    (run / "recipe.json").write_text(json.dumps(content | {"seed": -1}))
    sentence(gera("align", project, "--repeat", "p"), "seed")
    (run / "recipe.json").write_text(json.dumps(content | {"encoders": {"text": {}}}))
    for command in (["evaluate"], ["query", "p", "--text", "x"], ["map", "run:p"]):
        sentence(gera(command[0], project, *command[1:]), "does not name its encoders")
    (run / "recipe.json").write_text(recipe)
    (project / "embeddings" / "text--fake-text.h5").write_bytes(b"")
    for command in (["evaluate"], ["align"], ["encode"], ["query", "p", "--text", "thing 1"]):
        sentence_err = gera(command[0], project, *command[1:])[2]
        assert "text--fake-text.h5 cannot be read as HDF5: it is empty" in sentence_err
    (run / "heads.safetensors").write_bytes(b"x" * 50)
    sentence(gera("evaluate", project), "heads.safetensors cannot be read")


def test_an_error_of_the_system_is_a_sentence(project, gera, monkeypatch):
    def full(*_, **__):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workbench.cli.aligning.Project.open", full)
    sentence(gera("scan", project), "No space left on device")


def test_a_terminal_without_unicode(project, tmp_path):
    """In a process of its own: the streams must be the program's."""
    result = subprocess.run(
        [sys.executable, "-m", "workbench", "runs", str(project)],
        capture_output=True, timeout=120,
        env={"PATH": "/usr/bin", "PYTHONIOENCODING": "ascii", "OMP_WAIT_POLICY": "passive"},
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"\\u03b1" in result.stdout


SLOW = """
import sys
sys.path.insert(0, sys.argv.pop(1))
from worlds.fakes import FakeShelf
import workbench.stations
shelf, station = FakeShelf(delay=0.05), sys.modules["workbench.stations.encoding.encode"]
station.load_encoder, station.fetch_encoder = shelf, shelf.fetch
from workbench.__main__ import main
import workbench.cli.encoding
workbench.cli.encoding.pick_device = lambda wish: wish  # to look for one takes seconds
workbench.cli.encoding.describe_device = str
from workbench.jobs import Progress
class Told(Progress):
    def __init__(self, *arguments):
        super().__init__(*arguments)
        print(self.done, file=sys.stdout, flush=True)
station.Progress = sys.modules["workbench.stations.encoding.filling"].Progress = Told
main()
"""


@pytest.mark.timeout(120)
def test_ctrl_c_ends_with_130_and_the_next_encode_goes_on(tmp_path, gera):
    made = make_project(tmp_path, 120, ("text",))
    command = [
        sys.executable, "-c", SLOW, str(Path(__file__).parents[1]),
        "encode", str(made.root), "text=fake/text", "--batch-size", "4",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        for line in process.stdout:
            if int(line) >= 8:
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Traceback" not in err
    assert "press Ctrl-C again" in err
    assert "of 120 text items done" in err
    with EmbeddingCache(made.cache_path("text", "fake/text")) as cache:
        done = cache.header().encoded
    assert 8 <= done < 120
    code, out, _ = gera("encode", made.root)
    assert code == 0
    assert f"text: {120 - done} encoded" in out
    assert f"{done} were encoded before" in out


AT_ITS_START = """
import builtins, runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may start us with it ignored
imported = builtins.__import__
def importing(name, *others, **more):
    if name == "typer":
        signal.raise_signal(signal.SIGINT)
    return imported(name, *others, **more)
builtins.__import__ = importing
runpy.run_module("workbench", run_name="__main__")
"""


def test_ctrl_c_while_the_program_is_imported_shows_no_traceback():
    command = [sys.executable, "-c", AT_ITS_START, "runs"]
    result = subprocess.run(
        command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2]
    )
    assert (result.returncode, result.stdout, result.stderr) == (130, "", "")


@pytest.mark.timeout(120)
def test_ctrl_c_twice_ends_at_once(tmp_path):
    made = make_project(tmp_path, 40, ("text",))
    script = SLOW.replace("delay=0.05", "delay=60")
    command = [
        sys.executable, "-c", script, str(Path(__file__).parents[1]),
        "encode", str(made.root), "text=fake/text",
    ]  # fmt: skip
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert [process.stdout.readline() for _ in range(2)] == ["0\n", "0\n"]
        process.send_signal(signal.SIGINT)
        for line in process.stderr:
            if "press Ctrl-C again" in line:
                break
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130, err
    assert "Traceback" not in err


def test_ctrl_c_while_training_keeps_the_heads(project, gera, monkeypatch):
    """The handler is called as a signal would call it, at a step of our choosing."""
    before = signal.getsignal(signal.SIGINT)  # a shell may start us with it ignored
    module = sys.modules["workbench.stations.training.align"]
    real = module.train

    def interrupted(*arguments, **options):
        job = real(*arguments, **options)
        while True:
            try:
                event = next(job)
            except StopIteration as end:
                return end.value
            if isinstance(event, StepReport) and event.step == 3:
                signal.raise_signal(signal.SIGINT)
            yield event

    monkeypatch.setattr(module, "train", interrupted)
    wish = ["--method", "contrastive", "--steps", 50]
    code, out, err = gera("align", project, *wish)
    assert code == 130
    assert "is kept in" in out
    assert "Stopped at step 3" in err
    run = Project.open(project).run("contrastive")
    assert run.recipe().stopped_at == 3
    assert signal.getsignal(signal.SIGINT) is before
    # the last line is the command that goes on
    monkeypatch.setattr(module, "train", real)
    program, *command = shlex.split(err.splitlines()[-1].removeprefix("To resume: "))
    assert program == "gera-workbench"
    assert command[0] == "align"
    code, out, err = gera(*command)
    assert code == 0
    assert run.recipe().state == "finished"
    assert gera("align", project, *wish, "--name", "calm")[0] == 0
    calm = Project.open(project).run("calm")
    for name in ("heads.safetensors", "curves.csv"):
        assert (run.folder / name).read_bytes() == (calm.folder / name).read_bytes()


def test_ctrl_c_again_while_it_is_measured_has_told_how_to_go_on(project, gera, monkeypatch):
    module = sys.modules["workbench.stations.training.align"]
    real = module.train

    def interrupted(*arguments, **options):
        job = real(*arguments, **options)
        while True:
            try:
                event = next(job)
            except StopIteration as end:
                return end.value
            if isinstance(event, StepReport) and event.step == 3:
                signal.raise_signal(signal.SIGINT)
            yield event

    measuring = sys.modules["workbench.stations.evaluating.compare"]
    measure = measuring.measure

    def interrupted_again(*arguments, **options):
        signal.raise_signal(signal.SIGINT)
        return (yield from measure(*arguments, **options))

    monkeypatch.setattr(module, "train", interrupted)
    monkeypatch.setattr(measuring, "measure", interrupted_again)
    code, _, err = gera("align", project, "--method", "contrastive", "--steps", 50)
    assert code == 130
    assert f"To resume: gera-workbench align {project} --resume contrastive\n" in err


def test_ctrl_c_when_all_is_done_is_no_stop(project, gera, monkeypatch):
    module = sys.modules["workbench.stations.training.align"]
    real = module.train

    def interrupted(*arguments, **options):
        space = yield from real(*arguments, **options)
        signal.raise_signal(signal.SIGINT)
        return space

    monkeypatch.setattr(module, "train", interrupted)
    code, _, err = gera("align", project, "--method", "ridge")
    assert code == 0
    assert "To go on" not in err
    assert Project.open(project).run("ridge").recipe().state == "finished"


def test_the_sample_never_draws_into_a_users_folder(tmp_path, gera, monkeypatch):
    module = sys.modules["workbench.stations.collecting.sample"]

    def draw(folder, count, control):
        write_world(folder, count)
        (folder / "image").rename(folder / "pictures")
        (folder / "text").rename(folder / "names")
        yield from ()

    monkeypatch.setattr(module, "draw_openmoji", draw)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    sentence(gera("sample", tmp_path / "mine"), "is not empty")
    make_project(tmp_path / "other", 2)
    sentence(gera("sample", tmp_path / "other" / "project"), "is another project")
    sentence(gera("sample", tmp_path / "new", "--recipe", "magic"), "no sample “magic”")
    sentence(gera("sample", tmp_path / "new", "--count", "1"), "count")
    assert not (tmp_path / "new").exists()
    code, out, _ = gera("sample", tmp_path / "new", "--count", "12")
    assert code == 0
    assert "12 image–text pairs" in out
    assert "OpenMoji" in out
    assert tree(tmp_path / "mine") == {"letter.txt": b"dear"}


@pytest.mark.parametrize("words", ["off", "auto"])
def test_align_takes_the_wish_for_own_words(project, gera, words):
    code, _, _ = gera("align", project, "--method", "ridge", "--name", "x", "--words", words)
    assert code == 0
    assert Project.open(project).run("x").recipe().words.share == 0  # these encoders know none


def test_a_share_of_words_is_a_number(project, gera):
    code, _, err = gera("align", project, "--method", "ridge", "--words", "many")
    assert code == 2
    assert "“many” is not a number. Write --words as in --words 0.3." in " ".join(err.split())
    code, _, err = gera("align", project, "--method", "ridge", "--words", "0.3")
    assert code == 2
    assert "A share of 0.3 was asked for" in " ".join(err.split())
