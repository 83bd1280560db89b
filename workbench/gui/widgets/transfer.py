"""Progress that counts bytes."""

from dataclasses import dataclass

from workbench.jobs import Progress


@dataclass(frozen=True)
class Transfer(Progress):
    """How far a download has come: `done` and `total` in bytes, `rate` in bytes a second."""
