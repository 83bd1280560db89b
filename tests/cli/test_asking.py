"""The commands that ask: several things at once, several runs, each modality, and why."""

import json
from pathlib import Path

import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, write_item

from workbench.jobs import drain
from workbench.project import Project
from workbench.stations import (
    AlignRequest,
    Combination,
    Question,
    Searcher,
    align,
    query_runs,
    training_pairs,
)

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """Make a project with two runs, once."""
    root = tmp_path_factory.mktemp("finished")
    with pytest.MonkeyPatch.context() as monkeypatch:
        FakeShelf().put(monkeypatch)
        project = encode_all(make_project(root))
        drain(align(project, AlignRequest(method="ridge", name="p")))
        drain(align(project, AlignRequest(method="procrustes", name="few", pairs=4)))
    return project.root


def ids(rows):
    return [row["id"] for row in rows]


def test_several_things_are_added_and_taken_away(project, tmp_path, gera):
    opened = Project.open(project)
    picture = write_item(tmp_path / "elsewhere", "image", 8)
    item = opened.catalogue.items("text")[2].id
    code, out, err = gera(
        "query", project, "p", "--text", "thing 3", "--text", "thing 4", "--item", item,
        "--minus-image", picture, "--minus-text", "thing 9", "--to", "image", "--top", 7, "--json",
    )  # fmt: skip
    assert (code, err) == (0, "")
    asked = Combination((
        (Question(text="thing 3"), 1), (Question(text="thing 4"), 1), (Question(item=item), 1),
        (Question(text="thing 9"), -1), (Question(image=picture), -1),
    ))  # fmt: skip
    answers = Searcher(opened, "p").ask(asked, "image", 7)
    assert ids(json.loads(out)) == [answer.item.id for answer in answers]
    assert [r["score"] for r in json.loads(out)] == pytest.approx([a.score for a in answers])


def test_each_modality_is_ranked_apart(project, gera):
    code, out, _ = gera("query", project, "p", "--text", "thing 3", "--to", "each", "--json")
    assert code == 0
    found = json.loads(out)
    assert list(found) == ["image", "text"]
    for view, rows in found.items():
        assert [row["rank"] for row in rows] == list(range(1, 11))
        assert {row["modality"] for row in rows} == {view}
    code, out, _ = gera("query", project, "p", "--text", "thing 3", "--to", "each")
    assert code == 0
    assert "thing-003.png" in out
    assert "thing 3" in out


def test_why_shows_training_pairs(project, gera):
    code, out, _ = gera("query", project, "p", "--text", "thing 3", "--top", 2, "--why", "--json")
    assert code == 0
    opened = Project.open(project)
    searcher, pairs = Searcher(opened, "p"), drain(training_pairs(opened, "p"))
    for row, answer in zip(
        json.loads(out), searcher.ask(Question(text="thing 3"), top=2), strict=True
    ):
        pulls = pairs.why(searcher, Question(text="thing 3"), answer)
        assert [p["near_answer"]["id"] for p in row["why"]] == [p.near_answer.id for p in pulls]
        assert [p["to_answer"] for p in row["why"]] == pytest.approx(
            [p.to_answer for p in pulls], abs=1e-6
        )
    code, out, _ = gera("query", project, "p", "--text", "thing 3", "--top", 2, "--why")
    assert code == 0
    assert out.count("pair") == 6


def test_runs_are_set_side_by_side(project, gera):
    arguments = ("query", project, "p", "few", "--text", "thing 3", "--to", "image", "--top", 5)
    code, out, _ = gera(*arguments, "--json")
    assert code == 0
    found = json.loads(out)
    expected = drain(
        query_runs(Project.open(project), ["p", "few"], Question(text="thing 3"), to="image", top=5)
    )
    assert list(found) == ["p", "few"]
    for each in expected:
        rows = found[each.run_name]
        assert ids(rows["answers"]) == [moved.answer.item.id for moved in each.answers]
        assert [(row["id"], row["rank"]) for row in rows["dropped"]] == [
            (answer.item.id, rank) for answer, rank in each.dropped
        ]
    assert [row["first_rank"] for row in found["few"]["answers"]] == [
        moved.first_rank for moved in expected[1].answers
    ]
    code, out, _ = gera(*arguments)
    assert code == 0
    assert "few, beside p" in out
    for answer, rank in expected[1].dropped:
        name = Path(answer.item.path).name
        assert f"{name}, rank {answer.rank} in p, has rank {rank} here." in out


def test_an_index_is_made_where_there_are_many(project, gera):
    code, out, err = gera("query", project, "p", "--text", "thing 3", "--index", "--json")
    assert (code, err, len(json.loads(out))) == (0, "", 10)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["p", "few", "--text", "a", "--why"], "--why explains one run"),
        (["p", "few", "--text", "a", "--to", "each"], "Leave out --to"),
        (["p", "p", "--text", "a"], "“p” is named twice"),
        (["p", "other", "--text", "a"], "no run “other”"),
        (["p", "--text", "thing 1", "--minus-item", "99999"], "no item 99999"),
        (["p", "--text", "thing 1", "--minus-image", "/nowhere.png"], "/nowhere.png"),
        (["p", "--text", "thing 1", "--minus-text", ""], "query is empty"),
        (["--text", "a"], "RUN"),
    ],
)
def test_bad_questions_are_sentences(project, gera, arguments, words):
    code, out, err = gera("query", project, *arguments)
    assert (code, out) == (2, "")
    assert words in err
    assert "Traceback" not in err
