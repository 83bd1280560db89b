"""A project small enough for a test of a page, encoded without any encoder."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
from worlds.fakes import picture

from workbench.cache import EmbeddingCache, prepare_cache
from workbench.jobs import drain
from workbench.project import KeyPairs, Project, ProjectSettings, Source
from workbench.stations import scan

WORDS = ["sun", "moon", "star", "rain", "snow", "wind", "leaf", "tree", "rose", "fern"]


def small_project(folder, count=60, *, views=("image", "text"), width=6, encode=True):
    """Make a project of pictures and texts with embeddings that share a hidden structure.

    It is made once in a process and copied, files with their times, which takes a quarter as long.
    """
    shutil.copytree(_made(count, tuple(views), width, encode), folder, dirs_exist_ok=True)
    return folder / "project"


@cache
def _made(count, views, width, encode):
    folder = Path(tempfile.mkdtemp(prefix="gera-tests-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _make(folder, count, views, width, encode)
    return folder


def _make(folder, count, views, width, encode):
    random = np.random.default_rng(0)
    hidden = random.normal(size=(count, 4))
    sources, suffix = [], {"image": ".png", "text": ".txt"}
    for view in views:
        places = [folder / "files" / view / f"label {label}" for label in range(min(count, 3))]
        for place in places:
            place.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            path = places[number % 3] / f"{number:03}{suffix[view]}"
            if view == "text":
                path.write_text(f"{WORDS[number % 10]} {number}", encoding="utf-8")
            else:
                path.write_bytes(picture((16, 12), (number * 4 % 256, 90, 120)))
        sources.append(Source(modality=view, path=f"../files/{view}"))
    pairings = [KeyPairs(between=("image", "text"))] if len(views) > 1 else []
    project = Project.create(
        folder / "project", ProjectSettings(sources=sources, pairings=pairings)
    )
    drain(scan(project))
    for view in views if encode else ():
        turn = random.normal(size=(4, width))
        embeddings = hidden @ turn + 0.05 * random.normal(size=(count, width))
        embed(project, view, embeddings.astype(np.float32))


def embed(project, view, embeddings):
    """Make the embeddings of a view of a project; fewer than items leave the others to encode."""
    ids, marks = project.catalogue.fingerprints(view)
    project.choose_encoder(view, f"test/{view}")
    path = project.cache_path(view, f"test/{view}")
    card = {"name": f"test/{view}", "modality": view, "width": embeddings.shape[1]}
    prepare_cache(path, card, ids, marks)
    with EmbeddingCache(path, "r+") as cache:
        cache.write(np.arange(len(embeddings)), embeddings)
