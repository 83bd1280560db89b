"""How much memory there is; and keeping what is freed, where the C library would hand it back."""

import ctypes
import os
import sys

# of <malloc.h>, glibc
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_GIBIBYTE = 2**30
_USUAL = 8 * _GIBIBYTE


def keep_freed_memory() -> bool:
    """Let glibc reuse large freed blocks instead of unmapping them; a no-op elsewhere.

    A network's activations are allocated and freed at every layer. By default each costs a
    system call and a page fault for every 4 kB: encoding pictures on two cores took over twice as
    long, with 1.8 against 0.2 million page faults for 96 pictures (tests/bench/freed_memory.py).

    Returns
    -------
    bool
        Whether the C library took it.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):  # not glibc
        return False
    return bool(mallopt(_M_MMAP_THRESHOLD, _GIBIBYTE)) and bool(
        mallopt(_M_TRIM_THRESHOLD, 2 * _GIBIBYTE - 1)
    )


def physical_memory() -> int:
    """Return how many bytes of memory the computer has, as far as the system tells; else 8 GiB."""
    if sys.platform == "win32":
        status = _MemoryStatus(length=ctypes.sizeof(_MemoryStatus))
        known = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.total) if known else _USUAL
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (OSError, ValueError):
        return _USUAL


def forget_peak() -> bool:
    """Let `peak_memory` count from now on; whether the system can."""
    try:
        with open("/proc/self/clear_refs", "w") as file:  # noqa: PTH123 - no file of a folder
            file.write("5")
    except OSError:  # not Linux, or not allowed to
        return False
    return True


def peak_memory() -> int | None:
    """Return the most memory this process has had since `forget_peak`, in bytes, where known."""
    try:
        with open("/proc/self/status") as lines:  # noqa: PTH123
            for line in lines:
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return None


class _MemoryStatus(ctypes.Structure):
    """MEMORYSTATUSEX of the Windows API."""

    _fields_ = (
        ("length", ctypes.c_uint32),
        ("load", ctypes.c_uint32),
        ("total", ctypes.c_uint64),
        ("free", ctypes.c_uint64),
        ("with_page_file", ctypes.c_uint64),
        ("with_page_file_free", ctypes.c_uint64),
        ("addresses", ctypes.c_uint64),
        ("addresses_free", ctypes.c_uint64),
        ("reserved", ctypes.c_uint64),
    )
