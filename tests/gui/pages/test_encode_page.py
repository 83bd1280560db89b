import json
import pickle
import re
import shutil
import sys
import threading
from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QWidget
from worlds.fakes import FakeEncoder, make_project, write_item

from workbench.cache import EmbeddingCache
from workbench.encoders import CodeRefused, EncoderEntry, registry
from workbench.errors import WorkbenchError
from workbench.gui.encoding import cluster_address, encode_queue, inspection, known_encoders
from workbench.gui.encoding.problems_dialog import ProblemsDialog
from workbench.gui.pages.encode import EncodePage
from workbench.gui.widgets.button import Button
from workbench.gui.widgets.empty import EmptyState
from workbench.jobs import drain
from workbench.project import Project, Source
from workbench.stations import ClusterRequest, cache_state, scan

BROKEN = 3


@pytest.fixture
def project(tmp_path):
    """Make a project with five texts."""
    (tmp_path / "texts").mkdir()
    for name in ("cat", "dog", "emu", "fox", "gnu"):
        (tmp_path / "texts" / f"{name}.txt").write_text(f"a {name}", encoding="utf-8")
    made = Project.create(tmp_path / "project")
    made.change(sources=[Source(modality="text", path=str(tmp_path / "texts"))])
    drain(scan(made))
    return made


def _here(station, *arguments, control, **options):
    """Stand in for `in_process`: another process would not know a test's encoders."""
    return station(*arguments, control=control, **options)


@pytest.fixture
def encoders(monkeypatch):
    """Offer quick encoders as a plug-in would, and find them and the device in this process."""
    made = {}

    def entry(modality, name, **options):
        def load(device):
            made[name] = FakeEncoder(modality, name, **options)
            return made[name]

        return EncoderEntry(
            name, modality, f"Fake {name.rpartition('/')[2]}", "For tests.", False, load,
            lambda: None, width=8, licence="MIT",
        )  # fmt: skip

    entries = [
        entry("text", "fake/text", delay=0.03, wrong={BROKEN}),
        entry("text", "fake/other"),
        entry("image", "fake/image"),
        replace(entry("text", "fake/far"), needs_download=True),
        replace(entry("text", "fake/never"), available=lambda: "its licence has run out"),
    ]
    monkeypatch.setattr(registry, "plugin_entries", lambda: entries)
    monkeypatch.setattr(registry, "pick_device", lambda wish="auto": "cpu")
    monkeypatch.setattr(registry, "half_by_default", lambda place: False)
    monkeypatch.setattr(known_encoders, "in_process", _here)
    monkeypatch.setattr(encode_queue, "in_process", _here)
    monkeypatch.setattr(
        inspection, "_list_devices",
        lambda: [inspection.Device("auto", "Abacus"), inspection.Device("cpu", "CPU, 2 threads"),
                 inspection.Device("cuda", "Abacus")],
    )  # fmt: skip
    return made


@pytest.fixture
def page(encoders, shown):
    return shown(EncodePage, 1000, 900)


def _ready(page, qtbot, modality="text"):
    card = page.cards[modality]
    qtbot.waitUntil(lambda: card.isVisible() and page.known.ready, timeout=60_000)
    return card


@pytest.fixture
def card(page, session, tmp_path, qtbot):
    """Return the card of 24 texts, shown, with the quick encoder."""
    project = make_project(tmp_path, 24, ("image", "text"))
    session.open_project(project.root)
    made = _ready(page, qtbot)
    made.picker.pick("fake/text")
    made.options.batch_size.setValue(4)
    return made


def _encode(card, page, qtbot):
    card.encode_button.click()
    qtbot.waitUntil(lambda: page.queue.running is None and _settled(page), timeout=60_000)


def _settled(page):
    return not page._tell_others.isActive() and not page.session._jobs


# --- finding out ---------------------------------------------------------------------------------


def test_it_is_empty_without_items(page, session, qtbot, tmp_path):
    assert page.state() == "empty"
    session.create_project(tmp_path / "nothing")
    qtbot.wait(100)
    assert page.state() == "empty"
    with qtbot.waitSignal(session.page_wanted) as wanted:
        page.findChild(EmptyState).findChild(Button).click()
    assert wanted.args == ["data"]


