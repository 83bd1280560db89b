from datetime import datetime, timedelta

from workbench.gui import words


def test_counts():
    assert words.items(1, "image") == "1 image"
    assert words.items(1021, "speech") == "1,021 recordings"


def test_moments():
    now = datetime(2026, 5, 3, 14, 5)
    assert words.moment(now, now) == "today 14:05"
    assert words.moment(now - timedelta(days=1), now) == "yesterday 14:05"
    assert words.moment(now - timedelta(days=40), now) == "24 March 2026"
