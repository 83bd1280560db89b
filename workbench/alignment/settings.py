"""Settings of the methods: validated, with ranges and a sentence of help for every field."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from workbench.geometry import Kernel, Normalisation, Operator


def _field(default: Any, help_: str, unit: str = "", advanced: bool = False, **limits: Any) -> Any:
    extra: dict[str, Any] = {"unit": unit, "advanced": advanced}
    return Field(default, description=help_, json_schema_extra=extra, **limits)


class MethodSettings(BaseModel):
    """Base of all settings: unknown names and absurd values are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class ContrastiveSettings(MethodSettings):
    """Training by pairs alone; what the contrastive baseline and GeRA share."""

    steps: int = _field(300, "Training steps.", "steps", ge=1, le=1_000_000)
    batch_pairs: int = _field(
        256, "Pairs of each relation in a batch; all when there are fewer.", "pairs", ge=2, le=65536
    )
    temperature: float = _field(
        0.05,
        "τ of the contrastive loss; lower is sharper. Can be moved while training.",
        ge=0.005,
        le=0.5,
    )
    learning_rate: float = _field(
        1e-3,
        "Largest step size of AdamW, reached after warm-up. Can be moved while training.",
        gt=0,
        le=1.0,
    )
    start: Literal["procrustes", "random"] = _field(
        "procrustes", "How heads begin: turned onto each other by the pairs, or at random."
    )
    width: int | None = _field(
        None,
        "Width of the shared space; none takes the narrowest view's.",
        "numbers",
        advanced=True,
        ge=2,
        le=16384,
    )
    weight_decay: float = _field(1e-4, "Weight decay of AdamW.", advanced=True, ge=0, le=1.0)
    warm_up: float = _field(
        0.05,
        "Share of the steps over which the step size grows from zero.",
        advanced=True,
        ge=0,
        le=0.9,
    )
    clip: float = _field(
        1.0, "Largest gradient norm; longer gradients are cut.", advanced=True, gt=0
    )
    checkpoint: Literal["best", "last"] = _field(
        "best", "Which heads are kept: the best on validation pairs, or the last.", advanced=True
    )
    validate_every: int = _field(
        10, "Steps between two looks at the validation pairs.", "steps", advanced=True, ge=1
    )


class GeraSettings(ContrastiveSettings):
    """GeRA: the contrastive loss plus α times the geometric loss of each view."""

    alpha: float | dict[str, float] = _field(
        100.0,
        "Weight of the geometric loss: 0 lets pairs alone decide, more keeps each encoder's "
        "neighbourhoods. One number, or one a view. Can be moved while training.",
    )
    neighbours: int = _field(
        50,
        "K: neighbours in an anchor's neighbourhood, paired and unpaired.",
        "items",
        ge=2,
        le=500,
    )
    bandwidth: float = _field(
        0.3, "σ: kernel bandwidth in units of the median squared distance.", ge=0.01, le=100
    )
    anchors: int = _field(
        64, "Anchors drawn from each view in a step.", "items", advanced=True, ge=1, le=65536
    )
    kernel: Kernel = _field("heat", "Kernel of the diffusion operator.", advanced=True)
    density: bool = _field(True, "Divide the sampling density out of the operator.", advanced=True)
    normalisation: Normalisation = _field(
        "symmetric", "Normalisation of the operator.", advanced=True
    )
    unpaired: Literal["all", "neighbours", "none"] = _field(
        "all",
        "What unpaired items serve as: neighbours and anchors, neighbours only, or nothing at all, "
        "not even the centre (the control that shows what they bring).",
        advanced=True,
    )

    def alpha_of(self, view: str) -> float:
        """Return α of a view."""
        return self.alpha.get(view, 0.0) if isinstance(self.alpha, dict) else self.alpha

    def operator(self) -> Operator:
        """Return the diffusion operator these settings describe."""
        return Operator(self.kernel, self.bandwidth, self.density, self.normalisation)

    @field_validator("alpha")
    @classmethod
    def _in_range(cls, alpha: float | dict[str, float]) -> float | dict[str, float]:
        for weight in alpha.values() if isinstance(alpha, dict) else [alpha]:
            if not 0 <= weight <= 1000:
                raise ValueError(f"it must lie between 0 and 1000, not {weight:g}")
        return alpha


class ProcrustesSettings(MethodSettings):
    """Orthogonal Procrustes has nothing to set but the width."""

    width: int | None = _field(
        None,
        "Width of the shared space; none takes the narrower view's.",
        "numbers",
        advanced=True,
        ge=2,
        le=16384,
    )


class AsifSettings(MethodSettings):
    """ASIF."""

    kept: int = _field(
        100, "k: the nearest anchors an item is described by; at most all pairs.", "anchors", ge=1
    )
    power: float = _field(2.0, "p: similarities are raised to this power.", gt=0, le=64)
