import tarfile
from contextlib import suppress
from io import BytesIO

import numpy as np
import pytest
import soundfile

from workbench.errors import WorkbenchError
from workbench.media import read_speech, speech_seconds


def ogg(seconds: float, hertz: float, rate: int = 16_000, channels: int = 1) -> bytes:
    wave = 0.5 * np.sin(np.arange(round(seconds * rate)) * (2 * np.pi * hertz / rate))
    buffer = BytesIO()
    content = np.repeat(wave[:, None], channels, axis=1)
    soundfile.write(buffer, content, rate, format="OGG", subtype="VORBIS")
    return buffer.getvalue()


def hertz_of(samples) -> float:
    return float(np.argmax(np.abs(np.fft.rfft(samples))) * 16_000 / len(samples))


LOW, HIGH = ogg(1, 200), ogg(2, 1000, channels=2)


@pytest.fixture(params=["file", "inside"])
def written(request, tmp_path):
    def write(content):
        if request.param == "file":
            (tmp_path / "a.ogg").write_bytes(content)
            return tmp_path / "a.ogg"
        with tarfile.open(tmp_path / "a.tar", "w") as shard:
            member = tarfile.TarInfo("a.ogg")
            member.size = len(content)
            shard.addfile(member, BytesIO(content))
        return tmp_path / "a.tar#a.ogg"

    return write


def test_all_recordings_of_a_chain_are_read(written):
    path = written(LOW + HIGH + LOW)
    assert speech_seconds(path) == pytest.approx(4)
    samples = read_speech(path)
    assert len(samples) == 4 * 16_000
    parts = np.split(samples, [16_000, 48_000])
    assert [hertz_of(part) for part in parts] == pytest.approx([200, 1000, 200], abs=3)
    assert len(read_speech(path, 1.5)) == 24_000


def test_a_recording_twice(written):
    path = written(LOW + LOW)  # with the same number of its stream
    assert speech_seconds(path) == pytest.approx(2)
    assert len(read_speech(path)) == 32_000


def test_a_usual_file_is_as_long_as_before(written):
    assert speech_seconds(written(LOW)) == pytest.approx(1)
    assert len(read_speech(written(LOW))) == 16_000


def test_recordings_of_different_rates_are_refused(written):
    path = written(LOW + ogg(1, 200, rate=8000))
    for read in (read_speech, speech_seconds):
        with pytest.raises(WorkbenchError, match="different rates"):
            read(path)


def test_a_chain_that_is_cut_is_read_up_to_there_or_has_a_reason(tmp_path):
    content = LOW + HIGH
    for end in range(len(LOW) - 40, len(content), 997):
        (tmp_path / "a.ogg").write_bytes(content[:end])
        with suppress(WorkbenchError):
            assert 0 < len(read_speech(tmp_path / "a.ogg")) <= 3 * 16_000
