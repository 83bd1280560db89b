"""Colours on white, of the window's light theme and of what is printed."""

# Okabe and Ito's blue, vermillion and green
MODALITIES = {"image": "#0072b2", "text": "#d55e00", "speech": "#009e73"}
CATEGORIES = (
    "#4477aa", "#ee6677", "#228833", "#c9a227", "#3fb6d9", "#aa3377", "#e07b39",
    "#7b61b5", "#2a9d8f", "#8f8f2b", "#7a1f4f", "#6f7f8f", "#a0561b", "#1d3f8a",
)  # fmt: skip
ACCENT, INK, MUTED, GOOD, WARNING = "#4450c9", "#1a1e27", "#636c7d", "#1b7f56", "#96610b"
FAINT = "#c3c8d1"
# from less over no change to more; told apart by all common kinds of colour vision
LESS, MORE = "#0b5fa5", "#c2500a"
