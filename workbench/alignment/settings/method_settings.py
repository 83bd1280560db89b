"""What all methods' settings have in common: ranges, units and a sentence of help a field."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


def setting(default: Any, help_: str, unit: str = "", advanced: bool = False, **limits: Any) -> Any:
    """Declare a field of settings.

    Parameters
    ----------
    default : object
    help_ : str
        A sentence, as forms and `gera-workbench methods` show it.
    unit : str
        In words, such as ``steps``.
    advanced : bool
        Whether forms fold it away.
    **limits
        Of pydantic's `Field`, such as ``ge`` and ``le``.
    """
    extra: dict[str, Any] = {"unit": unit, "advanced": advanced}
    return Field(default, description=help_, json_schema_extra=extra, **limits)


class MethodSettings(BaseModel):
    """Base of all settings: unknown names and absurd values are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def whitening_setting(default: float | None) -> Any:
    """Declare how views are whitened; methods differ in whether they gain by it."""
    return setting(
        default,
        "Whitening of views other than text: 0 takes square roots of features that are never "
        "negative, larger values also give directions of little variance more say, up to 1; none "
        "leaves the views as their encoders made them.",
        advanced=True,
        ge=0,
        le=1,
    )


class WhitenedSettings(MethodSettings):
    """Base of the settings of the workbench's own methods, whose heads carry a whitening.

    Methods of plug-ins make heads of their own, and see views as their encoders made them.
    """

    whitening: float | None = whitening_setting(None)
