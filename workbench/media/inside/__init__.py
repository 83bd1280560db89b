"""Pictures and recordings that lie inside another file, read where they are.

Kinds are parquet and arrow as the datasets library writes them, and WebDataset's shards of .tar.
"""

from workbench.media.inside.containers import (
    CONTAINERS,
    container_columns,
    container_rows,
    copy_out,
    is_container,
    media_columns,
    open_inside,
    open_media,
    read_inside,
    split_inside,
    told_of_columns,
)

__all__ = [
    "CONTAINERS",
    "container_columns",
    "container_rows",
    "copy_out",
    "is_container",
    "media_columns",
    "open_inside",
    "open_media",
    "read_inside",
    "split_inside",
    "told_of_columns",
]