def test_the_picker_offers_what_can_be_used(page, session, project, qtbot):
    session.open_project(project.root)
    card = _ready(page, qtbot)
    assert not page.cards["image"].isVisible()
    assert page.state() == "ready"
    assert card.encoder() == "bundled/minilm-l6"
    assert card.encode_button.isEnabled()
    assert card.encode_button.text() == "Encode"
    facts = card.picker._facts.text()
    assert facts.startswith("384 wide · 22.7 M parameters · ")
    assert facts.endswith("Apache-2.0 · bundled")
    card.picker.combo.setEditText("")
    assert not card.encode_button.isEnabled()
    assert not page.all_button.isEnabled()
    card.picker.combo.setEditText("fake other")  # a title, typed
    assert card.encoder() == "fake/other"


def test_devices_are_named(page, session, project, qtbot):
    session.open_project(project.root)
    qtbot.waitUntil(lambda: page.device.count() == 4, timeout=60_000)
    assert [page.device.itemText(place) for place in range(4)] == [
        "Automatic: Abacus", "CPU, 2 threads", "Abacus", "Cluster",
    ]  # fmt: skip
    assert page.device.currentData() == "auto"


def test_a_cluster_takes_the_place_of_a_device(page, session, project, qtbot, monkeypatch):
    session.open_project(project.root)
    _ready(page, qtbot)
    added = []
    monkeypatch.setattr(page.queue, "add", added.append)
    assert not page.cluster.isVisible()
    page.device.setCurrentIndex(page.device.findData("cluster"))
    assert page.cluster.isVisible()
    page.cluster.address.line.setText("head")
    page.encode("text")
    assert added == []
    assert "is no address of a cluster" in page.cluster.address.offer.text()
    page.cluster.address.line.setText("ray://head:10001")
    page.cluster.workers.setValue(3)
    page.encode("text")
    (request,) = added
    assert request.device == "auto"
    assert request.cluster == ClusterRequest("ray://head:10001", 3, None, "auto")
    page.device.setCurrentIndex(page.device.findData("cpu"))
    page.encode("text")
    assert added[-1].cluster is None


def test_what_a_cluster_offers_is_told(page, session, project, qtbot, monkeypatch):
    def answer(station, asked, **_):
        yield from ()
        if asked == "auto":
            raise WorkbenchError("No cluster was found.")
        return "2 nodes, 16 CPUs, 1 GPU"

    monkeypatch.setattr(cluster_address, "in_cluster_process", answer)
    page.cluster.address.line.setText("head:6379")
    page.cluster.address.ask()
    qtbot.waitUntil(lambda: "2 nodes, 16 CPUs, 1 GPU" in page.cluster.address.offer.text())
    page.cluster.address.line.setText("auto")
    page.cluster.address.ask()
    qtbot.waitUntil(lambda: page.cluster.address.offer.text() == "No cluster was found.")


def test_a_typed_name_is_looked_up(page, session, project, qtbot):
    session.open_project(project.root)
    card = _ready(page, qtbot)
    card.picker.combo.setEditText("no/such")
    assert card.encode_button.text() == "Looking…"
    qtbot.waitUntil(lambda: "no/such" in card.picker._problem.text(), timeout=60_000)
    assert card.picker.readiness() == "blocked"
    assert not card.encode_button.isEnabled()
    assert card.picker.again_button.isVisible()


def test_an_encoder_that_is_not_usable_says_why(page, session, project, qtbot):
    session.open_project(project.root)
    card = _ready(page, qtbot)
    card.picker.choose("fake/never")
    assert "Not usable: its licence has run out" in card.picker._facts.text()
    assert not card.encode_button.isEnabled()


def test_a_download_asks_for_its_size_and_for_consent(page, session, project, qtbot, monkeypatch):
    asked = []

    def size(entry):
        asked.append(entry.name)
        return 352_000_000

    monkeypatch.setattr("workbench.encoders.download_size", size)
    session.open_project(project.root)
    card = _ready(page, qtbot)
    qtbot.wait(50)
    assert asked == []  # nothing was picked
    card.picker.pick("fake/far")
    assert card.picker.readiness() == "asking"
    assert not card.encode_button.isEnabled()
    qtbot.waitUntil(lambda: card.picker.readiness() == "download", timeout=60_000)
    assert asked == ["fake/far"]
    assert card.encode_button.text() == "Download 352 MB and encode"
    assert card.encode_button.isEnabled()
    assert page.all_button.text() == "Download 352 MB and encode all"
    page.device.setCurrentIndex(page.device.findData("cluster"))  # whose nodes have it
    assert (card.encode_button.text(), page.all_button.text()) == ("Encode", "Encode all")
    page.device.setCurrentIndex(page.device.findData("cpu"))
    assert card.encode_button.text() == "Download 352 MB and encode"
    assert "352 MB to download" in card.picker._facts.text()


