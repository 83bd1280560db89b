"""What follows an encoder's name: ``…@layer=-2@pool=cls``."""

import re
from collections.abc import Iterable

from workbench.errors import WorkbenchError

_OPTIONS = re.compile(r"(@[a-z]+=[^@/\\]*)+\Z")


def split_options(name: str) -> tuple[str, dict[str, str]]:
    """Return a name without its options, and the options as written.

    Only ``@word=value`` at the very end counts: ``hf-hub:organisation/model@revision`` and a folder
    with an @ in its name are left whole. Of an option written twice the last holds.

    Examples
    --------
    >>> split_options("transformers-image/facebook/dinov2-small@layer=-2@pool=cls")
    ('transformers-image/facebook/dinov2-small', {'layer': '-2', 'pool': 'cls'})
    """
    found = _OPTIONS.search(name)
    if found is None:
        return name, {}
    written = (option.split("=", 1) for option in found.group()[1:].split("@"))
    return name[: found.start()], {key: value.strip() for key, value in written}


def check_known(name: str, options: Iterable[str], known: tuple[str, ...]) -> None:
    """Check that an encoder has all the options that its name gives.

    Raises
    ------
    WorkbenchError
        It has not; the sentence tells those it has.
    """
    unknown = [option for option in options if option not in known]
    if unknown:
        offer = " and ".join(f"@{option}=" for option in known)
        raise WorkbenchError(
            f"The encoder {name} has no option “{unknown[0]}”: it takes "
            f"{offer if offer else 'none'}."
        )


def whole_number(
    name: str, options: dict[str, str], key: str, least: int | None = None
) -> int | None:
    """Return an option as a whole number, None where the name does not give it.

    Raises
    ------
    WorkbenchError
        It is no whole number, or smaller than `least`.
    """
    if key not in options:
        return None
    value = options[key]
    if not re.fullmatch(r"[+-]?[0-9]{1,6}", value) or (least is not None and int(value) < least):
        bound = "" if least is None else f" from {least} on"
        raise WorkbenchError(
            f"The encoder {name} gives “{value}” for {key}: write a whole number{bound}, such as "
            f"@{key}={max(2, least or 0)}."
        )
    return int(value)


def choice(name: str, options: dict[str, str], key: str, choices: tuple[str, ...]) -> str | None:
    """Return an option that is one of some words, None where the name does not give it.

    Raises
    ------
    WorkbenchError
        It is another word.
    """
    if key not in options:
        return None
    if options[key] not in choices:
        raise WorkbenchError(
            f"The encoder {name} gives “{options[key]}” for {key}: choose among "
            f"{', '.join(choices)}."
        )
    return options[key]


def pool_and_layer(name: str, pools: tuple[str, ...]) -> tuple[str | None, int | None]:
    """Return the pooling and the layer that a name asks for; nothing of the model is looked at.

    Parameters
    ----------
    name : str
    pools : tuple of str
        What the family of encoders knows.

    Raises
    ------
    WorkbenchError
        It has an unknown option or value, or asks for two that exclude each other.
    """
    options = split_options(name)[1]
    check_known(name, options, ("layer", "pool"))
    pool = choice(name, options, "pool", pools)
    layer = whole_number(name, options, "layer")
    if pool == "pooler" and layer is not None:
        others = " or ".join(f"@pool={each}" for each in pools if each != "pooler")
        raise WorkbenchError(
            f"The encoder {name} asks for a layer and for the pooler, which reads the final output "
            f"alone: choose {others} with @layer=."
        )
    return pool, layer


def checked_layer(name: str, layer: int | None, layers: int) -> int:
    """Return after which block to read, as a number from 0.

    Parameters
    ----------
    name : str
        The encoder, for the error.
    layer : int, optional
        As asked for; negative counts from the end, None is the last.
    layers : int
        How many blocks the model has.

    Raises
    ------
    WorkbenchError
        There is no such block.
    """
    wanted = layers if layer is None else layer
    if wanted < 0:
        wanted += layers + 1
    if not 0 <= wanted <= layers:
        raise WorkbenchError(
            f"The encoder {name} has {layers} blocks, so there is no layer {layer}: choose one "
            f"from 0 to {layers}."
        )
    return wanted
