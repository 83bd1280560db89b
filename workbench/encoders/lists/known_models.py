"""Encoders worth knowing, as data: rows of the lists, beyond the bundled ones.

Widths and parameters are those of the models themselves, licences those of their hub pages; a size
stands only where the weights are known to be float32 and nothing else.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A line of the table: what is known of a named model; `size` in bytes."""

    name: str
    title: str
    about: str
    width: int
    parameters: int | None = None
    licence: str = ""
    size: int | None = None


@dataclass(frozen=True)
class Clip:
    """Both towers of an open_clip model; `image` and `text` count their parameters."""

    name: str
    repository: str
    title: str
    about: str
    width: int
    image: int
    text: int
    licence: str
    size: int | None = None
    tokenizer: str = ""


CLIPS = (
    Clip(
        "ViT-B-32/laion2b_s34b_b79k",
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        "CLIP ViT-B/32",
        "LAION-2B; quick",
        512,
        87_849_216,
        63_428_096,
        "MIT",
        605_109_252,
    ),
    Clip(
        "ViT-B-16/datacomp_xl_s13b_b90k",
        "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K",
        "CLIP ViT-B/16",
        "DataComp-XL; good for its size",
        512,
        86_192_640,
        63_428_096,
        "MIT",
        598_482_948,
    ),
    Clip(
        "ViT-L-14/datacomp_xl_s13b_b90k",
        "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
        "CLIP ViT-L/14",
        "DataComp-XL; strong",
        768,
        303_966_208,
        123_650_304,
        "MIT",
        1_710_466_052,
    ),
    Clip(
        "ViT-B-16-SigLIP/webli",
        "timm/ViT-B-16-SigLIP",
        "SigLIP ViT-B/16",
        "WebLI, English; strong for its size",
        768,
        92_884_224,
        110_271_745,
        "Apache-2.0",
        812_623_880,
        "timm/ViT-B-16-SigLIP",
    ),
    Clip(
        "ViT-B-16-SigLIP2/webli",
        "timm/ViT-B-16-SigLIP2",
        "SigLIP 2 ViT-B/16",
        "WebLI, about 100 languages; strong",
        768,
        92_884_224,
        282_303_745,
        "Apache-2.0",
        1_500_751_880,
        "timm/ViT-B-16-SigLIP2",
    ),
    Clip(
        "ViT-SO400M-14-SigLIP2/webli",
        "timm/ViT-SO400M-14-SigLIP2",
        "SigLIP 2 So400m/14",
        "WebLI, about 100 languages; among the strongest, large",
        1152,
        427_680_704,
        707_782_897,
        "Apache-2.0",
        4_541_854_408,
        "timm/ViT-SO400M-14-SigLIP2",
    ),
    Clip(
        "MobileCLIP-S1/datacompdr",
        "apple/MobileCLIP-S1-OpenCLIP",
        "MobileCLIP S1",
        "DataCompDR; small and quick",
        512,
        21_541_632,
        63_428_096,
        "",
    ),
    Clip(
        "MobileCLIP2-S0/dfndr2b",
        "timm/MobileCLIP2-S0-OpenCLIP",
        "MobileCLIP2 S0",
        "DFNDR-2B; the smallest and quickest",
        512,
        11_406_976,
        63_428_096,
        "",
    ),
    Clip(
        "PE-Core-B-16/meta",
        "timm/PE-Core-B-16",
        "Perception Encoder B/16",
        "Meta's; strong on pictures",
        1024,
        93_673_984,
        353_986_560,
        "Apache-2.0",
    ),
)

_DINOV3 = "dinov3-license"
TIMM = (
    Known(
        "vit_small_patch14_reg4_dinov2.lvd142m",
        "DINOv2 ViT-S/14",
        "Trained on pictures alone; good at shape and texture",
        384,
        22_057_344,
        "Apache-2.0",
        88_229_376,
    ),
    Known(
        "vit_base_patch14_reg4_dinov2.lvd142m",
        "DINOv2 ViT-B/14",
        "Trained on pictures alone; strong",
        768,
        86_582_016,
        "Apache-2.0",
        346_328_064,
    ),
    Known(
        "vit_large_patch14_reg4_dinov2.lvd142m",
        "DINOv2 ViT-L/14",
        "Trained on pictures alone; stronger, large",
        1024,
        304_370_688,
        "Apache-2.0",
        1_217_482_752,
    ),
    Known(
        "vit_small_patch16_dinov3.lvd1689m",
        "DINOv3 ViT-S/16",
        "Trained on pictures alone; quick",
        384,
        21_586_944,
        _DINOV3,
        86_347_776,
    ),
    Known(
        "vit_base_patch16_dinov3.lvd1689m",
        "DINOv3 ViT-B/16",
        "Trained on pictures alone; strong",
        768,
        85_641_216,
        _DINOV3,
        342_564_864,
    ),
    Known(
        "vit_large_patch16_dinov3.lvd1689m",
        "DINOv3 ViT-L/16",
        "Trained on pictures alone; stronger, large",
        1024,
        303_079_424,
        _DINOV3,
        1_212_317_696,
    ),
    Known(
        "convnext_tiny.dinov3_lvd1689m",
        "DINOv3 ConvNeXt tiny",
        "Trained on pictures alone; convolutions, quick on a CPU",
        768,
        27_820_128,
        _DINOV3,
        111_280_512,
    ),
    Known(
        "vit_base_patch16_siglip_224.v2_webli",
        "SigLIP 2 ViT-B/16 image tower",
        "WebLI; the image tower alone",
        768,
        92_884_224,
        "Apache-2.0",
        371_536_896,
    ),
    Known(
        "vit_so400m_patch14_siglip_378.v2_webli",
        "SigLIP 2 So400m/14 image tower",
        "WebLI, 378 px; among the strongest, large",
        1152,
        428_225_600,
        "Apache-2.0",
        1_712_902_400,
    ),
    Known(
        "convnext_tiny.fb_in22k",
        "ConvNeXt tiny",
        "ImageNet-22k; quick on a CPU",
        768,
        27_820_128,
        "Apache-2.0",
        178_463_428,
    ),
    Known(
        "convnext_base.fb_in22k",
        "ConvNeXt base",
        "ImageNet-22k",
        1024,
        87_566_464,
        "Apache-2.0",
        439_813_956,
    ),
)

