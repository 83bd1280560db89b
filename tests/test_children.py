import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from workbench import children

ENDS = [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP]
TESTS = str(Path(__file__).parent)

# a parent with a child that says who it is; what it ends by, it may have been told to ignore
PARENT = """
import signal, sys, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # as by nohup
sys.path.insert(0, sys.argv[1])
from worlds import family
if __name__ == "__main__":
    from workbench.children import ChildContext
    child = ChildContext().Process(target=getattr(family, sys.argv[2]), args=sys.argv[3:])
    child.patience = 0.2 if sys.argv[2] == "ends_in_order" else 0.0
    child.start()
    time.sleep(60)
"""

PARENT_OF_A_MODULE = """
import signal, subprocess, sys, time
signal.signal(signal.SIGHUP, signal.SIG_DFL)
sys.path.insert(0, sys.argv[1])
from workbench import children
subprocess.Popen(children.command("worlds.family", "closed"), stdin=subprocess.PIPE)
time.sleep(60)
"""


def first_line(process):
    return process.stdout.readline().strip()


def all_have_ended(process):
    """Wait until nobody has the parent's output open any more: neither it nor who it started."""
    return process.stdout.read()


@pytest.mark.timeout(60)
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a thread does it")
@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("script", [PARENT, PARENT_OF_A_MODULE], ids=["process", "module"])
def test_a_child_ends_with_its_parent_also_while_it_hangs_in_a_library(tmp_path, script, end):
    path = tmp_path / "parent.py"
    path.write_text(script)
    command = [sys.executable, str(path), TESTS, "hangs"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        child = int(first_line(parent))
        parent.send_signal(end)
        try:
            assert all_have_ended(parent) == ""
        except BaseException:  # such as the end of pytest's patience
            os.kill(child, signal.SIGKILL)
            raise


def test_a_child_with_patience_ends_in_order_and_one_that_does_not_is_ended(tmp_path):
    path, note = tmp_path / "parent.py", tmp_path / "note"
    path.write_text(PARENT)
    command = [sys.executable, str(path), TESTS, "ends_in_order", str(note)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        first_line(parent)
        parent.kill()
        all_have_ended(parent)
    assert note.read_text() == "the parent is gone"


def test_a_child_that_starts_after_its_parents_end_does_nothing():
    reading, writing = os.pipe()
    os.close(writing)
    code = f"from workbench.children import end_when_closed; end_when_closed({reading}); print(1)"
    ended = subprocess.run(
        [sys.executable, "-c", code + "; import time; time.sleep(5)"],
        pass_fds=[reading], stdout=subprocess.PIPE, text=True, check=False,
    )  # fmt: skip
    os.close(reading)
    assert (ended.returncode, ended.stdout) == (1, "")


def test_without_the_kernels_help_a_thread_does_it(monkeypatch):
    monkeypatch.setattr(children, "_killed_by_kernel", lambda pipe: False)
    ended = []
    monkeypatch.setattr(children.os, "_exit", ended.append)
    reading, writing = os.pipe()
    children.end_when_closed(reading)
    time.sleep(0.05)
    assert not ended
    os.close(writing)
    while not ended:
        time.sleep(0.01)
    os.close(reading)


def test_children_import_nothing_from_the_current_folder(tmp_path):
    traps, note = tmp_path / "traps", tmp_path / "note"
    traps.mkdir()
    for name in ("multiprocessing", "pickle", "json", "runpy", "struct", "worlds", "threading"):
        (traps / f"{name}.py").write_text(f"open({str(note)!r}, 'a').write('{name} ')\n")
    script = textwrap.dedent("""
        import subprocess, sys
        sys.path.insert(0, sys.argv[1])
        from worlds import family
        if __name__ == "__main__":
            from workbench import children
            child = children.ChildContext().Process(target=family.names_itself)
            child.start()
            child.join()
            subprocess.run(children.command("worlds.family"), stdin=subprocess.PIPE, check=True)
    """)
    (tmp_path / "parent.py").write_text(script)
    command = [sys.executable, str(tmp_path / "parent.py"), TESTS]
    ended = subprocess.run(command, cwd=traps, capture_output=True, text=True, check=True)
    assert len(ended.stdout.split()) == 2, ended.stderr
    assert not note.exists(), note.read_text()
    assert "PYTHONSAFEPATH" not in os.environ


@pytest.fixture
def built(monkeypatch):
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", "/opt/gera-workbench")


def test_a_built_program_starts_itself_as_its_children(built):
    from workbench.media.pictures import svg_renderer

    program = ["/opt/gera-workbench", "--as-module"]
    assert children.command("workbench.maps.umap_process", "x") == [
        *program, "workbench.maps.umap_process", "x",
    ]  # fmt: skip
    assert children.command_of_file(svg_renderer) == [
        *program,
        "workbench.media.pictures.svg_renderer",
    ]


def be(*arguments):
    """Let a new interpreter be what a built program is asked to be, and return how it ended."""
    code = (
        "import sys; from workbench.children import be_the_child_asked_for;"
        "be_the_child_asked_for(); print('the program', sys.argv[1:])"
    )
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, input="", capture_output=True, text=True, check=False)


def test_it_is_the_module_asked_for_or_else_the_program():
    assert be("show", "--as-module").stdout == "the program ['show', '--as-module']\n"
    # which answers requests until there are no more
    assert (be("--as-module", "workbench.media.pictures.svg_renderer").returncode) == 0
    assert be("--as-module", "workbench.media.pictures.svg_renderer").stdout == ""


def test_it_is_no_module_of_others():
    ended = be("--as-module", "timeit")
    assert ended.returncode == 1
    assert "timeit is no part of this program" in ended.stderr
