import numpy as np
import pytest

from workbench.charts import (
    Axis,
    Bars,
    Cloud,
    Curve,
    Groups,
    Lines,
    Panel,
    Panels,
    Size,
    Values,
    chart_bytes,
    kind_of,
    write_chart,
)
from workbench.charts.colours import distortion, few_groups, partner_rank, rank_change
from workbench.charts.training_curves import RunCurves, curve_chart, is_drawn, plot_of
from workbench.errors import WorkbenchError

_SMALL = Size(60, 40, 60)


def _lines(**more):
    x = np.arange(1.0, 4.0)
    curves = (Curve("_first $a", x, x), Curve("=second", x, 2 * x, dash="--", dots=True))
    return Lines("Losses of $5", Axis("step"), Axis("loss", "log"), curves, **more)


def _cloud(colours, **more):
    positions = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])
    return Cloud(
        "Map", Axis("PCA 1"), Axis("PCA 2"), positions, np.array([7, 8, 9]), ("a", "-b", "=c"),
        ("image", "text", "image"), colours, **more,
    )  # fmt: skip


def _groups():
    return Groups("label", ("cat", "dog"), ("#4477aa", "#ee6677"), np.array([0, 1, -1]), "no label")


def _svg(chart):
    return chart_bytes(chart, "svg", _SMALL).decode()


def test_lines_have_titles_legend_marks_and_no_formula():
    drawn = _svg(_lines(marks=((2.0, "α 12"),), levels=((1.5, "chance"),), caption="On 3 pairs."))
    for words in ("Losses of $5", "step", "loss", "first $a", "=second", "α 12", "chance",
                  "On 3 pairs."):  # fmt: skip
        assert f">{words}<" in drawn
    assert "mathdefault" not in drawn


def test_places_with_words_are_told_by_them_in_the_table():
    chart = Lines("", Axis("α", ticks=((0.0, "0"), (1.0, "0.1"))), Axis("R@1"),
                  (Curve("found", np.array([0.0, 1.0]), np.array([0.5, -0.25])),))  # fmt: skip
    assert chart_bytes(chart, "csv").decode().splitlines() == [
        "curve,α,R@1", "found,0,0.5", "found,0.1,-0.25",
    ]  # fmt: skip


def test_a_cloud_tells_marks_groups_rings_and_items_without_a_group():
    drawn = _svg(_cloud(_groups(), rings={0: "1"}, stars=np.array([[1.0, 1.0]])))
    for words in ("image", "text", "label:", "cat", "dog", "no label", "PCA 1", "PCA 2", "1"):
        assert f">{words}<" in drawn
    rows = chart_bytes(_cloud(_groups()), "csv").decode().splitlines()
    assert rows[0] == "id,item,modality,PCA 1,PCA 2,label"
    assert rows[1:] == ["7,a,image,0,1,cat", "8,'-b,text,2,3,dog", "9,'=c,image,4,5,"]


def test_a_cloud_on_scales_tells_exact_values():
    chart = _cloud(_groups(), as_map=False, exact=np.ones((3, 2)))
    assert chart_bytes(chart, "csv").decode().splitlines()[1] == "7,a,image,1,1,cat"
    assert ">0<" in _svg(chart)  # its axes have numbers, a map's have none
    assert ">0<" not in _svg(_cloud(_groups()))


def test_values_have_a_scale_in_their_own_words():
    drawn = _svg(_cloud(partner_rank(np.array([1, 16, 0]))))
    for words in ("Rank of the correct partner", "16", "4", "no partner"):
        assert f">{words}<" in drawn
    assert (
        chart_bytes(_cloud(partner_rank(np.array([1, 16, 0]))), "csv")
        .decode()
        .splitlines()[2]
        .endswith(",16")
    )
    assert "2.0× worse" in _svg(_cloud(rank_change(np.array([0.5, -1.0, np.nan]), "other")))
    far = distortion(np.array([*np.zeros(300), 0.1, np.nan, 9.0]))
    assert far.beyond
    assert far.high < 9
    assert _svg(_cloud(Values("same", np.full(3, 2.0), 2.0, 2.0, "none")))


