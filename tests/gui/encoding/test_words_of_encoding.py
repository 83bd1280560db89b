from dataclasses import replace
from types import SimpleNamespace

import pytest
from gui.encoding.some_facts import FACTS

from workbench.gui import words
from workbench.gui.encoding.facts_in_words import facts_in_words
from workbench.gui.encoding.options import OptionsPanel
from workbench.gui.widgets.job_strip import progress_in_words
from workbench.jobs import Control, Progress, Transfer


@pytest.mark.parametrize(
    ("count", "said"),
    [(820, "820"), (3_371_008, "3.4 M"), (303_966_208, "304 M"), (1_135_000_000, "1.1 B"),
     (999_600, "1.0 M")],
)  # fmt: skip
def test_large_numbers_are_said_shortly(count, said):
    assert words.large_number(count) == said


@pytest.mark.parametrize(
    ("facts", "missing", "said"),
    [
        (FACTS[0], None,
         "1,280 wide · 3.4 M parameters · 18.8 MB on disk · Apache-2.0 · bundled"),
        (FACTS[1], None, "1,024 wide · 304 M parameters · 1.2 GB to download · MIT"),
        (FACTS[1], 40_000_000, "1,024 wide · 304 M parameters · 40.0 MB to download · MIT"),
        (FACTS[2], None, "licence not known · Downloaded"),
        (replace(FACTS[2], state="download"), None, "needs download · licence not known"),
        (FACTS[3], None,
         "4 wide · licence not known · Not usable: install the Python package timm"),
    ],
)  # fmt: skip
def test_an_encoder_is_said_in_one_line(facts, missing, said):
    assert facts_in_words(facts, missing) == said


@pytest.mark.parametrize(
    ("progress", "said"),
    [
        (Progress(312, 1021, "a.png", 45.0), "312 of 1,021 · 45/s · 16 s left"),
        (Transfer(35_000_000, 352_000_000, "model.safetensors", 4_100_000.0),
         "35.0 MB of 352 MB · 4.1 MB/s · 1 min 17 s left"),
        (Transfer(0, 0, "Asking the model hub"), ""),
    ],
)  # fmt: skip
def test_progress_is_in_items_or_bytes(progress, said):
    job = SimpleNamespace(control=Control(), progress=progress)
    assert progress_in_words(job) == said


def test_options_that_differ_are_said_while_folded(qtbot):
    panel = OptionsPanel("text")
    qtbot.addWidget(panel)
    panel.show()
    assert panel.values() == {
        "batch_size": 32, "dtype": None, "precision": "auto", "workers": None,
    }  # fmt: skip
    assert not panel.fields.isVisible()
    panel.toggle.click()
    assert panel.fields.isVisible()
    panel.batch_size.setValue(8)
    panel.dtype.setCurrentIndex(2)
    panel.precision.setCurrentIndex(1)
    panel.workers.setValue(0)
    panel.toggle.click()
    said = "batches of 8 · stored as float16 · full precision · processes that read: 0"
    assert panel._summary.text() == said
    assert panel.values()["workers"] == 0
