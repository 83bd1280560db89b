"""What a project holds, gathered in a thread and shown on the Data page."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtGui import QImage

from workbench.errors import WorkbenchError
from workbench.gui.collecting.preview.left_out import (
    LeftOut,
    left_out_of_encoders,
    left_out_of_scan,
)
from workbench.gui.collecting.source_files import kind_in_words
from workbench.item_ids import as_set, union
from workbench.jobs import Control, Event, Job
from workbench.media import MODALITIES, Modality, thumbnail, waveform
from workbench.project import Found, Project, ProjectSettings, Relation, relation_of

if TYPE_CHECKING:
    from workbench.project import Item
    from workbench.stations import ItemSources, RelationFindings

_PREVIEWS, EXAMPLES = 24, 6
_MOST_ALONE = 10_000  # that are listed; more would only fill the memory
_WAVE_BINS = 48

Key = tuple[str, str]
"""What names an item before it has an id: its modality and its path."""


@dataclass(frozen=True)
class SourceFacts:
    """What is known of one source.

    Attributes
    ----------
    items, left_out : int
    kind : str
        In words, see `kind_in_words`.
    refused : str
        A sentence that says why it cannot be read at all.
    previews : list of Found
        A few of its items.
    """

    items: int = 0
    left_out: int = 0
    kind: str = ""
    refused: str = ""
    previews: list[Found] = field(default_factory=list)


@dataclass(frozen=True)
class PairLine:
    """What a pairing rule gives, in words.

    Attributes
    ----------
    sentence, role : str
    odd : str
        What the user should look at besides.
    keys : str
        The first keys without a partner.
    """

    sentence: str
    role: str = "caption"
    odd: str = ""
    keys: str = ""


@dataclass(frozen=True)
class Overview:
    """Counts of a project, and a few of its items.

    Attributes
    ----------
    items, unpaired : dict of modality to int
    pairs : dict of relation to int
    lines : dict of relation to PairLine
        Of each two modalities that have a rule.
    sources : list of SourceFacts
        In the order of the settings.
    left_out : list of LeftOut
    scanned : bool
        Whether the catalogue holds this; otherwise it is what a scan would give.
    alone : dict of modality to list of Found
        The first items in no pair, where the catalogue holds them.
    examples : list of (Found, Found)
        Some pairs.
    """

    items: dict[Modality, int] = field(default_factory=dict)
    unpaired: dict[Modality, int] = field(default_factory=dict)
    pairs: dict[Relation, int] = field(default_factory=dict)
    lines: dict[Relation, PairLine] = field(default_factory=dict)
    sources: list[SourceFacts] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    scanned: bool = True
    alone: dict[Modality, list[Found]] = field(default_factory=dict)
    examples: list[tuple[Found, Found]] = field(default_factory=list)


@dataclass(frozen=True)
class OverviewMade(Event):
    """The counts, before the slower previews."""

    overview: Overview


@dataclass(frozen=True)
class PreviewMade(Event):
    """A small picture of an item: a `QImage` or, of a recording, its outline."""

    item: Key
    content: Any


def look_over(project: Project, control: Control) -> Job[None]:
    """Count what the catalogue holds, then make previews of a few items."""
    from workbench.stations import ItemSources

    settings, items = project.settings, project.catalogue.items()
    counts = count_by_modality(items)
    pairs = project.catalogue.pairs()
    paired: dict[Modality, Any] = {}
    for relation, ids in pairs.items():
        for side, modality in enumerate(relation):
            known = paired.get(modality, np.zeros(0, dtype=np.int64))
            paired[modality] = union(known, as_set(ids[:, side]))
    sources = ItemSources(project.root, settings.sources)
    left_out = [
        *left_out_of_scan(project.catalogue.left_out(), sources),
        *left_out_of_encoders(project, sources),
    ]
    overview = Overview(
        counts,
        {modality: count - len(paired.get(modality, ())) for modality, count in counts.items()},
        {relation: len(ids) for relation, ids in pairs.items()},
        {
            relation: line_of(findings_of(relation, pairs.get(relation), counts, items, settings))
            for relation in ruled_relations(settings)
        },
        facts_of_sources(project, settings, sources, items, left_out, {}),
        left_out,
        alone=_alone(items, {modality: set(ids.tolist()) for modality, ids in paired.items()}),
        examples=_examples(items, pairs),
    )
    yield OverviewMade(overview)
    yield from previews_of(overview, (), control)


def in_order(relation: tuple[str, str]) -> tuple[int, int]:
    """Return what relations are sorted by: images first, recordings last."""
    names: tuple[str, ...] = MODALITIES
    return names.index(relation[0]), names.index(relation[1])


def count_by_modality(items: Iterable[Found]) -> dict[Modality, int]:
    """Count items; modalities without any are left out."""
    counts = dict.fromkeys(MODALITIES, 0)
    for item in items:
        counts[item.modality] += 1
    return {modality: count for modality, count in counts.items() if count}


def ruled_relations(settings: ProjectSettings) -> list[Relation]:
    """Return every two modalities that the project has, and has a pairing rule for."""
    present = {source.modality for source in settings.sources}
    ruled = {relation_of(*rule.between) for rule in settings.pairings}
    pairs = combinations([each for each in MODALITIES if each in present], 2)
    return [relation for relation in pairs if relation in ruled]


def _examples(items: Sequence["Item"], pairs: Mapping[Relation, Any]) -> list[tuple[Found, Found]]:
    """Return pairs at equal steps, of the first two modalities that have any."""
    relation = min((each for each in pairs if len(pairs[each])), key=in_order, default=None)
    if relation is None:
        return []
    ids = pairs[relation]
    chosen = ids[np.unique(np.linspace(0, len(ids) - 1, EXAMPLES).astype(int))]
    wanted = set(chosen.ravel().tolist())
    by_id = {item.id: item for item in items if item.id in wanted}
    return [(by_id[a], by_id[b]) for a, b in chosen.tolist() if a in by_id and b in by_id]


def _alone(
    items: Sequence["Item"], paired: dict[Modality, set[int]]
) -> dict[Modality, list[Found]]:
    """Return the first items of each modality that are in no pair."""
    found: dict[Modality, list[Found]] = {}
    for item in items:
        if item.id not in paired.get(item.modality, ()):
            listed = found.setdefault(item.modality, [])
            if len(listed) < _MOST_ALONE:
                listed.append(item)
    return found


def line_of(findings: "RelationFindings") -> PairLine:
    """Say what a rule has given."""
    role = "caption" if findings.pairs else "warning"
    return PairLine(findings.sentence(), role, keys=findings.keys_in_words())


def findings_of(
    relation: Relation,
    pairs: Any,
    counts: dict[Modality, int],
    items: Sequence["Item"],
    settings: ProjectSettings,
) -> "RelationFindings":
    """Say of pairs in the catalogue what pairing said of them.

    Parameters
    ----------
    relation : (modality, modality)
    pairs : ndarray, shape (p, 2), or None
        Item ids.
    counts : dict of modality to int
    items : sequence of Item
    settings : ProjectSettings
        Whose rules say whether keys pair the two.
    """
    from workbench.stations import RelationFindings

    ids = np.zeros((0, 2), np.int64) if pairs is None else pairs
    partners = [np.unique(ids[:, side], return_counts=True) for side in (0, 1)]
    first, second = (
        counts.get(modality, 0) - len(found)
        for modality, (found, _) in zip(relation, partners, strict=True)
    )
    several = [int(np.sum(times > 1)) for _, times in partners]
    lone: list[tuple[str, ...]] = [(), ()]
    rules = [rule for rule in settings.pairings if relation_of(*rule.between) == relation]
    if any(rule.kind == "key" for rule in rules):
        lone = [
            _lone_keys(items, modality, set(found.tolist()))
            for modality, (found, _) in zip(relation, partners, strict=True)
        ]
    return RelationFindings(
        relation, len(ids), (first, second), (several[0], several[1]), (lone[0], lone[1])
    )


def _lone_keys(items: Sequence["Item"], modality: Modality, paired: set[int]) -> tuple[str, ...]:
    """Return the keys of the first items of a modality that have no partner."""
    from workbench.stations.collecting.pairing import MOST_KEYS

    alone = (item.key for item in items if item.modality == modality and item.id not in paired)
    return tuple(islice(alone, MOST_KEYS))


def facts_of_sources(
    project: Project,
    settings: ProjectSettings,
    sources: "ItemSources",
    items: Sequence[Found],
    left_out: Sequence[LeftOut],
    refused: dict[int, str],
) -> list[SourceFacts]:
    """Share out items and what was left out among the sources."""
    held: list[list[Found]] = [[] for _ in settings.sources]
    for item in items:
        number = sources.of_item(item)
        if number is not None:
            held[number].append(item)
    missed = [0] * len(held)
    for each in left_out:
        if each.source is not None:
            missed[each.source] += 1
    facts = []
    for number, (source, own) in enumerate(zip(settings.sources, held, strict=True)):
        place, kind = project.source_folder(source), ""
        reason = refused.get(number, "")
        if not place.exists():
            what = "file" if place.suffix else "folder"
            reason = f"This {what} no longer exists"
        elif not reason:
            try:
                kind = kind_in_words(source, place)
            except WorkbenchError as error:
                reason = str(error)
        facts.append(SourceFacts(len(own), missed[number], kind, reason, _spread(own, _PREVIEWS)))
    return facts


def previews_of(overview: Overview, have: Collection[Key], control: Control) -> Job[None]:
    """Make small pictures of what is shown of an overview, its pairs first."""
    first = SourceFacts(previews=[item for pair in overview.examples for item in pair])
    yield from _small_previews([first, *overview.sources], have, control)


def _small_previews(
    sources: Sequence[SourceFacts], have: Collection[Key], control: Control
) -> Job[None]:
    """Make small pictures of the sources' chosen items, of each source in turn."""
    in_turn = chain.from_iterable(zip_longest(*(facts.previews for facts in sources)))
    for item in in_turn:
        if control.stopping:
            return
        if item is None or (item.modality, item.path) in have:
            continue
        try:
            if item.modality == "image":
                content: Any = picture(Path(item.path), 192)
            elif item.modality == "speech":
                content = waveform(Path(item.path), _WAVE_BINS, 10.0)
            else:
                continue  # a text is shown as it is
        except WorkbenchError:
            continue  # an unreadable item keeps its empty tile; encoding will name the reason
        yield PreviewMade((item.modality, item.path), content)


def picture(path: Path, size: int) -> QImage:
    """Return a thumbnail that Qt can paint."""
    small = thumbnail(path, size).convert("RGB")
    width, height = small.size
    image = QImage(small.tobytes(), width, height, 3 * width, QImage.Format.Format_RGB888)
    return image.copy()  # the bytes above do not live longer than this function


def _spread(items: Sequence[Found], count: int) -> list[Found]:
    """Take items at equal steps, so that a preview shows more than the first folder."""
    step = max(1.0, len(items) / count)
    return [items[int(number * step)] for number in range(min(count, len(items)))]
