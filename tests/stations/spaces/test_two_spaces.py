"""Two spaces beside each other: the figures of evaluation, of the same items on both sides."""

import numpy as np
import pytest
from worlds.fakes import FakeShelf, encode_all, make_project, three_runs, write_item

from workbench.errors import WorkbenchError
from workbench.evaluation import recall_by_group, retrieve
from workbench.jobs import Control, drain
from workbench.project import Found, SpaceName, SplitSettings
from workbench.stations import (
    BOTH_WAYS,
    AlignRequest,
    EncodeRequest,
    align,
    compare_groups,
    encode,
    evaluate,
    held_out_ranks,
    overlap_of_spaces,
    read_two_spaces,
    scan,
)

pytestmark = pytest.mark.usefixtures("shelf")


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        FakeShelf().put(monkeypatch)
        return three_runs(tmp_path_factory.mktemp("three"))


def two(project, first, second, **options):
    names = (SpaceName.parse(each, project.shelf.names()) for each in (first, second))
    return drain(read_two_spaces(project, *names, **options))


def test_ranks_are_those_of_evaluation_on_the_same_rows(project):
    spaces = two(project, "poor", "good")
    assert spaces.directions() == [("image", "text"), ("text", "image")]
    for direction in spaces.directions():
        changes = spaces.changes(direction)
        for its, ranks in zip(spaces.figures, (changes.before, changes.after), strict=True):
            queries, candidates = (its.space.views[name] for name in direction)
            found = retrieve(queries.after, candidates.after, its.space.pairs_between(*direction))
            np.testing.assert_array_equal(changes.ids, queries.ids[found.query_rows])
            np.testing.assert_array_equal(ranks, found.ranks)
    both = spaces.changes()
    assert len(both.ids) == 120
    assert (both.after <= both.before).mean() > 0.5


def test_held_out_items_are_those_of_both_runs(project):
    spaces = two(project, "poor", "good")
    own = drain(held_out_ranks(project, "good"))
    expected = np.unique(np.concatenate([each.ids for each in own.values()]))
    np.testing.assert_array_equal(spaces.tested_ids(), expected)
    assert spaces.same_test_items()
    assert set(spaces.changes().of(expected).ids) == set(expected)
    elsewhere = two(project, "elsewhere", "good")
    other = drain(held_out_ranks(project, "elsewhere"))
    others = np.concatenate([each.ids for each in other.values()])
    np.testing.assert_array_equal(elsewhere.tested_ids(), np.intersect1d(expected, others))
    assert not elsewhere.same_test_items()


def test_a_frozen_side_has_neighbours_but_no_ranks(project):
    spaces = two(project, "frozen:good", "good")
    assert spaces.changes() is None
    assert spaces.names[0] == SpaceName("good", frozen=True)
    assert str(spaces.names[0]) == "frozen:good"
    report = drain(evaluate(project, "good"))
    groups = drain(compare_groups(project, spaces))
    every = groups["image→text"].every
    assert every.before == {}
    assert every.after[10].recall == pytest.approx(report["retrieval"]["image→text"]["recall@10"])
    overlap = drain(overlap_of_spaces(*spaces.sides))
    assert set(overlap) == {"image", "text"}
    swapped = two(project, "good", "frozen:good")
    np.testing.assert_array_equal(swapped.tested_ids(), spaces.tested_ids())
    assert drain(compare_groups(project, swapped))["image→text"].every.after == {}
    neither = two(project, "frozen:good", "frozen:poor")
    assert drain(compare_groups(project, neither)) == {}
    assert len(neither.tested_ids()) == 0
    assert all(its.partner_rank == {} for its in neither.figures)


def test_groups_are_those_of_evaluation(project):
    spaces = two(project, "poor", "good")
    groups = drain(compare_groups(project, spaces))
    assert list(groups) == [BOTH_WAYS, "image→text", "text→image"]
    poor, good = (drain(held_out_ranks(project, name)) for name in ("poor", "good"))
    for direction, own in good.items():
        labels = [item.label for item in project.catalogue.items_of(own.ids.tolist())]
        for cutoff in (1, 10):
            expected = recall_by_group(
                own.ranks, labels, own.linked, cutoff, base=poor[direction].ranks
            )
            found = {row.group: row for row in groups[direction].groups}
            assert {each.group: each for each in expected} == {
                name: row.after[cutoff] for name, row in found.items()
            }
            assert all(row.before[cutoff].difference is None for row in found.values())
        for row in groups[direction].groups:
            assert row.small == (row.queries < 10)
            items = project.catalogue.items_of(row.ids.tolist())
            assert {item.label for item in items} == {row.group}
    every = groups[BOTH_WAYS].every
    hits = np.concatenate([own.ranks for own in good.values()]) <= 1
    assert every.after[1].recall == pytest.approx(hits.mean())
    assert every.queries == len(hits)
    assert every.after[1].difference.value == pytest.approx(
        every.after[1].recall - every.before[1].recall
    )


def test_other_test_items_have_no_difference(project):
    groups = drain(compare_groups(project, two(project, "elsewhere", "good")))
    row = groups["image→text"].every
    assert row.before[1].recall >= 0
    assert row.after[1].difference is None
    assert len(row.ids) > row.after[1].queries  # those of either side


