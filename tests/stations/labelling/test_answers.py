"""What the user says about items: kept, told, taken back, and learned from."""

import csv
import shutil
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner
from worlds.projects import small_project

from workbench.cli import app
from workbench.errors import WorkbenchError
from workbench.jobs import Notice, drain
from workbench.project import ANSWERS_FILE, Project, Recipe, load_dataset
from workbench.stations import division, scan, split_roles
from workbench.stations.labelling import answers
from workbench.stations.runs.data import data_of_run_if_unchanged


@pytest.fixture
def project(tmp_path):
    return Project.open(small_project(tmp_path, 12))


def ids_of(project, *names):
    """Return ids of items by modality and number: ``image 3``."""
    found = {(item.modality, int(item.key)): item.id for item in project.catalogue.items()}
    return [found[name.split()[0], int(name.split()[1])] for name in names]


def pairs_of(project):
    return {tuple(pair) for ids in project.catalogue.pairs().values() for pair in ids.tolist()}


def lines_of(project):
    text = (project.root / ANSWERS_FILE).read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def test_a_pair_and_a_refusal_are_there_at_once_and_after_a_scan(project):
    image, text, own = ids_of(project, "image 3", "text 4", "text 3")
    answers.say_pair(project, text, image, "diversity")
    told = answers.say_no_pair(project, image, own)
    assert told.sentence() == "“003” and “rain 3” are no pair."
    for again in (project, Project.open(project.root)):
        assert (image, text) in pairs_of(again)
        assert (image, own) not in pairs_of(again)
        assert sum(again.catalogue.pair_counts().values()) == 12
        report = drain(scan(again))
        assert report.own == "Your own answers: 1 pair, 1 refused, 0 items without a partner"
    assert answers.refused_pairs(project)["image", "text"].tolist() == [[image, own]]
    assert answers.confirmed_pairs(project)["image", "text"].tolist() == [[image, text]]
    first, second = lines_of(project)
    assert (first["answer"], first["proposed_by"]) == ("pair", "diversity")
    assert second["first"].startswith("../files/image/")


def test_the_newest_answer_counts_and_taking_it_back_brings_the_one_before(project):
    image, text = ids_of(project, "image 3", "text 4")
    paired = answers.say_pair(project, image, text)
    refused = answers.say_no_pair(project, text, image)
    assert "Before, you had said" in refused.sentence()
    assert (image, text) not in pairs_of(project)
    assert len(project.catalogue.answers().replaced) == 1
    alone = answers.say_no_partner(project, *_free(project, image))
    assert answers.without_partner(project) == {("image", "text"): np.array([image])}
    again = answers.say_pair(project, image, text)  # which says that it has a partner
    assert answers.without_partner(project) == {}
    for given in (again, alone, refused):
        answers.take_back(project, given)
    assert (image, text) in pairs_of(project)
    answers.take_back(project, paired)
    assert (image, text) not in pairs_of(project)
    assert [line["answer"] for line in lines_of(project)] == ["no pair"]
    with pytest.raises(WorkbenchError, match="not in the list"):
        answers.take_back(project, paired)


def _free(project, image):
    """Take the given pair of an image apart, so that it may have no partner."""
    [text] = ids_of(project, "text 3")
    with pytest.raises(WorkbenchError, match="Take that pair apart first"):
        answers.say_no_partner(project, image, "text")
    answers.say_no_pair(project, image, text)
    return image, "text"


def test_what_cannot_be_a_pair_is_refused(project):
    one, other = ids_of(project, "image 3", "image 4")
    with pytest.raises(WorkbenchError, match="two modalities"):
        answers.say_pair(project, one, other)
    with pytest.raises(WorkbenchError, match="no item 999"):
        answers.say_pair(project, one, 999)
    with pytest.raises(WorkbenchError, match="image item itself"):
        answers.say_no_partner(project, one, "image")
    assert not (project.root / ANSWERS_FILE).exists()


