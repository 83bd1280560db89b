import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from workbench.errors import WorkbenchError
from workbench.media import MODALITIES
from workbench.project import (
    KeyPairs,
    ProjectSettings,
    Source,
    SplitSettings,
    TablePairs,
    read_settings,
)
from workbench.project.settings import write_settings
from workbench.received.small import in_words

words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
modalities = st.sampled_from(MODALITIES)
relations = st.permutations(MODALITIES).map(lambda order: (order[0], order[1]))
sources = st.builds(
    Source, modality=modalities, path=words, include=st.lists(words, max_size=2),
    exclude=st.lists(words, max_size=2), key=words, text=words,
    label=st.sampled_from(["folder", "none"]),
)  # fmt: skip
pairings = st.builds(KeyPairs, between=relations) | st.builds(
    TablePairs, between=relations, path=words, columns=st.tuples(words, words)
)
projects = st.builds(
    ProjectSettings, name=words, credit=words, sources=st.lists(sources, max_size=3),
    pairings=st.lists(pairings, max_size=3), encoders=st.dictionaries(modalities, words),
    split=st.builds(SplitSettings, seed=st.integers(0, 2**31), validation=st.floats(0, 0.4),
                    test=st.floats(0, 0.5)),
)  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(projects)
def test_round_trip_through_toml(tmp_path_factory, before):
    path = tmp_path_factory.mktemp("settings") / "project.toml"
    write_settings(path, before)
    assert read_settings(path) == before


def test_defaults_and_a_byte_order_mark(tmp_path):
    path = tmp_path / "project.toml"
    path.write_text('name = "Größe"\n', encoding="utf-8-sig")
    assert read_settings(path) == ProjectSettings(name="Größe")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("schema_version = 3", "newer version"),
        ("schema_version = 3\nnovelty = 1", "newer version"),
        ('schema_version = "x"', "schema_version"),
        ("name = ", "cannot be read"),
        ("name = 3", "name: Input should be a valid string"),
        ("nmae = 'x'", "nmae: Extra inputs are not permitted"),
        ("sources = 3", "sources"),
        ("[[sources]]\nmodality = 'smell'\npath = 'x'", "sources.0.modality"),
        ("[[sources]]\nmodality = 'image'", "sources.0.path"),
        ("[[pairings]]\nkind = 'key'\nbetween = ['image']", "pairings.0"),
        ("[[pairings]]\nkind = 'key'\nbetween = ['image', 'image']", "image with itself"),
        (
            "[[pairings]]\nkind = 'table'\nbetween = ['text', 'text']\npath = 'p'\n"
            "columns = ['a', 'b']",
            "text with itself",
        ),
        ("[[pairings]]\nkind = 'magic'\nbetween = ['image', 'text']", "pairings.0"),
        ("[encoders]\nsmell = 'nose'", "encoders.smell"),
        ("[split]\nseed = -1", "split.seed"),
        ("[split]\ntest = 1.0", "split.test"),
        ("[split]\ntest = nan", "split.test"),
        ("[split]\ntest = 0.6\nvalidation = 0.4", "leave pairs for training"),
    ],
)
def test_a_bad_file_ends_in_one_sentence(tmp_path, content, words):
    path = tmp_path / "project.toml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(WorkbenchError) as error:
        read_settings(path)
    assert words in str(error.value)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value).replace(content, "")


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"name = '\xe9'", b"\x00" * 40])
def test_bytes_that_are_no_text(tmp_path, content):
    path = tmp_path / "project.toml"
    path.write_bytes(content)
    with pytest.raises(WorkbenchError, match="cannot be read"):
        read_settings(path)


def test_no_file_no_folder_and_a_folder_in_its_place(tmp_path):
    with pytest.raises(WorkbenchError, match="is not a project"):
        read_settings(tmp_path / "project.toml")
    with pytest.raises(WorkbenchError, match="is not a project"):
        read_settings(tmp_path / "nowhere" / "project.toml")
    (tmp_path / "file").write_text("x")
    with pytest.raises(WorkbenchError, match="is not a project"):
        read_settings(tmp_path / "file" / "project.toml")
    with pytest.raises(WorkbenchError, match="File name too long"):
        read_settings(tmp_path / ("x" * 300) / "project.toml")
    (tmp_path / "project.toml").mkdir()
    with pytest.raises(WorkbenchError, match="not a regular file"):
        read_settings(tmp_path / "project.toml")


def test_in_words_names_every_field():
    with pytest.raises(ValidationError) as error:
        SplitSettings.model_validate({"seed": -1, "test": 2})
    assert in_words(error.value).count(";") == 1
    with pytest.raises(ValidationError) as error:
        SplitSettings(test=0.5, validation=0.5)
    assert in_words(error.value) == ("validation and test together must leave pairs for training.")
