"""Recordings are seen as outline and spectrogram, and heard by the space bar."""

import sys
from dataclasses import replace
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import Qt
from PySide6.QtGui import QDesktopServices
from worlds.fakes import FakeShelf, encode_all, make_project

from workbench.errors import WorkbenchError
from workbench.gui.sounds import player as player_module
from workbench.gui.sounds.player import Player
from workbench.gui.sounds.sound_device import sound_device
from workbench.gui.sounds.sound_picture import read_sound_picture, spectrogram
from workbench.gui.sounds.sound_view import SoundView
from workbench.jobs import drain
from workbench.media import SPEECH_RATE
from workbench.project import Item
from workbench.stations import AlignRequest, align


def tone(frequency, seconds=1.0):
    time = np.arange(int(seconds * SPEECH_RATE)) / SPEECH_RATE
    return (0.5 * np.sin(2 * np.pi * frequency * time)).astype(np.float32)


@pytest.fixture
def recording(tmp_path):
    path = tmp_path / "tone.wav"
    soundfile.write(path, tone(2000), SPEECH_RATE)
    return Item("speech", str(path), "", "tone", id=7)


@pytest.fixture
def output(monkeypatch):
    """Replace the sound card; return what it was told."""
    told = []
    fake = SimpleNamespace(
        play=lambda samples, rate: told.append(("play", len(samples), rate)),
        stop=lambda: told.append(("stop",)),
    )
    monkeypatch.setattr(player_module, "sound_device", lambda: fake)
    return told


# ------------------------------------------------------------------------------ to look at


@pytest.mark.parametrize("frequency", [500, 2000, 6000])
def test_a_tone_is_a_line_at_its_frequency(frequency):
    found = spectrogram(tone(frequency))
    assert found.shape[0] == 257
    assert found.shape[1] <= 300
    assert found.max() == 1
    loudest = found.mean(axis=1).argmax()
    assert 256 - loudest == pytest.approx(frequency / 8000 * 256, abs=1.5)


@pytest.mark.parametrize("count", [1, 511, 512, 16_000 * 30])
def test_short_silent_and_long_sounds_have_a_picture(count):
    found = spectrogram(np.zeros(count, np.float32))
    assert 1 <= found.shape[1] <= 300
    assert not found.any()


def test_a_recording_is_read_behind_the_page(session, qtbot, recording):
    shown = SoundView(session)
    qtbot.addWidget(shown)
    shown.resize(300, 112)
    shown.show_item(recording)
    qtbot.waitUntil(lambda: shown.picture is not None, timeout=20_000)
    assert shown.picture.seconds == 1.0
    shown.set_playing(True)
    shown.grab()
    expected = read_sound_picture(Path(recording.path))
    np.testing.assert_array_equal(shown.picture.outline, expected.outline)
    with qtbot.waitSignal(shown.play_asked):
        qtbot.keyClick(shown, Qt.Key.Key_Space)
    shown.show_item(Item("text", "", "words", "1", id=9))
    assert shown.isHidden()


def test_a_missing_recording_says_so(session, qtbot, tmp_path):
    shown = SoundView(session)
    qtbot.addWidget(shown)
    shown.show_item(Item("speech", str(tmp_path / "gone.wav"), "", "gone", id=1))
    qtbot.waitUntil(lambda: "missing" in shown.words, timeout=20_000)
    shown.grab()