def test_an_item_that_goes_and_comes_back_and_a_project_that_moves(project, tmp_path):
    image, text = ids_of(project, "image 3", "text 4")
    answers.say_pair(project, image, text)
    [file] = [item.path for item in project.catalogue.items("text") if item.id == text]
    content = Path(file).read_bytes()
    Path(file).unlink()
    told = []
    drain(scan(project), told.append)
    (said,) = (each.text for each in told if isinstance(each, Notice) and "Waiting" in each.text)
    assert said.endswith("1 answer of yours.")
    assert (image, text) not in pairs_of(project)
    Path(file).write_bytes(content)
    drain(scan(project))
    assert (image, text) in pairs_of(project)

    shutil.copytree(tmp_path, tmp_path.parent / "copied", dirs_exist_ok=True)
    copied = Project.open(tmp_path.parent / "copied" / "project")
    shutil.rmtree(tmp_path / "files" / "text")
    drain(scan(copied))
    assert (image, text) in pairs_of(copied)

    (copied.root.parent / "files" / "text").rename(copied.root.parent / "words")
    sources = [each.model_copy() for each in copied.settings.sources]
    sources[1].path = "../words"
    copied.change(sources=sources)
    drain(scan(copied))
    assert (image, text) in pairs_of(copied)
    assert lines_of(copied)[0]["second"].startswith("../words/")


def test_a_run_of_before_stays_one_of_data_that_there_are(project):
    image, text, own = ids_of(project, "image 3", "text 4", "text 3")
    data = load_dataset(project)
    cards = {view: facts.card for view, facts in data.views.items()}
    recipe = Recipe(
        method="procrustes", encoders=cards, data_fingerprint=data.fingerprint,
        created="2020-01-01T00:00:00.000+00:00",
    )  # fmt: skip
    run = project.new_run("before", recipe)
    given = answers.say_pair(project, image, text)
    answers.say_no_pair(project, image, own)
    assert load_dataset(project).fingerprint != data.fingerprint
    known = data_of_run_if_unchanged(project, run, recipe)
    assert known is not None
    assert len(known.pairs["image", "text"]) == 12
    now = load_dataset(project)
    later = project.new_run("later", Recipe(
        method="procrustes", encoders=cards, data_fingerprint=now.fingerprint,
        created="2099-01-01T00:00:00.000+00:00",
    ))  # fmt: skip
    answers.take_back(project, given)  # a run has learned it: it is withdrawn and not removed
    assert (image, text) not in pairs_of(project)
    assert [line["answer"] for line in lines_of(project)] == ["pair", "no pair", "withdrawn"]
    assert data_of_run_if_unchanged(project, later, later.recipe()) is None  # from the future


@pytest.mark.parametrize("words", ["the sun", "the moon"])
def test_the_words_of_a_line_tell_which_is_meant_when_lines_move(tmp_path, words):
    from workbench.project import ProjectSettings, Source

    pictures = tmp_path / "images"
    shutil.copytree(small_project(tmp_path / "other", 12).parent / "files" / "image", pictures)
    lines = tmp_path / "lines.txt"
    lines.write_text("the rain\nthe sun\nthe snow\n")
    project = Project.create(tmp_path / "p", ProjectSettings(sources=[
        Source(modality="image", path=str(pictures)), Source(modality="text", path=str(lines)),
    ]))  # fmt: skip
    drain(scan(project))
    [text] = [item.id for item in project.catalogue.items("text") if item.text == "the sun"]
    image = project.catalogue.items("image")[0].id
    answers.say_pair(project, image, text)
    lines.write_text(f"the wind\nthe rain\n{words}\nthe snow\n")
    drain(scan(project))
    found = {item.id: item.text for item in project.catalogue.items("text")}
    paired = [found[second] for _, second in pairs_of(project)]
    assert paired == (["the sun"] if words == "the sun" else [])


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("image,text\n1.png,1.txt\n", "no column “answer”"),
        ("", "no column “answer”"),
        (b"\xff\xfe\x00pairs", "not UTF-8"),
        ("x" * 200_000 + "\n" * 9, "no column “answer”"),
    ],
)
def test_a_foreign_file_of_that_name_is_told_and_left_alone(project, content, sentence):
    path = project.root / ANSWERS_FILE
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    image, text = ids_of(project, "image 3", "text 4")
    for act in (
        lambda: answers.say_pair(project, image, text),
        lambda: drain(scan(project)),
        lambda: project.catalogue.pairs(),
    ):
        with pytest.raises(WorkbenchError, match=sentence):
            act()
    assert path.read_bytes() == before