def test_bars_have_their_marks():
    chart = Bars("How many", Axis("distortion"), Axis("items"), np.array([0.0, 0.5, 1.0]),
                 np.array([3, 1]), ((0.4, "median 0.4"),))  # fmt: skip
    assert ">median 0.4<" in _svg(chart)
    assert chart_bytes(chart, "csv").decode().splitlines() == [
        '"distortion, from",to,items', "0,0.5,3", "0.5,1,1",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")]
)
def test_each_kind_is_the_same_to_the_byte(kind, begins):
    first, second = (chart_bytes(_cloud(_groups()), kind, _SMALL) for _ in range(2))
    assert first.startswith(begins)
    assert first == second


def test_files_are_written_by_the_end_of_their_name_or_refused(tmp_path):
    write_chart(_lines(), tmp_path / "a.CSV")
    assert (tmp_path / "a.CSV").read_text("utf-8").startswith("curve,step,loss")
    with pytest.raises(WorkbenchError, match=r"“a\.gif” is no name of a picture"):
        kind_of(tmp_path / "a.gif")
    with pytest.raises(WorkbenchError, match="cannot be written"):
        write_chart(_lines(), tmp_path / "missing" / "a.csv")
    for size in (Size(5), Size(100, 2000), Size(dots=5)):
        with pytest.raises(WorkbenchError):
            chart_bytes(_lines(), "png", size)


def test_the_largest_groups_have_a_colour():
    codes = np.array([2, 2, 2, 0, 0, 1, -1])
    chosen, places = few_groups(codes, ("a", "b", "c"), 2)
    assert chosen == [2, 0]
    assert places.tolist() == [0, 0, 0, 1, 1, -1, -1]
    chosen, _ = few_groups(codes, ("a", "b", "c"), 3, as_they_are=True)
    assert chosen == [0, 1, 2]


def test_curves_of_a_training_are_sorted_into_plots():
    steps = np.arange(3.0)
    names = ("loss", "geometric/image", "recall@10", "preservation/text", "effective_rank/image")
    run = RunCurves("a", dict.fromkeys(names, (steps, steps)))
    assert [is_drawn(name) for name in ("step", "alpha/image", "loss")] == [False, False, True]
    assert plot_of("transport/image–text") == "loss"
    loss = curve_chart("loss", [run], marks=[(1, "α 3")])
    assert [each.name for each in loss.curves] == ["total", "image geometry"]
    assert (loss.title, loss.up.scale, loss.marks) == ("Losses: a", "log", ((1, "α 3"),))
    found = curve_chart("validation", [run], chance=0.1)
    assert [(each.name, each.dash) for each in found.curves] == [("R@10", "-"), ("text kept", "--")]
    assert found.levels == ((0.1, "chance of R@10"),)
    both = curve_chart("loss", [run, RunCurves("b", run.figures)], logarithmic=False)
    assert [each.name for each in both.curves][::2] == ["a: total", "b: total"]
    assert len({each.colour for each in both.curves}) == 2
    assert both.up.scale == "linear"


def test_lines_between_points_and_tables_of_numbers_are_drawn():
    linked = _cloud(_groups(), links=np.array([[0, 1], [1, 2]]))
    assert "LineCollection" in _svg(linked)
    assert "LineCollection" not in _svg(_cloud(_groups()))
    values = np.array([[0.0, 0.25], [0.5, -1.0]])
    two = Panel("Frozen", values, 0.5), Panel("Difference", values, 1.0, signed=True)
    chart = Panels("Operators", two, ("a", "b"), "On one scale.")
    for words in ("Operators", "Frozen", "Difference", "a", "b", "On one scale."):
        assert f">{words}<" in _svg(chart)
    assert chart_bytes(chart, "csv").decode().splitlines() == [
        "row,column,Frozen,Difference", "a,a,0,0", "a,b,0.25,0.25", "b,a,0.5,0.5", "b,b,-1,-1",
    ]  # fmt: skip
    many = Panels("Many", (Panel("x", np.zeros((30, 30)), 0.0),), tuple(map(str, range(100, 130))))
    assert ">105<" not in _svg(many)  # there is no room for names
