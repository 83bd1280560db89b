import sys

import pytest

from workbench.cluster import Node, check_address, connected, offer_in_words, plan_workers
from workbench.errors import WorkbenchError


def nodes(*offers):
    return [Node(str(n), f"node {n}", cpus, gpus) for n, (cpus, gpus) in enumerate(offers)]


@pytest.mark.parametrize(
    ("offers", "wish", "plan"),
    [
        ([(8, 0), (8, 0)], (None, None), (4, 4, 0)),
        ([(0, 0), (2, 0)], (None, None), (1, 2, 0)),
        ([(8, 0), (2, 0)], (3, None), (3, 2, 0)),
        ([(8, 0), (2, 0)], (10, None), (10, 1, 0)),
        ([(1, 0)], (4, None), (4, 1, 0)),  # three wait for room
        ([(16, 4), (4, 0)], (None, None), (4, 4, 1)),
        ([(16, 4), (8, 1)], (None, 0.5), (10, 2, 0.5)),
        ([(16, 4)], (2, 2), (2, 8, 2)),
        ([(16, 4)], (None, 0), (4, 4, 0)),
    ],
)
def test_nodes_are_divided_among_workers(offers, wish, plan):
    found = plan_workers(nodes(*offers), *wish)
    assert (found.count, found.cpus, found.gpus) == plan


def test_more_gpus_than_any_node_has_are_refused():
    with pytest.raises(WorkbenchError, match=r"No node .* has 2 GPUs for a worker: the most is 1"):
        plan_workers(nodes((8, 1), (8, 0)), None, 2)


def test_what_nodes_offer_is_said():
    assert offer_in_words(nodes((8, 1), (4, 0))) == "2 nodes, 12 CPUs, 1 GPU"


@pytest.mark.parametrize(
    "address", ["local", "auto", "ray://head:10001", "10.0.0.3:6379", "ray://[::1]:10001"]
)
def test_addresses(address):
    check_address(address)


@pytest.mark.parametrize(
    "address", ["", "head", "http://head:80", "ray://head", "head:port", "a b:1"]
)
def test_what_is_no_address_is_refused(address):
    with pytest.raises(WorkbenchError, match=r"is no address of a cluster. Write local, auto"):
        check_address(address)


def test_without_ray_it_is_said_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(WorkbenchError, match=r"pip install .gera-workbench\[cluster\]"):
        connected("local").__enter__()
