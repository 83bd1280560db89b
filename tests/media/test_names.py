import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.media import path_stem_of, stem_of, text_of_name


@pytest.mark.parametrize(
    ("name", "path_stem"),
    [
        ("dog.jpg", "dog"),
        ("animals/Dog.JPG", "animals/Dog"),
        ("./animals\\dog.png", "animals/dog"),
        ("v1.5", "v1.5"),
        ("v1.5.wav", "v1.5"),
        ("a.b/dog", "a.b/dog"),
        (".jpg", ".jpg"),
        ("captions.parquet", "captions"),
        ("", ""),
    ],
)
def test_stems(name, path_stem):
    assert path_stem_of(name) == path_stem
    assert stem_of(name) == path_stem.rpartition("/")[2]


@given(st.text("ab./\\", max_size=10), st.sampled_from([".png", ".TXT", ".flac", ".csv"]))
def test_a_known_ending_goes_and_nothing_else(name, ending):
    path = f"{name}x{ending}"
    assert path_stem_of(path) + ending == path.replace("\\", "/").removeprefix("./")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("animals/black_cat-0001.png", "black cat 0001"),
        ("Black+cat (2).jpeg", "Black cat (2)"),
        ("v1.5.wav", "v1.5"),
        ("__a__b.svg", "a b"),
        ("dog", "dog"),
        ("_.png", ""),
    ],
)
def test_words_of_a_name(name, text):
    assert text_of_name(name) == text