def test_encode_all_leaves_nothing_out_unsaid(card, page, qtbot, tmp_path):
    name = f"precomputed/{tmp_path / 'vectors.npy'}"
    np.save(tmp_path / "vectors.npy", np.ones((24, 6), np.float32))
    pictures = page.cards["image"]
    pictures.picker.pick("fake/image")
    card.picker.combo.setEditText(name)  # which is looked up a moment later
    assert card.picker.readiness() == "asking"
    page.all_button.click()
    assert page.queue.running.modality == "image"
    assert "as soon as its encoder is found" in card.news.text()
    qtbot.waitUntil(lambda: pictures.complete() and card.complete(), timeout=60_000)
    assert card.encoder() == name


@pytest.mark.parametrize(
    ("name", "said"), [("no/such", "Left out"), ("fake/far", "downloaded first")]
)
def test_encode_all_says_why_one_was_left_out(card, page, qtbot, monkeypatch, name, said):
    monkeypatch.setattr("workbench.encoders.download_size", lambda _: 352_000_000)
    page.cards["image"].picker.pick("fake/image")
    card.picker.combo.setEditText(name)
    page.all_button.click()
    qtbot.waitUntil(lambda: said in card.news.text(), timeout=60_000)
    assert not page.queue.waits("text")
    qtbot.waitUntil(lambda: page.queue.running is None and _settled(page), timeout=60_000)
    assert not card.complete()


def test_without_network_a_sentence_says_so_and_it_can_be_asked_again(
    page, session, project, qtbot, monkeypatch
):
    answers = [WorkbenchError("The network cannot be reached: go online."), 5_000_000]

    def size(entry):
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr("workbench.encoders.download_size", size)
    session.open_project(project.root)
    card = _ready(page, qtbot)
    card.picker.pick("fake/far")
    qtbot.waitUntil(lambda: card.picker.readiness() == "blocked", timeout=60_000)
    assert card.picker._problem.text() == "The network cannot be reached: go online."
    assert not card.encode_button.isEnabled()
    card.picker.again_button.click()
    qtbot.waitUntil(lambda: card.picker.readiness() == "download", timeout=60_000)
    assert card.encode_button.text() == "Download 5.0 MB and encode"
    assert not card.picker._problem.isVisible()


def test_of_two_looks_at_the_embeddings_the_newer_counts(
    page, session, project, qtbot, monkeypatch
):
    session.open_project(project.root)
    _ready(page, qtbot)
    qtbot.waitUntil(lambda: _settled(page), timeout=60_000)
    begun, let = threading.Event(), threading.Event()
    counts = iter([111, 222])

    def look(_project, _control):
        yield from ()
        count = next(counts)
        if count == 111:
            begun.set()
            assert let.wait(30)
        return inspection.Caches(items={"text": count})

    monkeypatch.setattr("workbench.gui.pages.encode.inspect_caches", look)
    page.refresh()
    assert begun.wait(20)
    page.refresh()
    qtbot.waitUntil(lambda: page._caches.items == {"text": 222}, timeout=20_000)
    let.set()
    qtbot.waitUntil(lambda: _settled(page), timeout=20_000)
    assert page._caches.items == {"text": 222}


def test_what_is_picked_before_the_list_is_there_stays(page, session, project, qtbot, tmp_path):
    session.open_project(project.root)
    page.cards["text"].picker.pick("fake/other")
    card = _ready(page, qtbot)
    page.known.listed.emit()  # the list may have been there first
    assert card.encoder() == "fake/other"
    session.open_project(Project.create(tmp_path / "another").root)
    assert page.cards["text"].encoder() != "fake/other"


# --- encoding ------------------------------------------------------------------------------------


