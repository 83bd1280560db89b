"""A real Ray cluster on this machine, and encoders that its nodes find as a package."""

import os
import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

# A package as any other that brings encoders; its nodes import what the tests are about.
PLUGIN = '''
import os
import time

import numpy as np

from workbench.encoders import EncoderEntry
from workbench.errors import WorkbenchError
from worlds.fakes import WIDTHS, FakeEncoder, crash_on_numbers, vector


class Crashing(FakeEncoder):
    """Prepares pictures ahead, and crashes at some."""

    preparation = staticmethod(crash_on_numbers)

    def encode_prepared(self, batch):
        return np.stack([vector("image", int(numbers[0])) for numbers in batch])


def missing(device):
    if os.environ.get("FAKE_LACKS"):
        raise WorkbenchError("The encoder fake/missing is not on this machine: fetch it.")
    return FakeEncoder("text", "fake/missing")


def revised(device):
    return FakeEncoder("text", "fake/revised", revision=os.environ.get("FAKE_REVISION", "1"))


def entry(name, modality, factory):
    return EncoderEntry(
        name, modality, name, "Of tests.", False, factory, lambda: None, width=WIDTHS[modality]
    )


entries = [
    entry("fake/text", "text", lambda device: FakeEncoder("text")),
    entry("fake/image", "image", lambda device: FakeEncoder("image")),
    entry("fake/slow", "text", lambda device: FakeEncoder("text", "fake/slow", delay=0.05)),
    entry("fake/crashing", "image", lambda device: Crashing("image", "fake/crashing")),
    entry("fake/missing", "text", missing),
    entry("fake/revised", "text", revised),
]
'''

NODE = {"num_cpus": 1, "object_store_memory": 80 << 20}


@contextmanager
def plugin_of_fakes(folder):
    """Have the fake encoders as an installed package, here and in processes that start later."""
    from workbench.encoders.lists import plugins

    about = folder / "fakes_for_clusters-1.0.dist-info"
    about.mkdir(parents=True)
    (folder / "fakes_for_clusters.py").write_text(PLUGIN, "utf-8")
    (about / "METADATA").write_text("Name: fakes-for-clusters\nVersion: 1.0\n", "utf-8")
    points = "[gera_workbench.encoders]\nfakes = fakes_for_clusters:entries\n"
    (about / "entry_points.txt").write_text(points, "utf-8")
    places = [str(folder), str(Path(__file__).parents[1])]
    with pytest.MonkeyPatch.context() as patch:
        before = os.environ.get("PYTHONPATH")
        patch.setenv("PYTHONPATH", os.pathsep.join([*places, *([before] if before else [])]))
        patch.setattr(sys, "path", [*places, *sys.path])
        plugins._load.cache_clear()
        yield
    plugins._load.cache_clear()


@contextmanager
def cluster_of(nodes):
    """Have a head without CPUs, for who is connected, and so many nodes that work."""
    from workbench.cluster.connection import _TAMED

    for name, value in _TAMED.items():
        os.environ.setdefault(name, value)
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": 80 << 20}
    made = Cluster(initialize_head=True, head_node_args=head)
    try:
        for _ in range(nodes):
            made.add_node(**NODE)
        yield made
    finally:
        made.shutdown()
