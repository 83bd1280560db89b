"""Questions put together, answers of several runs side by side, and what drew them."""

from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, vector, write_item

from workbench.errors import WorkbenchError
from workbench.jobs import Control, drain
from workbench.project import load_dataset
from workbench.stations import (
    AlignRequest,
    Combination,
    EncodeRequest,
    LoadedEncoders,
    Question,
    Searcher,
    align,
    ask_runs,
    encode,
    query,
    query_runs,
    scan,
    training_pairs,
)

PAIR = {"image": "fake/image", "text": "fake/text"}


pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, 40, ("text", "image", "speech"), extra=2))
    drain(align(project, AlignRequest(method="ridge", name="p", encoders=PAIR)))
    drain(align(project, AlignRequest(method="procrustes", name="few", pairs=4, encoders=PAIR)))


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def text(number):
    return Question(text=f"thing {number}")


def minus(*terms):
    return Combination(tuple(terms))


# --- put together --------------------------------------------------------------------------------


def test_a_sum_is_the_unit_sum_of_places(project, tmp_path):
    space = project.run("p").space()
    picture = write_item(tmp_path / "elsewhere", "image", 8)
    item = project.catalogue.items("image")[3]
    number = int(item.path[-7:-4])
    asked = minus((text(5), 1.0), (Question(image=picture), -1.0), (Question(item=item.id), 0.5))
    expected = (
        space.embed("text", vector("text", 5))
        - space.embed("image", vector("image", 8))
        + 0.5 * space.embed("image", vector("image", number))
    )
    expected /= np.linalg.norm(expected)
    searcher = Searcher(project, "p")
    place = searcher.embed(asked)
    assert (place.shape, place.dtype) == (expected.shape, np.float32)
    np.testing.assert_allclose(place, expected, atol=1e-6)
    answers = searcher.ask(asked, top=1000)
    assert item.id not in [answer.item.id for answer in answers]  # it was asked with
    assert len(answers) == 83
    for answer in answers[:5]:
        found = searcher.place_of_item(answer.item.id)
        assert answer.score == pytest.approx(float((found @ expected.T)[0, 0]), abs=1e-5)
    assert asked.in_words() == f"“thing 5” − thing-008.png + 0.5 × item {item.id}"
    assert minus((text(5), -1.0)).in_words() == "− “thing 5”"
    assert drain(query(project, "p", asked, top=1000)) == answers


def test_one_alone_is_the_question_itself_and_its_negative_the_opposite(project):
    searcher = Searcher(project, "p")
    alone = searcher.embed(text(7))
    np.testing.assert_allclose(searcher.embed(minus((text(7), 1.0))), alone, atol=1e-6)
    np.testing.assert_allclose(searcher.embed(minus((text(7), -3.0))), -alone, atol=1e-6)
    forward = [answer.item.id for answer in searcher.ask(text(7), top=1000)]
    back = [answer.item.id for answer in searcher.ask(minus((text(7), -1.0)), top=1000)]
    assert back == forward[::-1]


def test_what_is_taken_away_moves_down(project):
    searcher = Searcher(project, "p")
    both = minus((text(3), 1.0), (text(4), 1.0))
    less = minus((text(3), 1.0), (text(4), -1.0))
    of_4 = next(i.id for i in project.catalogue.items("image") if i.path.endswith("thing-004.png"))

    def rank(asked):
        return [answer.item.id for answer in searcher.ask(asked, "image", 1000)].index(of_4)

    assert rank(both) < rank(less)


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (minus(), "A query needs at least one"),
        (minus((Question(), 1.0)), "A query is one thing"),
        (minus((text(1), 1.0), (Question(text=" "), -1.0)), "query is empty"),
        (minus((text(1), 0.0)), "has the weight 0. Give 1"),
        (minus((text(1), float("nan"))), "has the weight nan"),
        (minus((text(1), float("inf"))), "has the weight inf"),
        (
            minus((text(1), 1.0), (text(1), -1.0)),
            "“thing 1” − “thing 1” is empty, since its parts cancel",
        ),
        (minus((text(1), 1.0), (Question(item=10**7), -1.0)), "no item 10000000"),
    ],
)
def test_bad_combinations_are_sentences(project, asked, words):
    with pytest.raises(WorkbenchError) as error:
        drain(query(project, "p", asked))
    assert words in str(error.value)


