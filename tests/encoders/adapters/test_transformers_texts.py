from pathlib import Path

import numpy as np
import pytest

from workbench.encoders.adapters.transformers_texts import PREFIX, TransformersTexts
from workbench.errors import WorkbenchError

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[EOS]", "dog", "cat", "a", "the", "runs", "sleeps"]
TINY = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "vocab_size": len(WORDS),
    "max_position_embeddings": 16,
}
TEXTS = ["a dog runs", "the cat", "", "dog cat " * 40, "the dog sleeps a cat runs", "dog.png"]


def save(place: Path, network, closed: bool = True, **settings) -> Path:
    """Save a small random network with a tokenizer of whole words."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(
        models.WordLevel({word: place for place, word in enumerate(WORDS)}, unk_token="[UNK]")  # noqa: S106
    )
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    if closed:
        words.post_processor = processors.TemplateProcessing(
            single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
        )
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]"} if closed else {"eos_token": "[EOS]"}
    names = ["input_ids", "attention_mask"]
    PreTrainedTokenizerFast(
        tokenizer_object=words, **{"model_input_names": names, **special, **settings}
    ).save_pretrained(place)
    network.save_pretrained(place)
    return place


def make(kind: str):
    import torch
    import transformers as t

    torch.manual_seed(0)
    if kind == "bert":
        return t.BertModel(t.BertConfig(**TINY))
    if kind == "roberta":
        return t.RobertaModel(t.RobertaConfig(**TINY, pad_token_id=0), add_pooling_layer=False)
    if kind == "gpt2":
        sizes = {"n_embd": 32, "n_layer": 3, "n_head": 2, "n_positions": 16}
        return t.GPT2Model(t.GPT2Config(vocab_size=len(WORDS), **sizes))
    if kind == "t5":
        sizes = {"d_model": 32, "d_kv": 16, "d_ff": 48, "num_layers": 3, "num_heads": 2}
        return t.T5EncoderModel(t.T5Config(vocab_size=len(WORDS), **sizes))
    vision = {"image_size": 16, "patch_size": 8, "hidden_size": 32, "num_hidden_layers": 1}
    vision |= {"num_attention_heads": 2, "intermediate_size": 8}
    if kind == "clip":
        ends = {"eos_token_id": 3, "bos_token_id": 2, "pad_token_id": 0}
        config = t.CLIPConfig(text_config=TINY | ends, vision_config=vision, projection_dim=24)
        return t.CLIPModel(config)
    assert kind == "siglip"
    return t.SiglipModel(t.SiglipConfig(text_config=TINY, vision_config=vision))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Return a function that saves a kind of network once."""
    places: dict[str, Path] = {}

    def place_of(kind: str) -> Path:
        if kind not in places:
            settings = {"model_input_names": ["input_ids"]} if kind == "siglip" else {}
            places[kind] = save(
                tmp_path_factory.mktemp(kind), make(kind), closed=kind != "gpt2", **settings
            )
        return places[kind]

    return place_of


def load(place: Path, options: str = "") -> TransformersTexts:
    return TransformersTexts(f"{PREFIX}{place}{options}", f"{place}{options}")


def bare(place: Path, ids: list[int]):
    import torch
    from transformers import AutoModel

    network = AutoModel.from_pretrained(place, dtype=torch.float32).eval()
    with torch.inference_mode():
        return network(input_ids=torch.tensor([ids]), output_hidden_states=True)


KINDS = ["bert", "roberta", "gpt2", "t5", "clip", "siglip"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("options", ["", "@pool=last", "@layer=1@pool=mean"])
def test_alone_as_in_a_batch(folder, kind, options):
    encoder = load(folder(kind), options)
    together = encoder.encode(TEXTS)
    width = 24 if kind == "clip" and not options else 32
    assert together.shape == (len(TEXTS), width)
    assert together.dtype == np.float32
    assert np.isfinite(together).all()
    alone = np.concatenate([encoder.encode([text]) for text in TEXTS])
    assert np.abs(together - alone).max() < 1e-4
    assert np.abs(together[0] - together[1]).max() > 1e-4
    assert encoder.encode([]).shape == (0, width)
    assert encoder.card.width == width


def test_tokens_are_the_librarys(folder):
    place = folder("bert")
    output = bare(place, [2, 7, 5, 9, 3])
    final, first = output.last_hidden_state[0].numpy(), output.hidden_states[1][0].numpy()
    for options, expected in {
        "": final.mean(axis=0),
        "@pool=mean": final.mean(axis=0),
        "@pool=cls": final[0],
        "@pool=last": final[4],
        "@pool=pooler": output.pooler_output[0].numpy(),
        "@layer=1": first.mean(axis=0),
        "@layer=-3@pool=cls": first[0],
    }.items():
        vector = load(place, options).encode(["a dog runs", "the cat sleeps the dog runs"])[0]
        assert np.allclose(vector, expected, atol=1e-5), options


def test_the_encoder_of_t5_alone(folder):
    import torch
    from transformers import T5EncoderModel

    network = T5EncoderModel.from_pretrained(folder("t5")).eval()
    with torch.inference_mode():
        expected = network(input_ids=torch.tensor([[2, 7, 5, 9, 3]])).last_hidden_state[0]
    encoder = load(folder("t5"))
    assert np.allclose(encoder.encode(["a dog runs"])[0], expected.mean(dim=0), atol=1e-5)


def test_two_towers(folder):
    import torch
    from transformers import AutoModel

    ids = {"clip": [2, 7, 5, 9, 3], "siglip": [2, 7, 5, 9, 3] + [0] * 11}
    for kind, row in ids.items():
        network = AutoModel.from_pretrained(folder(kind), dtype=torch.float32).eval()
        with torch.inference_mode():
            expected = network.get_text_features(input_ids=torch.tensor([row])).pooler_output
        encoder = load(folder(kind))
        assert np.allclose(encoder.encode(["a dog runs"]), expected, atol=1e-5)
        assert "text embedding" in encoder.card.preprocessing
        assert encoder.card.parameters < sum(p.numel() for p in network.parameters())


def test_long_texts_are_cut(folder):
    """RoBERTa's positions begin behind its filler, so it reads one token less here."""
    for kind, longest in {"bert": 16, "roberta": 15, "gpt2": 16}.items():
        encoder = load(folder(kind))
        assert f"{longest} at most" in encoder.card.preprocessing
        long, longer = encoder.encode(["dog " * 30, "dog " * 300])
        assert np.array_equal(long, longer)
        assert encoder.longest == longest
        assert encoder.count_longer(["dog", "dog " * 30, "dog " * 300, "x" * 8]) == 2


@pytest.mark.parametrize(
    ("kind", "options", "sentence"),
    [
        ("bert", "@pool=max", "choose among mean, cls, last, pooler"),
        ("bert", "@layer=9", "has 3 blocks, so there is no layer 9"),
        ("bert", "@pool=pooler@layer=1", "reads the final output alone"),
        ("bert", "@colour=red", "has no option “colour”: it takes @layer= and @pool="),
        ("gpt2", "@pool=pooler", "has no pooler"),
        ("roberta", "@pool=pooler", "hold no weights of a pooler"),
    ],
)
def test_wrong_options(folder, kind, options, sentence):
    with pytest.raises(WorkbenchError, match=sentence):
        load(folder(kind), options)


def test_a_model_of_pictures(tmp_path):
    from transformers import ViTConfig, ViTModel

    sizes = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2, "image_size": 16}
    save(tmp_path, ViTModel(ViTConfig(**sizes)))
    with pytest.raises(WorkbenchError, match="does not encode texts"):
        load(tmp_path)
