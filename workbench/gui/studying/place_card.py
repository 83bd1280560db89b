"""Where the cells of a study are trained: on this computer, or on a cluster."""

from workbench.gui.encoding.cluster_address import ClusterAddress
from workbench.gui.session import Session
from workbench.gui.widgets.card import Card
from workbench.gui.widgets.fields import ComboBox

_HERE, _CLUSTER = "here", "cluster"


class PlaceCard(Card):
    """A choice between this computer and a cluster, and the address of that.

    Parameters
    ----------
    session : Session
    """

    def __init__(self, session: Session) -> None:
        super().__init__("Trained on", "server-network-outline")
        self.choice = ComboBox()
        self.choice.addItem("This computer", _HERE)
        self.choice.addItem("Cluster", _CLUSTER)
        self.choice.setAccessibleName("Where studies are trained")
        self.choice.setToolTip(
            "A study that was begun in one place can be resumed in the other. The best of it is "
            "trained here."
        )
        self.address = ClusterAddress(session, "As many cells are trained at once as it has CPUs.")
        self.address.hide()
        self.choice.currentIndexChanged.connect(lambda: self.address.setVisible(self._far))
        self.head.addWidget(self.choice)
        self.body.addWidget(self.address)

    @property
    def _far(self) -> bool:
        return bool(self.choice.currentData() == _CLUSTER)

    def where(self) -> str | None:
        """Return the address of the cluster, "" for here; None where it is no address."""
        return self.address.given() if self._far else ""