def test_each_modality_has_its_own_ranks(project):
    searcher = Searcher(project, "p")
    assert searcher.modalities == ("image", "text")
    each = searcher.ask_each(text(9), 5)
    assert each == {view: searcher.ask(text(9), view, 5) for view in ("image", "text")}
    assert [[a.rank for a in some] for some in each.values()] == [[1, 2, 3, 4, 5]] * 2
    with pytest.raises(WorkbenchError, match="number of answers must be at least one"):
        searcher.ask_each(text(9), 0)


@pytest.mark.parametrize(
    "words", ["شيء 7", "东西 7", "🍎 7 👩‍👩‍👧", "thing 7 " + "very " * 2000, "\x00 7", "%s 7 [/i]"]
)
def test_words_of_any_kind_are_answered(project, words):
    answers = Searcher(project, "p").ask(Question(text=words), "text", 1)
    assert answers[0].item.text == "thing 7"


@pytest.mark.parametrize("left", [0, 1])
def test_no_item_and_one_item_to_find(project, left):
    images = project.catalogue.items("image")
    for item in images[left:]:
        Path(item.path).unlink()
    drain(scan(project))
    searcher = Searcher(project, "p")
    assert len(searcher.ask(text(3), "image")) == left
    assert len(searcher.ask(text(3), top=1000)) == 42 + left
    assert {view: len(some) for view, some in searcher.ask_each(text(3), 5).items()} == {
        "image": left, "text": 5,
    }  # fmt: skip
    found = drain(query_runs(project, ["p", "few"], text(3), to="image"))
    assert [len(each.answers) for each in found] == [left, left]
    with pytest.raises(WorkbenchError, match="its file is gone"):
        searcher.ask(Question(item=images[-1].id))


def test_items_of_one_place_come_in_order_of_id(project, tmp_path):
    for number in range(5):
        write_item(tmp_path / "text" / f"copy-{number}", "text", 12)
    drain(scan(project))
    drain(encode(project, EncodeRequest("text", "fake/text")))
    answers = Searcher(project, "p").ask(text(12), "text", 6)
    assert {answer.item.text for answer in answers} == {"thing 12"}
    ids = [answer.item.id for answer in answers]
    assert ids == sorted(ids)


def test_questions_need_no_pairs(project):
    before = Searcher(project, "p").ask(text(3))
    project.catalogue.take_pairs([])
    assert Searcher(project, "p").ask(text(3)) == before
    with pytest.raises(WorkbenchError, match="has no pairs"):
        drain(training_pairs(project, "p"))


# --- side by side --------------------------------------------------------------------------------


@pytest.mark.parametrize("to", [None, "image"])
def test_runs_side_by_side_say_what_moved(project, to):
    first, second = drain(query_runs(project, ["p", "few"], text(11), to=to, top=6))
    assert (first.run_name, second.run_name) == ("p", "few")
    whole = {
        name: [a.item.id for a in Searcher(project, name).ask(text(11), to, 1000)]
        for name in ("p", "few")
    }
    assert [(m.answer.rank, m.first_rank, m.moved) for m in first.answers] == [
        (rank, rank, 0) for rank in range(1, 7)
    ]
    assert first.dropped == []
    for moved in second.answers:
        rank = whole["p"].index(moved.answer.item.id) + 1
        assert moved.first_rank == rank
        assert moved.moved == rank - moved.answer.rank
        assert whole["few"][moved.answer.rank - 1] == moved.answer.item.id
    assert any(moved.moved for moved in second.answers)
    gone = {answer.item.id: rank for answer, rank in second.dropped}
    assert set(gone) == set(whole["p"][:6]) - set(whole["few"][:6])
    for item, rank in gone.items():
        assert whole["few"].index(item) + 1 == rank > 6


