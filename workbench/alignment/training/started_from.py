"""Heads of an earlier run as where a training begins: what they must be, and what is taken of them.

Centre and whitening are those of the heads, which were made for them; so are the landmarks or units
of a hidden layer, and the width. The settings that would have chosen them count for nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from workbench.alignment.data import Preparation, is_whitened
from workbench.alignment.heads import Head, LinearHead, MlpHead, ResidualHead
from workbench.alignment.settings.method_settings import MethodSettings
from workbench.alignment.settings.trained_settings import TrainedSettings
from workbench.alignment.space import AlignedSpace
from workbench.alignment.word_heads import BlocksHead
from workbench.errors import WorkbenchError

TrainedHead = LinearHead | ResidualHead | MlpHead


def learned_heads(space: AlignedSpace) -> AlignedSpace:
    """Return the heads without the encoder's own words that may stand beside them."""
    return AlignedSpace({view: _learned(head) for view, head in space.heads.items()})


def _learned(head: Head) -> Head:
    return head.blocks[0] if isinstance(head, BlocksHead) else head


def check_start(start: AlignedSpace, settings: MethodSettings, widths: Mapping[str, int]) -> None:
    """Refuse heads that cannot be trained on as the settings say.

    Parameters
    ----------
    start : AlignedSpace
        Without own words; heads of other views count for nothing.
    settings : MethodSettings
    widths : mapping of view to int
        Of the embeddings of each view to be trained.

    Raises
    ------
    WorkbenchError
        The settings are of a method that does not train; or a view has no head, or heads of another
        kind, width or whitening than they say.
    """
    if not isinstance(settings, TrainedSettings):
        raise WorkbenchError(
            "What is solved at once starts from no other heads. Choose a method that trains, such "
            "as gera."
        )
    for view, width in widths.items():
        if view not in start.heads:
            raise _refused(
                f"there is none for “{view}”, but for {', '.join(start.views)}",
                "Train these views alone, or start from other heads.",
            )
        head = start.heads[view]
        if not isinstance(head, TrainedHead):
            raise _refused(
                f"that of {view} is of the kind {head.kind}, which is not trained",
                "Start from linear, residual or mlp heads.",
            )
        if start.width(view) != width:
            raise _refused(
                f"that of {view} is for embeddings of width {start.width(view)}, not {width}",
                "Use the encoder that they were trained on.",
            )
        if head.kind != settings.head:
            raise _refused(
                f"that of {view} is {head.kind}, and “head” is set to {settings.head}",
                f"Set “head” to {head.kind}.",
            )
        wanted = settings.whitening is not None and is_whitened(view)
        if wanted != (head.whitening is not None):
            does, said = ("does not whiten", settings.whitening) if wanted else ("whitens", "none")
            raise _refused(
                f"that of {view} {does} rows, and “whitening” is set to {said}",
                "Set “whitening” as it was when they were trained.",
            )
    if settings.width not in (None, start.joint_width):
        raise _refused(
            f"their space is {start.joint_width} wide, and “width” is set to {settings.width}",
            "Leave “width” out.",
        )


def preparations(start: AlignedSpace, views: Collection[str]) -> dict[str, Preparation]:
    """Return how the heads want rows prepared."""
    return {
        view: {"centre": head.centre, "whitening": getattr(head, "whitening", None)}
        for view, head in start.heads.items()
        if view in views
    }


def _refused(what: str, remedy: str) -> WorkbenchError:
    return WorkbenchError(f"The training cannot start from these heads: {what}. {remedy}")
