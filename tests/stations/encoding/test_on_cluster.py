"""Encoding on a real cluster of this machine: the same bytes as without, whatever is lost."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from worlds.clusters import NODE, cluster_of, plugin_of_fakes
from worlds.fakes import make_project, vector
from worlds.family import children_of, outliving

from workbench.cache import EmbeddingCache
from workbench.cluster import different_files, in_cluster_process
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, Progress, drain
from workbench.project import Project
from workbench.stations import (
    ClusterRequest,
    EncodeRequest,
    encode,
    list_problems,
    scan,
)

pytest.importorskip("ray", reason="the extra “cluster” is not installed")
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@pytest.fixture(scope="module", autouse=True)
def fakes(tmp_path_factory):
    with plugin_of_fakes(tmp_path_factory.mktemp("fakes")):
        yield


@pytest.fixture(scope="module")
def cluster(fakes):
    with cluster_of(2) as made:
        yield made


def run(project, cluster, encoder, listen=None, control=None, workers=2, files="auto", **options):
    there = ClusterRequest(cluster.address, workers, 0, files)
    modality = "image" if encoder in ("fake/image", "fake/crashing") else "text"
    told = []

    def hear(event):
        told.append(event)
        if listen is not None:
            listen(event)

    request = EncodeRequest(modality, encoder, batch_size=8, cluster=there, **options)
    return drain(encode(project, request, control), hear), told


def words_in(told):
    return " ".join(event.text for event in told if isinstance(event, Notice))


@pytest.fixture(scope="module")
def calm(tmp_path_factory, fakes):
    """Return a project with equal contents in many batches, encoded by this process alone."""
    root = tmp_path_factory.mktemp("calm")
    project = make_project(root, 100)
    for number, item in enumerate(project.catalogue.items("image")[:90:9]):
        path = Path(item.path)
        shutil.copy(path, path.with_name(f"zz-{number}.png"))
    drain(scan(project))
    for modality in ("image", "text"):
        request = EncodeRequest(modality, f"fake/{modality}", "cpu", 8, workers=0)
        drain(encode(project, request))
    return project


def bytes_of(project, modality):
    return project.cache_path(modality, f"fake/{modality}").read_bytes()


def without_caches(calm, folder):
    root = shutil.copytree(calm.root.parent, folder / "copy") / "project"
    shutil.rmtree(root / "embeddings")
    return Project.open(root)


@pytest.mark.parametrize("files", ["auto", pytest.param("sent", marks=pytest.mark.slow)])
def test_the_cache_has_the_same_bytes_as_without_a_cluster(calm, cluster, tmp_path, files):
    project = without_caches(calm, tmp_path)
    report, told = run(project, cluster, "fake/image", files=files)
    assert (report.encoded, report.copied, report.failed, report.complete) == (100, 10, 0, True)
    assert bytes_of(project, "image") == bytes_of(calm, "image")
    assert ("sent from this machine" if files == "sent" else "where they lie") in words_in(told)
    report, _ = run(project, cluster, "fake/image", files=files)
    assert (report.encoded, report.kept) == (0, 110)


def workers(called=b"ray::EncodingWorker"):
    """Return the processes of this cluster that hold an encoder, or are called otherwise."""
    found = []
    for pid in children_of(os.getpid()):
        with suppress(OSError):
            if called in Path(f"/proc/{pid}/cmdline").read_bytes():
                found.append(pid)
    return found


def once_after(done, act):
    """Return a listener that does something once so many items are written."""
    waiting = [act]

    def listen(event):
        if isinstance(event, Progress) and event.done >= done and waiting:
            waiting.pop()()

    return listen


def check_texts(project, encoder):
    """Every text has the vector of its number, and none is missing."""
    texts = {item.id: item.text for item in project.catalogue.items("text")}
    with EmbeddingCache(project.cache_path("text", encoder)) as cache:
        assert cache.encoded().all()
        numbers = [int(texts[item].split()[1]) for item in cache.item_ids().tolist()]
        np.testing.assert_array_equal(cache.read(), [vector("text", each) for each in numbers])


def test_a_worker_and_then_a_node_are_lost_and_others_go_on(cluster, tmp_path):
    project = make_project(tmp_path, 160, ("text",))
    doomed = cluster.add_node(**NODE)  # beside the two that others need
    killed = []

    def kill_a_worker():
        killed.extend(workers()[:1])
        os.kill(killed[0], signal.SIGKILL)

    first = once_after(16, kill_a_worker)
    second = once_after(48, lambda: cluster.remove_node(doomed, allow_graceful=False))

    def listen(event):
        first(event)
        second(event)

    report, _ = run(project, cluster, "fake/slow", listen, workers=3)
    assert killed
    assert doomed not in cluster.list_all_nodes()
    assert (report.encoded, report.failed, report.complete) == (160, 0, True)
    check_texts(project, "fake/slow")


@pytest.mark.slow
def test_a_stop_keeps_what_is_written_and_the_next_encode_goes_on(cluster, tmp_path):
    project = make_project(tmp_path, 40, ("text",))
    control = Control()
    report, _ = run(project, cluster, "fake/slow", once_after(8, control.stop), control)
    assert not report.complete
    done = report.encoded
    assert 8 <= done < 40
    assert outliving(workers()) == []
    report, _ = run(project, cluster, "fake/slow")
    assert (report.kept, report.encoded, report.complete) == (done, 40 - done, True)
    check_texts(project, "fake/slow")


ENCODE = """
import sys
from pathlib import Path
from workbench.jobs import Progress
from workbench.project import Project
from workbench.stations import ClusterRequest, EncodeRequest, encode
request = EncodeRequest(
    "text", "fake/slow", batch_size=8, cluster=ClusterRequest(sys.argv[2], 1, 0)
)
for event in encode(Project.open(Path(sys.argv[1])), request):
    if isinstance(event, Progress):
        print("done", event.done, flush=True)
