import json

from workbench.alignment import LiveChange
from workbench.project import NONE_OF_THAT, Recipe, SplitSettings, differing_settings

CARD = {"name": "bundled/minilm-l6", "revision": "0123456789abcdef", "width": 384}


def recipe(**changed):
    given = {
        "method": "gera", "settings": {"alpha": 10.0, "steps": 100}, "pairs": 200,
        "encoders": {"text": CARD}, "data_fingerprint": "abcdef0123456789",
        "created": "2026-01-01",
    }  # fmt: skip
    return Recipe(**{**given, **changed})


def test_equal_recipes_do_not_differ():
    other = recipe(created="2026-02-02", seconds=3.0, note="again", state="running")
    assert differing_settings([recipe(), other]) == {}
    assert differing_settings([recipe()]) == {}
    assert differing_settings([]) == {}


def test_everything_that_makes_a_run_counts():
    other = recipe(
        method="ridge", settings={"alpha": 10.0, "penalty": None}, pairs=None, seed=3,
        encoders={"text": {**CARD, "revision": "fedcba9876543210"}, "image": {"name": "mine"}},
        split=SplitSettings(seed=1, validation=0.2, test=0.3), data_fingerprint="1234567890",
        device="cuda", workbench="9", stopped_at=7, state="stopped", ladder=[1.0, 3.0], rung=3.0,
        changes=[
            LiveChange(step=2, name="alpha/text", value=1.0),
            LiveChange(step=5, name="alpha/text", value=0.25),
            LiveChange(step=9, name="alpha/text", value=99.0),  # after the stop: never made
        ],
    )  # fmt: skip
    found = differing_settings([recipe(), other])
    assert found == {
        "method": ["gera", "ridge"],
        "pairs": [200, "all"],
        "seed": [0, 3],
        "steps": [100, NONE_OF_THAT],
        "penalty": [NONE_OF_THAT, None],
        "moved alpha/text": [NONE_OF_THAT, "to 0.25 at step 5"],
        "stopped_at": [NONE_OF_THAT, 7],
        "ladder": [NONE_OF_THAT, [1.0, 3.0]],
        "rung": [NONE_OF_THAT, 3.0],
        "encoder of text": [
            "bundled/minilm-l6 (0123456789ab)", "bundled/minilm-l6 (fedcba987654)",
        ],
        "encoder of image": [NONE_OF_THAT, "mine"],
        "split seed": [0, 1],
        "validation share": [0.1, 0.2],
        "test share": [0.2, 0.3],
        "data": ["abcdef01", "12345678"],
        "device": ["cpu", "cuda"],
        "workbench": [recipe().workbench, "9"],
    }  # fmt: skip
    assert list(found)[:3] == ["method", "pairs", "seed"]
    json.dumps(found)


def test_one_of_three_is_enough():
    found = differing_settings([recipe(), recipe(), recipe(seed=1)])
    assert found == {"seed": [0, 0, 1]}


def test_the_budget_of_the_split_counts_only_as_pairs():
    split = SplitSettings(budget=200)
    assert differing_settings([recipe(), recipe(split=split)]) == {}
