"""Exports read by other people's libraries, in a process that knows neither project nor workbench.

All kinds of heads go through one process, since it is the libraries' import that takes time.
"""

import json
import subprocess
import sys

import numpy as np
import pytest
from worlds.exports import (
    HAS_ONNX,
    HEADS,
    TEXT_WIDTH,
    TEXTS,
    contents,
    random_rows,
    save_tiny_text_model,
    space_of,
)
from worlds.fakes import tree

from workbench.encoders.adapters.sentence_transformers import SentenceTransformersModel
from workbench.encoders.adapters.transformers_texts import TransformersTexts
from workbench.errors import WorkbenchError
from workbench.export import find_parts, write_bundle
from workbench.jobs import Notice, drain

TOLERANCE = 1e-5
OWN_CODE = {kind: kind not in ("linear", "linear, whitened") for kind in HEADS}

READER = """
import json, os, sys
from pathlib import Path
os.environ["HF_HUB_OFFLINE"] = "1"
import numpy as np
from sentence_transformers import SentenceTransformer
if sys.argv[4] == "onnx":
    import onnxruntime
folder, texts, own_code = Path(sys.argv[1]), json.loads(sys.argv[2]), json.loads(sys.argv[3])
rows = np.load(folder / "rows.npy")
for bundle in sorted((folder / "bundles").iterdir()):
    found = {}
    place = bundle / "sentence-transformers" / "text"
    trusted = {"trust_remote_code": True} if own_code[bundle.name] else {}
    if trusted:
        try:
            SentenceTransformer(str(place))
        except ValueError as error:
            assert "trust_remote_code" in str(error)
        else:
            raise AssertionError("code of a folder ran without being asked for")
    model = SentenceTransformer(str(place), **trusted)
    found["sentence_transformers"] = model.encode(texts)
    found["similarity"] = model.similarity(found["sentence_transformers"][:1],
                                           found["sentence_transformers"]).numpy()
    if sys.argv[4] == "onnx":
        head = onnxruntime.InferenceSession(bundle / "onnx" / "text.onnx")
        found["head"] = head.run(["rows"], {"embeddings": rows})[0]
        if (bundle / "onnx" / "text").exists():
            from tokenizers import Tokenizer
            tokenizer = Tokenizer.from_file(str(bundle / "onnx" / "text" / "tokenizer.json"))
            whole = onnxruntime.InferenceSession(bundle / "onnx" / "text" / "model.onnx")
            tokens = [tokenizer.encode(text) for text in texts]
            found["whole"] = np.concatenate([
                whole.run(["rows"], {"input_ids": np.array([t.ids]),
                                     "attention_mask": np.ones((1, len(t.ids)), np.int64)})[0]
                for t in tokens])
    np.savez(folder / "found" / bundle.name, **found)
assert "workbench" not in sys.modules
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_tiny_text_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def encoder(model):
    return TransformersTexts(f"transformers-text/{model}", str(model))


def of_texts(kind, encoder, **more):
    """Return what can be exported of a text view alone, with a head of a kind."""
    return contents(
        space_of(kind, {"text": TEXT_WIDTH}),
        encoders={"text": encoder.card.model_dump(mode="json")},
        encoder=lambda _: encoder,
        samples={"text": lambda: TEXTS},
        **more,
    )


def read_elsewhere(folder):
    (folder / "found").mkdir()
    np.save(folder / "rows.npy", random_rows(20, TEXT_WIDTH, seed=7))
    script = folder / "reader.py"
    script.write_text(READER)
    own_code = {str(n): needed for n, needed in enumerate(OWN_CODE.values())}
    ran = subprocess.run(
        [sys.executable, "-I", str(script), str(folder), json.dumps(TEXTS), json.dumps(own_code),
         "onnx" if HAS_ONNX else ""],
        cwd=folder, capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def test_every_head_goes_home_and_gives_the_same_rows(tmp_path, encoder):
    parts = find_parts(["sentence-transformers"])
    for number, kind in enumerate(HEADS):
        # a trace takes seconds: of one kind encoder and head are in one model, of the others not
        whole = encoder if number == 0 else SentenceOnly(encoder)
        chosen = find_parts(["onnx", "sentence-transformers"]) if HAS_ONNX else parts
        notices = []
        job = write_bundle(tmp_path / "bundles" / str(number), of_texts(kind, whole), chosen)
        drain(job, lambda event: notices.append(event) if isinstance(event, Notice) else None)  # noqa: B023
        told = [notice.text for notice in notices]
        assert [kind for text in told if "is of a kind that is not traced" not in text] == [], told
    read_elsewhere(tmp_path)
    for number, kind in enumerate(HEADS):
        space = space_of(kind, {"text": TEXT_WIDTH})
        found = np.load(tmp_path / "found" / f"{number}.npz")
        known = space.embed("text", encoder.encode(TEXTS))
        close(found["sentence_transformers"], known, kind)
        close(found["similarity"], known[:1] @ known.T, kind)
        told = json.loads((tmp_path / "bundles" / str(number) / "config.json").read_text("utf-8"))
        model = told["parts"]["sentence-transformers"]["views"]["text"]
        assert model["trust_remote_code"] == OWN_CODE[kind]
        assert 0 <= model["largest_difference"] < TOLERANCE
        if HAS_ONNX:
            close(found["head"], space.embed("text", random_rows(20, TEXT_WIDTH, seed=7)), kind)
            if number == 0:
                close(found["whole"], known, kind)
    if not HAS_ONNX:
        pytest.skip("the extra “onnx” is not installed: ONNX was not looked at")


class SentenceOnly:
    """An encoder that sentence-transformers can run, and nobody can trace."""

    def __init__(self, encoder):
        self.card, self.encode = encoder.card, encoder.encode
        self.sentence_transformer = encoder.sentence_transformer


def close(found, known, kind):
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, known, rtol=0, atol=TOLERANCE, err_msg=kind)


def test_a_model_of_the_library_keeps_its_prompt(tmp_path, encoder):
    """What an encoder puts before each text is put there by the exported model as well."""
    from sentence_transformers import SentenceTransformer

    plain = encoder.sentence_transformer()
    plain.prompts, plain.default_prompt_name = {"ask": "green apple "}, "ask"
    plain.save(str(tmp_path / "model"), create_model_card=False)
    name = f"sentence-transformers/{tmp_path / 'model'}"
    prompted = SentenceTransformersModel(name, str(tmp_path / "model"))
    assert np.abs(prompted.encode(TEXTS) - encoder.encode(TEXTS)).max() > 0.01
    made = of_texts("linear", prompted)
    drain(write_bundle(tmp_path / "out", made, find_parts(["sentence-transformers"])))
    back = SentenceTransformer(str(tmp_path / "out" / "sentence-transformers" / "text"))
    close(back.encode(TEXTS), made.space.embed("text", prompted.encode(TEXTS)), "linear")


@pytest.mark.parametrize("ending", ["@layer=0", "@pool=pooler"])
def test_what_the_library_cannot_do_is_refused_and_the_heads_go(tmp_path, model, ending):
    name = f"transformers-text/{model}{ending}"
    encoder = TransformersTexts(name, f"{model}{ending}")
    notices = []
    job = write_bundle(
        tmp_path / "out", of_texts("linear", encoder), find_parts(["sentence-transformers"])
    )
    drain(job, lambda event: notices.append(event) if isinstance(event, Notice) else None)
    assert len(notices) == 1
    assert "in a way that sentence-transformers does not know" in notices[0].text
    assert {"heads.safetensors", "README.md"} <= set(tree(tmp_path / "out"))
    assert "What could not be had" in (tmp_path / "out" / "README.md").read_text("utf-8")


@pytest.mark.parametrize("part", ["sentence-transformers", "onnx"])
def test_whatever_a_library_raises_the_rest_is_written(tmp_path, encoder, part):
    class Broken:
        card, encode = encoder.card, encoder.encode

        def sentence_transformer(self):
            raise KeyError("rotary\nmore")

        network = sentence_transformer

    if part == "onnx" and not HAS_ONNX:
        pytest.skip("the extra “onnx” is not installed")
    notices = []
    job = write_bundle(tmp_path / "out", of_texts("linear", Broken()), find_parts([part]))
    drain(job, lambda event: notices.append(event) if isinstance(event, Notice) else None)
    assert "('rotary\\nmore')" in notices[0].text
    assert not (tmp_path / "out" / part / "text").exists()
    told = json.loads((tmp_path / "out" / "config.json").read_text("utf-8"))
    assert list(told["parts"][part]["refused"]) == ["text"]


def test_a_full_disk_is_the_whole_exports_concern(tmp_path, encoder):
    class Full(SentenceOnly):
        def __init__(self, encoder):
            super().__init__(encoder)
            self.sentence_transformer = self.fail

        def fail(self):
            raise OSError(28, "No space left on device")

    job = write_bundle(
        tmp_path / "out", of_texts("linear", Full(encoder)), find_parts(["sentence-transformers"])
    )
    with pytest.raises(WorkbenchError, match="No space left on device"):
        drain(job)
    assert list(tmp_path.iterdir()) == []


def test_a_model_that_gives_other_vectors_is_not_kept(tmp_path, encoder):
    class Turned(SentenceOnly):
        def __init__(self, encoder):
            super().__init__(encoder)
            self.encode = lambda texts: encoder.encode(texts)[:, ::-1]

    job = write_bundle(
        tmp_path / "out", of_texts("linear", Turned(encoder)), find_parts(["sentence-transformers"])
    )
    notices = []
    drain(job, lambda event: notices.append(event) if isinstance(event, Notice) else None)
    assert "gives other vectors than here" in notices[0].text
    assert not (tmp_path / "out" / "sentence-transformers" / "text").exists()
