"""The stations of the road, in the order of the rail; a page is imported when it is made."""

from collections.abc import Callable
from dataclasses import dataclass

from workbench.gui.pages.page import Page
from workbench.gui.session import Session


def _start(session: Session) -> Page:
    from workbench.gui.pages.start import StartPage

    return StartPage(session)


def _data(session: Session) -> Page:
    from workbench.gui.pages.data import DataPage

    return DataPage(session)


def _encode(session: Session) -> Page:
    from workbench.gui.pages.encode import EncodePage

    return EncodePage(session)


def _train(session: Session) -> Page:
    from workbench.gui.pages.train import TrainPage

    return TrainPage(session)


def _explore(session: Session) -> Page:
    from workbench.gui.pages.explore import ExplorePage

    return ExplorePage(session)


def _classify(session: Session) -> Page:
    from workbench.gui.pages.classify import ClassifyPage

    return ClassifyPage(session)


def _labelling(session: Session) -> Page:
    from workbench.gui.pages.labelling import LabellingPage

    return LabellingPage(session)


def _studies(session: Session) -> Page:
    from workbench.gui.pages.studies import StudiesPage

    return StudiesPage(session)


def _export(session: Session) -> Page:
    from workbench.gui.pages.export import ExportPage

    return ExportPage(session)


@dataclass(frozen=True)
class Station:
    """An entry of the rail; its page is made when it is wanted or when the window has time."""

    name: str
    title: str
    icon: str
    make_page: Callable[[Session], Page]


STATIONS = (
    Station("start", "Start", "home-variant-outline", _start),
    Station("data", "Data", "folder-multiple-outline", _data),
    Station("encode", "Encode", "layers-triple-outline", _encode),
    Station("train", "Train", "chart-bell-curve-cumulative", _train),
    Station("explore", "Explore", "compass-outline", _explore),
    Station("classify", "Classify", "tag-text-outline", _classify),
    Station("label", "Label", "link-variant-plus", _labelling),
    Station("studies", "Studies", "flask-outline", _studies),
    Station("export", "Export", "package-variant-closed", _export),
)
