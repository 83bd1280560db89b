"""A folder in which every module lies that Python could look for, each to tell that it ran."""

import sys
from importlib.metadata import packages_distributions

CONFIGURATION = (
    ".numba_config.yaml"  # numba, which reads it, fails of it; it could name a folder of pickles
)


def lay_traps(folder, without=()):
    """Fill a folder but for some; return the file in which those note themselves that were run."""
    folder.mkdir()
    sprung = folder.with_name(f"{folder.name} sprung")
    for name in sorted({*sys.stdlib_module_names, *packages_distributions()}.difference(without)):
        if name.isidentifier():
            note = f"open({str(sprung)!r}, 'a').write({name!r} + ' ')\n"
            (folder / f"{name}.py").write_text(note + f"raise SystemExit('trap {name}')\n")
    (folder / CONFIGURATION).write_text("{")
    return sprung
