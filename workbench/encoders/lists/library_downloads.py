"""What each library fetches for a model: repository, names of the weights, small files."""

from collections.abc import Callable

from workbench.encoders.entry import MODEL_SETTINGS, MODEL_WEIGHTS, Download
from workbench.media import Modality

OPEN_CLIP_WEIGHTS = ("open_clip_model.safetensors", "open_clip_pytorch_model.bin")


def of_transformers(model: str, modality: Modality) -> Download:
    """Return what transformers fetches for a hub repository."""
    return Download(model)


def of_sentence_transformers(model: str, modality: Modality) -> Download:
    """Return what sentence-transformers fetches; a name without organisation is its own."""
    return Download(model if "/" in model else f"sentence-transformers/{model}")


def of_timm(model: str, modality: Modality) -> Download | Callable[[], Download | None]:
    """Return what timm fetches for a hub repository, or how to find out for one of its names."""
    if model.startswith("hf-hub:"):
        return Download(model.removeprefix("hf-hub:"), settings=("config.json",))
    return lambda: _named_in_timm(model)


def of_open_clip(model: str, modality: Modality) -> Download | Callable[[], Download | None]:
    """Return what open_clip fetches for a hub repository, or how to find out for a name."""
    if model.startswith("hf-hub:"):
        return Download(model.removeprefix("hf-hub:"), OPEN_CLIP_WEIGHTS)
    return lambda: _named_in_open_clip(model, modality)


def tokenizer_of(repository: str) -> Download:
    """Return the small files of a repository alone."""
    return Download(repository, weights=(), settings=MODEL_SETTINGS)


def _named_in_timm(model: str) -> Download | None:
    import timm

    config = timm.get_pretrained_cfg(model)
    if config is None:
        return None  # loading it says so, with near names
    if config.hf_hub_id:
        repository = str(config.hf_hub_id).partition("@")[0]
        file = config.hf_hub_filename
        return Download(repository, (str(file),) if file else MODEL_WEIGHTS, settings=())
    return Download(url=config.url, settings=()) if config.url else None


def _named_in_open_clip(model: str, modality: Modality) -> Download | None:
    import open_clip

    from workbench.encoders.adapters.open_clip import facts_of

    architecture, _, tag = model.partition("/")
    facts = facts_of(architecture, tag)
    if not facts["repository"]:
        return None
    text = (open_clip.get_model_config(architecture) or {}).get("text_cfg", {})
    others = {text.get("hf_model_name")} | (
        {text.get("hf_tokenizer_name")} if modality == "text" else set()
    )
    return Download(
        facts["repository"],
        tuple(facts["files"]),
        settings=(),
        also=tuple(tokenizer_of(name) for name in sorted(filter(None, others))),
    )
