import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.encoders.adapters.name_options import (
    check_known,
    checked_layer,
    choice,
    split_options,
    whole_number,
)
from workbench.errors import WorkbenchError

names = st.text(st.characters(exclude_characters="@"), min_size=1, max_size=30)
words = st.from_regex(re.compile("[a-z]{1,8}"), fullmatch=True)
values = st.text(st.characters(exclude_characters="@/\\"), max_size=8).map(str.strip)


@given(names, st.dictionaries(words, values, max_size=4))
def test_what_is_written_is_read(name, options):
    written = name + "".join(f"@{key}={value}" for key, value in options.items())
    assert split_options(written) == (name, options)


@given(st.text(max_size=40))
def test_any_text_is_taken_apart_without_loss(text):
    name, options = split_options(text)
    assert text.startswith(name)
    assert bool(options) == (name != text)
    assert split_options(name)[0] == name or "=" in text


@pytest.mark.parametrize(
    "name",
    ["timm/hf-hub:a/b@v1.0", "transformers-speech//home/me@layer=2/model", "a@=3", "a@B=3", "a@b"],
)
def test_these_are_no_options(name):
    assert split_options(name) == (name, {})


def test_the_last_of_two_holds():
    assert split_options("a@layer=1@layer=2") == ("a", {"layer": "2"})


def test_numbers_and_choices():
    options = {"layer": "-3", "pool": "cls"}
    assert whole_number("a", options, "layer") == -3
    assert whole_number("a", options, "segments") is None
    assert choice("a", options, "pool", ("cls", "mean")) == "cls"
    assert choice("a", {}, "pool", ("cls", "mean")) is None
    check_known("a", options, ("layer", "pool"))
    for value in ("", "two", "1.5", "9999999", "٣"):
        with pytest.raises(WorkbenchError, match="write a whole number"):
            whole_number("a", {"layer": value}, "layer")
    with pytest.raises(WorkbenchError, match="whole number from 2 on, such as @segments=2"):
        whole_number("a", {"segments": "1"}, "segments", least=2)
    with pytest.raises(WorkbenchError, match="choose among cls, mean"):
        choice("a", {"pool": "max"}, "pool", ("cls", "mean"))
    with pytest.raises(WorkbenchError, match="no option “pool”: it takes @layer="):
        check_known("a", options, ("layer",))
    with pytest.raises(WorkbenchError, match="it takes none"):
        check_known("a", options, ())


def test_layers():
    assert [checked_layer("a", layer, 3) for layer in (None, 0, 3, -1, -4)] == [3, 0, 3, 3, 0]
    for layer in (4, -5):
        with pytest.raises(WorkbenchError, match=f"has 3 blocks, so there is no layer {layer}"):
            checked_layer("a", layer, 3)
