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
