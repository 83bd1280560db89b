from datetime import datetime, timedelta

import pytest

from workbench.gui import words


def test_counts():
    assert words.items(1, "image") == "1 image"
    assert words.items(1021, "speech") == "1,021 recordings"
    assert words.several(1, "pair") == "1 pair"
    assert words.several(0, "pair") == "0 pairs"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (95, "1 min 35 s"), (700, "11 min"),
     (3_600, "1 h 0 min"), (7_500, "2 h 5 min")],
)  # fmt: skip
def test_durations(seconds, said):
    assert words.duration(seconds) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 byte"), (999, "999 bytes"), (1_000, "1.0 kB"), (5_310_245, "5.3 MB"),
     (999_900_000, "1.0 GB"), (2_100_000_000_000_000, "2100 TB")],
)  # fmt: skip
def test_sizes(count, said):
    assert words.size(count) == said


def test_rates():
    assert words.rate(1234.5) == "1,234/s"
    assert words.rate(3.21) == "3.2/s"
    assert words.rate(0.1) == "6.0/min"


def test_moments():
    now = datetime(2026, 5, 3, 14, 5)
    assert words.moment(now, now) == "today 14:05"
    assert words.moment(now - timedelta(days=1), now) == "yesterday 14:05"
    assert words.moment(now - timedelta(days=40), now) == "24 March 2026"


def test_lists():
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"
