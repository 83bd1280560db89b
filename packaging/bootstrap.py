"""Start from a bare checkout: install everything into .venv, then run the program or its tests.

    python3 packaging/bootstrap.py run [--cpu] [--project DIR]
    python3 packaging/bootstrap.py test [--cpu] [pytest arguments]

Standard library only. A Python too old for the program must still be able to parse this file and
say so: no syntax newer than 3.6 here, and nothing newer is evaluated above the version check.
"""

import argparse
import contextlib
import ctypes
import hashlib
import importlib.util
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

MINIMUM_PYTHON = (3, 11)


def old_python_sentence(version, which=shutil.which):
    """Say that this Python is too old, and which one to start with instead."""
    found = [name for name in ("python3.13", "python3.12", "python3.11") if which(name)]
    what = "A newer one is here: start" if found else "Install a newer one, then start"
    command = "{} packaging/bootstrap.py run".format(found[0] if found else "python3.12")
    sentence = "GeRA Workbench needs Python 3.11, 3.12 or 3.13; this one is {}.{}. {} with\n  {}"
    return sentence.format(version[0], version[1], what, command)


if sys.version_info < MINIMUM_PYTHON:
    sys.exit(old_python_sentence(sys.version_info))

ROOT = Path(__file__).resolve().parent.parent
PYTHON = f"{sys.version_info[0]}.{sys.version_info[1]}"
STAMP = "gera-installed.json"  # in .venv, written last: what it holds
UNFINISHED = "gera-unfinished"  # in .venv while packages are being unpacked
# gigabytes that stay, and free ones before a first installation: refuse below, warn below
ROOM = {"with CUDA": ("about 7 GB", 7, 9), "for the CPU alone": ("about 2.5 GB", 3, 4)}
CPU_INDEX = "https://download.pytorch.org/whl/cpu"  # where PyTorch has builds without CUDA
CALM_THREADS = {"OMP_WAIT_POLICY": "passive"}  # else threads that wait fill shared cores
MOST_WORKERS = 4  # processes that share the tests: each takes 1 to 2 GB of memory
OFFSCREEN = {**CALM_THREADS, "QT_QPA_PLATFORM": "offscreen"}
MACHINES = {"Linux": ("x86_64", "aarch64"), "Darwin": ("arm64",), "Windows": ("amd64",)}

# shared object -> Debian package; without the first group Qt does not import
QT_LIBRARIES = {
    "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libglib-2.0.so.0": "libglib2.0-0",
    "libdbus-1.so.3": "libdbus-1-3", "libxkbcommon.so.0": "libxkbcommon0",
    "libfontconfig.so.1": "libfontconfig1",
}  # fmt: skip
X11_LIBRARIES = {
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0", "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4", "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
}  # fmt: skip

# what pip printed -> what to do; the first that fits is told
ADVICE = {
    r"No matching distribution found for torch\S*\+cpu": "PyTorch's index of builds for the CPU "
    f"alone ({CPU_INDEX}) was not reached, or has none for this system: look at the network, or "
    "start without --cpu, which takes about 7 GB and needs no GPU either.",
    "No space left on device|not enough space on the disk": "A disk is full: free about 9 GB, or "
    "set TMPDIR (on Windows TEMP) to a folder on a larger disk if the temporary folder is small.",
    "CERTIFICATE_VERIFY_FAILED|SSLError": "The package index could not be trusted: set PIP_CERT "
    "if your network has a certificate of its own, and look at this computer's clock.",
    "NewConnectionError|NameResolutionError|Timeout|Connection(Error| refused| broken)|Network is "
    "unreachable|ProxyError|Max retries": "The package index was not reached: look at the network; "
    "behind a proxy set HTTPS_PROXY, for an index of your own set PIP_INDEX_URL.",
    "No matching distribution|requires a different Python": "The package index was not reached, or "
    "has nothing for this system and Python (3.11 to 3.13 will do): look at the network first.",
}


class StartError(Exception):
    """Something that a person must mend, said in full sentences."""