def test_what_was_measured_is_not_measured_again(project, monkeypatch):
    import sys

    first = two(project, "poor", "good")
    known = dict(zip(first.names, first.figures, strict=True))

    def never(*_, **__):
        raise AssertionError("measured again")

    module = sys.modules["workbench.stations.spaces.two_spaces"]
    monkeypatch.setattr(module, "measure_items", never)
    monkeypatch.setattr(module, "read_compared_space", never)
    again = two(project, "good", "frozen:poor", known=known)
    assert again.figures[0] is known[SpaceName("good")]
    assert again.figures[1] is known[SpaceName("poor")]
    assert again.changes() is None


def test_a_stop_leaves_it_incomplete(project):
    control = Control()
    control.stop()
    assert not two(project, "poor", "good", control=control).complete
    spaces = two(project, "poor", "good")
    assert spaces.complete
    assert drain(compare_groups(project, spaces, control=control)) == {}


def test_bad_wishes_are_sentences(project):
    with pytest.raises(WorkbenchError, match="Both sides are"):
        two(project, "good", "good")
    with pytest.raises(WorkbenchError, match="no run “other”"):
        two(project, "good", "other")
    with pytest.raises(WorkbenchError, match="no column “smell”"):
        drain(compare_groups(project, two(project, "poor", "good"), "smell"))


def test_a_run_that_cannot_be_measured_is_still_compared(tmp_path):
    none = SplitSettings(test=0.0)
    made = encode_all(make_project(tmp_path, 20))
    for name, pairs in (("p", None), ("q", 5)):
        drain(align(made, AlignRequest(method="procrustes", name=name, split=none, pairs=pairs)))
    spaces = two(made, "q", "p")
    assert "No pairs are held out" in spaces.wrong
    assert len(spaces.changes().ids) == 40
    assert len(spaces.tested_ids()) == 0
    assert drain(compare_groups(made, spaces)) == {}


def test_items_that_came_later_and_a_view_without_pairs(tmp_path):
    made = encode_all(make_project(tmp_path, 20, modalities=("image", "text", "speech")))
    for name, pairs in (("p", None), ("q", 5)):
        drain(align(made, AlignRequest(method="procrustes", name=name, pairs=pairs)))
    write_item(tmp_path / "image" / "kind-0", "image", 300)
    drain(scan(made))
    drain(encode(made, EncodeRequest("image", "fake/image")))
    spaces = two(made, "q", "p")
    assert "have changed since the run" in spaces.wrong
    assert ("speech", "text") not in spaces.directions()  # nothing pairs them
    changes = spaces.changes(("speech", "image"))
    assert len(changes.ids) == 20
    assert len(spaces.changes(("speech", "text")).ids) == 0


def test_groups_by_file_name_are_those_looked_at_one_by_one(project):
    spaces = two(project, "poor", "good")
    groups = drain(compare_groups(project, spaces, "key"))
    poor, good = (drain(held_out_ranks(project, name)) for name in ("poor", "good"))
    for direction, own in good.items():
        keys = np.array([item.key for item in project.catalogue.items_of(own.ids.tolist())])
        found = groups[direction].groups
        assert sorted(row.group for row in found) == sorted(set(keys.tolist()))
        assert [row.queries for row in found] == sorted((r.queries for r in found), reverse=True)
        for row in found:
            mine = keys == row.group
            assert row.ids.tolist() == sorted(set(own.ids[mine].tolist()))
            assert row.queries == mine.sum()
            for k in (1, 10):
                hits, before = own.ranks[mine] <= k, poor[direction].ranks[mine] <= k
                assert row.after[k].recall == pytest.approx(hits.mean())
                assert row.before[k].recall == pytest.approx(before.mean())
                assert row.after[k].difference.value == pytest.approx(hits.mean() - before.mean())


def test_a_stop_between_groups_leaves_the_direction_out(project, monkeypatch):
    import sys

    module = sys.modules["workbench.stations.spaces.label_groups"]
    spaces, control, calls = two(project, "poor", "good"), Control(), []

    def measure(*given, control, **options):
        calls.append(given)
        if len(calls) == 10:  # of the last direction
            control.stop()
        return recall_by_group(*given, control=control, **options)

    monkeypatch.setattr(module, "recall_by_group", measure)
    job = compare_groups(project, spaces, "key", control, cutoffs=(1,))
    assert list(drain(job)) == [BOTH_WAYS, "image→text"]


def test_groups_have_names_in_any_script(tmp_path):
    made = encode_all(make_project(tmp_path, 80))
    names = ["قطط", "猫", "🐈 👩‍👩‍👧", "x" * 10_000]
    changed = [
        Found(**{name: getattr(item, name) for name in Found.__dataclass_fields__}
              | {"label": names[item.id % 4]})
        for item in made.catalogue.items()
    ]  # fmt: skip
    made.catalogue.take(changed)
    for name, pairs in (("p", None), ("q", 5)):
        drain(align(made, AlignRequest(method="procrustes", name=name, pairs=pairs)))
    spaces = two(made, "q", "p")
    groups = drain(compare_groups(made, spaces))[BOTH_WAYS].groups
    tested = made.catalogue.items_of(spaces.tested_ids().tolist())
    assert {row.group for row in groups} == {item.label for item in tested} == set(names)
    empty = drain(compare_groups(made, spaces, "language"))[BOTH_WAYS].groups
    assert [row.group for row in empty] == [""]
