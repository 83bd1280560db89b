"""A command that fails as nobody expected: a sentence, and a report that is kept or printed."""

import pytest

from workbench.crashes import reports_folder


@pytest.fixture
def failing(monkeypatch):
    """Let the program fail in the middle of a command."""

    def app(**_):
        raise KeyError("seven bridges")

    monkeypatch.setattr("workbench.__main__.app", app)


def test_it_says_where_its_report_is(failing, gera):
    code, out, err = gera("show", "x")
    (report,) = reports_folder().iterdir()
    assert (code, out) == (1, "")
    assert err == (
        "gera-workbench: Something unexpected went wrong (KeyError: 'seven bridges').\n"
        f"A report that you can send is in {report}\n"
    )
    assert 'raise KeyError("seven bridges")' in report.read_text()


def test_a_report_that_cannot_be_kept_is_printed(failing, gera):
    reports_folder().parent.mkdir(parents=True)
    reports_folder().write_text("a file in its place")
    code, _, err = gera("show", "x")
    assert code == 1
    assert "The report cannot be kept (" in err
    assert 'raise KeyError("seven bridges")' in err
