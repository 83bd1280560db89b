"""Where the encoders compute."""

from workbench.errors import WorkbenchError


def pick_device(wish: str = "auto") -> str:
    """Return the torch device to use.

    Parameters
    ----------
    wish : str
        ``"auto"`` takes CUDA, then Apple's MPS, then the CPU; or ``"cpu"``, ``"cuda"``,
        ``"cuda:1"``, ``"mps"``.

    Raises
    ------
    WorkbenchError
        The device is unknown, or this machine has none such.
    """
    if wish == "cpu":
        return wish  # which torch need not be asked about: its import takes seconds

    import torch

    if wish == "auto":
        if torch.cuda.is_available():
            return "cuda"
        return "mps" if torch.backends.mps.is_available() else "cpu"
    kind, _, number = wish.partition(":")
    if kind not in ("cpu", "cuda", "mps") or (number and not (kind == "cuda" and number.isdigit())):
        raise WorkbenchError(
            f"The device “{wish}” is unknown: use auto, cpu, cuda, cuda:1 (and so on) or mps."
        )
    if kind == "cuda" and not torch.cuda.is_available():
        raise WorkbenchError("This machine has no usable CUDA device: use auto or cpu.")
    if kind == "cuda" and number and int(number) >= torch.cuda.device_count():
        raise WorkbenchError(
            f"There is no CUDA device {number}: this machine has {torch.cuda.device_count()}, "
            "counted from 0."
        )
    if kind == "mps" and not torch.backends.mps.is_available():
        raise WorkbenchError("This machine has no usable Apple GPU: use auto or cpu.")
    return wish


def describe_device(device: str) -> str:
    """Return a torch device for people: ``"NVIDIA H100 (CUDA)"``, ``"CPU, 2 threads"``.

    Parameters
    ----------
    device : str
        As `pick_device` returns it.
    """
    import torch

    kind, _, number = device.partition(":")
    if kind == "cuda":
        card = torch.cuda.get_device_name(int(number) if number else torch.cuda.current_device())
        return f"{card} (CUDA)" if not number else f"{card} (CUDA {number})"
    if kind == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'' if threads == 1 else 's'}"
