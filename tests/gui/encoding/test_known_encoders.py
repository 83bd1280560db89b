"""What is found out about an encoder stays until it is forgotten; then nothing older comes."""

import threading
from dataclasses import replace

from gui.encoding.some_facts import FACTS

from workbench.gui.encoding import inspection, known_encoders


def test_an_answer_that_was_forgotten_while_it_was_on_its_way_does_not_come(
    known, session, qtbot, monkeypatch
):
    begun, let, answers = threading.Event(), threading.Event(), iter(["download", "ready"])
    facts = FACTS[0]

    def look_up(name, modality, control):
        yield from ()
        state = next(answers)
        if state == "download":
            begun.set()
            assert let.wait(30)
        return inspection.LookedUp(name, replace(facts, state=state))

    monkeypatch.setattr(known_encoders, "look_up", look_up)
    told = []
    known.answered.connect(lambda *key: told.append(key))
    known.ask("image", facts.name)
    assert begun.wait(20)
    known.forget("image", facts.name)  # as when it has been downloaded meanwhile
    assert not known.asking("image", facts.name)
    known.ask("image", facts.name)
    qtbot.waitUntil(lambda: known.answer("image", facts.name) is not None, timeout=20_000)
    let.set()
    qtbot.waitUntil(lambda: not session._jobs, timeout=20_000)
    assert known.find("image", facts.name).state == "ready"
    assert told == [("image", facts.name)]
