"""Commands run in a folder full of traps: nothing in it is imported, by no process."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from worlds.fakes import make_project
from worlds.traps import lay_traps

ROOT = Path(__file__).parents[2]
SCRIPT = """\
import sys
from workbench.__main__ import main
if __name__ == "__main__":
    sys.exit(main())
"""


@pytest.fixture(scope="module")
def traps(tmp_path_factory):
    """Return a folder of traps; at the end none has been sprung."""
    folder = tmp_path_factory.mktemp("mail") / "project"
    sprung = lay_traps(folder)
    yield folder
    assert not sprung.exists(), sprung.read_text()


def run(how, arguments, folder, code=0):
    done = subprocess.run(
        [sys.executable, *how, *map(str, arguments)], cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_DISABLE_JIT": "1"},
        capture_output=True, text=True, timeout=250, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stderr
    return done.stdout


def test_the_script_of_an_installation_and_all_processes_of_a_project(traps, tmp_path):
    script = tmp_path / "bin" / "gera-workbench"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    project = make_project(tmp_path, 12, ("image",))
    encode = ["encode", project.root, "image=bundled/efficientnet-lite0", "--workers", 1]
    run([script], encode, traps)  # with a process that reads
    run([script], ["map", project.root, "image", "--method", "umap"], traps)


def test_the_module_imports_nothing_from_there_once_it_runs(tmp_path):
    # what Python imports to find a module at all comes before a line of ours: “-P” is for that
    (tmp_path / "tells.py").write_text("import sys; print(*sys.modules)")
    before = run(["-m", "tells"], [], tmp_path).split()
    sprung = lay_traps(tmp_path / "project", without={*before, "workbench"})
    assert "gera-workbench" in run(["-m", "workbench"], ["--version"], tmp_path / "project")
    assert not sprung.exists(), sprung.read_text()
    for name in before:
        (tmp_path / "project" / f"{name}.py").write_text("raise SystemExit(9)")
    run(["-P", "-m", "workbench"], ["--version"], tmp_path / "project")
