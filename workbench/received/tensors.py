"""Arrays in safetensors: heads, trainings and search indexes."""

from pathlib import Path
from typing import Any, Literal

from workbench.errors import WorkbenchError
from workbench.received.small import check_regular


def read_tensors(
    path: Path, what: str, remedy: str = "", framework: Literal["np", "pt"] = "np"
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the arrays of a file, and the words that stand beside them.

    The library refuses a file that claims more than it holds.

    Parameters
    ----------
    path : Path
    what : str
        It, in a sentence, such as ``The heads``.
    remedy : str
        A sentence that says what to do where it is damaged.
    framework : {"np", "pt"}
        Arrays of numpy, or tensors of torch.

    Raises
    ------
    MissingFileError
    WorkbenchError
        It is no regular file, or no safetensors.
    """
    from safetensors import SafetensorError, safe_open

    try:
        check_regular(path, what)
        with safe_open(path, framework) as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except WorkbenchError as error:
        raise type(error)(f"{error} {remedy}".strip()) from None
    # AttributeError and TypeError: a type that numpy does not have
    except (OSError, SafetensorError, AttributeError, MemoryError, TypeError, ValueError) as error:
        raise WorkbenchError(f"{what} {path} cannot be read: {error}. {remedy}".strip()) from None