def test_a_run_without_the_modality_of_an_answer_says_none(tmp_path, project):
    drain(align(project, AlignRequest(method="contrastive", name="three", settings={"steps": 3})))
    asked = Question(item=project.catalogue.items("image")[0].id)
    found = drain(query_runs(project, ["p", "three"], asked, top=200))
    speech = [m for m in found[1].answers if m.answer.item.modality == "speech"]
    assert len(speech) == 42
    assert {(m.first_rank, m.moved) for m in speech} == {(None, None)}
    back = drain(query_runs(project, ["three", "p"], asked, top=200))
    assert {rank for _, rank in back[1].dropped} == {None}


def test_encoders_that_runs_share_are_loaded_once(project, monkeypatch):
    loads = []

    class Counting(FakeShelf):
        def __call__(self, name, modality, device="auto", **_):
            loads.append(name)
            return super().__call__(name, modality, device)

    Counting().put(monkeypatch)
    drain(query_runs(project, ["p", "few"], text(2)))
    assert loads == ["fake/text"]
    encoders = LoadedEncoders()
    again = [Searcher(project, name, encoders=encoders) for name in ("p", "few")]
    expected = drain(query_runs(project, ["p", "few"], text(2)))
    assert ask_runs(again, text(2)) == expected
    assert drain(query_runs(project, ["p", "few"], text(2), searchers=again)) == expected


@pytest.mark.parametrize(
    ("names", "words"),
    [(["p", "few", "p"], "“p” is named twice"), ([], "at least one run"), (["q"], "no run “q”")],
)
def test_bad_runs_are_sentences(project, names, words):
    with pytest.raises(WorkbenchError, match=words):
        drain(query_runs(project, names, text(1)))


def test_a_stop_gives_no_answers(project):
    control = Control()
    control.stop()
    assert drain(query_runs(project, ["p", "few"], text(1), control=control)) == []


def test_a_question_is_encoded_once_for_runs_of_one_encoder(project, shelf):
    found = drain(query_runs(project, ["p", "few"], text(2)))
    assert shelf.loaded["text"].seen == [2]
    searchers = [Searcher(project, name) for name in ("p", "few")]
    for each, searcher in zip(found, searchers, strict=True):
        np.testing.assert_allclose(each.place, searcher.embed(text(2)), atol=1e-6)
    asked = minus((text(5), 1.0), (text(6), -1.0), (text(5), 0.5))
    drain(query_runs(project, ["few", "p"], asked))
    assert shelf.loaded["text"].seen == [5, 6]


# --- why -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("to", ["image", "text"])
def test_why_names_the_nearest_training_pairs(project, to):
    pairs = drain(training_pairs(project, "p"))
    searcher, asked = Searcher(project, "p"), text(6)
    answer = searcher.ask(asked, to, 3)[1]
    pulls = pairs.why(searcher, asked, answer, 4)
    data = load_dataset(project, PAIR)
    recipe, space = project.run("p").recipe(), project.run("p").space()
    rows = data.split(recipe.split, recipe.pairs).training["image", "text"]
    assert len(pairs) == len(rows)
    sides = {
        view: space.embed(view, data.views[view].embeddings[rows[:, side]])
        for side, view in enumerate(("image", "text"))
    }
    question, there = searcher.embed(asked)[0], searcher.place_of_item(answer.item.id)[0]
    other = {"image": "text", "text": "image"}[to]
    strength = np.minimum(sides[other] @ question, sides[to] @ there)
    order = np.argsort(-strength)[:4]
    np.testing.assert_allclose([p.strength for p in pulls], strength[order], atol=1e-6)
    for pull, row in zip(pulls, order.tolist(), strict=True):
        side = ("image", "text").index(to)
        assert pull.near_answer.id == data.views[to].ids[rows[row, side]]
        assert pull.near_question.id == data.views[other].ids[rows[row, 1 - side]]
        assert (pull.near_answer.modality, pull.near_question.modality) == (to, other)
    assert pairs.why(searcher, asked, answer, 0) == []


def test_why_knows_only_the_pairs_of_the_budget(project):
    assert len(drain(training_pairs(project, "few"))) == 4


def test_why_of_changed_data_is_a_sentence(project, tmp_path):
    write_item(tmp_path / "image" / "kind-0", "image", 300)
    drain(scan(project))
    drain(encode(project, EncodeRequest("image", "fake/image")))
    with pytest.raises(WorkbenchError, match="training pairs are no longer the same"):
        drain(training_pairs(project, "p"))
