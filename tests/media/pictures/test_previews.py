import numpy as np
import pytest
import soundfile
from PIL import Image

from workbench.errors import WorkbenchError
from workbench.media import thumbnail, waveform


@pytest.mark.parametrize("suffix", ["jpg", "png"])
def test_thumbnail_fits(tmp_path, suffix):
    path = tmp_path / f"a.{suffix}"
    Image.new("RGB", (1600, 800), "green").save(path)
    picture = thumbnail(path, 96)
    assert (picture.mode, picture.size) == ("RGB", (96, 48))


def test_thumbnail_of_a_turned_jpeg(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 8
    Image.new("RGB", (1600, 800)).save(tmp_path / "a.jpg", exif=exif)
    assert thumbnail(tmp_path / "a.jpg", 96).size == (48, 96)


def test_thumbnail_never_enlarges_pixels_but_drawings(tmp_path):
    Image.new("RGB", (10, 10)).save(tmp_path / "a.png")
    assert thumbnail(tmp_path / "a.png", 96).size == (10, 10)
    (tmp_path / "a.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 4 4"/>')
    assert thumbnail(tmp_path / "a.svg", 96).size == (96, 96)


def test_waveform(tmp_path):
    samples = np.concatenate([np.zeros(8000), np.full(4000, 0.5), np.full(4000, -0.25)])
    soundfile.write(tmp_path / "a.wav", samples, 16_000)
    outline = waveform(tmp_path / "a.wav", 4)
    assert outline.dtype == np.float32
    assert outline.tolist() == [[0, 0], [0, 0], [0.5, 0.5], [-0.25, -0.25]]


@pytest.mark.parametrize("bins", [1, 3, 50])
def test_waveform_of_very_short_sound(tmp_path, bins):
    soundfile.write(tmp_path / "a.wav", np.array([0.5, -0.5, 0.25]), 16_000)
    outline = waveform(tmp_path / "a.wav", bins)
    assert outline.shape == (bins, 2)
    assert outline.min() == -0.5
    assert outline.max() == 0.5


def test_bad_files_give_a_sentence(tmp_path):
    for preview in (thumbnail, waveform):
        with pytest.raises(WorkbenchError):
            preview(tmp_path / "none.png", 10)