"""


def test_whoever_writes_is_killed_and_the_next_encode_goes_on(cluster, tmp_path):
    project = make_project(tmp_path, 80, ("text",))
    command = [sys.executable, "-c", ENCODE, project.root, cluster.address]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        counts = (int(line[5:]) for line in process.stdout if line.startswith("done"))
        told = next(done for done in counts if done >= 16)
        process.kill()
    assert outliving(workers()) == []  # the cluster ends what nobody waits for
    report = drain(encode(project, EncodeRequest("text", "fake/slow", batch_size=8)))
    assert 80 > report.kept >= told
    assert (report.kept + report.encoded, report.complete) == (80, True)
    check_texts(project, "fake/slow")


def test_a_file_that_crashes_its_reader_is_found_and_the_rest_is_encoded(cluster, tmp_path):
    project = make_project(tmp_path, 12, ("image",))
    broken = Path(project.catalogue.items("image")[2].path)
    broken.write_bytes(b"no picture")
    number = int(broken.stem[6:])
    report, _ = run(project, cluster, "fake/crashing", workers=1, files="sent")
    assert (report.encoded, report.failed, report.complete) == (10, 2, True)
    reasons = {
        int(Path(each.item.path).stem[6:]): each.reason for each in list_problems(project, "image")
    }
    assert set(reasons) == {7, number}
    assert "crashed" in reasons[7]
    assert "not a picture" in reasons[number]


@pytest.mark.parametrize(
    ("encoder", "variable", "words"),
    [
        ("fake/missing", {"FAKE_LACKS": "1"}, "On the node .* fake/missing is not on this machine"),
        pytest.param(
            "fake/revised",
            {"FAKE_REVISION": "2"},
            r"revision was [12], is [12]",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_node_that_lacks_the_encoder_or_has_another_is_named(
    cluster, tmp_path, monkeypatch, encoder, variable, words
):
    project = make_project(tmp_path, 9, ("text",))
    drain(encode(project, EncodeRequest("text", encoder, batch_size=8)))
    path = project.cache_path("text", encoder)
    before = path.read_bytes()
    for item in project.catalogue.items("text")[:4]:
        Path(item.path).write_text(f"thing {item.id + 500}", "utf-8")
    drain(scan(project))
    (name, value) = next(iter(variable.items()))
    odd = cluster.add_node(**NODE, env_vars={name: value})
    try:
        with pytest.raises(WorkbenchError, match=words):
            run(project, cluster, encoder, workers=3)
    finally:
        cluster.remove_node(odd, allow_graceful=False)
    assert path.read_bytes() == before


@pytest.mark.slow
def test_files_that_the_nodes_do_not_see_are_refused_or_sent(cluster, tmp_path, monkeypatch):
    project = make_project(tmp_path, 9, ("image",))
    wrong = {item.file: (1, 1) for item in project.catalogue.items("image")}
    start = sys.modules["workbench.stations.encoding.on_cluster.start"]
    monkeypatch.setattr(start, "sample_of", lambda *_: wrong)
    assert different_files(wrong)
    with pytest.raises(WorkbenchError, match=r"does not see the same ones. Mount the folder"):
        run(project, cluster, "fake/image", files="shared")
    report, told = run(project, cluster, "fake/image")
    assert report.encoded == 9
    assert "Files are sent from this machine: the node" in words_in(told)


@pytest.mark.slow
def test_a_cluster_of_this_machine_alone_ends_and_leaves_nothing(fakes, tmp_path, monkeypatch):
    temporary = Path(tempfile.mkdtemp(prefix="g-"))  # short: sockets lie in it
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    project = make_project(tmp_path, 20, ("text",))
    before = workers(b"/ray/")
    request = EncodeRequest("text", "fake/text", cluster=ClusterRequest("local", 1, 0))
    job = in_cluster_process(encode, project, request, address="local", control=Control())
    assert drain(job).encoded == 20
    check_texts(project, "fake/text")
    assert outliving([pid for pid in workers(b"/ray/") if pid not in before]) == []
    assert not (tmp_path / "home" / ".ray").exists()
    assert list(temporary.iterdir()) == []
    temporary.rmdir()


@pytest.mark.slow
def test_the_head_is_lost_and_that_is_a_sentence(fakes, tmp_path, monkeypatch):
    monkeypatch.setenv("RAY_gcs_rpc_server_reconnect_timeout_s", "3")
    project = make_project(tmp_path, 400, ("text",))
    with cluster_of(1) as doomed:
        request = EncodeRequest(
            "text", "fake/slow", batch_size=8, cluster=ClusterRequest(doomed.address, 1, 0)
        )
        lose = once_after(16, lambda: doomed.head_node.kill_all_processes(False, False))
        there = {"address": doomed.address, "control": Control()}
        job = in_cluster_process(encode, project, request, **there)
        with pytest.raises(WorkbenchError, match=r"was lost: .* start again to continue") as lost:
            drain(job, lose)
    assert "process that did the work" in lost.value.details
    report = drain(encode(project, EncodeRequest("text", "fake/slow", batch_size=8)))
    assert report.kept >= 16
    assert report.kept + report.encoded == 400
    check_texts(project, "fake/slow")
