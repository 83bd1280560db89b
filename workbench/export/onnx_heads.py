"""A head as a graph of ONNX, written down node by node: no exporter is asked, and none can differ.

Every kind of head is there (`workbench.alignment`), with what is done to rows before it. The
formulas are those of mathematics.md, and stand in the same order as in numpy.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.alignment import (
    AnchorHead,
    BlocksHead,
    Head,
    LinearHead,
    MlpHead,
    ResidualHead,
    WordsHead,
)

Floats = npt.NDArray[np.float32]

OPSET = 18
IR_VERSION = 10
INPUT, OUTPUT = "embeddings", "rows"

_TINY = 1e-12
_MOST = float(np.finfo(np.float32).max)


def head_model(head: Head) -> Any:
    """Return a model of ONNX from frozen embeddings, shape (items, d), to unit rows, (items, w)."""
    from onnx import TensorProto, helper

    graph = _Graph()
    rows = graph.head(head, INPUT)
    graph.nodes.append(helper.make_node("Identity", [rows], [OUTPUT]))
    wide = head.embed(np.zeros((1, len(head.centre)), dtype=np.float32)).shape[1]
    made = helper.make_graph(
        graph.nodes,
        "head",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["items", len(head.centre)])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["items", wide])],
        graph.arrays,
    )
    return helper.make_model(
        made,
        opset_imports=[helper.make_opsetid("", OPSET)],
        ir_version=IR_VERSION,
        producer_name="gera-workbench",
    )


class _Graph:
    """Nodes and arrays, each under a name of its own."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.arrays: list[Any] = []

    def head(self, head: Head, rows: str) -> str:
        """Add a head; return the name of its unit rows."""
        if isinstance(head, BlocksHead):
            blocks = [
                self.op("Mul", self.head(block, rows), self.array(share**0.5))
                for block, share in zip(head.blocks, head.shares, strict=True)
            ]
            return self.unit(self.op("Concat", *blocks, axis=1))
        if isinstance(head, WordsHead):
            return self.words(head, rows)
        rows = self.prepared(head, rows)
        if isinstance(head, LinearHead):
            return self.unit(self.affine(rows, head.weight, head.bias))
        if isinstance(head, ResidualHead):
            like = self.op("Relu", self.times(rows, head.landmarks.T))
            hidden = self.times(self.unit(self.op("Mul", like, like)), head.hidden_weight.T)
            return self.unit(self.op("Add", self.affine(rows, head.weight, head.bias), hidden))
        if isinstance(head, MlpHead):
            inner = self.affine(rows, head.inner_weight, head.inner_bias)
            hidden = self.times(self.gelu(inner), head.hidden_weight.T)
            return self.unit(self.op("Add", self.affine(rows, head.weight, head.bias), hidden))
        if isinstance(head, AnchorHead):
            return self.anchors(head, rows)
        raise TypeError(f"no graph is known for a head of the kind {head.kind}")

    def words(self, head: WordsHead, rows: str) -> str:
        away = self.op("Sub", rows, self.array(head.centre))
        logits = self.times(away, head.weight.T)
        # beyond all measure they are infinite, and a softmax of that is no number
        logits = self.op("Clip", logits, self.array(-_MOST), self.array(_MOST))
        likely = self.op("Softmax", logits, axis=1)
        return self.unit(self.op("Sub", self.times(likely, head.vectors), self.array(head.mean)))

    def anchors(self, head: AnchorHead, rows: str) -> str:
        cosines = self.op("Relu", self.times(rows, head.anchors.T))
        if head.kept < len(head.anchors):
            kept, places = self.ops("TopK", 2, cosines, self.array([head.kept], np.int64), axis=1)
            nothing = self.op("Mul", cosines, self.array(0.0))
            cosines = self.op("ScatterElements", nothing, places, kept, axis=1)
        largest = self.op("Max", self.over("ReduceMax", cosines), self.array(_TINY))
        power = self.op("Pow", self.op("Div", cosines, largest), self.array(float(head.power)))
        return self.unit(power)

    def gelu(self, values: str) -> str:
        """Add the unit in its form with a tanh; the operator of that name came with opset 20."""
        cubes = self.op("Mul", self.op("Mul", values, values), values)
        bent = self.op("Add", values, self.op("Mul", cubes, self.array(0.044715)))
        open_ = self.op("Tanh", self.op("Mul", bent, self.array((2 / np.pi) ** 0.5)))
        half = self.op("Mul", values, self.array(0.5))
        return self.op("Mul", half, self.op("Add", open_, self.array(1.0)))

    def prepared(self, head: Any, rows: str) -> str:
        """Add what a head does to frozen embeddings first."""
        whitening = head.whitening
        if whitening is None:
            return self.differences(rows, head.centre)
        if whitening.root:
            rows = self.unit(self.op("Sqrt", self.op("Relu", rows)))
        turned = self.times(self.differences(rows, whitening.centre), whitening.matrix)
        return self.differences(self.unit(turned), whitening.mean)

    def differences(self, rows: str, centre: Floats) -> str:
        """Add rows less a centre, of unit length, also of rows whose squares float32 lacks."""
        away = self.op("Sub", rows, self.array(centre))
        largest = self.over("ReduceMax", self.op("Abs", away))
        there = self.op("Greater", largest, self.array(0.0))
        return self.unit(self.op("Div", away, self.op("Where", there, largest, self.array(1.0))))

    def unit(self, rows: str) -> str:
        length = self.op("Max", self.over("ReduceL2", rows), self.array(_TINY))
        return self.op("Div", rows, length)

    def affine(self, rows: str, weight: Floats, bias: Floats) -> str:
        return self.op("Add", self.times(rows, weight.T), self.array(bias))

    def times(self, rows: str, matrix: Floats) -> str:
        return self.op("MatMul", rows, self.array(matrix))

    def over(self, kind: str, rows: str) -> str:
        return self.op(kind, rows, self.array([1], np.int64), keepdims=1)

    def op(self, kind: str, *inputs: str, **options: Any) -> str:
        return self.ops(kind, 1, *inputs, **options)[0]

    def ops(self, kind: str, outputs: int, *inputs: str, **options: Any) -> list[str]:
        from onnx import helper

        names = [f"head/{kind}_{len(self.nodes)}_{number}" for number in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **options))
        return names

    def array(self, values: Any, kind: Any = np.float32) -> str:
        from onnx import numpy_helper

        name = f"head/array_{len(self.arrays)}"
        plain = np.ascontiguousarray(values, dtype=kind).reshape(np.shape(values))
        self.arrays.append(numpy_helper.from_array(plain, name))
        return name
