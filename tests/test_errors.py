import errno

import pytest

from workbench.errors import of_the_system


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "not enough memory"),
        (RuntimeError("can't start new thread"), "not enough memory"),
        (ModuleNotFoundError("No module named 'faiss'"), "package is missing"),
        (ImportError("libtorch_cpu.so: failed to map segment"), "cannot be loaded"),
        (ImportError("libGL.so.1: cannot open shared object file: No such file"), "libgl1"),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), "/x"),
        (FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), "TMPDIR"),
    ],
)
def test_what_the_system_refuses_is_said_in_sentences(error, words):
    sentence = of_the_system(error)
    assert words in sentence
    assert sentence.endswith(".")


def test_a_fault_of_the_program_is_none_of_the_system():
    assert of_the_system(KeyError("x")) == of_the_system(RuntimeError("x")) == ""
