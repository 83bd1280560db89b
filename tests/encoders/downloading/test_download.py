import hashlib
import threading
import time
from pathlib import Path

import pytest

from workbench.encoders import (
    download_encoder,
    download_size,
    facts_of,
    find_encoder,
    load_encoder,
)
from workbench.encoders.downloading import fetching as fetching_module
from workbench.encoders.downloading.download import is_here
from workbench.encoders.downloading.hub_cache import files_here, torch_hub_file
from workbench.encoders.downloading.hub_files import needed_names
from workbench.encoders.entry import Download, EncoderEntry
from workbench.errors import WorkbenchError
from workbench.jobs import Control, Notice, Transfer, drain

BIG = "model.safetensors"
ENTRY = find_encoder("transformers-speech/some/model", "speech")


def content_of(size: int) -> bytes:
    return hashlib.shake_128(b"weights").digest(size)


@pytest.fixture
def model(hub):
    files = {
        "config.json": b"{}",
        "tokenizer.json": b'{"a": 1}',
        BIG: content_of(1_000_000),
        "pytorch_model.bin": b"pickled" * 1000,
        "onnx/model.onnx": b"x" * 5000,
        "onnx/config.json": b"{}",
        "README.md": b"read",
        "tf_model.h5": b"y" * 5000,
    }
    hub.repositories["some/model"] = files
    return files


def events_of(job):
    events = []
    result = drain(job, events.append)
    return result, events


def test_a_whole_download(hub, model):
    needed = sum(len(model[name]) for name in ("config.json", "tokenizer.json", BIG))
    assert facts_of(ENTRY).state == "download"
    assert download_size(ENTRY) == needed
    hub.seconds_a_piece = 0.01
    complete, events = events_of(download_encoder(ENTRY))
    assert complete
    (notice,) = (event for event in events if isinstance(event, Notice))
    assert notice.text == "Downloading transformers-speech/some/model: 1.0 MB from the hub."
    progress = [event for event in events if isinstance(event, Transfer) and event.total]
    assert len(progress) >= 3
    assert [p.done for p in progress] == sorted(p.done for p in progress)
    assert {p.total for p in progress} == {needed}
    assert progress[-1].done == needed
    assert any(p.message == BIG and p.rate for p in progress)
    here = {file.name: file.read_bytes() for file in files_here(ENTRY.download)}
    assert here == {name: model[name] for name in ("config.json", "tokenizer.json", BIG)}
    facts = facts_of(ENTRY)
    assert (facts.state, facts.bytes, facts.state_in_words) == ("downloaded", needed, "downloaded")
    hub.close()  # what is here needs no network any more
    assert download_size(ENTRY) == 0
    assert events_of(download_encoder(ENTRY)) == (True, [])


def test_what_somebody_else_named_is_not_fetched_unasked(hub, model):
    with pytest.raises(WorkbenchError, match="fetch transformers-speech/some/model speech"):
        load_encoder(ENTRY.name, "speech", fetch=False)
    assert hub.got == []
    assert not is_here(ENTRY)
    events_of(download_encoder(ENTRY))
    assert is_here(ENTRY)


def test_a_stop_in_the_middle_and_another_start(hub, model):
    hub.seconds_a_piece = 0.02  # 1.2 s in all
    control = Control()
    job = download_encoder(ENTRY, control)
    done = 0
    for event in job:
        if isinstance(event, Transfer) and event.message == BIG and event.done > 100_000:
            done = event.done
            break
    control.stop()
    complete, events = events_of(job)
    assert not complete
    assert "stopped; what was downloaded is kept" in events[-1].text
    assert facts_of(ENTRY).state == "download"
    left = download_size(ENTRY)
    assert 0 < left <= len(model[BIG]) - done + 100
    hub.seconds_a_piece = 0.0
    hub.got.clear()
    assert events_of(download_encoder(ENTRY))[0]
    assert [first for method, path, first in hub.got if method == "GET" and BIG in path] == [
        len(model[BIG]) - left
    ]
    assert {f.name: f.read_bytes() for f in files_here(ENTRY.download)}[BIG] == model[BIG]


def test_a_stop_while_the_server_is_silent(hub, model):
    hub.seconds_a_piece = 1000.0  # which nobody waits for: pytest ends a test sooner
    control = Control()
    job = download_encoder(ENTRY, control)
    next(event for event in job if isinstance(event, Transfer) and event.message == BIG)
    control.stop()
    assert not events_of(job)[0]


def test_pause(hub, model):
    hub.seconds_a_piece = 0.01
    control = Control()
    job = download_encoder(ENTRY, control)
    next(event for event in job if isinstance(event, Transfer) and event.message == BIG)
    control.pause()
    time.sleep(0.1)
    (partial,) = blobs().glob("*.workbench-part")
    size = partial.stat().st_size
    time.sleep(0.2)
    assert partial.stat().st_size == size
    threading.Timer(0.2, control.resume).start()
    assert events_of(job)[0]


def blobs() -> Path:
    from huggingface_hub import constants

    return Path(constants.HF_HUB_CACHE) / "models--some--model" / "blobs"


def test_a_closed_job_leaves_nothing_running(hub, model):
    before = set(threading.enumerate())
    hub.seconds_a_piece = 0.02
    job = download_encoder(ENTRY)
    next(event for event in job if isinstance(event, Transfer) and event.message == BIG)
    (worker,) = (t for t in set(threading.enumerate()) - before if t.name.startswith("download "))
    job.close()
    worker.join(5.0)
    assert not worker.is_alive()
    assert facts_of(ENTRY).state == "download"


