"""Pictures, texts and recordings: find them, read them, show them small."""

from workbench.media.find import FoundFile, SkippedFile, find_containers, find_files
from workbench.media.inside import (
    CONTAINERS,
    copy_out,
    is_container,
    media_columns,
    open_media,
    read_inside,
)
from workbench.media.layouts.named_lines import is_transcript
from workbench.media.modality import MODALITIES, RECORD_SUFFIXES, SUFFIXES, VIDEO, Modality
from workbench.media.names import path_stem_of, plain_path, stem_of, text_of_name
from workbench.media.pictures.drawings import end_renderers, render_svg
from workbench.media.pictures.images import MAX_PIXELS, read_image
from workbench.media.pictures.previews import thumbnail, waveform
from workbench.media.reading import Order, Prepared, content_of, open_content, prepare, read_medium
from workbench.media.records import (
    RecordKind,
    Suggestion,
    column_names,
    first_file_name,
    first_media_name,
    read_records,
    record_kind,
    suggest_columns,
)
from workbench.media.rows.columns import (
    Assumed,
    Columns,
    Inside,
    Record,
    SkippedRecord,
    guess_columns,
    names_in_words,
)
from workbench.media.sounds.speech import SPEECH_RATE, read_speech, speech_seconds
from workbench.media.tables import read_rows, table_columns
from workbench.media.texts import decode_text, detect_encoding, pick_text, read_text

__all__ = [
    "CONTAINERS",
    "MAX_PIXELS",
    "MODALITIES",
    "RECORD_SUFFIXES",
    "SPEECH_RATE",
    "SUFFIXES",
    "VIDEO",
    "Assumed",
    "Columns",
    "FoundFile",
    "Inside",
    "Modality",
    "Order",
    "Prepared",
    "Record",
    "RecordKind",
    "SkippedFile",
    "SkippedRecord",
    "Suggestion",
    "column_names",
    "content_of",
    "copy_out",
    "decode_text",
    "detect_encoding",
    "end_renderers",
    "find_containers",
    "find_files",
    "first_file_name",
    "first_media_name",
    "guess_columns",
    "is_container",
    "is_transcript",
    "media_columns",
    "names_in_words",
    "open_content",
    "open_media",
    "path_stem_of",
    "pick_text",
    "plain_path",
    "prepare",
    "read_image",
    "read_inside",
    "read_medium",
    "read_records",
    "read_rows",
    "read_speech",
    "read_text",
    "record_kind",
    "render_svg",
    "speech_seconds",
    "stem_of",
    "suggest_columns",
    "table_columns",
    "text_of_name",
    "thumbnail",
    "waveform",
]