def test_texts_are_encoded_in_another_process_and_by_keyboard(
    page, session, project, qtbot, tmp_path, monkeypatch
):
    monkeypatch.undo()  # of the encoders that this process alone knows
    # the proposed one is encoded with on the window's road: ten seconds for its libraries alone
    name = f"precomputed/{tmp_path / 'vectors.npy'}"
    vectors = np.random.default_rng(0).normal(size=(5, 6)).astype(np.float32)
    np.save(tmp_path / "vectors.npy", vectors)
    session.open_project(project.root)
    card = _ready(page, qtbot)
    assert card.encoder() == "bundled/minilm-l6"
    card.picker.pick(name)
    qtbot.waitUntil(card.encode_button.isEnabled, timeout=60_000)
    assert not card.complete()
    page.all_button.setFocus()
    qtbot.keyClick(page.all_button, Qt.Key.Key_Space)
    assert page.state() == "running"
    assert card.row.stop_button.isVisible()
    assert not card.picker.combo.isEnabled()
    qtbot.waitUntil(lambda: page.state() == "done" and card.complete(), timeout=120_000)
    assert card._state.text() == "5 of 5 encoded"
    assert "5 texts encoded" in card.news.text()
    assert page.next_button.isVisible()
    assert not page.all_button.isVisible()
    assert session.project.settings.encoders == {"text": name}
    with EmbeddingCache(project.cache_path("text", name)) as cache:
        np.testing.assert_array_equal(cache.read(), vectors)
    assert list(card.caches.rows) == [name]
    assert card.encode_button.text() == "Check again"


def test_a_model_with_code_of_its_own_runs_it_only_after_a_yes(
    page, session, project, qtbot, tmp_path, monkeypatch
):
    monkeypatch.undo()  # of the encoders; that another process encodes is tested above
    monkeypatch.setattr(encode_queue, "in_process", _here)
    model, ran = tmp_path / "model", tmp_path / "ran"
    model.mkdir()
    own = {"AutoConfig": "own.Config", "AutoModel": "own.Model", "AutoTokenizer": ["own.T", None]}
    for name in ("config.json", "tokenizer_config.json"):
        settings = {"model_type": "own", "auto_map": own}
        (model / name).write_text(json.dumps(settings), encoding="utf-8")
    (model / "own.py").write_text(f"open({str(ran)!r}, 'w').close()\n", encoding="utf-8")
    session.open_project(project.root)
    card = _ready(page, qtbot)
    card.picker.pick(f"transformers-text/{model}")
    qtbot.waitUntil(card.encode_button.isEnabled, timeout=60_000)
    card.encode_button.click()
    qtbot.waitUntil(lambda: page.queue.running is None, timeout=120_000)
    assert card.code_question.isVisible(), card.news.text()
    assert "program code of its own" in card.news.text()
    assert not ran.exists()
    card.code_question.open_button.click()
    assert card.code_question.no_button.hasFocus()
    assert str(model) in card.code_question.sentence.text()
    card.code_question.yes_button.click()
    assert page.queue.running.trust_code
    qtbot.waitUntil(lambda: page.queue.running is None, timeout=120_000)
    assert ran.exists()
    assert not card.code_question.isVisible()  # it failed for another reason
    # as it comes from another process
    sent = pickle.loads(pickle.dumps(CodeRefused("It wants to.")))  # noqa: S301 - our own
    assert isinstance(sent, CodeRefused)
    assert str(sent) == "It wants to."


def test_a_refused_model_can_be_left_alone(card, page, qtbot, monkeypatch):
    def load(name, modality, device, *, trust_code, precision):
        raise CodeRefused("It wants to run program code of its own.")

    # the package's function hides its module
    monkeypatch.setattr(sys.modules["workbench.stations.encoding.encode"], "load_encoder", load)
    _encode(card, page, qtbot)
    assert card.code_question.open_button.isVisible()
    card.code_question.open_button.click()
    card.code_question.no_button.click()
    assert card.code_question.open_button.isVisible()
    assert page.queue.running is None
    card.picker.pick("fake/other")
    assert not card.code_question.isVisible()
    assert not card.news.isVisible()


