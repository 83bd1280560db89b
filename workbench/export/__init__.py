"""The portable bundle of heads."""

from workbench.export.bundle import is_readme_of_bundle, load_bundle, write_bundle

__all__ = ["is_readme_of_bundle", "load_bundle", "write_bundle"]
