"""Settings of the methods that train."""

from typing import Literal

from pydantic import field_validator, model_validator

from workbench.alignment.settings.method_settings import (
    WhitenedSettings,
    setting,
    whitening_setting,
)
from workbench.geometry import Kernel, Normalisation, Operator, Scale

Start = Literal["cca", "procrustes", "random"]


class TrainedSettings(WhitenedSettings):
    """What all methods that train share."""

    whitening: float | None = whitening_setting(0.5)
    steps: int = setting(150, "Training steps.", "steps", ge=1, le=1_000_000)
    until_stopped: bool = setting(
        False,
        "Go on past the steps, at a steady learning rate, until it is stopped: to move α at "
        "leisure. The run can be resumed, and repeated up to where it was stopped.",
    )
    batch_pairs: int = setting(
        128,
        "Pairs of each relation in a batch; all of them when there are fewer.",
        "pairs",
        ge=2,
        le=65536,
    )
    learning_rate: float = setting(
        3e-3,
        "Peak learning rate of AdamW, reached after warm-up. Can be changed while training.",
        gt=0,
        le=1.0,
    )
    head: Literal["residual", "linear", "mlp"] = setting(
        "residual",
        "A linear map, alone or with a hidden layer beside it: of similarities to landmarks, which "
        "are paired and unpaired items (residual), or of units that are learned (mlp).",
    )
    hidden: int = setting(
        1000,
        "Width of the hidden layer: landmarks of the residual head, or units of the mlp.",
        advanced=True,
        ge=1,
        le=65536,
    )
    start: Start = setting(
        "cca",
        "How heads are initialised: by regularised canonical correlations of the pairs (cca), by "
        "a rotation from the pairs (procrustes), or at random.",
    )
    start_penalty: float | None = setting(
        None,
        "Ridge penalty of the start by canonical correlations, as a share of the total variance; "
        "none takes 0.01, or 2 / pairs where that is less.",
        advanced=True,
        gt=0,
        le=100,
    )
    coupled: bool = setting(
        True,
        "Let unpaired items take part in the start by canonical correlations, of two views: those "
        "that may belong together are coupled by optimal transport, in three rounds.",
        advanced=True,
    )
    mixing: float = setting(
        1.0,
        "Mixup of pairs: each pair is averaged with another one, whose weight is drawn between 0 "
        "and half of this value, the same on both sides. 0 trains on the pairs as they are.",
        ge=0,
        le=1,
    )
    width: int | None = setting(
        None,
        "Width of the shared space; none uses that of the narrowest view, or as many directions "
        "as the pairs determine.",
        "numbers",
        advanced=True,
        ge=2,
        le=16384,
    )
    weight_decay: float = setting(1e-4, "Weight decay of AdamW.", advanced=True, ge=0, le=1.0)
    warm_up: float = setting(
        0.05,
        "Share of the steps over which the learning rate grows from zero.",
        advanced=True,
        ge=0,
        le=0.9,
    )
    clip: float = setting(
        1.0, "Largest gradient norm; longer gradients are clipped.", advanced=True, gt=0
    )
    checkpoint: Literal["auto", "best", "last", "step"] = setting(
        "auto",
        "Which heads are kept. auto: without validation pairs, or after α was moved by hand, the "
        "last; else those that keep most neighbours among those that find as well as the best, "
        "within one standard error. best: the best on validation pairs. last: the last. step: "
        "those of a step.",
    )
    checkpoint_step: int | None = setting(
        None, "The step whose heads are kept, by the choice “step”.", "steps", advanced=True, ge=1
    )
    validate_every: int = setting(
        10, "Steps between two measurements on the validation pairs.", "steps", advanced=True, ge=1
    )
    patience: int = setting(
        0,
        "Early stopping: stop when validation has not improved for this many steps; 0 trains to "
        "the end.",
        "steps",
        advanced=True,
        ge=0,
    )

    @model_validator(mode="after")
    def _has_its_step(self) -> "TrainedSettings":
        if (self.checkpoint == "step") != (self.checkpoint_step is not None):
            raise ValueError("checkpoint “step” and checkpoint_step are set together")
        return self


class ContrastiveSettings(TrainedSettings):
    """Training by pairs alone, by InfoNCE; what the contrastive baseline and GeRA share."""

    temperature: float = setting(
        0.05,
        "τ of the contrastive loss; lower is sharper. Can be changed while training.",
        ge=0.005,
        le=0.5,
    )
    learn_temperature: bool = setting(
        False, "Learn τ together with the heads, starting from the value set.", advanced=True
    )