def test_a_recording_of_the_same_number_is_another_one(session, qtbot, tmp_path, recording):
    shown = SoundView(session)
    qtbot.addWidget(shown)
    shown.show_item(recording)
    qtbot.waitUntil(lambda: shown.picture is not None, timeout=20_000)
    before = shown.picture
    shown.show_item(replace(recording))
    assert shown.picture is before  # it is not read twice
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(500, 2.0), SPEECH_RATE)
    shown.show_item(Item("speech", str(path), "", "long", id=recording.id))
    assert shown.picture is None
    qtbot.waitUntil(lambda: shown.picture is not None, timeout=20_000)
    assert shown.picture.seconds == 2.0
    shown.show_item(replace(shown.item, fingerprint="changed"))
    assert shown.picture is None
    qtbot.waitUntil(lambda: shown.picture is not None, timeout=20_000)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_the_recording_that_was_asked_for_last_is_shown(
    session, qtbot, tmp_path, recording, monkeypatch, newest_first, fails
):
    gates, read = {"tone": Event(), "long": Event()}, read_sound_picture
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(500, 2.0), SPEECH_RATE)

    def late(path):
        assert gates[path.stem].wait(20)
        if fails and path.stem == "tone":
            raise WorkbenchError("It is damaged.")
        return read(path)

    monkeypatch.setattr("workbench.gui.sounds.sound_view.read_sound_picture", late)
    shown = SoundView(session)
    qtbot.addWidget(shown)
    shown.show_item(recording)
    shown.show_item(Item("speech", str(path), "", "long", id=8))
    for name in ("long", "tone") if newest_first else ("tone", "long"):
        before = len(session._jobs)
        gates[name].set()
        qtbot.waitUntil(lambda before=before: len(session._jobs) < before, timeout=20_000)
    assert (shown.words, shown.picture.seconds) == ("", 2.0)


def test_a_recording_of_the_project_before_is_not_shown(
    session, qtbot, tmp_path, recording, monkeypatch
):
    gate, read = Event(), read_sound_picture

    def late(path):
        assert gate.wait(20)
        return read(path)

    monkeypatch.setattr("workbench.gui.sounds.sound_view.read_sound_picture", late)
    assert session.create_project(tmp_path / "one")
    shown = SoundView(session)
    qtbot.addWidget(shown)
    shown.show_item(recording)
    assert session.create_project(tmp_path / "two")
    gate.set()
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)
    assert shown.picture is None
    shown.show_item(recording)  # it is asked for again, although it is the same
    qtbot.waitUntil(lambda: shown.picture is not None, timeout=20_000)


def test_a_recording_that_is_put_back_is_read_again(session, qtbot, tmp_path, recording):
    shown = SoundView(session)
    qtbot.addWidget(shown)
    away = Path(recording.path).rename(tmp_path / "away.wav")
    shown.show_item(recording)
    qtbot.waitUntil(lambda: "missing" in shown.words, timeout=20_000)
    away.rename(recording.path)
    shown.show_item(recording)
    qtbot.waitUntil(lambda: shown.picture is not None, timeout=20_000)
    assert shown.words == ""


# ------------------------------------------------------------------------------ to hear


class SlowDevice:
    """A sound card that takes its time to open; what is heard, as sounddevice has it."""

    def __init__(self):
        self.opening, self.may_open = Event(), Event()
        self.heard = None

    def play(self, samples, _rate):
        self.opening.set()
        assert self.may_open.wait(20)
        self.heard = len(samples)

    def stop(self):
        self.heard = None


@pytest.fixture
def slow(monkeypatch):
    device = SlowDevice()
    monkeypatch.setattr(player_module, "sound_device", lambda: device)
    yield device
    device.may_open.set()


def test_a_sound_stopped_while_the_device_opens_is_not_heard(session, qtbot, recording, slow):
    player = Player(session)
    player.toggle(recording)
    assert slow.opening.wait(20)
    player.stop()
    slow.may_open.set()
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)
    assert slow.heard is None
    assert player.playing is None


def test_a_sound_stopped_before_it_is_said_to_play_is_not_heard(session, qtbot, recording, slow):
    slow.may_open.set()
    player = Player(session)
    player.toggle(recording)
    (job,) = session._jobs
    assert job.thread_of_job.wait(20_000)  # it is heard, and the window has not been told yet
    assert slow.heard == SPEECH_RATE
    player.stop()
    assert slow.heard is None
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)
    assert player.playing is None


def test_a_sound_of_the_project_before_is_not_heard(session, qtbot, tmp_path, recording, slow):
    assert session.create_project(tmp_path / "one")
    player = Player(session)
    session.project_changed.connect(lambda _: player.stop())  # as the page does
    player.toggle(recording)
    slow.may_open.set()
    (job,) = session._jobs
    assert job.thread_of_job.wait(20_000)  # it is heard, and the window has not been told yet
    assert session.create_project(tmp_path / "two")
    assert slow.heard is None
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)
    assert player.playing is None


