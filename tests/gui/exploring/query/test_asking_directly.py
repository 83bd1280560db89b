"""Pictures that are pasted and words that are spoken, without a file of the user's."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent, QGuiApplication, QImage
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.gui.exploring.query.query_bar import QueryBar
from workbench.gui.exploring.state.query_state import QueryState
from workbench.gui.sounds import record_button, recorder
from workbench.gui.sounds.record_button import RATE
from workbench.gui.sounds.temporary_media import TemporaryMedia
from workbench.jobs import drain
from workbench.stations import AlignRequest, align


@pytest.fixture
def query(session):
    query = QueryState(session)
    query.set_run("first", ["image", "text", "speech"], ["first"])
    return query


@pytest.fixture
def bar(qtbot, session, query):
    bar = QueryBar(session, query)
    qtbot.addWidget(bar)
    bar.show()
    return bar


@pytest.fixture
def microphone(monkeypatch):
    """Replace the hardware; return what the streams are, with a way to speak into the last."""
    streams = []

    class Stream:
        def __init__(self, samplerate, channels, dtype, callback):
            assert (samplerate, channels, dtype) == (RATE, 1, "float32")
            self.callback, self.open = callback, False
            streams.append(self)

        def start(self):
            self.open = True

        def close(self):
            self.open = False

        def hear(self, samples):
            self.callback(samples.astype(np.float32)[:, None], len(samples), None, None)

    monkeypatch.setattr(recorder, "sound_device", lambda: SimpleNamespace(InputStream=Stream))
    monkeypatch.setattr("workbench.gui.exploring.query.query_bar.may_record", lambda: True)
    return streams


def red(size=7):
    picture = QImage(size, size, QImage.Format.Format_RGB32)
    picture.fill(QColor("red"))
    return picture


# ------------------------------------------------------------------------------ pasting


def paste(bar, qtbot, content):
    QGuiApplication.clipboard().setMimeData(content)
    bar.line.setFocus()
    qtbot.keyClick(bar.line, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)


def test_a_pasted_picture_asks(bar, query, qtbot):
    data = QMimeData()
    data.setImageData(red())
    with qtbot.waitSignal(query.asked) as asked:
        paste(bar, qtbot, data)
    (term,) = asked.args[0].terms
    assert (term.modality, term.name) == ("image", "pasted picture, 7 × 7")
    assert QImage(str(term.path)).pixelColor(3, 3) == QColor("red")
    assert bar.line.text() == ""


def test_a_picture_without_a_file_can_be_dropped(bar, query, qtbot):
    data = QMimeData()
    data.setImageData(red(9))
    drop = QDropEvent(
        QPointF(QPoint(5, 5)), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    with qtbot.waitSignal(query.asked) as asked:
        bar.dropEvent(drop)
    assert asked.args[0].terms[0].name == "pasted picture, 9 × 9"


def test_pasted_words_are_words(bar, query, qtbot):
    data = QMimeData()
    data.setText("a red bird")
    with qtbot.assertNotEmitted(query.asked):
        paste(bar, qtbot, data)
    assert bar.line.text() == "a red bird"
    assert query.draft.terms == ()


def test_words_that_come_with_their_picture_are_words(bar, query, qtbot):
    data = QMimeData()  # as a spreadsheet copies a cell
    data.setText("a red bird")
    data.setHtml("<table><tr><td>a red bird</td></tr></table>")
    data.setImageData(red())
    with qtbot.assertNotEmitted(query.asked):
        paste(bar, qtbot, data)
    assert bar.line.text() == "a red bird"
    assert query.draft.terms == ()
    assert bar.take(data)  # dropped, the picture is meant
    assert query.draft.terms[0].name == "pasted picture, 7 × 7"


def test_a_picture_copied_in_a_browser_asks(bar, query, qtbot):
    data = QMimeData()
    data.setHtml('<img src="https://example.org/bird.png">')
    data.setImageData(red())
    with qtbot.waitSignal(query.asked):
        paste(bar, qtbot, data)


def test_a_run_without_pictures_takes_none(bar, query, qtbot):
    query.set_run("first", ["text", "speech"], ["first"])
    data = QMimeData()
    data.setImageData(red())
    with qtbot.assertNotEmitted(query.asked):
        paste(bar, qtbot, data)


def test_a_full_disk_is_said(bar, session, query, qtbot, monkeypatch):
    monkeypatch.setattr(QImage, "save", lambda *_: False)
    data = QMimeData()
    data.setImageData(red())
    with qtbot.waitSignal(session.noticed) as told, qtbot.assertNotEmitted(query.asked):
        paste(bar, qtbot, data)
    assert "cannot be saved" in told.args[1]


def test_passing_files_are_gone_with_their_keeper():
    keeper = TemporaryMedia()
    first, second = keeper.keep_picture(red()), keeper.keep_sound(np.zeros(99, np.float32), RATE)
    assert first.exists()
    assert second.exists()
    del keeper
    assert not first.parent.exists()


# ------------------------------------------------------------------------------ speaking


def test_what_is_said_asks(bar, query, qtbot, microphone):
    said = np.sin(np.arange(RATE) / 9)
    bar.record.click()
    assert bar.line.placeholderText().startswith("Recording")
    microphone[0].hear(said[:9000])
    microphone[0].hear(said[9000:])
    with qtbot.waitSignal(query.asked) as asked:
        bar.record.click()
    assert not microphone[0].open
    (term,) = asked.args[0].terms
    assert (term.modality, term.name) == ("speech", "said aloud, 1.0 s")
    heard, rate = soundfile.read(term.path)
    assert rate == RATE
    assert heard == pytest.approx(said, abs=1e-3)
    assert "Recording" not in bar.line.placeholderText()


def test_escape_and_a_slip_of_the_finger_ask_nothing(bar, query, qtbot, microphone):
    with qtbot.assertNotEmitted(query.asked):
        bar.record.click()
        microphone[0].hear(np.ones(RATE))
        qtbot.keyClick(bar.record, Qt.Key.Key_Escape)
        assert not bar.record.recorder.recording
        bar.record.click()
        microphone[1].hear(np.ones(100))
        bar.record.click()
        bar.record.click()
        microphone[2].hear(np.ones(RATE))
        bar.hide()  # nobody listens behind a page that cannot be seen
    assert not any(stream.open for stream in microphone)
    assert query.draft.terms == ()


def test_it_stops_by_itself(bar, query, qtbot, microphone, monkeypatch):
    monkeypatch.setattr(recorder, "MOST_SECONDS", 0.5)
    bar.record.click()
    microphone[0].hear(np.ones(RATE))
    with qtbot.waitSignal(query.asked) as asked:
        pass
    assert asked.args[0].terms[0].name == "said aloud, 0.5 s"


def test_no_microphone_is_a_sentence(bar, session, qtbot, monkeypatch):
    def refuse(**_):
        raise RuntimeError("Error querying device -1")

    monkeypatch.setattr(recorder, "sound_device", lambda: SimpleNamespace(InputStream=refuse))
    with qtbot.waitSignal(session.noticed) as told:
        bar.record.click()
    assert "cannot be used: Error querying device -1" in told.args[1]
    monkeypatch.setattr(recorder, "sound_device", lambda: None)
    with qtbot.waitSignal(session.noticed) as told:
        bar.record.click()
    assert "install the package “sounddevice”" in told.args[1]
    assert not bar.record.recorder.recording


def test_a_microphone_that_does_not_start_is_let_go(bar, session, qtbot, microphone, monkeypatch):
    stream = recorder.sound_device().InputStream

    def refuse(self):
        self.open = True  # it is held from here on
        raise RuntimeError("Device unavailable")

    monkeypatch.setattr(stream, "start", refuse)
    with qtbot.waitSignal(session.noticed) as told:
        bar.record.click()
    assert "Device unavailable" in told.args[1]
    assert [each.open for each in microphone] == [False]
    assert not bar.record.recorder.recording


def test_there_is_a_button_where_it_is_of_use(bar, query, monkeypatch):
    monkeypatch.setattr("workbench.gui.exploring.query.query_bar.may_record", lambda: True)
    query.set_run("first", ["image", "text"], ["first"])
    assert bar.record.isHidden()
    query.set_run("first", ["text", "speech"], ["first"])
    assert not bar.record.isHidden()
    monkeypatch.setattr("workbench.gui.exploring.query.query_bar.may_record", lambda: False)
    query.set_run("first", ["text", "speech"], ["first"])
    assert bar.record.isHidden()


def test_a_spoken_question_is_answered(opened, qtbot, tmp_path, monkeypatch, microphone):
    monkeypatch.setattr(recorder, "_LEAST_SECONDS", 0.05)  # the recordings of this project are
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path, 12, ("text", "speech")))
    drain(align(project, AlignRequest(method="procrustes", name="heard")))
    recording = project.catalogue.items("speech")[4]
    samples, rate = soundfile.read(recording.path)
    assert rate == RATE == record_button.RATE
    page = opened(project.root)
    page.query.target.setCurrentIndex(page.query.target.findData("speech"))
    page.query.record.click()
    microphone[0].hear(samples)
    page.query.record.click()
    qtbot.waitUntil(lambda: len(page.answers.strip.items.ids) > 0, timeout=20_000)
    assert page.answers.strip.items.ids[0] == recording.id
    assert "said aloud" in page.answers.words.text()
    assert "sounddevice" not in sys.modules  # it only is an extra
