import json

import pytest
from PySide6.QtWidgets import QFileDialog

from workbench.gui.encoding.encoder_picker import EncoderPicker
from workbench.gui.encoding.local_models import FAMILIES, guess_family


@pytest.mark.parametrize(
    ("file", "settings", "modality", "family"),
    [
        ("modules.json", [], "text", "sentence-transformers"),
        ("modules.json", [], "speech", "sentence-transformers"),
        ("open_clip_config.json", {}, "image", "open_clip"),
        ("config.json", {"model_type": "vit"}, "image", "transformers-image"),
        ("config.json", {"model_type": "bert"}, "text", "transformers-text"),
        ("config.json", {"model_type": "hubert"}, "speech", "transformers-speech"),
        ("config.json", {"architecture": "vit_base"}, "image", "timm"),
        ("config.json", ["odd"], "image", "transformers-image"),
        ("nothing.txt", {}, "text", "sentence-transformers"),
    ],
)
def test_the_files_tell_the_library(tmp_path, file, settings, modality, family):
    (tmp_path / file).write_text(json.dumps(settings), encoding="utf-8")
    assert guess_family(tmp_path, modality) == family
    assert family in FAMILIES[modality]


@pytest.fixture
def picker(listed, qtbot):
    made = EncoderPicker(listed, "image")
    qtbot.addWidget(made)
    made.show()
    made.offer("bundled/small")
    return made


def test_a_folder_of_this_computer(picker, tmp_path, qtbot, monkeypatch):
    (tmp_path / "config.json").write_text('{"architecture": "vit_base"}', encoding="utf-8")
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(tmp_path))
    picker.pick_folder()
    question = picker.family_question
    assert question.isVisible()
    assert question.family.currentData() == "timm"
    question.use_button.click()
    assert not question.isVisible()
    assert picker.encoder() == f"timm/{tmp_path}"


def test_no_folder_changes_nothing(picker, monkeypatch):
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: ("", ""))
    picker.pick_folder()
    picker.pick_vectors()
    assert not picker.family_question.isVisible()
    assert picker.encoder() == "bundled/small"


def test_vectors_that_are_there_already(picker, tmp_path, monkeypatch, qtbot):
    file = tmp_path / "mine.npy"
    file.write_bytes(b"12345")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_: (str(file), ""))
    picker.pick_vectors()
    assert picker.encoder() == f"precomputed/{file}"
    qtbot.waitUntil(lambda: picker.readiness() == "ready", timeout=20_000)
    assert picker._facts.text() == "5 bytes on disk · On this computer"
