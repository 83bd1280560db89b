"""Commands from items to embeddings: encoders, fetch, encode, caches."""

from dataclasses import asdict
from typing import Annotated, Any, cast

import typer
from rich.table import Column, Table

from workbench import jobs, stations, words
from workbench.cli.following import (
    AsJson,
    Cluster,
    Device,
    ProjectFolder,
    follow,
    modality_named,
    out,
    print_json,
    say,
    tell,
)
from workbench.cluster import check_address, in_cluster_process
from workbench.encoders import (
    describe_device,
    describe_encoders,
    pick_device,
    plugin_problems,
)
from workbench.errors import WorkbenchError
from workbench.project import Project

app = typer.Typer()


@app.command()
def encoders(
    modality: Annotated[str | None, typer.Argument(help="image, text or speech.")] = None,
    search: Annotated[str, typer.Option(help="Only those with these words.")] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Also all encoders of open_clip and timm; takes a while.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the encoders that can be used."""
    found = describe_encoders(
        modality_named(modality) if modality else None, search, everything=everything
    )
    if as_json:
        print_json([asdict(each) for each in found])
        return
    # names are whole, to be copied
    table = Table(Column("name", no_wrap=True, overflow="ignore"), "what it is")
    for each in found:
        size = words.size(each.bytes) if each.bytes else ""
        facts = [
            each.modality,
            each.state_in_words,
            f"{each.width:,} wide" if each.width else "",
            f"{words.large_number(each.parameters)} parameters" if each.parameters else "",
            "" if size in each.state_in_words else size,
            each.licence,
        ]
        about = " · ".join(fact for fact in facts if fact)
        table.add_row(each.name, f"{each.summary}\n{about}".strip())
    out.print(table)
    if not found:
        say(
            "No encoder matches these words. With --all, those of open_clip and timm are "
            "searched too."
        )
    for sentence in plugin_problems():
        tell(sentence, "yellow")


@app.command()
def fetch(
    encoder: Annotated[str, typer.Argument(help="Name of an encoder.", show_default=False)],
    modality: Annotated[str, typer.Argument(help="image, text or speech.", show_default=False)],
) -> None:
    """Download an encoder's weights ahead of time."""
    control = jobs.Control()
    follow(stations.fetch_encoder(encoder, modality_named(modality), control), control)
    say(f"{encoder} is on this machine.")


@app.command()
def encode(
    project: ProjectFolder,
    which: Annotated[
        list[str] | None, typer.Argument(help="MODALITY or MODALITY=ENCODER; all by default.")
    ] = None,
    device: Device = "auto",
    batch_size: Annotated[int, typer.Option(min=1, help="Items at once.")] = 32,
    dtype: Annotated[
        str | None, typer.Option(help="Keep embeddings as float16 or float32.")
    ] = None,
    precision: Annotated[
        str, typer.Option(help="Compute in auto, full or half precision.")
    ] = "auto",
    workers: Annotated[
        int | None,
        typer.Option(min=0, help="Processes that read ahead; with --cluster, encoders loaded."),
    ] = None,
    retry: Annotated[bool, typer.Option(help="Try again the items that failed before.")] = False,
    trust_code: Annotated[
        bool, typer.Option(help="Let a model run program code of its own, as it is now.")
    ] = False,
    cluster: Cluster = None,
    gpus_per_worker: Annotated[
        float | None, typer.Option(min=0, help="On a cluster; 0.5 shares a GPU between two.")
    ] = None,
    files: Annotated[
        str, typer.Option(help="On a cluster: read where they are shared, or sent; auto looks.")
    ] = "auto",
) -> None:
    """Encode items that have no embedding yet; continues where it was stopped."""
    opened = Project.open(project)
    _one_of("dtype", dtype, ("float16", "float32", None))
    _one_of("precision", precision, ("auto", "full", "half"))
    _one_of("files", files, ("auto", "shared", "sent"))
    there = _on_cluster(cluster, workers, gpus_per_worker, files)
    wishes = [wish.partition("=") for wish in which or list(opened.settings.encoders)]
    if not wishes:
        raise WorkbenchError(
            "No encoder is chosen yet. Name one for each modality, such as: gera-workbench encode "
            "PROJECT image=bundled/efficientnet-lite0 text=bundled/minilm-l6. "
            "“gera-workbench encoders” lists them all."
        )
    modalities = [modality_named(modality) for modality, _, _ in wishes]
    if there is None:
        tell(f"Computing on {describe_device(pick_device(device))}")
    for modality, (_, _, name) in zip(modalities, wishes, strict=True):
        control = jobs.Control()
        request = stations.EncodeRequest(
            modality, name or None, device, batch_size, cast("Any", dtype),
            cast("Any", precision), workers, retry, trust_code, there,
        )  # fmt: skip
        job = (
            stations.encode(opened, request, control) if cluster is None
            else in_cluster_process(
                stations.encode, opened, request, address=cluster, control=control
            )
        )  # fmt: skip
        _tell_report(follow(job, control))


def _on_cluster(
    address: str | None, workers: int | None, gpus: float | None, files: str
) -> stations.ClusterRequest | None:
    """Return what is asked of a cluster; None where none is meant."""
    if address is None:
        if gpus is not None or files != "auto":
            raise WorkbenchError(
                "--gpus-per-worker and --files are about a cluster: give --cluster ADDRESS too."
            )
        return None
    check_address(address)
    if workers == 0:
        raise WorkbenchError("A cluster needs a worker: give --workers 1 or more, or none.")
    return stations.ClusterRequest(address, workers, gpus, cast("Any", files))


def _tell_report(report: stations.EncodeReport) -> None:
    parts = [f"{report.encoded:,} encoded in {report.seconds:.0f} s"]
    if report.copied:
        parts.append(f"{report.copied:,} had the content of another")
    parts.append(f"{report.kept:,} were encoded before")
    parts.append(f"{report.failed:,} could not be encoded")
    if report.passed_over:
        parts.append(
            f"{report.passed_over:,} that failed before were skipped (--retry tries them again)"
        )
    say(f"{report.modality}: {', '.join(parts)} ({report.encoder}, width {report.width})")


@app.command()
def caches(
    project: ProjectFolder,
    delete: Annotated[
        list[str] | None, typer.Option(help="MODALITY=ENCODER whose embeddings are deleted.")
    ] = None,
) -> None:
    """List the embeddings of a project, and delete some."""
    opened = Project.open(project)
    for wish in delete or []:
        modality, _, name = wish.partition("=")
        freed = stations.delete_cache(opened, modality_named(modality), name)
        say(f"Deleted the {modality} embeddings of {name}: {words.size(freed)} are free again.")
    states, odd = stations.list_caches(opened)
    table = Table("modality", Column("encoder", overflow="fold"), "encoded", "width", "as", "size",
                  "of")  # fmt: skip
    for each in states:
        table.add_row(
            each.modality, each.encoder, f"{each.encoded:,} of {each.total:,}", str(each.width),
            each.dtype, words.size(each.bytes), f"{each.modified:%Y-%m-%d %H:%M}",
        )  # fmt: skip
    if states:
        out.print(table)
    elif not odd:
        say("The project has no embeddings yet.")
    for path, reason in odd:
        tell(f"{path}: {reason}", "yellow")


def _one_of(name: str, value: str | None, known: tuple[str | None, ...]) -> None:
    if value not in known:
        words = ", ".join(each for each in known if each)
        raise WorkbenchError(f"--{name} is “{value}”, but must be one of {words}.")
