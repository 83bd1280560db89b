"""What several tests of heads need."""

import importlib.util
from pathlib import Path

import pytest

LOADER = Path(__file__).parents[2] / "resources" / "export" / "load_heads.py"


@pytest.fixture(scope="session")
def loader():
    """Return the loader that is exported beside heads, which knows nothing of the workbench."""
    spec = importlib.util.spec_from_file_location("load_heads", LOADER)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