def watch(command: list[str], news=lambda _line: "", **variables: str) -> tuple[int, list[str]]:
    """Run a command, say what `news` makes of each line; return exit code and all lines."""
    lines, started = [], time.monotonic()
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    options = {"cwd": ROOT, "env": {**os.environ, **variables}, "text": True, "errors": "replace"}
    with subprocess.Popen(command, **options, **pipes) as process:
        for line in process.stdout:
            lines.append(line.rstrip())
            sentence = news(lines[-1])
            if sentence:
                minutes, seconds = divmod(int(time.monotonic() - started), 60)
                print(f"  {minutes:2d}:{seconds:02d}  {sentence}")
    return process.returncode, lines


def last_lines(lines: list[str], count: int = 12) -> str:
    """Return the last lines that a program printed, indented."""
    return "\n".join("  | " + line for line in [line for line in lines if line.strip()][-count:])


def platform_fault(system: str, machine: str, abi: str, bits: int) -> str:
    """Return why no packages are made for this computer and Python; empty if they are."""
    if "musl" in abi:
        return "This Linux is built on musl, as Alpine is; PyTorch needs one with glibc."
    if not abi.startswith("cp"):
        return "This is not the usual Python (CPython); PyTorch is made only for that one."
    if machine.lower() in MACHINES.get(system, ()) and bits == 64:
        return ""
    return (
        f"This Python is for {system} {machine}, {bits} bit. The packages exist for 64-bit Python "
        "on Linux (x86_64, aarch64), Windows (x86_64) and macOS (Apple silicon)."
    )


def check_platform() -> None:
    """Stop with a sentence on a computer for which the packages are not made."""
    system, machine = platform.system(), platform.machine()
    if system == "Windows":  # the Python's own kind: x86_64 Python also runs on ARM
        machine = sysconfig.get_platform().rpartition("-")[2]
    abi = sysconfig.get_config_var("SOABI") or sys.implementation.cache_tag or ""
    fault = platform_fault(system, machine, abi, 64 if sys.maxsize > 2**32 else 32)
    if fault:
        raise StartError(fault + " Start with another Python or on another computer.")


def has_display(system: str, environment: dict[str, str]) -> bool:
    """Return whether a window can be shown; only Linux is ever without a display."""
    names = ("DISPLAY", "WAYLAND_DISPLAY")
    return system != "Linux" or any(environment.get(name) for name in names)


def loads(soname: str) -> bool:
    """Return whether the system finds a shared object."""
    try:
        ctypes.CDLL(soname)
    except OSError:
        return False
    return True


def debian_packages(missing: dict[str, str], policy: str) -> list[str]:
    """Return package names; `policy` is what apt-cache says here of libglib2.0-0t64."""
    renamed = re.search(r"Candidate: (?!\(none\))", policy)  # from Debian 13 and Ubuntu 24.04
    return [name + "t64" if renamed and "glib" in name else name for name in missing.values()]


def missing_sentence(missing: dict[str, str], packages: list[str] | None) -> str:
    """Name the missing shared objects and, where there is apt-get, the command that brings them."""
    what = f"Qt, which draws the window, misses system libraries: {', '.join(missing)}."
    if packages is None:
        return f"{what} Install the packages of your system that hold them, then start again."
    names = " ".join(packages)
    return (
        f"{what} Install them, then start again:\n  sudo apt-get update && "
        f"sudo apt-get install -y --no-install-recommends {names}"
    )


def provide_libraries(window: bool) -> None:
    """Find the system libraries that Qt needs; as root on Debian and Ubuntu, install them."""
    if platform.system() != "Linux":
        return
    wanted = {**QT_LIBRARIES, **(X11_LIBRARIES if window and os.environ.get("DISPLAY") else {})}
    missing = {soname: package for soname, package in wanted.items() if not loads(soname)}
    packages = None
    if missing and shutil.which("apt-get"):
        root = os.geteuid() == 0
        code, lines = watch(["apt-get", "update"]) if root else (0, [])
        policy = "\n".join(watch(["apt-cache", "policy", "libglib2.0-0t64"], LC_ALL="C")[1])
        packages = debian_packages(missing, policy)
        if root and code == 0:
            print("Installing the system libraries that Qt needs: " + " ".join(packages))
            install = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
            code, lines = watch(install, DEBIAN_FRONTEND="noninteractive")
            missing = {} if code == 0 else missing
        if code:
            print(f"apt-get failed. Its last lines:\n{last_lines(lines)}")
    if missing:
        sentence = missing_sentence(missing, packages)
        if QT_LIBRARIES.keys() & missing.keys() or not os.environ.get("WAYLAND_DISPLAY"):
            raise StartError(sentence)
        print(f"{sentence}\nGoing on without them, as Wayland may do.")


