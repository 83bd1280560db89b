from workbench.encoders import EncoderFacts

FACTS = [
    EncoderFacts("bundled/small", "image", "Small", "Quick.", "bundled", 1280, 3_400_000,
                 18_800_000, "Apache-2.0", "bundled"),
    EncoderFacts("timm/large.in22k", "image", "Large", "Sees form well.", "timm", 1024,
                 304_000_000, 1_200_000_000, "MIT", "download"),
    EncoderFacts("timm/odd", "image", "Odd", "A model of timm.", "timm", None, None, None, "",
                 "downloaded"),
    EncoderFacts("plug/in", "image", "Broken", "Nobody knows.", "plug-in", 4, None, None, "",
                 "unusable", "install the Python package timm"),
]  # fmt: skip
MORE = [
    EncoderFacts(f"timm/more_{number}", "image", f"more_{number}", "A model of timm.", "timm",
                 None, None, None, "", "download")
    for number in range(40)
]  # fmt: skip