def test_why_a_sound_that_was_stopped_could_not_be_played_is_not_said(
    session, qtbot, recording, monkeypatch
):
    opening, may_fail = Event(), Event()

    def refuse(*_):
        opening.set()
        assert may_fail.wait(20)
        raise RuntimeError("no such device")

    device = SimpleNamespace(play=refuse, stop=lambda: None)
    monkeypatch.setattr(player_module, "sound_device", lambda: device)
    said = []
    session.noticed.connect(lambda *told: said.append(told))
    player = Player(session)
    player.toggle(recording)
    assert opening.wait(20)
    player.stop()
    may_fail.set()
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)
    assert said == []


def test_the_last_sound_does_not_stop_the_next(session, qtbot, tmp_path, recording, slow):
    path = tmp_path / "long.wav"
    soundfile.write(path, tone(500, 2.0), SPEECH_RATE)
    player = Player(session)
    player.toggle(recording)
    assert slow.opening.wait(20)
    player.toggle(Item("speech", str(path), "", "long", id=8))
    slow.may_open.set()
    qtbot.waitUntil(lambda: player.playing == 8, timeout=20_000)
    assert slow.heard == 2 * SPEECH_RATE
    player.stop()


def test_space_plays_and_stops(session, qtbot, recording, output):
    player = Player(session)
    player.toggle(recording)
    qtbot.waitUntil(lambda: player.playing == 7, timeout=20_000)
    assert output == [("play", SPEECH_RATE, SPEECH_RATE)]
    player.toggle(recording)
    assert player.playing is None
    assert output[-1] == ("stop",)


def test_a_sound_ends_by_itself(session, qtbot, tmp_path, output):
    path = tmp_path / "short.wav"
    soundfile.write(path, tone(500, 0.05), SPEECH_RATE)
    player = Player(session)
    heard = []
    player.changed.connect(heard.append)
    player.toggle(Item("speech", str(path), "", "short", id=3))
    qtbot.waitUntil(lambda: heard == [3, None], timeout=20_000)


def test_without_sounddevice_the_system_plays_it(session, qtbot, recording, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    assert sound_device() is None
    opened = []
    monkeypatch.setattr(player_module, "open_file", opened.append)
    player = Player(session)
    player.toggle(recording)
    qtbot.waitUntil(lambda: opened == [Path(recording.path)], timeout=20_000)
    assert player.playing is None


def test_without_any_player_that_is_said(session, qtbot, recording, monkeypatch):
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda _: False)
    with qtbot.waitSignal(session.noticed, timeout=20_000) as told:
        Player(session).toggle(recording)
    assert "no program that opens" in told.args[1]
    assert "sounddevice" in told.args[1]


def test_what_cannot_be_played_is_said(session, qtbot, tmp_path, recording, monkeypatch):
    def refuse(*_):
        raise RuntimeError("no such device")

    monkeypatch.setattr(player_module, "sound_device", lambda: SimpleNamespace(play=refuse))
    player = Player(session)
    with qtbot.waitSignal(session.noticed, timeout=20_000) as told:
        player.toggle(recording)
    assert "no such device" in told.args[1]
    with qtbot.waitSignal(session.noticed, timeout=20_000) as told:
        player.toggle(Item("speech", str(tmp_path / "gone.wav"), "", "gone", id=1))
    assert "missing" in told.args[1]


def test_recordings_of_a_project_are_inspected_and_played(
    opened, looked, qtbot, tmp_path, monkeypatch, output
):
    FakeShelf().put(monkeypatch)
    project = encode_all(make_project(tmp_path, 12, ("text", "speech")))
    drain(align(project, AlignRequest(method="procrustes", name="heard")))
    page = opened(project.root)
    sound = project.catalogue.items("speech")[4]
    shown = looked(sound.id)
    qtbot.waitUntil(lambda: shown.sound.picture is not None, timeout=20_000)
    assert not shown.sound.isHidden()
    strip = page.selected.strip
    strip.setFocus()
    qtbot.waitUntil(strip.hasFocus, timeout=5000)
    qtbot.keyClick(strip, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(output), timeout=20_000)
    page.grab()
    looked(project.catalogue.items("text")[0].id)
    assert shown.sound.isHidden()
    assert set(shown.across) == {"speech"}
