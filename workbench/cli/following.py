"""What the commands share: words printed, jobs followed, arguments read.

Results go to standard output, progress and notices to standard error. Exit codes: 0 done, 2 bad
input (one sentence says what), 130 stopped by Ctrl-C, with what was finished kept.
"""

import json
import signal
import threading
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.text import Text

from workbench import jobs, words
from workbench.alignment import HeadsKept, StepReport, SweepReport
from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.received.words import for_terminal

T = TypeVar("T")
STOPPED = 130


class _Terminal(Console):
    """Where all words go that are printed, of tables too: none of them can steer the terminal.

    They are shown as they are but for that: no [markup], no :emoji:, no line broken in a path.
    """

    def __init__(self, *, stderr: bool = False) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, stderr=stderr)

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(for_terminal(text), **options)


out = _Terminal()
told = _Terminal(stderr=True)

ProjectFolder = Annotated[Path, typer.Argument(help="The project folder.", show_default=False)]
RunName = Annotated[str, typer.Argument(help="Name of a run.", show_default=False)]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda or mps.")]
Cluster = Annotated[
    str | None,
    typer.Option(
        metavar="ADDRESS", help="On a Ray cluster: local, auto, ray://HOST:PORT or HOST:PORT."
    ),
]


def say(sentence: str) -> None:
    """Print a result."""
    out.print(sentence, soft_wrap=True)


def tell(sentence: str, style: str = "") -> None:
    """Print a remark, which scripts that read results do not see."""
    told.print(sentence, style=style, soft_wrap=True)


def print_json(found: Any) -> None:
    """Print a result for scripts; in ASCII, so that no word in it can steer a terminal."""
    typer.echo(json.dumps(found, indent=2))


def follow(job: jobs.Job[T], control: jobs.Control, *, keep_going: bool = False) -> T:
    """Run a job with a progress line; Ctrl-C stops it softly, a second one at once.

    With `keep_going`, a stopped job's result is returned; otherwise the program ends with 130.
    """
    stop = _stop_on_interrupt(control)
    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(),
        TextColumn("{task.fields[note]}", markup=False),
    )  # fmt: skip
    try:
        quiet = not told.is_terminal
        with Progress(*columns, console=told, transient=True, disable=quiet) as progress:
            line = progress.add_task("", total=None, note="")

            def listen(event: jobs.Event) -> None:
                if isinstance(event, jobs.Progress):
                    said = for_terminal(event.message)
                    said = said if len(said) < 60 else f"…{said[-58:]}"
                    progress.update(
                        line, description=said, total=event.total or None,
                        completed=event.done, note=_how_fast(event),
                    )  # fmt: skip
                elif isinstance(event, jobs.Notice):
                    tell(event.text, "yellow" if event.level == "warning" else "")
                elif isinstance(event, HeadsKept):
                    tell(f"Heads kept: {event.why[0].lower()}{event.why[1:]}")
                elif isinstance(event, SweepReport):
                    progress.update(
                        line, description=f"Training {len(event.rungs)} α", total=event.steps,
                        completed=event.step,
                    )  # fmt: skip
                elif isinstance(event, StepReport):
                    progress.update(
                        line,
                        description="Training",
                        total=event.steps or None,
                        completed=event.step,
                    )
                    if event.validation:
                        recall = event.validation.get("recall@10")
                        found = "" if recall is None else f", validation R@10 {recall:.1%}"
                        progress.update(line, note=f"loss {event.loss:.3f}{found}")

            result = jobs.drain(job, listen)
    finally:
        stop()
    if control.stopping and not keep_going:
        raise typer.Exit(STOPPED)
    return result


def _stop_on_interrupt(control: jobs.Control) -> Any:
    """Let the first Ctrl-C ask the job to stop; return what takes this back."""
    if threading.current_thread() is not threading.main_thread():
        return lambda: None

    def interrupt(*_: object) -> None:
        if control.stopping:
            raise KeyboardInterrupt
        control.stop()  # first: the second Ctrl-C may come while this one is told
        tell("Stopping; press Ctrl-C again to end at once.")

    before = signal.signal(signal.SIGINT, interrupt)
    return lambda: signal.signal(signal.SIGINT, before)


def _how_fast(event: jobs.Progress) -> str:
    """Say how much is done, how fast, and how much time is left."""
    if not event.rate:
        return ""
    in_bytes = isinstance(event, jobs.Transfer)
    speed = words.transfer_rate(event.rate) if in_bytes else words.rate(event.rate)
    if not event.total:
        return speed
    done, total = (
        words.size(count) if in_bytes else f"{count:,}" for count in (event.done, event.total)
    )
    left = words.duration(max(0, event.total - event.done) / event.rate)
    return f"{done} of {total}, {speed}, {left} left"


def modality_named(name: str) -> Modality:
    """Return a modality by its name.

    Raises
    ------
    WorkbenchError
    """
    for modality in MODALITIES:
        if modality == name:
            return modality
    raise WorkbenchError(f"“{name}” is not a modality. Modalities: {', '.join(MODALITIES)}.")


def assignments(option: str, text: str) -> list[tuple[str, str]]:
    """Read the NAME=VALUE,NAME=VALUE of an option.

    Raises
    ------
    WorkbenchError
        A part has no name or no value.
    """
    parts = [part.partition("=") for part in text.split(",") if part.strip()]
    for name, _, value in parts:
        if not (name.strip() and value.strip()):
            raise WorkbenchError(f"“{name}” lacks a value. Write {option} NAME=VALUE,NAME=VALUE.")
    return [(name.strip(), value.strip()) for name, _, value in parts]