def test_what_a_spreadsheet_makes_of_the_list_is_read(project):
    image, text = ids_of(project, "image 3", "text 4")
    answers.say_pair(project, image, text)
    line = lines_of(project)[0]
    first, second = line["first"], line["second"]
    (project.root / ANSWERS_FILE).write_text(
        "\ufeffAnswer;first;first_modality;second;second_modality;when;remark\n"
        f"pair;{first};image;{second};text;30.11.2026 19:00;mine\n"
        "perhaps;a;image;b;text;;\n"
        "pair;a;image;b;image;;\n"
        "pair;;image;b;text;;\n"
        "pair;nobody.png;image;nothing.txt;text;;\n"
        "\n",
        encoding="utf-8",
    )
    found = project.catalogue.answers()
    assert pairs_of(project) >= {(image, text)}
    assert len(found.odd) == 3
    assert len(found.waiting) == 1
    assert "Line 3 of your own pairs is not heeded: “perhaps” is none of the answers" in "".join(
        found.doubts()
    )
    answers.say_no_pair(project, image, text)  # what is not understood is kept
    assert len(project.catalogue.answers().odd) == 3
    assert lines_of(project)[0]["remark"] == "mine"


def test_the_command_adds_refuses_withdraws_and_lists(project):
    runner = CliRunner()

    def said(*arguments):
        result = runner.invoke(app, ["pairs", str(project.root), *arguments])
        assert result.exit_code == 0, result.output
        return result.output

    assert "no pairs of your own yet" in said()
    [text] = project.catalogue.items_of(ids_of(project, "text 4"))
    assert f"“003” and “{text.name}” are a pair." in said("--add", "003.png", text.text)
    assert "are no pair" in said("--refuse", *map(str, ids_of(project, "image 3", "text 3")))
    assert '"state": "counts"' in said("--json")
    assert "withdraw" in said("--withdraw", "003.png", "004.txt").lower()
    assert len(project.catalogue.answers().pairs) == 0
    assert len(pairs_of(project)) == 11
    for name, sentence in (("png", "No item"), ("label 1", "No item"), ("-1", "No item")):
        with pytest.raises(WorkbenchError, match=sentence):
            runner.invoke(
                app, ["pairs", str(project.root), "--refuse", name, "1"], catch_exceptions=False
            )


def test_training_again_says_what_the_answers_have_brought(tmp_path):
    from workbench.stations import AlignRequest, align
    from workbench.stations.labelling.gain import train_again

    project = Project.open(small_project(tmp_path, 40))
    drain(align(project, AlignRequest(method="procrustes", name="before")))
    with pytest.raises(WorkbenchError, match="paired nothing since"):
        drain(train_again(project, "before"))
    roles = split_roles(project, "before")["image"]
    trained = [item for item, role in zip(*roles, strict=True) if role == "training"]
    pairs = sorted(pairs_of(project))
    texts = dict(pairs)
    for one, other in pairwise(trained[:5]):  # wrong ones, so that it shows
        answers.say_pair(project, one, texts[other])
    [held] = [item for item, role in zip(*roles, strict=True) if role == "test"][:1]
    answers.say_pair(project, held, texts[trained[9]])
    assert division(project)[0].sentence().endswith("1 own pair set aside: linked to held-out ones")
    told = []
    found = drain(train_again(project, "before"), told.append)
    told = [each.text for each in told if isinstance(each, Notice)]
    assert "4 pairs of your own are learned from." in told
    assert any(each.startswith("1 pair of your own is not learned from") for each in told)
    assert (found.run, found.more, found.fewer) == ("before-and-own-pairs", 5, 0)
    assert found.difference is not None
    assert found.difference.low <= found.difference.value <= found.difference.high
    assert "“before-and-own-pairs” learned with 5 pairs more" in found.sentence()
    assert split_roles(project, "before")["image"] is not None
    assert project.runs()[-1].recipe().created > project.catalogue.answers().pairs[-1].line.when
