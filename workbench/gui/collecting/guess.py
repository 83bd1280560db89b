"""Which modalities a dropped folder holds."""

import os
from collections import Counter
from itertools import islice
from pathlib import Path

from workbench.media import MODALITIES, SUFFIXES, Modality

_LOOKED_AT = 3_000
_FEW = 0.02


def guess_modalities(folder: Path) -> list[Modality]:
    """Return the modalities of the first few thousand files below a folder.

    A modality with less than one file in fifty does not count: a README beside photographs is no
    collection of texts.
    """
    names = (name for _, _, files in os.walk(folder) for name in files)
    suffixes = Counter(Path(name).suffix.lower() for name in islice(names, _LOOKED_AT))
    counts = {each: sum(suffixes[end] for end in SUFFIXES[each]) for each in MODALITIES}
    enough = max(1, _FEW * sum(counts.values()))
    return [each for each in MODALITIES if counts[each] >= enough]