class GeraSettings(ContrastiveSettings):
    """GeRA: the contrastive loss plus α times the geometric loss of each view."""

    alpha: float | dict[str, float] = setting(
        3.0,
        "Weight of the geometric loss: 0 trains on the pairs alone, larger values preserve each "
        "encoder's neighbourhoods better. One number, or one for each view. Can be changed while "
        "training.",
    )
    neighbours: int = setting(
        20,
        "K: number of neighbours in an anchor's neighbourhood, paired and unpaired.",
        "items",
        ge=2,
        le=500,
    )
    bandwidth: float = setting(
        0.3, "σ: kernel bandwidth in units of the median squared distance.", ge=0.01, le=100
    )
    anchors: int = setting(
        24, "Anchors drawn from each view in each step.", "items", advanced=True, ge=1, le=65536
    )
    kernel: Kernel = setting("heat", "Kernel of the diffusion operator.", advanced=True)
    scale: Scale = setting(
        "median",
        "Unit of the bandwidth: the median squared distance of a neighbourhood, or each item's "
        "own distance to its near neighbours.",
        advanced=True,
    )
    epsilon: Literal["recomputed", "frozen"] = setting(
        "recomputed",
        "Kernel width after the head: computed again from the mapped items, or that of the "
        "frozen space, which also fixes the scale.",
        advanced=True,
    )
    density: bool = setting(True, "Normalise the operator by the sampling density.", advanced=True)
    normalisation: Normalisation = setting(
        "symmetric", "Normalisation of the operator.", advanced=True
    )
    unpaired: Literal["all", "neighbours", "none"] = setting(
        "all",
        "How unpaired items are used: as neighbours and anchors, as neighbours only, or not at "
        "all, not even for the centre (a control that shows what they contribute).",
        advanced=True,
    )

    def alpha_of(self, view: str) -> float:
        """Return α of a view."""
        return self.alpha.get(view, 0.0) if isinstance(self.alpha, dict) else self.alpha

    def operator(self) -> Operator:
        """Return the diffusion operator these settings describe."""
        return Operator(self.kernel, self.bandwidth, self.density, self.normalisation, self.scale)

    @field_validator("alpha")
    @classmethod
    def _in_range(cls, alpha: float | dict[str, float]) -> float | dict[str, float]:
        for weight in alpha.values() if isinstance(alpha, dict) else [alpha]:
            if not 0 <= weight <= 1000:
                raise ValueError(f"it must lie between 0 and 1000, not {weight:g}")
        return alpha


class StructureSettings(ContrastiveSettings):
    """STRUCTURE: the contrastive loss, and the batch's similarities kept as they were."""

    weight: float = setting(
        10.0, "λ: weight of the term that preserves the batch's similarities.", ge=0, le=1e6
    )
    graph_temperature: float = setting(
        0.05,
        "τ of the similarity graphs; lower values compare nearer items only.",
        ge=0.005,
        le=0.5,
    )
    levels: int = setting(
        1,
        "Largest length of the random walks that are compared.",
        "steps",
        advanced=True,
        ge=1,
        le=8,
    )
    others: int = setting(
        0,
        "Further items of each view, paired or not, in the similarity graphs.",
        "items",
        ge=0,
        le=65536,
    )


class SotalignSettings(TrainedSettings):
    """SOTAlign: a sigmoid loss, and a linear teacher's transport plan of items at large."""

    weight: float = setting(1.0, "Weight of the transport loss.", ge=0, le=1e6)
    transport_epsilon: float | None = setting(
        None,
        "ε: entropic regularisation of the transport plans; small values come near a matching. As "
        "published it is 0.05; none takes half the spread of the similarities at hand.",
        gt=0,
        le=100,
    )
    others: int = setting(
        256, "Items of each view, paired or not, in a transport plan.", "items", ge=2, le=65536
    )
    teacher_penalty: float = setting(
        0.01,
        "Ridge penalty of the teacher (regularised CCA of the pairs), as a share of the total "
        "variance.",
        advanced=True,
        gt=0,
        le=100,
    )
    sigmoid_scale: float = setting(
        20.0, "Initial scale of the cosines; it is learned.", advanced=True, gt=0, le=200
    )
    sigmoid_bias: float = setting(
        -10.0,
        "Initial bias added to the scaled cosines; it is learned.",
        advanced=True,
        ge=-100,
        le=100,
    )