TEXTS = (
    Known(
        "all-MiniLM-L6-v2", "MiniLM-L6", "English; quick", 384, 22_713_216, "Apache-2.0", 90_852_864
    ),
    Known(
        "all-mpnet-base-v2", "MPNet base", "English", 768, 109_486_464, "Apache-2.0", 437_945_856
    ),
    Known(
        "BAAI/bge-small-en-v1.5",
        "BGE small",
        "English; strong for its size",
        384,
        33_360_000,
        "MIT",
        133_440_000,
    ),
    Known(
        "BAAI/bge-base-en-v1.5", "BGE base", "English; strong", 768, 109_482_240, "MIT", 437_928_960
    ),
    Known("intfloat/e5-base-v2", "E5 base", "English", 768, 109_482_240, "MIT", 437_928_960),
    Known(
        "mixedbread-ai/mxbai-embed-large-v1",
        "mxbai large",
        "English; among the strongest of its size",
        1024,
        335_141_888,
        "Apache-2.0",
    ),
    Known(
        "intfloat/multilingual-e5-small",
        "Multilingual E5 small",
        "About 100 languages",
        384,
        117_653_760,
        "MIT",
        470_615_040,
    ),
    Known(
        "intfloat/multilingual-e5-base",
        "Multilingual E5 base",
        "About 100 languages; strong",
        768,
        278_043_648,
        "MIT",
        1_112_174_592,
    ),
    Known(
        "paraphrase-multilingual-MiniLM-L12-v2",
        "Multilingual MiniLM-L12",
        "About 50 languages; quick",
        384,
        117_653_760,
        "Apache-2.0",
        470_615_040,
    ),
    Known(
        "BAAI/bge-m3",
        "BGE M3",
        "Over 100 languages, long texts; strong, large",
        1024,
        567_754_752,
        "MIT",
        2_271_019_008,
    ),
    Known(
        "LaBSE",
        "LaBSE",
        "109 languages; translations of a sentence lie close together",
        768,
        471_517_440,
        "Apache-2.0",
        1_883_707_392,
    ),
)

SPEECH = (
    Known(
        "openai/whisper-tiny",
        "Whisper tiny",
        "About 100 languages; the quickest",
        384,
        8_208_384,
        "Apache-2.0",
        151_042_560,
    ),
    Known(
        "openai/whisper-base",
        "Whisper base",
        "About 100 languages; represents what is said",
        512,
        20_590_592,
        "Apache-2.0",
        290_375_680,
    ),
    Known(
        "openai/whisper-small",
        "Whisper small",
        "About 100 languages",
        768,
        88_154_112,
        "Apache-2.0",
        966_939_648,
    ),
    Known(
        "openai/whisper-medium",
        "Whisper medium",
        "About 100 languages; strong, large",
        1024,
        307_216_384,
        "Apache-2.0",
        3_055_431_680,
    ),
    Known(
        "facebook/wav2vec2-base-960h",
        "wav2vec2 base",
        "English",
        768,
        94_371_712,
        "Apache-2.0",
        377_486_848,
    ),
    Known(
        "facebook/wav2vec2-xls-r-300m",
        "XLS-R 300M",
        "128 languages; large",
        1024,
        315_438_720,
        "Apache-2.0",
    ),
    Known(
        "facebook/hubert-base-ls960",
        "HuBERT base",
        "English",
        768,
        94_371_712,
        "Apache-2.0",
        377_486_848,
    ),
    Known(
        "microsoft/wavlm-base-plus",
        "WavLM base+",
        "English, also voices and noise",
        768,
        94_381_936,
        "",
        377_527_744,
    ),
)
