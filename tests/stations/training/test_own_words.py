"""The words that encoders bring along: found once, kept, beside learned heads or alone."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from safetensors import safe_open
from safetensors.numpy import load_file, save_file
from worlds.fakes import ENCODERS, FakeEncoder, FakeShelf, encode_all, make_project, tree, vector

from workbench.alignment import BlocksHead, LinearHead, WordsHead, words_of_groups
from workbench.encoders import ClassWords
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, drain
from workbench.project import SplitSettings, WordsInRecipe
from workbench.stations import (
    AlignRequest,
    Question,
    align,
    evaluate,
    export,
    make_map,
    query,
    read_run_space,
    resume,
    show_run,
)

STATION = "workbench.stations.training"
CLASSES = 30
QUICK = {"steps": 6, "neighbours": 4, "anchors": 4, "validate_every": 3}


class Naming(FakeEncoder):
    """An image encoder that was trained to tell things 100, 101, … apart, and says so."""

    def class_words(self):
        known = range(100, 100 + CLASSES)
        weight = np.stack([vector("image", number) for number in known])
        return ClassWords(weight, np.ones(CLASSES, "f"), tuple(f"thing {n}" for n in known))


class Nameless(Naming):
    """One whose weights have a classifier, but of classes that nobody has named."""

    def class_words(self):
        return None


class Shelf(FakeShelf):
    """Encoders of which the image encoder knows words."""

    def __init__(self, knows=True, state="here", image=Naming, **options):
        super().__init__(**options)
        self.knows, self.state, self.image, self.loads = knows, state, image, []

    def __call__(self, name, modality, device="auto", *, fetch=True, **_):
        if self.state == "download" and not fetch:
            raise WorkbenchError(f"The encoder {name} is not on this machine")
        self.loads.append(modality)
        made = self.image if modality == "image" and self.knows else FakeEncoder
        return made(modality, name, **self.options)

    def put(self, monkeypatch):
        monkeypatch.setattr(f"{STATION}.own_words.find_encoder", self.entry)
        monkeypatch.setattr(f"{STATION}.named_classes.load_encoder", self)
        return super().put(monkeypatch)

    def entry(self, name, modality, _trust=False):
        return SimpleNamespace(name=name, knows_words=self.knows and modality == "image")


@pytest.fixture(autouse=True)
def shelf(monkeypatch):
    return Shelf().put(monkeypatch)


def make(folder):
    encode_all(make_project(folder, 40, extra=6))


def make_unpaired(folder):
    project = make_project(folder, 40)
    project.change(pairings=[])
    project.catalogue.take_pairs([])
    encode_all(project)


@pytest.fixture
def project(copied, tmp_path):
    return copied(make, tmp_path)


@pytest.fixture
def unpaired(copied, tmp_path):
    return copied(make_unpaired, tmp_path)


def run(project, control=None, **request):
    told = []
    made = drain(align(project, AlignRequest.checked(**request), control), told.append)
    return made, [event for event in told if isinstance(event, Notice)]


def heads(made):
    return (made.folder / "heads.safetensors").read_bytes()


def recall(project, made):
    figures = drain(evaluate(project, made.name))["retrieval"]
    return np.mean([each["mrr"] for each in figures.values()])


def test_words_stand_beside_learned_heads(project, shelf):
    shelf.loads.clear()
    made, notices = run(project, method="ridge", pairs=3, seed=1)
    head = made.space().heads["image"]
    assert isinstance(head, BlocksHead)
    assert [type(block) for block in head.blocks] == [LinearHead, WordsHead]
    words = made.recipe().words
    assert (words.view, words.names, words.classes) == ("image", "classifier", CLASSES)
    assert 0 < words.share < 1
    assert head.shares[1] == words.share
    assert f"a share of {words.share:.0%}" in notices[-1].text
    assert sorted(shelf.loads) == ["image", "text"]
    alone, _ = run(project, method="ridge", pairs=3, seed=1, words="off")
    assert isinstance(alone.space().heads["image"], LinearHead)
    assert alone.recipe().words == WordsInRecipe()
    assert recall(project, made) > recall(project, alone) + 0.05


def test_names_are_encoded_once(project, shelf):
    first, _ = run(project, method="ridge")
    shelf.loads.clear()
    again, _ = run(project, method="ridge")
    assert shelf.loads == []
    assert heads(again) == heads(first)


@pytest.mark.parametrize("harm", ["cut", "other", "numbers", "shape"])
def test_kept_names_that_are_damaged_are_made_anew(project, shelf, harm):
    first, _ = run(project, method="ridge")
    (path,) = (project.root / "embeddings").glob("names--*")
    tensors, whole = load_file(path), path.read_bytes()
    with safe_open(path, "np") as file:
        facts = file.metadata()
    if harm == "cut":
        path.write_bytes(whole[:-8])
    elif harm == "other":
        save_file(tensors, path, {"made_of": "{}"})
    elif harm == "numbers":
        tensors["weight"][0] = np.nan
        save_file(tensors, path, facts)
    else:
        save_file(tensors | {"vectors": tensors["vectors"][:5]}, path, facts)
    shelf.loads.clear()
    again, _ = run(project, method="ridge")
    assert sorted(shelf.loads) == ["image", "text"]
    assert heads(again) == heads(first)
    assert load_file(path)["vectors"].shape == (CLASSES, 8)


def test_a_share_can_be_asked_for(project):
    made, notices = run(project, method="ridge", words=0.25)
    assert made.recipe().words.share == 0.25
    assert made.space().heads["text"].shares == (0.75, 0.25)
    assert "as was asked for" in notices[-1].text
    for wrong in (0, -0.1, 1.5, "some", float("nan")):
        with pytest.raises(WorkbenchError, match="words"):
            AlignRequest.checked(words=wrong)


@pytest.mark.parametrize("words", ["auto", 0.3, "off"])
@pytest.mark.parametrize("method", ["gera", "ridge"])
def test_a_repeated_run_has_the_same_heads(project, method, words):
    settings = QUICK if method == "gera" else {}
    made, _ = run(project, method=method, settings=settings, words=words)
    again = drain(align(project, AlignRequest.of_run(made)))
    assert heads(again) == heads(made)
    assert again.recipe().words == made.recipe().words


def test_a_resumed_run_has_the_heads_it_would_have_had(project):
    whole, _ = run(project, settings=QUICK | {"checkpoint": "last"})
    control = Control()

    def stop(event):
        if getattr(event, "step", 0) == 3:
            control.stop()

    request = AlignRequest.checked(settings=QUICK | {"checkpoint": "last"}, name="cut")
    drain(align(project, request, control), stop)
    cut = project.run("cut")
    assert cut.recipe().state == "stopped"
    assert isinstance(cut.space().heads["image"], BlocksHead)
    assert heads(drain(resume(project, "cut"))) == heads(whole)
    assert cut.recipe().words == whole.recipe().words


def test_a_run_of_before_there_were_words_is_repeated_without(project):
    made, _ = run(project, method="ridge", words="off")
    path = made.folder / "recipe.json"
    old = json.loads(path.read_text(encoding="utf-8"))
    del old["words"]
    path.write_text(json.dumps(old), encoding="utf-8")
    assert heads(drain(align(project, AlignRequest.of_run(made)))) == heads(made)


def test_a_ladder_has_no_words(project):
    made, notices = run(project, settings=QUICK, ladder=[0, 3])
    assert any("A sweep compares α by the learned heads alone" in each.text for each in notices)
    assert made.recipe().words == WordsInRecipe()
    assert not isinstance(made.space().heads["image"], BlocksHead)


@pytest.mark.parametrize(
    ("shelf_", "said"),
    [(Shelf(state="download"), "not on this machine"), (Shelf(revision="2"), "revision was 1")],
)
def test_words_that_cannot_be_had_are_told_of(project, monkeypatch, shelf_, said):
    shelf_.put(monkeypatch)
    made, notices = run(project, method="ridge")
    assert any(said in notice.text and "take no part" in notice.text for notice in notices)
    assert made.recipe().words == WordsInRecipe()
    with pytest.raises(WorkbenchError, match=said):
        run(project, method="ridge", words=0.2)


def test_an_encoder_without_words_is_not_loaded_for_them(project, monkeypatch):
    shelf = Shelf(knows=False).put(monkeypatch)
    made, notices = run(project, method="ridge")
    assert shelf.loads == notices == []
    assert isinstance(made.space().heads["image"], LinearHead)
    with pytest.raises(WorkbenchError, match=r"A share of 0\.2 was asked for"):
        run(project, method="ridge", words=0.2)


def test_an_encoder_whose_classes_have_no_names_is_asked_once(project, monkeypatch):
    shelf = Shelf(image=Nameless).put(monkeypatch)
    made, notices = run(project, method="ridge")
    assert (shelf.loads, notices) == (["image"], [])
    assert isinstance(made.space().heads["image"], LinearHead)
    run(project, method="ridge")
    assert shelf.loads == ["image"]


# --- no pairs --------------------------------------------------------------------------------


def test_no_pairs_at_all(unpaired, tmp_path):
    made, notices = run(unpaired)
    assert "no pairs yet" in notices[0].text
    assert (made.name, made.recipe().method, made.recipe().words.share) == ("words", "words", 1.0)
    assert made.recipe().state == "finished"
    # everything else works
    with pytest.raises(WorkbenchError, match="made without any pairs"):
        drain(evaluate(unpaired, "words"))
    answers = drain(query(unpaired, "words", Question(text="thing 7"), to="image", top=10))
    assert len(answers) == 10
    assert drain(make_map(unpaired, "run:words")).ids.shape == (80,)
    assert (drain(export(unpaired, "words", tmp_path / "out")) / "load_heads.py").exists()
    space = drain(read_run_space(unpaired, "words"))
    assert space.pairs == {}
    shown = []
    drain(show_run(unpaired, "words", 10), shown.append)
    assert shown[-1].mapped["image"].shape == (10, 8)
    again = drain(align(unpaired, AlignRequest.of_run(made)))
    assert heads(again) == heads(made)


def test_a_run_without_pairs_finds_partners(unpaired):
    made, _ = run(unpaired, method="words")
    views = {view: [vector(view, number) for number in range(40)] for view in ("image", "text")}
    scores = made.space().similarity("image", views["image"], "text", views["text"])
    ranks = (scores >= np.diag(scores)[:, None]).sum(axis=1)
    assert np.mean(ranks <= 4) > 0.3  # chance is 0.1


def test_words_alone_where_there_are_pairs_are_measured_on_them(project):
    made, notices = run(project, method="words")
    assert "No pairs were used" in notices[-1].text
    assert recall(project, made) > 0.2


def test_folders_names_are_words_too(unpaired, monkeypatch, shelf):
    shelf = Shelf(knows=False).put(monkeypatch)
    made, notices = run(unpaired)
    assert (made.recipe().words.names, made.recipe().words.classes) == ("labels", 3)
    assert "3 labels" in notices[-1].text
    assert shelf.loads == ["text"]
    again, _ = run(unpaired, method="words")
    assert shelf.loads == ["text"]
    assert heads(again) == heads(made)


def test_labels_of_held_out_items_are_not_looked_at(project, monkeypatch):
    Shelf(knows=False).put(monkeypatch)
    looked_at = []

    def remember(*given):
        looked_at.append(len(given[2]))
        return words_of_groups(*given)

    monkeypatch.setattr(f"{STATION}.own_words.words_of_groups", remember)
    run(project, method="words", split=SplitSettings(test=0.5, validation=0.25))
    assert looked_at == [10 + 6]


def test_without_words_what_is_missing_is_said(unpaired, monkeypatch):
    Shelf(knows=False).put(monkeypatch)
    monkeypatch.setattr(f"{STATION}.own_words._labels", lambda *_: False)
    with pytest.raises(WorkbenchError, match="no pairs of encoded modalities"):
        run(unpaired)
    with pytest.raises(WorkbenchError, match=r"no own words here.*Encode page"):
        run(unpaired, method="words")


def test_a_stop_before_the_names_are_known_leaves_nothing(unpaired):
    before, control = tree(unpaired.root), Control()
    control.stop()
    with pytest.raises(WorkbenchError, match="Stopped before"):
        run(unpaired, control)
    assert tree(unpaired.root).keys() == before.keys()


def test_encoders_that_are_not_chosen_are_asked_for(tmp_path):
    project = make_project(tmp_path, 4)
    project.catalogue.take_pairs([])
    with pytest.raises(WorkbenchError, match="no pairs of encoded modalities"):
        run(project)
    project.choose_encoder("image", ENCODERS["image"])
    project.choose_encoder("text", ENCODERS["text"])
    with pytest.raises(WorkbenchError, match="Encode first"):
        run(project)
