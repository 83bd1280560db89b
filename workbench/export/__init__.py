"""The portable bundle of heads."""

from workbench.export.bundle import load_bundle, write_bundle

__all__ = ["load_bundle", "write_bundle"]
