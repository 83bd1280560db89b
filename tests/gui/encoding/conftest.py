import pytest
from gui.encoding.some_facts import FACTS, MORE

from workbench.gui.encoding import inspection, known_encoders
from workbench.gui.encoding.known_encoders import KnownEncoders


@pytest.fixture
def known(session, monkeypatch):
    """Return what is known of four encoders, and of forty more where everything is asked."""

    def listed(everything=False):
        return inspection.Encoders(
            {"image": FACTS + (MORE if everything else []), "text": [], "speech": []},
            ["The encoder plug-in odd could not be loaded."],
        )

    monkeypatch.setattr(inspection, "_list_encoders", listed)
    monkeypatch.setattr(inspection, "_list_devices", lambda: [])
    monkeypatch.setattr(
        known_encoders, "in_process",
        lambda station, *arguments, control: station(*arguments, control=control),
    )  # fmt: skip
    return KnownEncoders(session)


@pytest.fixture
def listed(known, qtbot):
    """Return the same after the short list has come."""
    with qtbot.waitSignal(known.devices_found):
        known.look()
    return known
