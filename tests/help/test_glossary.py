import pytest

from workbench.help import meaning, meanings


@pytest.mark.parametrize("label", ["Distortion:", "distortion", "Distortion…", " DISTORTION "])
def test_a_word_is_found_however_a_label_writes_it(label):
    assert meaning(label).startswith("How much the neighbourhood of an item was changed")


def test_several_words_of_a_row_and_plurals():
    assert meaning("R@1") == meaning("R@10") != ""
    assert meaning("Validation pairs") == meaning("test pairs") != ""
    assert meaning("τ") == meaning("temperature") != ""
    assert meaning("Runs") == meaning("run") != ""
    assert meaning("Hashes") == ""


def test_words_that_are_not_used_mean_nothing():
    assert meaning("ladder") == meaning("guessing") == meaning("word") == ""
    assert not any(set("|*`") & set(each) for each in meanings().values())
