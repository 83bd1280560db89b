"""A model hub on this machine, for tests that download."""

import hashlib
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest


class FakeHub:
    """What the hub's library asks, answered on this machine: model info, HEAD, GET with ranges."""

    def __init__(self) -> None:
        self.commits = ["a" * 40]  # the newest at the end
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.files: dict[str, bytes] = {}  # at plain addresses
        self.gated: set[str] = set()
        self.seconds_a_piece = 0.0
        self.breaks_after: int | None = None  # bytes of each answer with a large file
        self.got: list[tuple[str, str, int]] = []  # method, path, first byte
        hub = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *words):
                pass

            def do_GET(self):
                hub.answer(self, body=True)

            def do_HEAD(self):
                hub.answer(self, body=False)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def commit(self) -> str:
        """What all branches point to."""
        return self.commits[-1]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def in_another_process(self, home: Path, code: str, *arguments: str) -> str:
        """Run code in a process for which this is the hub, since libraries read that once."""
        ran = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            env=os.environ
            | {
                "HF_ENDPOINT": self.address,
                "HF_HOME": str(home),
                "HF_HUB_OFFLINE": "0",
                "NO_PROXY": "127.0.0.1",
            },
            capture_output=True,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def answer(self, request: BaseHTTPRequestHandler, body: bool) -> None:
        path = urlsplit(request.path).path
        first = int((request.headers.get("Range") or "bytes=0-")[6:].partition("-")[0])
        self.got.append((request.command, path, first))
        if path.startswith("/api/models/"):
            name = "/".join(path.split("/")[3:5])
            if name not in self.repositories:
                return self.refuse(request, 401, "RepoNotFound")
            if "/tree/" in path:  # asked for the folder of a tokenizer's templates: there is none
                return self.refuse(request, 404, "EntryNotFound")
            return self.send(request, json.dumps(self.info(name)).encode(), 0, body)
        if path in self.files:
            return self.send(request, self.files[path], first, body)
        name, _, rest = path[1:].partition("/resolve/")
        revision, _, file = rest.partition("/")
        if name in self.gated:
            return self.refuse(request, 403, "GatedRepo")
        if name not in self.repositories:
            return self.refuse(request, 401, "RepoNotFound")
        if revision not in ("main", *self.commits) or file not in self.repositories[name]:
            return self.refuse(request, 404, "EntryNotFound")
        content = self.repositories[name][file]
        return self.send(request, content, first, body, file)

    def info(self, name: str) -> dict:
        siblings = []
        for file, content in self.repositories[name].items():
            entry = {"rfilename": file, "size": len(content), "blobId": etag(file, content)}
            if large(file):
                entry["lfs"] = {
                    "sha256": etag(file, content),
                    "size": len(content),
                    "pointerSize": 134,
                }
            siblings.append(entry)
        return {"id": name, "sha": self.commit, "siblings": siblings}

    def send(self, request, content: bytes, first: int, body: bool, file: str = "") -> None:
        request.send_response(206 if first else 200)
        asked = [commit for commit in self.commits if commit in request.path]
        request.send_header("X-Repo-Commit", (asked or self.commits)[-1])
        if file:
            request.send_header("ETag", f'"{etag(file, content)}"')
        request.send_header("Content-Length", str(len(content) - first))
        if first:
            last = len(content) - 1
            request.send_header("Content-Range", f"bytes {first}-{last}/{len(content)}")
        request.end_headers()
        if not body:
            return
        end = len(content)
        if large(file) and self.breaks_after is not None and end - first > self.breaks_after:
            end = first + self.breaks_after
            request.close_connection = True
        try:
            for start in range(first, end, 1 << 14):
                request.wfile.write(content[start : min(end, start + (1 << 14))])
                if self.seconds_a_piece and len(content) > 1 << 14:
                    time.sleep(self.seconds_a_piece)
        except (BrokenPipeError, ConnectionResetError):
            request.close_connection = True

    def refuse(self, request, status: int, code: str) -> None:
        request.send_response(status)
        request.send_header("X-Error-Code", code)
        request.send_header("X-Error-Message", code)
        request.send_header("Content-Length", "0")
        request.end_headers()


def large(file: str) -> bool:
    return file.endswith((".safetensors", ".bin", ".onnx"))


def etag(file: str, content: bytes) -> str:
    """Return what the hub names a content by: SHA-256 for large files, git's SHA-1 for others."""
    if large(file):
        return hashlib.sha256(content).hexdigest()
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()  # noqa: S324


@pytest.fixture
def hub(monkeypatch, tmp_path):
    import huggingface_hub
    from huggingface_hub import constants

    fake = FakeHub()
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "torch"))
    monkeypatch.setattr(constants, "ENDPOINT", fake.address)
    monkeypatch.setattr(
        constants,
        "HUGGINGFACE_CO_URL_TEMPLATE",
        fake.address + "/{repo_id}/resolve/{revision}/{filename}",
    )
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "cache"))
    huggingface_hub.close_session()
    yield fake
    fake.close()
    huggingface_hub.close_session()
