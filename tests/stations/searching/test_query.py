from pathlib import Path

import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, vector, write_item

from workbench.errors import WorkbenchError
from workbench.jobs import drain
from workbench.stations import AlignRequest, Question, Searcher, align, query, scan

pytestmark = pytest.mark.usefixtures("shelf")


def make(folder):
    project = encode_all(make_project(folder, 40, ("text", "image", "speech"), extra=2))
    drain(align(project, AlignRequest(method="procrustes", name="p", encoders={
        "image": "fake/image", "text": "fake/text",
    })))  # fmt: skip


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


def ask(project, question, **options):
    return drain(query(project, "p", question, **options))


def number_of(item):
    return int(Path(item.path).stem[-4:].lstrip("-"))


def brute_force(project, place, to=None, but=None):
    """All items of the run by falling cosine."""
    space = project.run("p").space()
    scored = []
    for item in project.catalogue.items():
        if item.modality in space.views and item.modality == (to or item.modality):
            row = space.embed(item.modality, vector(item.modality, number_of(item)))
            scored.append((float(row[0] @ place[0]), item))
    scored.sort(key=lambda each: (-each[0], each[1].id))
    return [each for each in scored if each[1].id != but]


def same(answers, expected):
    assert [answer.rank for answer in answers] == list(range(1, len(expected) + 1))
    assert [answer.item.id for answer in answers] == [item.id for _, item in expected]
    np.testing.assert_allclose(
        [answer.score for answer in answers], [score for score, _ in expected], atol=1e-5
    )


@pytest.mark.parametrize("to", [None, "image", "text"])
@pytest.mark.parametrize("top", [1, 7, 1000])
def test_a_text_finds_what_brute_force_finds(project, to, top):
    place = project.run("p").space().embed("text", vector("text", 17))
    answers = ask(project, Question(text="thing 17"), to=to, top=top)
    same(answers, brute_force(project, place, to)[:top])
    assert number_of(answers[0].item) == 17
    assert all(to in (None, answer.item.modality) for answer in answers)


def test_a_picture_finds_its_text(project, tmp_path):
    picture = write_item(tmp_path / "elsewhere", "image", 21)
    place = project.run("p").space().embed("image", vector("image", 21))
    answers = ask(project, Question(image=picture), to="text")
    same(answers, brute_force(project, place, "text")[:10])
    assert answers[0].item.text == "thing 21"


def test_an_item_does_not_find_itself(project, shelf):
    shelf.loaded.clear()
    for item in project.catalogue.items("image")[:5]:
        space = project.run("p").space()
        place = space.embed("image", vector("image", number_of(item)))
        for to in (None, "image", "text"):
            answers = ask(project, Question(item=item.id), to=to, top=9)
            same(answers, brute_force(project, place, to, but=item.id)[:9])
            assert len(answers) == 9
    assert shelf.loaded == {}  # no encoder is needed


def test_a_searcher_loads_an_encoder_once(project, monkeypatch):
    shelf = FakeShelf().put(monkeypatch)
    searcher = Searcher(project, "p")
    first = ask(project, Question(text="thing 3"), searcher=searcher)
    encoder = shelf.loaded["text"]
    assert ask(project, Question(text="thing 3"), searcher=searcher) == first
    assert shelf.loaded["text"] is encoder
    assert encoder.seen == [3, 3]


def test_vanished_and_changed_items_are_not_found(project, tmp_path):
    best = ask(project, Question(text="thing 5"), to="image")[0].item
    Path(best.path).unlink()
    drain(scan(project))
    answers = ask(project, Question(text="thing 5"), to="image", top=1000)
    assert best.id not in {answer.item.id for answer in answers}
    assert len(answers) == 41


@pytest.mark.parametrize(
    ("question", "options", "words"),
    [
        (Question(), {}, "A query is one thing"),
        (Question(text="a", item=1), {}, "A query is one thing"),
        (Question(text="  \n"), {}, "query is empty"),
        (Question(text=""), {}, "query is empty"),
        (Question(text="a"), {"top": 0}, "number of answers must be at least one"),
        (Question(text="a"), {"to": "speech"}, "no speech head. It has: image, text"),
        (Question(speech=Path("x.wav")), {}, "no speech head"),
        (Question(item=10**6), {}, "no item 1000000"),
        (Question(item=10**30), {}, "no item 1000"),
        (Question(image=Path("/nowhere.png")), {}, "nowhere.png"),
        (Question(image=Path("/")), {}, ""),
        (Question(image=Path("x" * 300)), {}, ""),
        (Question(image=Path("~no-such-user/x.png")), {}, "no-such-user"),
    ],
)
def test_bad_questions_are_sentences(project, shelf, question, options, words):
    shelf.loaded.clear()
    with pytest.raises(WorkbenchError) as error:
        ask(project, question, **options)
    assert words in str(error.value)
    assert "image" not in shelf.loaded  # and no time was lost on an encoder


def test_items_that_have_no_place_are_sentences(project, tmp_path):
    speech = project.catalogue.items("speech")[0]
    with pytest.raises(WorkbenchError, match="no speech head"):
        ask(project, Question(item=speech.id))
    write_item(tmp_path / "text", "text", 800)
    drain(scan(project))
    new = project.catalogue.items("text")[-1]
    with pytest.raises(WorkbenchError, match="is not encoded"):
        ask(project, Question(item=new.id))


def test_a_deleted_run_damaged_heads_and_other_encoders_are_sentences(project, monkeypatch):
    question = Question(text="thing 1")
    with pytest.raises(WorkbenchError, match="has no run “q”"):
        drain(query(project, "q", question))
    run = project.run("p")
    FakeShelf(revision="2").put(monkeypatch)
    with pytest.raises(WorkbenchError, match="revision was 1, is 2"):
        ask(project, question)
    FakeShelf().put(monkeypatch)
    heads = run.folder / "heads.safetensors"
    heads.write_bytes(heads.read_bytes()[:100])
    with pytest.raises(WorkbenchError, match="cannot be read"):
        ask(project, question)
    (run.folder / "recipe.json").unlink()
    with pytest.raises(WorkbenchError, match="Its runs: none yet"):
        ask(project, question)
