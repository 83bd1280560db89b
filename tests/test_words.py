"""Numbers, sizes and times in words, the same everywhere."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import workbench
from workbench import words
from workbench.cli.following import _how_fast
from workbench.jobs import Progress, Transfer


def test_counts():
    assert words.several(1, "pair") == "1 pair"
    assert words.several(0, "pair") == "0 pairs"
    assert words.several(1200, "pair") == "1,200 pairs"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (95, "1 min 35 s"), (700, "11 min"),
     (3_600, "1 h 0 min"), (7_500, "2 h 5 min"), (3_600_000, "1,000 h 0 min")],
)  # fmt: skip
def test_durations(seconds, said):
    assert words.duration(seconds) == said
    assert words.elapsed(seconds) == (said if seconds else "0.0 s")


def test_short_times_have_tenths():
    assert words.elapsed(0.34) == "0.3 s"


@pytest.mark.parametrize(
    ("count", "said"),
    [(1, "1 byte"), (999, "999 bytes"), (1_000, "1.0 kB"), (5_310_245, "5.3 MB"),
     (99_960_000, "100 MB"), (605_000_000, "605 MB"), (999_900_000, "1.0 GB"),
     (2_100_000_000_000_000, "2,100 TB")],
)  # fmt: skip
def test_sizes(count, said):
    assert words.size(count) == said


@given(st.integers(1, 10**15))
def test_sizes_are_near_the_truth_and_short(count):
    value, unit = words.size(count).replace(",", "").split()
    factor = {"byte": 1, "bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12}[unit]
    assert float(value) * factor == pytest.approx(count, rel=0.06)
    assert len(value) <= 5 or unit == "TB"


@pytest.mark.parametrize(
    ("count", "said"), [(820, "820"), (3_400_000, "3.4 M"), (1_100_000_000, "1.1 B")]
)
def test_large_numbers(count, said):
    assert words.large_number(count) == said


def test_rates():
    assert words.rate(1234.5) == "1,234/s"
    assert words.rate(3.21) == "3.2/s"
    assert words.rate(0.1) == "6.0/min"
    assert words.transfer_rate(4_100_000) == "4.1 MB/s"


def test_lists():
    assert words.listed([]) == ""
    assert words.listed(["a"]) == "a"
    assert words.listed(["a", "b", "c"]) == "a, b and c"


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (Progress(250_000, 1_000_000, "", 250_000.0), "250,000 of 1,000,000, 250,000/s, 3 s left"),
        (Transfer(20_000, 80_000, "", 600.0), "20.0 kB of 80.0 kB, 600 bytes/s, 1 min 40 s left"),
        (Progress(3, 0, "", 2.0), "2.0/s"),
        (Progress(3, 4), ""),
    ],
)
def test_the_commands_say_bytes_of_downloads_alone(event, said):
    assert _how_fast(event) == said


def test_nobody_else_puts_bytes_into_words():
    """No other module divides by a thousand to write a unit behind."""
    units = {" kB", " MB", " GB", " MB/s"}
    root = Path(workbench.__file__).parent
    found = [
        f"{path.relative_to(root)}:{text.lineno}"
        for path in root.rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for before, after in zip(text.values, text.values[1:], strict=False)
        if isinstance(before, ast.FormattedValue)
        and isinstance(after, ast.Constant)
        and any(str(after.value).startswith(unit) for unit in units)
    ]
    assert found == []
