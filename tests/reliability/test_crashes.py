"""The real window, killed and crashed: the next one has what was begun, and offers the report."""

import json
import signal
import subprocess
import sys
from pathlib import Path

from worlds.projects import small_project

from workbench.crashes import reports_folder

# a window in which, once it has begun, the code of the second argument runs
WINDOW = """
import json, os, signal, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from workbench.gui.starting import application
from workbench.gui.frame.window import MainWindow
application.make_application()
def told():
    print(json.dumps({
        "project": str(window.session.project.root), "page": window.current_page(),
        "selection": window.session.selection.tolist(),
        "words": window.page("explore").query.line.text(),
        "name": window.page("train").setup.name.text(),
        "notices": window.notices.sentences(),
    }), flush=True)
def fails():
    raise KeyError("seven bridges")
def begin():
    global window
    (window,) = [each for each in QApplication.topLevelWidgets() if isinstance(each, MainWindow)]
    exec(sys.argv[2])
QTimer.singleShot(300, begin)
project = Path(sys.argv[1]) if sys.argv[1] else None
sys.exit(application.run_window(project))
"""

BEGUN = """
window.make_all_pages()
window.go_to("train")
window.page("train").setup.name.setText("my-run")
window.go_to("explore")
window.session.select([2, 5])
window.page("explore").query.line.setText("a red fr")
QTimer.singleShot(2500, lambda: os.kill(os.getpid(), signal.SIGKILL))
"""
FAILS = """
QTimer.singleShot(0, fails)
QTimer.singleShot(200, told)
QTimer.singleShot(400, os.abort)
"""
CLOSES = """
told()
window.close()
"""


def window(code, project=""):
    command = [sys.executable, "-c", WINDOW, str(project), code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return ended.returncode, json.loads(ended.stdout) if ended.stdout else None


def reports():
    return sorted(path.name.partition("-")[0] for path in reports_folder().iterdir())


def test_a_window_that_is_killed_then_crashes_then_is_closed(tmp_path, copied):
    root = copied(small_project, tmp_path).root
    assert window(BEGUN, root) == (-signal.SIGKILL, None)
    assert reports() == ["running", "running"]

    code, told = window(FAILS)
    assert code == -signal.SIGABRT
    ended, failed = told.pop("notices")
    assert "was not closed on" in ended
    assert "(KeyError: 'seven bridges')" in failed
    begun = {"project": str(root), "page": "explore", "selection": [2, 5], "words": "a red fr",
             "name": "my-run"}  # fmt: skip
    assert told == begun

    code, told = window(CLOSES, root)
    assert code == 0
    (ended,) = told.pop("notices")
    assert "ended unexpectedly on" in ended
    assert ended.endswith("so that waits now.")  # for what ends the window must not do so for ever
    assert (told["project"], told["selection"]) == (str(root), [])
    assert reports() == ["report"]
    report = next(reports_folder().iterdir()).read_text()
    for said in ("page: explore", "begun: ", "in fails", "Fatal Python error: Aborted"):
        assert said in report
    assert str(Path.home()) not in report
