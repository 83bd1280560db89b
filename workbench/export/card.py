"""README.md of an exported folder: a model card as the hub reads it, made of what is known."""

import re
from collections.abc import Mapping
from typing import Any

from workbench import words
from workbench.export import vectors
from workbench.export.contents import Contents
from workbench.media import MODALITIES

_REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)
_FIGURES = ("recall@1", "recall@5", "recall@10", "median_rank")


def readme(contents: Contents, parts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the card.

    Parameters
    ----------
    contents : Contents
    parts : mapping of part to dict
        What was written, as ``config.json`` has it.
    """
    blocks = [
        _front_matter(contents, parts),
        _what(contents),
        _encoders(contents),
        _files(parts),
        *(_USES[name](contents, parts[name]) for name in _USES if name in parts),
        _data(contents),
        _recipe(contents),
        _figures(contents),
        _limits(contents, parts),
        _cite(contents),
    ]
    return "\n".join(block.strip() + "\n" for block in blocks if block.strip())


def _front_matter(contents: Contents, parts: Mapping[str, Any]) -> str:
    """Return what the hub reads; of licences it says nothing, since nobody has chosen one."""
    models = "sentence-transformers" in parts and parts["sentence-transformers"]["views"]
    tags = ["gera-workbench", "embeddings", "multimodal", "alignment", "feature-extraction"]
    lines = ["pipeline_tag: feature-extraction", "tags:", *(f"- {tag}" for tag in tags)]
    if models:
        lines.insert(0, "library_name: sentence-transformers")
    sources = [str(card.get("source", "")) for card in contents.encoders.values()]
    named = {s.removeprefix("hub ") for s in sources if s.startswith("hub ")}
    base = sorted(name for name in named if _REPOSITORY.fullmatch(name))  # no word of YAML's
    if base:
        lines += ["base_model:", *(f"- {name}" for name in base)]
    return "\n".join(["---", *lines, "---"])


def _what(contents: Contents) -> str:
    views = words.listed(list(contents.space.views))
    return f"""
# Aligned heads: {contents.name}

One head for each of {views}. A head maps the embeddings of one frozen encoder into a joint space
of {contents.width} numbers, in which the dot product of two rows is their similarity: a sentence
finds a picture. Made with GeRA Workbench {_of(contents, "recipe").get("workbench", "")}.

`python example.py` shows how it is used.
"""


def _encoders(contents: Contents) -> str:
    rows = "\n".join(
        f"| {view} | {_cell(card, 'name')} | {_cell(card, 'source')} | {_cell(card, 'revision')} | "
        f"{contents.space.width(view)} | {_cell(card, 'licence')} |"
        for view, card in contents.encoders.items()
    )
    return f"""
## Encoders

| view | encoder | source | revision | width | licence of its weights, as known |
|---|---|---|---|---|---|
{rows}

The heads are for these encoders in these revisions, and for no others.
"""


def _cell(card: Mapping[str, Any], name: str) -> str:
    """Return what a card says in a line, without what would end a cell of a table."""
    return " ".join(str(card.get(name, "")).split()).replace("|", "\\|")


def _files(parts: Mapping[str, Any]) -> str:
    rows = "\n".join(
        f"| `{name}/` | {_ABOUT[name]} | {words.size(_bytes(part))} |"
        for name, part in parts.items()
        if name in _ABOUT
    )
    return f"""
## Files

| file | what | size |
|---|---|---|
| `heads.safetensors` | the heads: plain arrays, no code | |
| `config.json` | encoders, recipe, figures, files with their digests | |
| `load_heads.py` | a loader that needs numpy and safetensors | |
| `example.py` | how it is used | |
{rows}
"""


_ABOUT = {
    "vectors": "all items in the joint space",
    "index": "a faiss index of each view",
    "sentence-transformers": "encoders with their heads",
    "onnx": "heads, and encoders with their heads",
}


def _bytes(part: Mapping[str, Any]) -> int:
    return sum(int(file["bytes"]) for file in part.get("files", {}).values())


# --- how each part is used -----------------------------------------------------------------------


def _use_models(contents: Contents, part: Mapping[str, Any]) -> str:
    views = part["views"]
    if not views:
        return _refused("Encoders with heads (sentence-transformers)", part)
    view = "text" if "text" in views else next(iter(views))
    trusted = ", trust_remote_code=True" if views[view]["trust_remote_code"] else ""
    why = (
        "\n`trust_remote_code` lets the head run, which is a module of its own: `aligned_head.py` "
        "in the model's folder.\n"
        if trusted
        else "\nThe heads are made of the library's own modules.\n"
    )
    compared = _compared({name: each["largest_difference"] for name, each in views.items()})
    return f"""
## Encoders with heads (sentence-transformers)

```python
from sentence_transformers import SentenceTransformer

model = SentenceTransformer("sentence-transformers/{view}"{trusted})
rows = model.encode([...])  # unit rows of the joint space
```
{why}
Compared with the program's own rows when it was written: {compared}.
{_refusals(part)}"""


def _use_onnx(contents: Contents, part: Mapping[str, Any]) -> str:
    view = next(iter(part["heads"]))
    with_encoders = {name: each["largest_difference"] for name, each in part["encoders"].items()}
    beside = (
        f"""
`onnx/VIEW/model.onnx` has encoder and head in one; `preprocessing.json` beside it, and of texts the
tokenizer's files, say how it is fed. By onnxruntime against torch: {_compared(with_encoders)}.
"""
        if with_encoders
        else ""
    )
    given = contents.space.width(view)
    return f"""
## ONNX

```python
import onnxruntime

head = onnxruntime.InferenceSession("onnx/{view}.onnx")
(rows,) = head.run(["rows"], {{"embeddings": embeddings}})  # float32, (n, {given})
```

Opset {part["opset"]}; {part["dynamic"]}. Heads by onnxruntime against numpy:
{_compared(part["heads"])}.
{beside}{_refusals(part)}"""


def _use_vectors(contents: Contents, part: Mapping[str, Any]) -> str:
    table, rows = f"vectors/{vectors.TABLE_FILE}", f"vectors/{vectors.ROWS_FILE}"
    return f"""
## Vectors

`{table}` has the columns {", ".join(part["columns"])}; `{rows}` has the
same rows as one array, `vectors/{vectors.IDS_FILE}` their ids. `path` is where the file lay when it
was exported.

```sh
# Embedding Atlas (pip install embedding-atlas)
embedding-atlas {table} --vector vector --text text
```
```python
# Latent Scope (pip install latentscope)
import latentscope, numpy, pandas

table = pandas.read_parquet("{table}").drop(columns="vector")
table["shown"] = table["text"].fillna(table["path"])
latentscope.init("latent-scope-data")
latentscope.ingest("items", table, text_column="shown")
latentscope.import_embeddings("items", numpy.load("{rows}"), text_column="shown")
latentscope.serve()
```
```python
# FiftyOne (pip install fiftyone), of pictures
import fiftyone, fiftyone.brain, numpy, pandas

table = pandas.read_parquet("{table}")
pictures = table[table["modality"] == "image"]
dataset = fiftyone.Dataset()
dataset.add_samples([fiftyone.Sample(filepath=path) for path in pictures["path"]])
rows = numpy.stack(pictures["vector"].to_list())
fiftyone.brain.compute_visualization(dataset, embeddings=rows, brain_key="joint")
fiftyone.launch_app(dataset).wait()
```
"""


def _use_index(contents: Contents, part: Mapping[str, Any]) -> str:
    view = next(iter(part["views"]))
    return f"""
## Search index

```python
import faiss

index = faiss.read_index("index/{part["views"][view]}")
scores, ids = index.search(rows, 10)  # unit rows of any view; ids as in the vectors
```
"""


_USES = {
    "sentence-transformers": _use_models,
    "onnx": _use_onnx,
    "vectors": _use_vectors,
    "index": _use_index,
}


def _compared(differences: Mapping[str, float]) -> str:
    told = [f"{view} {value:.1e}" for view, value in differences.items()]
    return f"largest difference of a number {', '.join(told)}"


def _refused(title: str, part: Mapping[str, Any]) -> str:
    return f"\n## {title}\n{_refusals(part)}"


def _refusals(part: Mapping[str, Any]) -> str:
    lines = [f"- {view}: {why}" for view, why in part.get("refused", {}).items()]
    return "\nWhat could not be had:\n\n" + "\n".join(lines) + "\n" if lines else ""


# --- what it was made of, and what it is worth ---------------------------------------------------


def _data(contents: Contents) -> str:
    items = [f"{contents.counts[view]:,} {view} items" for view in MODALITIES
             if view in contents.counts]  # fmt: skip
    pairs = [f"{count:,} for {name}" for name, count in contents.pairs().items()]
    said = f"{words.listed(items).capitalize()}." if items else ""
    told = f" Pairs: {words.listed(pairs)}." if pairs else ""
    return f"## Data\n\n{said}{told}" if said or told else ""


def _recipe(contents: Contents) -> str:
    recipe = _of(contents, "recipe")
    if not recipe.get("method"):
        return ""
    lines = [f"- method: {recipe['method']}, seed {recipe.get('seed', 0)}"]
    if recipe.get("settings"):
        told = ", ".join(f"{name} {value}" for name, value in recipe["settings"].items())
        lines.append(f"- settings: {told}")
    if recipe.get("kept"):
        lines.append(f"- heads kept: {recipe['kept']['why']}")
    if recipe.get("started_from"):
        lines.append(f"- trained on from the heads of the run {recipe['started_from']['run']}")
    own = recipe.get("words") or {}
    if own.get("share"):
        lines.append(
            f"- the {own['view']} encoder's own words count for {own['share']:.0%} of a similarity"
        )
    return "## Recipe\n\n" + "\n".join(lines) + "\n\n`config.json` has all of it."


def _figures(contents: Contents) -> str:
    report = _of(contents, "report")
    rows = [
        f"| {direction} | "
        + " | ".join(_figure(figures, name) for name in _FIGURES)
        + f" | {figures.get('queries', '')} of {figures.get('candidates', '')} |"
        for direction, figures in report.get("retrieval", {}).items()
    ]
    if not rows:
        return "## Figures\n\nThis run was not measured before it was exported."
    kept = ", ".join(
        f"{view} {share:.0%}" for view, share in report.get("preservation", {}).items() if share
    )
    neighbours = (
        f"\nOf each item's {report.get('preservation_neighbours', 10)} nearest neighbours among "
        f"these these stay: {kept}.\n"
        if kept
        else ""
    )
    return f"""
## Figures

On pairs that were held out from training and from choosing: the last column says how many
questions were asked, among how many candidates. In brackets 95 % intervals by a bootstrap over the
items asked, then what chance would give.

| direction | R@1 | R@5 | R@10 | median rank | questions |
|---|---|---|---|---|---|
{chr(10).join(rows)}
{neighbours}"""


def _figure(figures: Mapping[str, Any], name: str) -> str:
    value = figures.get(name)
    if value is None:
        return ""

    def say(each: float) -> str:
        return f"{each:g}" if name == "median_rank" else f"{each:.1%}"

    said = say(value)
    low_high = figures.get("interval", {}).get(name)
    if low_high and None not in low_high:
        said += f" ({say(low_high[0])} – {say(low_high[1])})"
    chance = figures.get("chance", {}).get(name)
    return said if chance is None else f"{said}, chance {say(chance)}"


def _limits(contents: Contents, parts: Mapping[str, Any]) -> str:
    lines = [
        "- The figures are of the data above. On other data the heads may find less.",
        "- The encoders bring their own limits and biases; see their sources.",
    ]
    recipe = _of(contents, "recipe")
    if recipe.get("state") == "stopped":
        lines.append("- The training was stopped before its end.")
    if (recipe.get("started_from") or {}).get("other_pairs"):
        lines.append(
            "- The heads that it was trained on from may have seen pairs that the figures are of."
        )
    if "vectors" in parts:
        lines.append(
            "- The vectors come with paths, texts and labels of the items. Look at them before you "
            "publish the folder."
        )
    lines.append(
        "- No licence is claimed for the heads: whoever publishes them chooses one, with regard to "
        "the licences of the encoders and of the data."
    )
    return "## Limits\n\n" + "\n".join(lines)


def _cite(contents: Contents) -> str:
    return """
## How to cite

GeRA: Label-Efficient Geometrically Regularized Alignment, arXiv 2310.00672; for other methods, the
source that `gera-workbench methods` names. And the encoders by their sources.
"""


def _of(contents: Contents, name: str) -> dict[str, Any]:
    found = contents.facts.get(name) or {}
    return dict(found)
