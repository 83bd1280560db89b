"""Settings of the methods that are solved at once."""

from typing import Literal

from workbench.alignment.settings.method_settings import (
    MethodSettings,
    WhitenedSettings,
    setting,
)


class ProcrustesSettings(WhitenedSettings):
    """Orthogonal Procrustes has nothing to set but the width."""

    width: int | None = setting(
        None,
        "Width of the shared space; none uses that of the narrower view.",
        "numbers",
        advanced=True,
        ge=2,
        le=16384,
    )


class AsifSettings(WhitenedSettings):
    """ASIF."""

    kept: int = setting(
        100,
        "k: number of nearest paired items that describe an item; at most all pairs.",
        "anchors",
        ge=1,
    )
    power: float = setting(2.0, "p: power to which similarities are raised.", gt=0, le=64)


class RidgeSettings(WhitenedSettings):
    """Ridge regression from one view to the other."""

    penalty: float | None = setting(
        None,
        "λ in units of the mean eigenvalue of the predicting view's paired items; none chooses "
        "it on validation pairs, or by leave-one-out when there are none.",
        gt=0,
        le=1e6,
    )
    predicted: Literal["both", "first", "second"] = setting(
        "both",
        "Which view is predicted from the other: the first of a relation, the second, or both, "
        "with their similarities combined.",
        advanced=True,
    )


class CcaSettings(WhitenedSettings):
    """Regularised CCA, similarities weighted by the canonical correlations."""

    penalty: float | None = setting(
        None,
        "Ridge penalty of each view's covariance, in units of its mean eigenvalue; none chooses "
        "it on validation pairs, or by leaving out pairs in turn.",
        ge=0,
        le=1e6,
    )
    exponent: float | None = setting(
        None,
        "s: directions are weighted by their canonical correlation to this power, 0 weighs all "
        "alike; none chooses it on validation pairs, or by leaving out pairs in turn.",
        ge=0,
        le=16,
    )
    width: int | None = setting(
        None,
        "Number of strongest canonical directions kept; none chooses it on validation pairs, or "
        "keeps all that the pairs determine when there are none.",
        "numbers",
        advanced=True,
        ge=1,
        le=16384,
    )
    covariance: Literal["paired", "all"] = setting(
        "paired",
        "Which items the whitening covariance is computed from: the paired ones alone, or all "
        "items of the view.",
        advanced=True,
    )


class WordsSettings(MethodSettings):
    """An encoder's own words have nothing to set."""
