"""example.py of an exported folder: it runs as it stands, with what was exported."""

from collections.abc import Mapping
from typing import Any

from workbench.export import vectors
from workbench.export.contents import Contents

_HEADS = '''\
"""How the heads of this folder are used. Needs {needs}."""

from pathlib import Path

import numpy as np
{imports}
from load_heads import load_heads

HERE = Path(__file__).resolve().parent
heads = load_heads(HERE)

# Embeddings by the encoder that config.json names: here random ones stand for them.
embeddings = np.random.default_rng(0).normal(size=(3, {width})).astype(np.float32)
rows = heads.embed("{view}", embeddings)  # unit rows of the joint space
print("{view} embeddings", embeddings.shape, "become rows", rows.shape)
'''
_MODEL = """
# A question in words, by the encoder with its head.
model = SentenceTransformer(str(HERE / "sentence-transformers" / "{view}"){trusted})
question = " ".join(sys.argv[1:]) or "{question}"
rows = np.asarray(model.encode([question]), dtype=np.float32)
print("“" + question + "” becomes a row", rows.shape)
"""
_TEXT_MODEL = """
# A question in words, by the ONNX model of encoder and head.
told = json.loads((HERE / "onnx" / "text" / "preprocessing.json").read_text(encoding="utf-8"))
tokenizer = Tokenizer.from_file(str(HERE / "onnx" / "text" / "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(told["longest"])
question = " ".join(sys.argv[1:]) or "{question}"
tokens = tokenizer.encode(told["prompt"] + question)
model = onnxruntime.InferenceSession(str(HERE / "onnx" / "text" / "model.onnx"))
fed = {{"input_ids": [tokens.ids], "attention_mask": [tokens.attention_mask]}}
(rows,) = model.run(["rows"], {{name: np.asarray(each) for name, each in fed.items()}})
print("“" + question + "” becomes a row", rows.shape)
"""
_VECTORS = """
# The nearest items of each view.
table = pyarrow.parquet.read_table(HERE / "vectors" / "{table}").drop_columns(["vector"])
vectors = np.load(HERE / "vectors" / "{rows}", mmap_mode="r")
{asked}
scores = vectors @ rows[0]
for view in table["modality"].unique().to_pylist():
    print(view)
    of_view = np.flatnonzero(np.asarray(table["modality"]) == view)
    for place in of_view[np.argsort(-scores[of_view], kind="stable")][:5]:
        item = table.slice(int(place), 1).to_pylist()[0]
        print(f"  {{scores[place]:.3f}}  {{item['id']:>6}}  {{item['text'] or item['path']}}")
"""
_INDEX = """
# The same by the search index.
index = faiss.read_index(str(HERE / "index" / "{file}"))
found, ids = index.search(np.ascontiguousarray(rows[:1]), 5)
print("{view} items by the index:", ids[0].tolist())
"""


def example(contents: Contents, parts: Mapping[str, Mapping[str, Any]]) -> str:
    """Return a script that uses what was written.

    Parameters
    ----------
    contents : Contents
    parts : mapping of part to dict
        What was written, as ``config.json`` has it.
    """
    view = "text" if "text" in contents.space.views else contents.space.views[0]
    imports, needs, body, asks = [], ["numpy", "safetensors"], [], False
    models = parts.get("sentence-transformers", {}).get("views", {})
    if "text" in models:
        trusted = ", trust_remote_code=True" if models["text"]["trust_remote_code"] else ""
        imports += ["import sys", "from sentence_transformers import SentenceTransformer"]
        needs.append("sentence-transformers")
        body.append(_MODEL.format(view="text", trusted=trusted, question=_QUESTION))
        asks = True
    elif "text" in parts.get("onnx", {}).get("encoders", {}):
        imports += ["import json", "import sys", "import onnxruntime"]
        imports.append("from tokenizers import Tokenizer")
        needs += ["onnxruntime", "tokenizers"]
        body.append(_TEXT_MODEL.format(question=_QUESTION))
        asks = True
    if "vectors" in parts:
        imports.append("import pyarrow.parquet")
        needs.append("pyarrow")
        asked = "" if asks else "rows = vectors[:1]  # the first item is the question\n"
        body.append(
            _VECTORS.format(table=vectors.TABLE_FILE, rows=vectors.ROWS_FILE, asked=asked.rstrip())
        )
    if "index" in parts:
        files = parts["index"]["views"]
        first = "image" if "image" in files else next(iter(files))
        imports.append("import faiss")
        needs.append("faiss-cpu")
        body.append(_INDEX.format(view=first, file=files[first]))
    standard = [line for line in imports if line in ("import json", "import sys")]
    plain = sorted({line for line in imports if line.startswith("import ")} - {*standard})
    others = sorted(line for line in imports if line.startswith("from "))
    start = _HEADS.format(
        needs=", ".join(needs), imports="\n".join([*plain, *others]), view=view,
        width=contents.space.width(view),
    )  # fmt: skip
    start = start.replace("from pathlib", "\n".join([*standard, "from pathlib"]), 1)
    return start.replace("import numpy as np\n\n", "import numpy as np\n") + "".join(body)


_QUESTION = "a red heart"
