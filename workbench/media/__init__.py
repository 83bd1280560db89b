"""Pictures, texts and recordings: find them, read them, show them small."""

from workbench.media.find import FoundFile, SkippedFile, find_files
from workbench.media.images import MAX_PIXELS, read_image, render_svg
from workbench.media.modality import MODALITIES, SUFFIXES, Modality
from workbench.media.previews import thumbnail, waveform
from workbench.media.speech import SPEECH_RATE, read_speech, speech_seconds
from workbench.media.texts import decode_text, pick_text, read_text

__all__ = [
    "MAX_PIXELS",
    "MODALITIES",
    "SPEECH_RATE",
    "SUFFIXES",
    "FoundFile",
    "Modality",
    "SkippedFile",
    "decode_text",
    "find_files",
    "pick_text",
    "read_image",
    "read_speech",
    "read_text",
    "render_svg",
    "speech_seconds",
    "thumbnail",
    "waveform",
]
