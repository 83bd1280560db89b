"""An exported folder goes to the Hugging Face hub, when its owner says so and never otherwise."""

from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.export.bundle import own_files
from workbench.jobs import Control, Job, Progress


def check_push(repository: str) -> str:
    """Return the user's token, before anything is written.

    Parameters
    ----------
    repository : str
        ``OWNER/NAME``.

    Raises
    ------
    WorkbenchError
        It is no name of a repository, or nobody is logged in.
    """
    from huggingface_hub import get_token
    from huggingface_hub.errors import HFValidationError
    from huggingface_hub.utils import validate_repo_id  # type: ignore[attr-defined]

    try:
        validate_repo_id(repository)
    except HFValidationError:
        valid = False
    else:
        valid = "/" in repository
    if not valid:
        raise WorkbenchError(f"“{repository}” is no repository. Write it as OWNER/NAME.")
    token = get_token()
    if not token:
        raise WorkbenchError(
            "Nobody is logged in at the Hugging Face hub on this computer. Run “hf auth login”, or "
            "set HF_TOKEN."
        )
    return token


def push(folder: Path, repository: str, control: Control | None = None) -> Job[str]:
    """Upload what an export has written, and nothing else that lies with it.

    A repository that is not there yet is made, and is private.

    Parameters
    ----------
    folder : Path
    repository : str
        ``OWNER/NAME``.
    control : Control, optional
        Heard before the upload begins.

    Yields
    ------
    Progress

    Returns
    -------
    str
        The address of the commit; empty after a stop.

    Raises
    ------
    WorkbenchError
        See `check_push`; or the hub refuses, or is not reached.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import OfflineModeIsEnabled

    token = check_push(repository)
    yield Progress(0, 1, f"Uploading to {repository}")
    if control is not None and control.stopping:
        return ""
    api = HfApi(token=token)
    try:
        api.create_repo(repository, private=True, exist_ok=True)
        commit = api.upload_folder(
            repo_id=repository,
            folder_path=folder,
            allow_patterns=own_files(folder),
            commit_message="Export of GeRA Workbench",
        )
    except OfflineModeIsEnabled:
        raise WorkbenchError(
            "HF_HUB_OFFLINE is set, so nothing is uploaded. Unset it to upload."
        ) from None
    except Exception as error:  # the library hands on what its HTTP client raises
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise WorkbenchError(
            f"{folder} is written, and was not uploaded to {repository}: {reason}"
        ) from None
    yield Progress(1, 1, f"Uploaded to {repository}")
    return str(commit.commit_url)
