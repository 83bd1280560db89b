"""The report of a study: one HTML file that holds all of it, and needs nothing else to be read."""

import base64
import html
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.received.small import read_bytes
from workbench.stations.studies.cell_words import cell_in_words
from workbench.stations.studies.figures import drawn_figures, figure_bytes
from workbench.stations.studies.findings import findings
from workbench.stations.studies.lines import Lines, figure_title
from workbench.stations.studies.study_folder import Study
from workbench.stations.studies.summary import StudySummary, mean_in_words, read_study
from workbench.whole_files import write_whole

_MOST_TABLE = 64 << 20
_MOST_FAILED = 200  # told one by one; the table has all
# nothing is fetched and nothing runs, whatever a name in a received study says
_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; color: #1c1c1c; background: #fff; margin: 2rem auto;
 max-width: 60rem; padding: 0 1rem; }}
h1 {{ font-size: 1.6rem; margin-bottom: 0; }} h2 {{ font-size: 1.15rem; margin-top: 2rem; }}
table {{ border-collapse: collapse; font-size: .85rem; margin: .5rem 0 1rem; }}
th, td {{ padding: .2rem .7rem; border-bottom: 1px solid #ddd; text-align: right; }}
th:first-child, td:first-child {{ text-align: left; }} img {{ max-width: 100%; }}
div {{ overflow-x: auto; }} pre {{ background: #f5f5f5; padding: .8rem; overflow: auto; }}
.quiet {{ color: #555; }}
</style></head><body>
"""


def write_report(study: Study, path: Path | None = None, target: float | None = None) -> Path:
    """Write the report of a study, and return where.

    Parameters
    ----------
    study : Study
    path : Path, optional
        By default ``report.html`` in the study's folder.
    target : float, optional
        The R@10 that is wished for, in per cent.

    Raises
    ------
    WorkbenchError
        The study is damaged, or the file cannot be written.
    """
    if path is None:
        study.refuse_link()
        path = study.folder / "report.html"
    text = report_of(read_study(study), target)
    try:
        write_whole(path, text.encode())
    except OSError as error:
        raise WorkbenchError(
            f"The report {path} cannot be written: {error.strerror}. Choose another place."
        ) from None
    return path


def report_of(summary: StudySummary, target: float | None = None) -> str:
    """Return the report as HTML."""
    parts = [_HEAD.format(title=_safe(summary.title)), *_about(summary)]
    lines = summary.lines()
    parts += _section("What it says", _sentences(findings(lines, target)))
    parts += _section("Figures", _figures(summary, lines))
    parts += _section("Means and standard deviations over seeds", _means(lines))
    parts += _section("How it was measured", _recipe(summary))
    failed = summary.failed()
    if failed:
        words = [f"{cell_in_words(cell)}: {why}" for cell, why in failed[:_MOST_FAILED]]
        parts += _section("Cells that failed", _sentences(words))
    return "".join([*parts, "</body></html>\n"])


def _safe(text: object) -> str:
    return html.escape(str(text))


def _section(title: str, parts: Iterable[str]) -> list[str]:
    return [f"<h2>{_safe(title)}</h2>\n", *parts]


def _about(summary: StudySummary) -> Iterator[str]:
    yield f"<h1>{_safe(summary.title)}</h1>\n"
    yield f"<p>{_safe(summary.recipe.design.question)}</p>\n"
    yield f'<p class="quiet">{_safe(summary.how_far())}</p>\n'


def _sentences(sentences: Sequence[str]) -> Iterator[str]:
    if not sentences:
        yield '<p class="quiet">Nothing yet: too little is finished to compare.</p>\n'
        return
    yield "<ul>\n"
    for sentence in sentences:
        yield f"<li>{_safe(sentence)}</li>\n"
    yield "</ul>\n"


def _figures(summary: StudySummary, lines: Lines) -> Iterator[str]:
    for figure in drawn_figures(lines):
        content = base64.b64encode(figure_bytes(summary, figure)).decode()
        words = _safe(f"{figure_title(figure)} over {lines.title}")
        yield f'<p><img alt="{words}" src="data:image/svg+xml;base64,{content}"></p>\n'


def _means(lines: Lines) -> Iterator[str]:
    for figure in lines.figures():
        known = [line.means(figure) for line in lines.lines]
        digits = 3 if figure in ("seconds", "wall") else 1
        rows = [
            [point.words, *(mean_in_words(each, place, digits) for each in known)]
            for place, point in enumerate(lines.points)
        ]
        yield f"<h3>{_safe(figure_title(figure))}</h3>\n"
        yield from _table([lines.title, *(line.name for line in lines.lines)], rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    yield "<div><table><tr>" + "".join(f"<th>{_safe(each)}</th>" for each in heads) + "</tr>\n"
    for row in rows:
        yield "<tr>" + "".join(f"<td>{_safe(each)}</td>" for each in row) + "</tr>\n"
    yield "</table></div>\n"


def _recipe(summary: StudySummary) -> Iterator[str]:
    recipe = summary.recipe
    share = f"{recipe.split.test:.0%}"
    yield (
        f"<p>Every seed draws another split of the pairs and begins the training anew. {share} of "
        "the pairs are held out and never trained on; all figures are of these, the mean of both "
        "directions and of all views. Fewer labels are among those of more. Labels are counted in "
        "all, those for validation among them. Intervals are Student's over seeds, which share the "
        "project's items: they tell of other splits, not of other data.</p>\n"
    )
    seeds = ", ".join(map(str, recipe.design.seeds))
    yield from _table(
        ["", ""],
        [
            ("Study", summary.study.name), ("Made", recipe.created), ("Seeds", seeds),
            ("Device", recipe.device), *((f"Data of {e}", mark) for e, mark in recipe.data.items()),
        ],
    )  # fmt: skip
    packages = list(dict.fromkeys(name for each in recipe.sittings for name in each.versions))
    yield from _table(
        ["Worked at", "machine", "processes", *packages],
        [
            (s.begun, s.machine, s.workers, *(s.versions.get(name, "") for name in packages))
            for s in recipe.sittings
        ],
    )
    written = _safe(recipe.model_dump_json(indent=2))
    yield f"<details><summary>The whole recipe</summary><pre>{written}</pre></details>\n"
    table = read_bytes(summary.study.table_path, "The table", _MOST_TABLE)
    content = base64.b64encode(table).decode()
    yield (
        f'<p><a download="{_safe(summary.study.name)}.csv" href="data:text/csv;base64,{content}">'
        "The table of all cells (CSV)</a></p>\n"
    )
