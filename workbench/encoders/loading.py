"""Load a model quietly, and turn what the libraries raise into a sentence."""

import logging
import os
import re
import socket
import threading
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from urllib.parse import urlsplit

from workbench.errors import WorkbenchError, of_the_system


class CodeRefused(WorkbenchError):  # noqa: N818 - the user refused; nothing went wrong
    """A model wants to run program code of its own; the user has not allowed it."""


_lock = threading.RLock()

_OFFLINE_KINDS = frozenset(
    (
        *("LocalEntryNotFoundError", "OfflineModeIsEnabled", "URLError", "gaierror", "ProxyError"),
        *("ConnectError", "ConnectTimeout", "ReadTimeout", "ConnectionError", "MaxRetryError"),
        "TransportError",
    )
)
_OFFLINE_WORDS = re.compile(
    r"couldn't connect|cannot connect|offline mode|name resolution|connection error|"
    r"connection refused|network is unreachable|cannot find the requested files in the|"
    r"timed out|proxy",
    re.IGNORECASE,
)
_LIBRARY_WORDS = re.compile(r"map segment|shared object|\.so\b|\.dylib\b|DLL load failed")
_MISSING_KINDS = frozenset(("RepositoryNotFoundError", "EntryNotFoundError", "HFValidationError"))
_MISSING_WORDS = re.compile(r"not a valid model identifier|is not a local folder|404", re.I)


@contextmanager
def loading(name: str, local: bool = False) -> Iterator[None]:
    """Load an encoder within: no bars, no chatter, one load at a time.

    Parameters
    ----------
    name : str
        The encoder, as the user names it.
    local : bool
        Its weights lie on this machine, so no failure can be the network's.

    Raises
    ------
    CodeRefused
        The model wants to run program code of its own.
    WorkbenchError
        For whatever else the libraries raise within.
    """
    with _lock, _quiet(), _without_waiting(local):
        try:
            yield
        except (WorkbenchError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise as_sentence(name, local, error) from error


@contextmanager
def asking_the_hub(name: str, first: bool = False) -> Iterator[None]:
    """Ask the hub something short within: no load changes its library's mode meanwhile.

    Parameters
    ----------
    name : str
        The encoder, as the user names it.
    first : bool
        Look first whether the hub answers at all.

    Raises
    ------
    WorkbenchError
        For whatever the hub's library raises within.
    """
    with _lock, _without_waiting(False) if first else nullcontext():
        try:
            yield
        except (WorkbenchError, KeyboardInterrupt):
            raise
        except Exception as error:
            raise as_sentence(name, False, error) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence the model libraries; an application that configured logging still hears them."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("HF_HUB_DISABLE_SYMLINKS_WARNING", "1")
    os.environ.setdefault("DISABLE_SAFETENSORS_CONVERSION", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from huggingface_hub.utils.tqdm import disable_progress_bars
    from transformers.utils import logging as transformers_logging

    disable_progress_bars()
    transformers_logging.disable_progress_bar()
    transformers_logging.set_verbosity_error()
    for library in ("sentence_transformers", "huggingface_hub"):
        logging.getLogger(library).setLevel(logging.ERROR)
    # open_clip speaks through the root logger, which would configure itself to do so
    root, silence = logging.getLogger(), logging.NullHandler()
    root.addHandler(silence)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        root.removeHandler(silence)


@contextmanager
def _without_waiting(local: bool) -> Iterator[None]:
    """Keep the hub's library off the network where none is needed or none is there.

    Left alone it tries each file for half a minute before it looks into its own cache.
    """
    from huggingface_hub import constants

    before = constants.HF_HUB_OFFLINE
    constants.HF_HUB_OFFLINE = before or local or not _hub_answers(constants.ENDPOINT)
    try:
        yield
    finally:
        constants.HF_HUB_OFFLINE = before


def _hub_answers(endpoint: str, seconds: float = 5.0) -> bool:
    """Whether the hub's machine takes a connection; with a proxy one cannot tell, so yes."""
    if urllib.request.getproxies().get("https"):
        return True
    address = urlsplit(endpoint)
    port = address.port or (80 if address.scheme == "http" else 443)
    try:
        socket.create_connection((address.hostname or "", port), timeout=seconds).close()
    except OSError:
        return False
    return True


def as_sentence(name: str, local: bool, error: Exception) -> WorkbenchError:
    """Return an error that says what went wrong with an encoder and what to do."""
    if any("trust_remote_code" in str(each) for each in _chain(error)):
        return CodeRefused(
            f"The encoder {name} wants to run program code of its own, which could do anything on "
            "this machine: if you trust its authors allow it when encoding (encode --trust-code on "
            "the command line; the Encode page asks), else choose an encoder that needs none."
        )
    return WorkbenchError(_sentence(name, local, error))


def _sentence(name: str, local: bool, error: Exception) -> str:
    chain = list(_chain(error))
    kinds = {kind.__name__ for e in chain for kind in type(e).__mro__}
    words = " ".join(str(e) for e in chain)
    said = next(filter(None, map(of_the_system, chain)), "")
    if said and ("temporary directory" in words or _LIBRARY_WORDS.search(words)):
        return f"The encoder {name} could not be loaded. {said}"
    if isinstance(error, ImportError):
        return f"The encoder {name} needs a package that is missing ({error}): install it."
    if "GatedRepoError" in kinds:
        return (
            f"The encoder {name} is given out only to those who accepted its terms on its hub "
            "page: accept them there and run “hf auth login”, or choose another."
        )
    if not local and (kinds & _OFFLINE_KINDS or _OFFLINE_WORDS.search(words)):
        forbidden = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
        return (
            f"The encoder {name} must be downloaded once, and the network cannot be reached: go "
            "online and try again, or choose a bundled encoder or a local folder."
        ) + (" HF_HUB_OFFLINE is set, which forbids it: unset it." if forbidden else "")
    if not local and (kinds & _MISSING_KINDS or _MISSING_WORDS.search(words)):
        return f"The model hub has no encoder {name}: check its name on the hub."
    if isinstance(error, MemoryError) or "out of memory" in words.lower():
        return f"There is not enough memory to load the encoder {name}: choose a smaller one."
    lines = str(error).strip().splitlines()
    reason = (lines[0][:200] if lines else type(error).__name__).rstrip(".:")
    return (
        f"The encoder {name} could not be loaded ({reason}): check that its files are complete "
        "and that the libraries are recent enough, or choose another."
    )


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error and those that led to it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
