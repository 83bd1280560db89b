"""Fetch: bring an encoder's weights to this machine, where the user has picked it."""

from workbench.encoders import download_encoder, find_encoder
from workbench.jobs import Control, Job
from workbench.media import Modality


def fetch_encoder(name: str, modality: Modality, control: Control) -> Job[bool]:
    """Download what an encoder still needs; at once where it needs nothing.

    Yields
    ------
    Notice, Progress

    Returns
    -------
    bool
        False when it was stopped; what was fetched is kept, and the next call goes on.

    Raises
    ------
    WorkbenchError
        There is no such encoder, or the network cannot be reached.
    """
    return (yield from download_encoder(find_encoder(name, modality), control))
