import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from workbench.errors import WorkbenchError
from workbench.media import SPEECH_RATE, read_speech, speech_seconds
from workbench.media.sounds import speech as speech_module


def tone(rate: int, seconds: float, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(rate * seconds)) / rate)).astype("f4")


def put(path: Path, samples: np.ndarray, rate: int, **options) -> Path:
    soundfile.write(path, samples, rate, **options)
    return path


@pytest.mark.parametrize("rate", [8_000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
def test_any_rate_becomes_16_khz(tmp_path, rate):
    path = put(tmp_path / "a.wav", tone(rate, 0.5), rate)
    samples = read_speech(path)
    assert samples.dtype == np.float32
    assert samples.ndim == 1
    assert abs(samples.size - SPEECH_RATE // 2) <= 2
    middle = slice(1000, 7000)
    assert np.abs(samples[middle] - tone(SPEECH_RATE, 0.5)[: samples.size][middle]).max() < 2e-3
    assert speech_seconds(path) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.parametrize(
    ("suffix", "options"),
    [
        ("flac", {}),
        ("ogg", {"subtype": "VORBIS"}),
        ("opus", {"format": "OGG", "subtype": "OPUS"}),
        ("mp3", {}),
        ("aiff", {}),
        ("wav", {"subtype": "PCM_24"}),
        ("wav", {"subtype": "DOUBLE"}),
    ],
)
def test_any_kind(tmp_path, suffix, options):
    path = put(tmp_path / f"a.{suffix}", tone(48_000, 1.0), 48_000, **options)
    samples = read_speech(path)
    assert samples.size / SPEECH_RATE == pytest.approx(1.0, abs=0.1)
    assert np.sqrt(np.mean(samples**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)


def level(samples: np.ndarray, hertz: float) -> float:
    """Return the amplitude of one frequency, by the window's middle."""
    window = np.hanning(samples.size)
    turning = np.exp(-2j * np.pi * hertz * np.arange(samples.size) / SPEECH_RATE)
    return float(2 * abs(np.sum(samples * window * turning)) / window.sum())


@pytest.mark.parametrize("rate", [22_050, 44_100, 48_000, 96_000, 192_000])
def test_resampling_keeps_speech_and_lets_nothing_fold_back(tmp_path, rate):
    path = put(tmp_path / "low.wav", tone(rate, 1.0, 1000), rate, subtype="FLOAT")
    assert level(read_speech(path), 1000) == pytest.approx(0.5, rel=1e-3)
    path = put(tmp_path / "high.wav", tone(rate, 1.0, 7000), rate, subtype="FLOAT")
    assert level(read_speech(path), 7000) == pytest.approx(0.5, rel=1e-2)
    path = put(tmp_path / "above.wav", tone(rate, 1.0, 10_000), rate, subtype="FLOAT")
    inside = read_speech(path)[1600:-1600]  # 10 kHz would fold back to 6 kHz
    assert np.abs(inside).max() < 0.5e-4  # 80 dB below


@pytest.mark.parametrize("rate", [8_000, 11_025])
def test_resampling_up_adds_nothing(tmp_path, rate):
    path = put(tmp_path / "a.wav", tone(rate, 1.0, 1000), rate, subtype="FLOAT")
    samples = read_speech(path)
    assert level(samples, 1000) == pytest.approx(0.5, rel=1e-3)
    assert level(samples, rate - 1000) < 1e-4  # its mirror


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("subtype", ["PCM_U8", "PCM_16", "PCM_24", "FLOAT", "ULAW"])
def test_any_channel_count_and_sample_format(tmp_path, channels, subtype):
    samples = np.repeat(tone(SPEECH_RATE, 0.5)[:, None], channels, axis=1)
    found = read_speech(put(tmp_path / "a.wav", samples, SPEECH_RATE, subtype=subtype))
    assert np.abs(found - samples[:, 0]).max() < 0.02


def test_length_comes_from_the_header(tmp_path, monkeypatch):
    path = put(tmp_path / "a.flac", tone(44_100, 1.5), 44_100)

    def decode(self, *_, **__):
        raise AssertionError("decoded")

    monkeypatch.setattr(soundfile.SoundFile, "read", decode)
    assert speech_seconds(path) == pytest.approx(1.5)


def test_channels_are_averaged_in_blocks(tmp_path, monkeypatch):
    left = tone(SPEECH_RATE, 0.2)
    path = put(tmp_path / "a.wav", np.stack([left, np.zeros_like(left)], 1), SPEECH_RATE)
    whole = read_speech(path)
    assert np.allclose(whole, left / 2, atol=1e-4)
    monkeypatch.setattr(speech_module, "_BLOCK_VALUES", 100)
    assert np.array_equal(read_speech(path), whole)


def test_long_recordings_are_cut(tmp_path):
    path = put(tmp_path / "a.wav", tone(8_000, 2.0), 8_000)
    assert read_speech(path, max_seconds=0.5).size == SPEECH_RATE // 2
    assert read_speech(path, max_seconds=None).size == 2 * SPEECH_RATE
    assert speech_seconds(path) == 2.0


def test_values_are_finite(tmp_path):
    samples = np.array([0.1, np.nan, np.inf, -np.inf, 0.2], dtype=np.float32)
    path = put(tmp_path / "a.wav", samples, SPEECH_RATE, subtype="FLOAT")
    assert read_speech(path).tolist() == pytest.approx([0.1, 0, 0, 0, 0.2])


def test_bad_recordings_give_a_sentence_with_their_name(tmp_path):
    put(tmp_path / "empty.wav", np.zeros(0, dtype="f4"), SPEECH_RATE)
    put(tmp_path / "slow.wav", tone(100, 1.0, 10), 100)
    whole = put(tmp_path / "whole.flac", tone(SPEECH_RATE, 1.0), SPEECH_RATE).read_bytes()
    (tmp_path / "head.flac").write_bytes(whole[:30])
    (tmp_path / "text.wav").write_text("I am no sound.")
    (tmp_path / "zero.mp3").touch()
    (tmp_path / "folder.wav").mkdir()
    names = ("empty.wav", "slow.wav", "head.flac", "text.wav", "zero.mp3", "none.wav", "folder.wav")
    for name in names:
        for read in (read_speech, speech_seconds):
            with pytest.raises(WorkbenchError) as caught:
                read(tmp_path / name)
            assert name in str(caught.value)
            assert str(caught.value).endswith(".")


def test_truncated_recordings_give_what_is_there_or_a_sentence(tmp_path):
    for suffix in ("wav", "flac", "ogg", "mp3"):
        path = put(tmp_path / f"a.{suffix}", tone(SPEECH_RATE, 1.0), SPEECH_RATE)
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        try:
            size = read_speech(path).size
        except WorkbenchError:
            continue
        assert 0 < size <= SPEECH_RATE


def test_one_channel_turned_over_is_no_silence(tmp_path):
    sound = tone(16_000, 0.5)
    path = put(tmp_path / "a.wav", np.stack([sound, -sound], axis=1), 16_000, subtype="FLOAT")
    assert np.allclose(read_speech(path), sound, atol=1e-6)
    other = put(tmp_path / "b.wav", np.stack([sound, sound / 2], axis=1), 16_000, subtype="FLOAT")
    assert np.allclose(read_speech(other), 0.75 * sound, atol=1e-6)  # else the mean, as ever


@pytest.mark.parametrize("extra", [b"", b"LIST" + struct.pack("<I", 5) + b"abcde\0"])
@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_wav_that_was_written_while_it_was_recorded_is_read_to_its_end(tmp_path, length, extra):
    sound = tone(16_000, 0.5)
    path = put(tmp_path / "a.wav", sound, 16_000, subtype="PCM_16")
    whole = path.read_bytes()
    at = whole.index(b"data")
    unknown = struct.pack("<I", length)
    path.write_bytes(
        whole[:4] + unknown + whole[8:at] + extra + b"data" + unknown + whole[at + 8 :]
    )
    assert speech_seconds(path) == pytest.approx(0.5)
    assert np.allclose(read_speech(path), sound, atol=1e-4)


def phone_recording(path: Path, codec: str, seconds: float = 1.0) -> Path:
    """Write a recording as phones, browsers and cameras make it."""
    av = pytest.importorskip("av", reason="PyAV is not installed")
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(
            tone(48_000, seconds)[None], format="fltp", layout="mono"
        )
        frame.sample_rate = 48_000
        for packet in (*stream.encode(frame), *stream.encode(None)):
            container.mux(packet)
    return path


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("a.m4a", "aac"),
        ("a.mp4", "aac"),
        ("a.aac", "aac"),
        ("A.WEBM", "libopus"),
    ],
)
def test_recordings_of_phones_are_read_by_pyav(tmp_path, name, codec):
    path = phone_recording(tmp_path / name, codec)
    samples = read_speech(path)
    assert samples.size / SPEECH_RATE == pytest.approx(1.0, abs=0.1)
    assert level(samples[1600:-1600], 440) == pytest.approx(0.5, rel=0.1)
    assert speech_seconds(path) == pytest.approx(1.0, abs=0.1)
    assert read_speech(path, max_seconds=0.25).size == pytest.approx(SPEECH_RATE // 4, abs=2)


def test_without_pyav_the_way_out_is_told(tmp_path, monkeypatch):
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(500))
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(WorkbenchError, match=r"pip install gera-workbench\[av\]"):
        speech_seconds(tmp_path / "a.m4a")


def test_what_is_no_recording_of_a_phone_gives_a_sentence(tmp_path):
    pytest.importorskip("av", reason="PyAV is not installed")
    (tmp_path / "a.m4a").write_bytes(b"\0\0\0\x20ftypM4A " + bytes(500))
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_speech(tmp_path / "a.m4a")