@pytest.mark.parametrize(("order", "row_of_10"), [("numbers", 10), ("words", 2)])
def test_the_order_of_vectors_without_names_is_asked(
    page, session, qtbot, tmp_path, order, row_of_10
):
    names = [f"{number}.txt" for number in range(12)]
    (tmp_path / "texts").mkdir()
    for name in names:
        (tmp_path / "texts" / name).write_text(f"text {name}", encoding="utf-8")
    project = Project.create(tmp_path / "project")
    project.change(sources=[Source(modality="text", path=str(tmp_path / "texts"))])
    drain(scan(project))
    vectors = np.random.default_rng(0).normal(size=(12, 6)).astype(np.float32)
    np.save(tmp_path / "vectors.npy", vectors)
    session.open_project(project.root)
    card = _ready(page, qtbot)
    card.picker.pick(f"precomputed/{tmp_path / 'vectors.npy'}")
    qtbot.waitUntil(card.encode_button.isEnabled, timeout=60_000)
    card.encode_button.click()
    qtbot.waitUntil(lambda: page.queue.running is None and _settled(page), timeout=60_000)
    assert card.order_question.isVisible(), card.news.text()
    buttons = {"words": card.order_question.words_button,
               "numbers": card.order_question.numbers_button}  # fmt: skip
    assert {each: button.text() for each, button in buttons.items()} == {
        "words": "“10.txt”, sorted by letters", "numbers": "“2.txt”, sorted by numbers",
    }  # fmt: skip
    assert "row 3" in card.order_question.question.text()
    assert not card.news.isVisible()
    qtbot.mouseClick(buttons[order], Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: page.state() == "done", timeout=60_000)
    assert not card.order_question.isVisible()
    assert "was taken" in card.news.text() or "were taken" in card.news.text()
    (item,) = [each for each in project.catalogue.items("text") if each.path.endswith("10.txt")]
    name = session.project.settings.encoders["text"]
    with EmbeddingCache(project.cache_path("text", name)) as cache:
        (kept,) = cache.read(np.flatnonzero(cache.item_ids() == item.id))
    assert [int(row) for row in np.flatnonzero((np.abs(vectors - kept) < 1e-2).all(1))] == [
        row_of_10
    ]


def test_it_pauses_stops_and_goes_on(card, page, qtbot):
    card.encode_button.setFocus()
    qtbot.keyClick(card.encode_button, Qt.Key.Key_Space)
    assert card.row.pause_button.hasFocus()
    qtbot.waitUntil(lambda: (page.progress() or 0) > 0, timeout=60_000)
    qtbot.keyClick(card.row.pause_button, Qt.Key.Key_Space)
    assert card.row.pause_button.text() == "Resume"
    assert "paused" in card.row.numbers.text()
    qtbot.wait(150)
    before = page.progress()
    qtbot.wait(150)
    assert page.progress() == before < 1
    card.row.stop_button.click()
    qtbot.waitUntil(lambda: page.queue.running is None and _settled(page), timeout=60_000)
    assert "stopped, Encode continues from here" in card.news.text()
    done = int(re.match(r"(\d+) texts? encoded", card.news.text())[1])
    assert 0 < done < 23
    assert page.state() == "ready"  # the pictures are not begun
    _encode(card, page, qtbot)
    assert f"{done} were encoded before" in card.news.text()
    assert card.complete()


def test_one_waits_for_another_and_can_be_taken_out(card, page, qtbot):
    pictures = page.cards["image"]
    pictures.picker.pick("fake/image")
    card.encode_button.click()
    pictures.encode_button.click()
    assert pictures.encode_button.text() == "Waiting"
    assert not pictures.row.isVisible()
    pictures.cancel_button.click()
    assert pictures.encode_button.text() == "Encode"
    pictures.encode_button.click()
    qtbot.waitUntil(lambda: page.queue.running is None and _settled(page), timeout=60_000)
    assert pictures.complete()
    assert page.state() == "done"


def test_a_stop_means_those_that_wait_too(card, page, qtbot):
    pictures = page.cards["image"]
    pictures.picker.pick("fake/image")
    page.all_button.click()
    assert page.queue.running.modality == "image"
    assert page.queue.waits("text")
    page.queue.job.stop()
    qtbot.waitUntil(lambda: page.queue.running is None and _settled(page), timeout=60_000)
    assert not card.complete()
    assert page.state() == "ready"


def test_the_options_reach_the_encode(card, page, qtbot):
    card.options.toggle.click()
    card.options.dtype.setCurrentIndex(card.options.dtype.findData("float16"))
    card.options.workers.setValue(0)
    page.device.setCurrentIndex(page.device.findData("cpu"))
    card.encode_button.click()
    request = page.queue.running
    assert (request.batch_size, request.dtype, request.workers) == (4, "float16", 0)
    assert (request.precision, request.device, request.retry) == ("auto", "cpu", False)
    qtbot.waitUntil(lambda: page.queue.running is None and _settled(page), timeout=60_000)
    assert cache_state(page.session.project, "text").dtype == "float16"


