"""Whole ways in a process of their own, with a hub on this machine."""

import json
from pathlib import Path

DOWNLOAD_THEN_LOAD = """
from huggingface_hub import constants
from workbench.encoders import download_encoder, facts_of, find_encoder, load_encoder
from workbench.jobs import drain

first, second = "sentence-transformers/tiny/bert", "transformers-text/tiny/bert"
entry = find_encoder(first, "text")
before = facts_of(entry).state
assert drain(download_encoder(entry))
states = [before, facts_of(entry).state, facts_of(find_encoder(second, "text")).state]
constants.ENDPOINT = "http://127.0.0.1:9"  # from here on nobody answers
for name in (first, second):
    encoder = load_encoder(name, "text", "cpu")
    states += [str(encoder.encode(["a small text"]).shape[1]), encoder.card.revision]
print(*states)
"""


def tiny_text_model(folder: Path) -> None:
    """Write a BERT of two layers with random weights as sentence-transformers saves it."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.models import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    plain = folder / "plain"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "small", "text"]
    plain.mkdir(parents=True)
    (plain / "vocab.txt").write_text("\n".join(words))
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
    )
    BertModel(config).save_pretrained(plain)
    BertTokenizerFast(str(plain / "vocab.txt")).save_pretrained(plain)
    transformer = Transformer(str(plain))
    whole = SentenceTransformer(modules=[transformer, Pooling(16, "mean")], device="cpu")
    whole.save(str(folder / "whole"))


def test_what_was_downloaded_is_loaded_without_network(hub, tmp_path):
    tiny_text_model(tmp_path)
    whole = tmp_path / "whole"
    hub.repositories["tiny/bert"] = {
        file.relative_to(whole).as_posix(): file.read_bytes()
        for file in whole.rglob("*")
        if file.is_file()
    }
    told = hub.in_another_process(tmp_path / "home", DOWNLOAD_THEN_LOAD).split()
    assert told == ["download", "downloaded", "downloaded", *["16", hub.commit] * 2]


OWN_CODE = """
from pathlib import Path
from transformers import PretrainedConfig
Path({marker!r}).write_text("it ran")

class OwnConfig(PretrainedConfig):
    model_type = "own"
    hidden_size = 4
"""

LOAD_OWN_CODE = """
import sys
from workbench.encoders import CodeRefused, load_encoder
from workbench.errors import WorkbenchError

name, allowed = sys.argv[1], len(sys.argv) > 2
try:
    load_encoder(name, "text", "cpu", trust_code=allowed)
except CodeRefused as refused:
    print("REFUSED", refused)
except WorkbenchError as error:  # it has no weights
    print("FAILED", error)
"""


def test_code_of_a_repository_is_refused_before_it_is_fetched(hub, tmp_path):
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel

    marker = tmp_path / "marker"
    automatic = {"AutoConfig": "own.OwnConfig", "AutoModel": "own.OwnModel"}
    words = Tokenizer(WordLevel({"[UNK]": 0}, unk_token="[UNK]"))  # noqa: S106 - no password
    hub.repositories["own/code"] = {
        "tokenizer.json": words.to_str().encode(),
        "tokenizer_config.json": b'{"tokenizer_class": "PreTrainedTokenizerFast"}',
        "config.json": json.dumps({"model_type": "own", "auto_map": automatic}).encode(),
        "own.py": OWN_CODE.format(marker=str(marker)).encode(),
    }
    said = hub.in_another_process(tmp_path / "home", LOAD_OWN_CODE, "transformers-text/own/code")
    assert said.startswith("REFUSED The encoder transformers-text/own/code wants to run program")
    assert "--trust-code" in said
    assert not any(path.endswith(".py") for _, path, _ in hub.got)
    assert not marker.exists()
    asked_about = hub.commit
    hub.commits.append("b" * 40)
    said = hub.in_another_process(
        tmp_path / "home", LOAD_OWN_CODE, "transformers-text/own/code", "trusted"
    )
    assert said.startswith("FAILED")
    # whatever the branch points to by now
    assert {path for _, path, _ in hub.got if path.endswith(".py")} == {
        f"/own/code/resolve/{asked_about}/own.py"
    }
    assert marker.read_text() == "it ran"