def test_broken_connections(hub, model, monkeypatch):
    monkeypatch.setattr(fetching_module, "_wait", lambda seconds, go_on: go_on())
    hub.breaks_after = 300_000  # the file comes in four pieces
    assert events_of(download_encoder(ENTRY))[0]
    starts = [first for method, path, first in hub.got if method == "GET" and BIG in path]
    assert len(starts) == 4
    assert starts == sorted(starts)


def test_a_connection_that_stays_broken(hub, model, monkeypatch):
    monkeypatch.setattr(fetching_module, "_wait", lambda seconds, go_on: go_on())
    hub.breaks_after = 0
    with pytest.raises(
        WorkbenchError, match=r"connection broke while .* what was downloaded is kept"
    ):
        events_of(download_encoder(ENTRY))
    hub.breaks_after = None
    hub.seconds_a_piece = 0.0
    assert events_of(download_encoder(ENTRY))[0]


def test_damaged_content_is_thrown_away(hub, model, monkeypatch):
    real = hub.info

    def other_hash(name):
        info = real(name)
        for sibling in info["siblings"]:
            if sibling["rfilename"] == BIG:
                sibling["lfs"]["sha256"] = "0" * 64
        return info

    monkeypatch.setattr(hub, "info", other_hash)
    with pytest.raises(WorkbenchError, match=r"model\.safetensors .* arrived damaged"):
        events_of(download_encoder(ENTRY))
    assert facts_of(ENTRY).state == "download"


def test_offline(hub, model):
    hub.close()
    for ask in (lambda: download_size(ENTRY), lambda: events_of(download_encoder(ENTRY))):
        with pytest.raises(WorkbenchError, match="network cannot be reached") as caught:
            ask()
        assert ENTRY.name in str(caught.value)


def test_offline_by_wish(hub, model, monkeypatch):
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(WorkbenchError, match="HF_HUB_OFFLINE is set"):
        events_of(download_encoder(ENTRY))


def test_repositories_that_cannot_be_had(hub, model):
    missing = find_encoder("transformers-speech/no/such", "speech")
    for ask in (lambda: download_size(missing), lambda: events_of(download_encoder(missing))):
        with pytest.raises(WorkbenchError, match=r"The model hub has no encoder .*no/such"):
            ask()
    hub.gated.add("some/model")
    with pytest.raises(WorkbenchError, match="accepted its terms"):
        events_of(download_encoder(ENTRY))
    hub.repositories["no/weights"] = {"config.json": b"{}"}
    with pytest.raises(WorkbenchError, match="holds none of the weights"):
        download_size(find_encoder("transformers-speech/no/weights", "speech"))


def test_no_room(hub, model, monkeypatch):
    from workbench.encoders.downloading import download as download_module

    class Full:
        free = 1000

    monkeypatch.setattr(download_module.shutil, "disk_usage", lambda place: Full)
    with pytest.raises(WorkbenchError, match=r"takes 1\.0 MB, and the disk .* has 1\.0 kB left"):
        events_of(download_encoder(ENTRY))


def test_an_encoder_without_download():
    entry = find_encoder("bundled/minilm-l6", "text")
    assert download_size(entry) == 0
    assert events_of(download_encoder(entry)) == (True, [])


def test_an_encoder_that_fetches_by_itself_may_be_loaded():
    complete, (notice,) = events_of(download_encoder(plain(None)))
    assert complete
    assert notice.text == "mine/it downloads its weights by itself when it is loaded."


def plain(download: Download | None) -> EncoderEntry:
    return EncoderEntry(
        "mine/it", "text", "It", "", True, lambda device: None, lambda: None, download=download
    )


def test_a_plain_address_and_another_repository_beside(hub, model):
    content = content_of(50_000)
    name = f"it-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    hub.files[f"/files/{name}"] = content
    tokenizer = Download("some/model", weights=())
    entry = plain(Download(url=f"{hub.address}/files/{name}", also=(tokenizer,)))
    assert download_size(entry) == 50_000 + 10
    assert events_of(download_encoder(entry))[0]
    assert torch_hub_file(entry.download.url).read_bytes() == content
    assert facts_of(entry).state == "downloaded"
    assert facts_of(ENTRY).state == "download"  # only the small files of it came
    hub.files[f"/files/{name}"] = content[::-1]
    torch_hub_file(entry.download.url).unlink()
    with pytest.raises(WorkbenchError, match="arrived damaged"):
        events_of(download_encoder(entry))


def test_which_files_are_needed():
    whole = Download("a/b")
    shards = [f"model-0000{n}-of-00003.safetensors" for n in (1, 2, 3)]
    index = "model.safetensors.index.json"
    assert set(needed_names([*shards, index, "model.fp32.safetensors"], whole)) == {*shards, index}
    assert needed_names(shards[:2], whole) == []
    assert needed_names(["pytorch_model.bin", "x.msgpack"], whole) == ["pytorch_model.bin"]
    modules = [
        *("modules.json", "config.json", BIG, "pytorch_model.bin", "1_Pooling/config.json"),
        *("2_Dense/config.json", "2_Dense/pytorch_model.bin", "openvino/config.json", ".x.json"),
    ]
    needed = needed_names(modules, whole)
    assert set(needed) == set(modules) - {"pytorch_model.bin", "openvino/config.json", ".x.json"}
    assert set(needed[-2:]) == {BIG, "2_Dense/pytorch_model.bin"}
    assert needed_names(["config.json", "runs/config.json", BIG], whole) == ["config.json", BIG]
