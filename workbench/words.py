"""Numbers, sizes and times as people say them: once, for the window, the commands and messages.

Sizes count in thousands, as disks and downloads do: 1 kB is 1,000 bytes. The library humanize says
“605.0 MB”, “1 Byte” and “1 minute and 35 seconds”, which is no better and has no room in a row.
"""


def several(count: int, noun: str) -> str:
    """Say how many of a noun whose plural ends in s: “1 pair”, “200 pairs”."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def label_in_words(label: str) -> str:
    """Say a label as one would aloud: “animals_and-nature” is “animals and nature”."""
    return " ".join(label.replace("_", " ").replace("-", " ").split())


def rate(per_second: float) -> str:
    """Say how fast: “45/s”, “3.2/s”, “20.0/min”."""
    if per_second >= 10:
        return f"{per_second:,.0f}/s"
    return f"{per_second:.1f}/s" if per_second >= 0.5 else f"{per_second * 60:.1f}/min"


def duration(seconds: float) -> str:
    """Say how long, in the two largest units that matter: “35 s”, “3 min 20 s”, “2 h 5 min”."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{minutes} min {rest} s" if minutes < 10 and rest else f"{minutes} min"
    hours, rest = divmod(whole, 3600)
    return f"{hours:,} h {rest // 60} min"


def elapsed(seconds: float) -> str:
    """Say how long something has taken: as `duration`, with tenths below a second."""
    return duration(seconds) if seconds >= 1 else f"{seconds:.1f} s"


def size(count: int) -> str:
    """Say how large: “820 bytes”, “3.4 MB”, “605 MB”."""
    if count < 1000:
        return several(count, "byte")
    return _in_thousands(count, ("kB", "MB", "GB", "TB"))


def transfer_rate(per_second: float) -> str:
    """Say how fast bytes come: “4.1 MB/s”."""
    return f"{size(round(per_second))}/s"


def large_number(count: int) -> str:
    """Say a large number shortly: “820”, “3.4 M”, “1.1 B”."""
    return f"{count}" if count < 1000 else _in_thousands(count, ("k", "M", "B"))


def _in_thousands(count: int, units: tuple[str, ...]) -> str:
    """Say a number from a thousand on in the largest unit of which there is one or more."""
    value, unit = count / 1000, units[0]
    for larger in units[1:]:
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 99.95 else f"{value:,.0f} {unit}"


def listed(names: list[str]) -> str:
    """Join names as a sentence does: “images, texts and recordings”."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