def venv_python(venv: Path, windows: bool = os.name == "nt") -> Path:
    """Return the path of a virtual environment's Python."""
    return venv / "Scripts" / "python.exe" if windows else venv / "bin" / "python"


def wanted_stamp(root: Path, extras: set[str], cpu: bool = False) -> dict:
    """Describe the installation that a checkout asks for.

    Parameters
    ----------
    root : Path
        The checkout, with pyproject.toml and packaging/constraints.txt.
    extras : set of str
        The optional dependency groups to install.
    cpu : bool
        Whether PyTorch must be one without CUDA.

    Returns
    -------
    dict
        root, python (major.minor), packages (a hash of all that decides what pip installs), extras
        and cpu.
    """
    import tomllib  # new in 3.11

    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8")).get("project", {})
    names = ("dependencies", "optional-dependencies", "scripts", "entry-points")
    parts = [project.get(name) for name in names]
    parts.append((root / "packaging" / "constraints.txt").read_text("utf-8"))
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
    return {
        "root": str(root), "python": PYTHON, "packages": digest, "extras": sorted(extras),
        "cpu": cpu,
    }  # fmt: skip


def read_stamp(venv: Path) -> dict:
    """Return the stamp of the last finished installation, or an empty dict."""
    try:
        stamp = json.loads((venv / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def satisfies(stamp: dict, wanted: dict) -> bool:
    """Return whether all that is wanted is installed; more extras than wanted are welcome."""
    same = all(stamp.get(name) == wanted[name] for name in ("root", "python", "packages"))
    same = same and (not wanted["cpu"] or bool(stamp.get("cpu")))
    return same and set(wanted["extras"]) <= set(stamp.get("extras", ()))


def python_version(python: Path) -> str:
    """Return major.minor of a Python that runs and has pip, or an empty string."""
    command = [str(python), "-c", "import sys, pip; print('%d.%d' % sys.version_info[:2])"]
    with contextlib.suppress(OSError):
        code, lines = watch(command)
        return lines[-1] if code == 0 and lines else ""
    return ""


def fault_of(venv: Path, stamp: dict, wanted: dict) -> str:
    """Return why a virtual environment must be made anew; empty if it is sound."""
    if (venv / UNFINISHED).exists():
        return "its last installation was not finished"
    if stamp and stamp.get("root") != wanted["root"]:
        return "the checkout has moved"
    if wanted["cpu"] and stamp and not stamp.get("cpu"):
        return "its PyTorch is one with CUDA"
    version = python_version(venv_python(venv))
    if not version:
        return "its Python does not run, or has no pip"
    return "" if version == wanted["python"] else f"it was made with Python {version}"


def cpu_builds(root: Path) -> list[str]:
    """Return the builds of PyTorch for the CPU alone, of the versions that the checkout has."""
    pinned = (root / "packaging" / "constraints.txt").read_text("utf-8")
    return [f"{each}+cpu" for each in re.findall(r"^torch(?:vision)?==[^\s;]+", pinned, re.M)]


def make_venv(venv: Path, cpu: bool) -> None:
    """Make an empty virtual environment, or say what hinders it."""
    size, refuse_below, warn_below = ROOM["for the CPU alone" if cpu else "with CUDA"]
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        raise StartError(
            "This Python can not make virtual environments. On Debian and Ubuntu run\n"
            f"  sudo apt install python3-venv\n(python{PYTHON}-venv if {PYTHON} is not the "
            "system's own Python), then start again."
        )
    free = shutil.disk_usage(venv.parent).free / 1e9
    where = f"The disk of {venv.parent} has {free:.1f} GB free"
    if free < refuse_below:
        raise StartError(
            f"{where}, and about {warn_below} are needed. Free some, then start again."
        )
    if free < warn_below:
        print(f"{where}. That may just do: {size} stay, and pip needs room while it works.")
    print(
        f"Installing into {venv}: {size} (PyTorch, Qt, two small encoders, sample pictures), "
        "4 to 8 minutes, longer on a slow network."
    )
    code, lines = watch([sys.executable, "-m", "venv", str(venv)])
    if code:
        raise StartError(f"{venv} could not be made. The last lines:\n{last_lines(lines)}")
    (venv / UNFINISHED).touch()


def pip_news(line: str) -> str:
    """Return what is worth saying of a line that pip printed; empty if nothing."""
    if line.startswith("Installing collected packages:"):
        return f"unpacking {line.count(',') + 1} packages; minutes may pass without news"
    if "Retrying (" in line:
        return "the package index does not answer; trying again"
    pattern = r"\s*(Downloading|Using cached) (?:\S*/)?(\S+?)-(\d[^-\s]*).* \((\S+ [MG]B)\)"
    file = re.match(pattern, line)  # files below a megabyte are not worth a line
    return f"{file[1].lower()} {file[2]} {file[3]}, {file[4]}" if file else ""


def advice_for(output: str) -> str:
    """Return what to do after pip failed with this output."""
    fitting = (advice for pattern, advice in ADVICE.items() if re.search(pattern, output))
    return next(fitting, "These lines say what pip ran into: mend that.")


def install(venv: Path, wanted: dict) -> None:
    """Let pip install what is wanted, then write the stamp.

    Parameters
    ----------
    venv : Path
        The virtual environment, at the root of the checkout.
    wanted : dict
        What `wanted_stamp` returns; it becomes the stamp.

    Raises
    ------
    StartError
        If pip fails. A stamp that was there stays valid unless pip had begun to unpack.
    """

    def news(line: str) -> str:
        if line.startswith("Installing collected packages:"):
            (venv / UNFINISHED).touch()
        return pip_news(line)

    options = ["--no-input", "--progress-bar", "off", "--disable-pip-version-check"]
    what = ["-e", f".[{','.join(wanted['extras'])}]", "-c", "packaging/constraints.txt"]
    if wanted["cpu"]:
        what += [*cpu_builds(ROOT), "--extra-index-url", CPU_INDEX]
    code, lines = watch([str(venv_python(venv)), "-m", "pip", "install", *options, *what], news)
    if code:
        (venv / "gera-pip.log").write_text("\n".join(lines), "utf-8", "replace")
        raise StartError(
            f"pip could not install the packages. Its last lines:\n{last_lines(lines)}\n"
            f"{advice_for(' '.join(lines))} Then start again. All that pip said is in "
            f"{venv / 'gera-pip.log'}"
        )
    draft = venv / (STAMP + ".new")
    draft.write_text(json.dumps(wanted, indent=2), "utf-8")
    draft.replace(venv / STAMP)
    (venv / UNFINISHED).unlink(missing_ok=True)
    print("Installed.")


def prepare(extras: set[str], cpu: bool = False) -> Path:
    """Bring .venv to what the checkout asks for, at once if it is there, and return its Python.

    One that was made for the CPU alone stays so, also when that is not asked for again.
    """
    if cpu and platform.system() != "Linux":
        print("PyTorch comes without CUDA on this system; --cpu changes nothing.")
        cpu = False
    venv = ROOT / ".venv"
    stamp = read_stamp(venv)
    wanted = wanted_stamp(ROOT, extras, cpu or bool(stamp.get("cpu")))
    fault = fault_of(venv, stamp, wanted) if venv.exists() else ""
    if fault or not satisfies(stamp, wanted):
        if fault:
            if Path(sys.prefix).resolve() == venv.resolve():
                raise StartError(f"{venv} must be made anew ({fault}): start with another Python.")
            print(f"Making {venv} anew: {fault}.")
            venv_python(venv).unlink(missing_ok=True)  # first: half a removal is seen as a fault
            shutil.rmtree(venv)
            stamp = {}
        if venv.exists():
            print(f"Bringing {venv} up to date; what is there already is kept.")
        else:
            make_venv(venv, wanted["cpu"])
        wanted["extras"] = sorted(extras | set(stamp.get("extras", ())))
        install(venv, wanted)
    return venv_python(venv)


@contextlib.contextmanager
def one_at_a_time():
    """Hold a lock on this file, so that two starts do not install at once (not on Windows)."""
    with Path(__file__).open("rb") as handle:
        if os.name == "posix":
            import fcntl

            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise StartError("Another start is installing here: wait for its end.") from None
        yield


def launch(python: Path, arguments: list[str], **variables: str) -> int:
    """Run a module of .venv in the checkout and return its exit code."""
    command = [str(python), "-m", *arguments]
    code = subprocess.call(command, cwd=ROOT, env={**os.environ, **variables})
    if code < 0:
        print(f"{arguments[0]} was ended by {signal.Signals(-code).name}.")
    return code if code >= 0 else 128 - code


def run_program(project: Path, cpu: bool = False) -> int:
    """Install what the program needs; open the sample project, or tour it without a display."""
    check_platform()
    window = has_display(platform.system(), dict(os.environ))
    provide_libraries(window)
    with one_at_a_time():
        python = prepare({"sample"}, cpu)
    if window:
        arguments = ["workbench", "window", "--sample", str(project)]
        code = launch(python, arguments, **CALM_THREADS)
    else:
        print("No display was found (neither DISPLAY nor WAYLAND_DISPLAY is set): the tour takes")
        print("the same road without a window and says where its pictures are.")
        code = launch(python, ["workbench", "tour", str(project)], **OFFSCREEN)
    if code:
        print(f"The program ended with code {code}; what it said is above.")
    return code


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def sharing(arguments: list[str]) -> list[str]:
    """Return pytest's options to share all tests among processes.

    There are none where the arguments name tests or say how to run them, or one core is all. The
    tests of a file stay together, for they share what is costly to make.
    """
    own = ("-n", "--numprocesses", "--dist", "--pdb", "--trace", "-s", "--capture=no", "--co")
    names = any((ROOT / each.partition("::")[0]).exists() for each in arguments)
    if cores() == 1 or names or any(each.startswith(own) for each in arguments):
        return []
    count = min(cores(), MOST_WORKERS)
    return ["-n", str(count), "--dist", "loadfile", "--no-loadscope-reorder"]


def run_tests(arguments: list[str]) -> int:
    """Install what the tests need, run pytest with these arguments and return its exit code."""
    cpu, arguments = "--cpu" in arguments, [each for each in arguments if each != "--cpu"]
    check_platform()
    provide_libraries(window=False)
    with one_at_a_time():
        python = prepare({"sample", "test"}, cpu)
    return launch(python, ["pytest", *sharing(arguments), *arguments], **OFFSCREEN)


def main(argv: list[str]) -> int:
    """Carry out one command; a failure is told in sentences and returns a code other than 0."""
    parser = argparse.ArgumentParser(prog="bootstrap.py", description="Install, then run or test.")
    commands = parser.add_subparsers(dest="command", required=True)
    run = commands.add_parser("run", help="open the sample project, which is made at first")
    run.add_argument("--project", type=Path, default=Path("~/GeRA sample"), metavar="DIR",
                     help="folder of the sample project (default: %(default)s)")  # fmt: skip
    run.add_argument("--cpu", action="store_true",
                     help="install PyTorch without CUDA: 2.5 GB instead of 7")  # fmt: skip
    commands.add_parser("test", help="run the tests; --cpu as above, the rest goes to pytest")
    try:
        if argv[:1] == ["test"]:
            return run_tests(argv[1:])
        asked = parser.parse_args(argv)
        return run_program(asked.project.expanduser().resolve(), asked.cpu)
    except StartError as error:
        print(error, file=sys.stderr)
    except KeyboardInterrupt:
        print("\nStopped. The next start mends an installation that was under way.")
        return 130
    except (OSError, ValueError, RuntimeError) as error:
        print(f"The start failed: {error}. Mend that, then start again.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace", line_buffering=True)
    sys.exit(main(sys.argv[1:]))
