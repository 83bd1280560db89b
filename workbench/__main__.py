"""The program: the command line, and the window as two more commands of it."""

import io
import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import app
from workbench.display import refuse_without_display
from workbench.errors import WorkbenchError
from workbench.memory import keep_freed_memory

SAMPLE_FOLDER = Path.home() / "GeRA sample"


@app.command()
def window(
    project: Annotated[Path | None, typer.Argument(help="A project to open.")] = None,
    sample: Annotated[
        Path | None, typer.Option(help="Open the sample in this folder, making it if needed.")
    ] = None,
) -> None:
    """Open the window."""
    refuse_without_display()
    from workbench.gui.application import run_window

    raise typer.Exit(run_window(project, sample))


@app.command()
def tour(
    folder: Annotated[Path, typer.Argument(help="Where the sample project goes.")] = SAMPLE_FOLDER,
) -> None:
    """Walk the whole road on the sample without a display, and keep a picture of every page."""
    from workbench.gui.tour import run_tour

    raise typer.Exit(run_tour(folder))


def main() -> None:
    """Run the command line; what the user can mend ends in a sentence and exit code 2."""
    keep_freed_memory()
    if len(sys.argv) == 1:
        sys.argv.append("window")
    for stream in (sys.stdout, sys.stderr):  # a name that the terminal cannot show is no error
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="gera-workbench")
    except WorkbenchError as error:
        typer.echo(f"gera-workbench: {error}", err=True)
        sys.exit(2)
    except OSError as error:  # such as a full disk, where no station has said it better
        typer.echo(f"gera-workbench: {error}.", err=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
