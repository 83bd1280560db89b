"""The program: the command line, and the window as two more commands of it."""

import sys

if __name__ == "__main__" and not sys.flags.safe_path:
    # ``python -m`` looks for modules in the current folder first, which may be a project of others
    # with a ``json.py`` in it. What is to be found there belongs to this package.
    sys.path[:1] = []
    sys.path.append(__file__.rpartition("workbench")[0])

import signal

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    # Ctrl-C while the rest is imported: nothing is to be kept yet, and no traceback helps.
    signal.signal(signal.SIGINT, lambda *_: sys.exit(130))

import io
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import app
from workbench.cli.following import tell
from workbench.crashes import report_of, write_report
from workbench.display import refuse_without_display
from workbench.errors import WorkbenchError, of_the_system, unexpected
from workbench.home import home
from workbench.memory import keep_freed_memory

if getattr(signal.getsignal(signal.SIGINT), "__module__", "") == __name__:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@app.command()
def window(
    project: Annotated[Path | None, typer.Argument(help="A project to open.")] = None,
    sample: Annotated[
        Path | None, typer.Option(help="Open the sample in this folder, making it if needed.")
    ] = None,
) -> None:
    """Open the window."""
    refuse_without_display()
    from workbench.gui.starting.application import run_window

    raise typer.Exit(run_window(project, sample))


@app.command()
def tour(
    folder: Annotated[
        Path | None, typer.Argument(help="Where the sample project goes; ~/GeRA sample by default.")
    ] = None,
) -> None:
    """Walk the whole road on the sample without a display, and keep a picture of every page."""
    from workbench.gui.starting.tour import run_tour

    raise typer.Exit(run_tour(folder or home() / "GeRA sample"))


def main() -> None:
    """Run the command line; what the user can mend ends in a sentence and exit code 2.

    What nobody expected ends in a sentence, a report and exit code 1.
    """
    keep_freed_memory()
    if len(sys.argv) == 1:
        sys.argv.append("window")
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal cannot show is no error
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="gera-workbench")
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        sentence = str(error) if isinstance(error, WorkbenchError) else of_the_system(error)
        if sentence:
            tell(f"gera-workbench: {sentence}")
            sys.exit(2)
        _report(error)
        sys.exit(1)


def _report(error: Exception) -> None:
    """Say that something unexpected went wrong, and where the report of it is."""
    report = report_of(error)
    tell(f"gera-workbench: {unexpected(error)}")
    try:
        tell(f"A report that you can send is in {write_report(report)}")
    except (OSError, WorkbenchError) as refusal:
        tell(f"The report cannot be kept ({refusal}), so here it is:\n\n{report}")


if __name__ == "__main__":
    main()