def test_equal_contents_are_said_to_be_copied(card, page, session, qtbot, tmp_path):
    write_item(tmp_path / "text" / "kind-0", "text", 7, name="twin")
    drain(scan(session.project))
    session.catalogue_changed.emit()
    qtbot.waitUntil(lambda: card.items == 25, timeout=60_000)
    _encode(card, page, qtbot)
    assert "1 copied from equal ones" in card.news.text()


# --- what could not be encoded, and what is there ------------------------------------------------


def test_failures_are_shown_and_tried_again(card, page, session, encoders, qtbot):
    _encode(card, page, qtbot)
    assert "1 could not be encoded" in card.news.text()
    assert card.problems_button.text() == "1 could not be encoded…"
    card.problems_button.click()
    qtbot.waitUntil(lambda: isinstance(QApplication.activeModalWidget(), ProblemsDialog))
    dialog = QApplication.activeModalWidget()
    assert dialog.model.rowCount() == 1
    assert "003" in dialog.model.index(0, 0).data()
    assert "no usable vector" in dialog.model.index(0, 1).data()
    encoders["fake/text"].wrong.clear()
    seen = []
    page.queue.changed.connect(lambda: seen.append(page.queue.running))
    dialog.retry_button.click()
    assert seen[0].retry
    qtbot.waitUntil(lambda: page.queue.running is None and _settled(page), timeout=60_000)
    assert "1 could not be encoded" in card.news.text()  # it is as wrong as before


def test_embeddings_are_used_and_deleted(card, page, session, qtbot):
    project = session.project
    _encode(card, page, qtbot)
    card.picker.pick("fake/other")
    assert not card.complete()
    _encode(card, page, qtbot)
    assert set(card.caches.rows) == {"fake/text", "fake/other"}
    first, second = card.caches.rows["fake/text"], card.caches.rows["fake/other"]
    assert not first.use_button.isHidden()
    assert second.use_button.isHidden()
    first.use_button.click()
    assert project.settings.encoders["text"] == "fake/text"
    assert card.encoder() == "fake/text"
    qtbot.waitUntil(lambda: card.caches.rows["fake/text"].use_button.isHidden())
    row = card.caches.rows["fake/other"]
    qtbot.waitUntil(row.isVisible)
    path = project.cache_path("text", "fake/other")
    row.delete_button.click()
    assert path.exists()
    assert row.no_button.hasFocus()
    row.no_button.click()
    assert row.delete_button.hasFocus()
    row.delete_button.click()
    assert re.fullmatch(r"Delete [\d.]+ (bytes|kB)", row.yes_button.text())
    row.yes_button.click()
    qtbot.waitUntil(lambda: "are free again" in card.news.text())
    assert not path.exists()
    qtbot.waitUntil(lambda: set(card.caches.rows) == {"fake/text"})


class _Windows(QObject):
    """Notes what is shown as a window of its own."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def eventFilter(self, watched, event):  # noqa: N802 - Qt calls it so
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.seen.append(watched)
        return False


def test_no_part_of_the_page_flashes_up_as_a_window(card, page, qtbot):
    windows = _Windows()
    QApplication.instance().installEventFilter(windows)
    _encode(card, page, qtbot)
    card.picker.pick("fake/other")
    card.caches.rows["fake/text"].ask(True)
    card.show_failure("It wants to run program code of its own.", wants_code=True)
    card.options.toggle.click()
    dialog = card.picker.browse()
    QApplication.instance().removeEventFilter(windows)
    dialog.reject()
    assert windows.seen == [dialog]


def test_a_file_that_cannot_be_read_is_named_and_kept(card, page, session, qtbot):
    _encode(card, page, qtbot)
    path = session.project.cache_path("text", "fake/text")
    shutil.copy(path, path.with_name("text--torn.h5"))
    path.with_name("text--torn.h5").write_bytes(path.read_bytes()[:100])
    page.refresh()
    qtbot.waitUntil(lambda: _settled(page))
    told = [label.text() for label in card.caches.findChildren(type(card.picker._facts))]
    assert any(text.startswith("text--torn.h5: ") and "HDF5" in text for text in told)
    assert path.with_name("text--torn.h5").exists()
