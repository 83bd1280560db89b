"""The error whose text is meant for the user, and the system's own as such a text."""

import re
import traceback

_SYSTEM_LIBRARY = re.compile(r"(lib\S+): cannot open shared object file")


class WorkbenchError(Exception):
    """Something the user can act on.

    The message is one or more whole sentences: what is wrong, where, and what to do. The command
    line prints it and exits with 2, the window shows it beside the job; neither shows a traceback.

    Attributes
    ----------
    details : str
        For a developer, such as the traceback of another process; most often there is nothing.
    """

    details = ""


def of_the_system(error: BaseException) -> str:
    """Say in whole sentences what the system refused; empty where an error is not of that kind.

    For where no station has said it better: a full disk, a limit on memory, a damaged library.
    """
    if isinstance(error, MemoryError) or "can't start new thread" in str(error):
        return (
            "There is not enough memory for this. End other programs, or lift what limits this one "
            "(ulimit, a container, a batch system)."
        )
    if isinstance(error, ModuleNotFoundError):
        return f"A package is missing ({error}). Install the program anew."
    if isinstance(error, ImportError):
        if missing := _SYSTEM_LIBRARY.search(str(error)):
            return (
                f"The system library {missing[1]} is missing. Install the package that holds it; "
                "on Debian and Ubuntu, windows need libgl1 and libegl1."
            )
        return (
            f"A library cannot be loaded ({error}). Lift what limits the memory (ulimit, a "
            "container, a batch system); if nothing does, install the program anew."
        )
    if isinstance(error, OSError):
        if "No usable temporary directory" in str(error):
            return (
                "No temporary folder can be written. Make room on its disk, or set TMPDIR to a "
                "folder that has some."
            )
        return f"{error}."
    return ""


def unexpected(error: BaseException) -> str:
    """Say in a sentence that something went wrong that nobody expected."""
    said = " ".join(f"{type(error).__name__}: {error}".split())
    return f"Something unexpected went wrong ({said if len(said) < 200 else said[:199] + '…'})."


def details_of(error: BaseException) -> str:
    """Return where in the program an error arose; empty where its sentence says all there is.

    So it is with those that the user or the system can mend.
    """
    if isinstance(error, WorkbenchError):
        return error.details
    if isinstance(error, OSError | MemoryError):
        return ""
    return "".join(traceback.format_exception(error))
