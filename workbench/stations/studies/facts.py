"""What a project has for studies, without reading embeddings."""

from dataclasses import dataclass, field

from workbench.errors import WorkbenchError
from workbench.media import MODALITIES, Modality
from workbench.project import Project
from workbench.stations.collecting.division import division
from workbench.stations.encoding.caches import list_caches


@dataclass(frozen=True)
class ProjectFacts:
    """What ready-made studies are made of.

    Attributes
    ----------
    chosen : dict of modality to encoder name
        The project's encoders of modalities that take part in pairs and are encoded.
    encoders : dict of modality to list of encoder name
        All that have encoded every item of these, the project's first.
    pairs : dict of relation to int
        Pairs between these modalities.
    labels : int
        How many pairs of each relation are not held out for the test.
    items : dict of modality to int
        Present items of the modalities that take part.
    missing : str
        Why nothing can be studied, in a sentence; else empty.
    """

    chosen: dict[Modality, str] = field(default_factory=dict)
    encoders: dict[Modality, list[str]] = field(default_factory=dict)
    pairs: dict[tuple[Modality, Modality], int] = field(default_factory=dict)
    labels: int = 0
    items: dict[Modality, int] = field(default_factory=dict)
    missing: str = ""

    def unpaired(self, labels: int) -> int:
        """Return about how many unpaired items the richest view has beside so many labels.

        Of the pairs that are left over each gives an item of one of its views.
        """
        spare = max(0, self.labels - labels) // 2
        paired = max(self.pairs.values(), default=0)
        return spare + max((count - paired for count in self.items.values()), default=0)


def project_facts(project: Project) -> ProjectFacts:
    """Return what a project has for studies."""
    try:
        encoded = _encoded(project)
        chosen = {
            view: name
            for view, name in project.settings.encoders.items()
            if name in encoded.get(view, ())
        }
        counts = project.catalogue.counts()
        pairs = {r: n for r, n in project.catalogue.pair_counts().items() if {*r} <= {*chosen}}
    except WorkbenchError as error:
        return ProjectFacts(missing=str(error))
    if not pairs:
        return ProjectFacts(
            missing="there are no pairs of encoded items yet. Find pairs on the Data page, and "
            "encode them on the Encode page."
        )
    views = [view for view in MODALITIES if any(view in relation for relation in pairs)]
    split = project.settings.split
    whole = split.model_copy(update={"labels": None, "budget": None, "validation": 0.0})
    labels = min(each.training for each in division(project, whole) if each.relation in pairs)
    facts = ProjectFacts(
        {view: chosen[view] for view in views},
        {view: _first(chosen[view], encoded[view]) for view in views},
        pairs, labels, {view: count for view, count in counts.items() if view in views},
    )  # fmt: skip
    if not split.test:
        return ProjectFacts(
            missing="no pairs are held out for the test, by which all is measured. Raise the test "
            "share on the Data page."
        )
    if labels < 4:
        return ProjectFacts(
            missing=f"only {labels} pairs are left to learn from. Add pairs on the Data page."
        )
    return facts


def _encoded(project: Project) -> dict[Modality, list[str]]:
    found: dict[Modality, list[str]] = {}
    for cache in list_caches(project)[0]:
        if cache.complete and cache.encoded:
            found.setdefault(cache.modality, []).append(cache.encoder)
    return found


def _first(name: str, names: list[str]) -> list[str]:
    return [name, *(each for each in names if each != name)]
