from pathlib import Path

import numpy as np
import pytest
import soundfile

from workbench.errors import WorkbenchError
from workbench.media import SPEECH_RATE, read_speech, speech_seconds
from workbench.media import speech as speech_module


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
