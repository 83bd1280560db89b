"""Things inside of parquet, arrow and .tar, as the libraries of this field write them."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import soundfile
from PIL import Image


def picture(number: int) -> bytes:
    """Return the file of a picture that `worlds.fakes.number_in` reads."""
    out = io.BytesIO()
    Image.new("RGB", (2, 2), (number % 256, number // 256, 9)).save(out, "PNG")
    return out.getvalue()


def recording(number: int) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, np.full(1000 + number, 0.1, np.float32), 16000, format="WAV")
    return out.getvalue()


FEATURES = {
    "image": {"_type": "Image"},
    "audio": {"_type": "Audio", "sampling_rate": 16000},
    "caption": {"dtype": "string", "_type": "Value"},
    "label": {"names": ["cat", "dog", "owl"], "_type": "ClassLabel"},
}


def hub_table(numbers, columns=("image", "caption"), paths="null") -> pa.Table:
    """Return a table with the schema and the notes of the datasets library."""

    def cell(content: bytes, number: int, ending: str):
        names = {"null": None, "same": f"image{ending}", "own": f"{number}{ending}"}
        return {"bytes": content, "path": names[paths]}

    media = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    kinds = {"image": media, "audio": media, "caption": pa.string(), "label": pa.int64()}
    cells = {
        "image": lambda n: cell(picture(n), n, ".png"),
        "audio": lambda n: cell(recording(n), n, ".wav"),
        "caption": lambda n: f"thing {n}",
        "label": lambda n: n % 3,
    }
    noted = json.dumps({"info": {"features": {name: FEATURES[name] for name in columns}}})
    schema = pa.schema([(name, kinds[name]) for name in columns], {"huggingface": noted})
    return pa.table({name: [cells[name](n) for n in numbers] for name in columns}, schema)


def write_hub(folder: Path, count: int, shards: int = 1, **more) -> Path:
    """Write shards of parquet as they lie in a data set of the hub."""
    (folder / "data").mkdir(parents=True, exist_ok=True)
    (folder / "README.md").write_text("---\nlicense: mit\n---\n# Things\n", "utf-8")
    for shard, numbers in enumerate(np.array_split(np.arange(count), shards)):
        name = f"train-{shard:05}-of-{shards:05}.parquet"
        table = hub_table(numbers.tolist(), **more)
        pq.write_table(table, folder / "data" / name, row_group_size=5)
    return folder


def write_saved(folder: Path, count: int, splits=("",), **more) -> Path:
    """Write what `save_to_disk` does: a stream of batches, and what is in it."""
    for split, numbers in zip(splits, np.array_split(np.arange(count), len(splits)), strict=True):
        place = folder / split
        place.mkdir(parents=True, exist_ok=True)
        table = hub_table(numbers.tolist(), **more)
        name = "data-00000-of-00001.arrow"
        with pa.OSFile(str(place / name), "wb") as file, (
            pa.ipc.new_stream(file, table.schema)
        ) as stream:  # fmt: skip
            stream.write_table(table, max_chunksize=4)
        state = {"_data_files": [{"filename": name}], "_split": split or None}
        (place / "state.json").write_text(json.dumps(state), "utf-8")
        (place / "dataset_info.json").write_text(json.dumps({"description": ""}), "utf-8")
        (place / "cache-1234567890abcdef.arrow").write_bytes((place / name).read_bytes())
    if splits != ("",):
        (folder / "dataset_dict.json").write_text(json.dumps({"splits": list(splits)}), "utf-8")
    return folder


def add(shard: tarfile.TarFile, name: str, content: bytes, **facts) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mtime, info.mode, info.uname = len(content), 1_700_000_000, 0o444, "bigdata"
    for fact, value in facts.items():
        setattr(info, fact, value)
    shard.addfile(info, io.BytesIO(content))


def write_shard(
    path: Path, numbers, texts="txt", media="image", name="{:09}", layout=tarfile.USTAR_FORMAT
) -> Path:
    """Write a shard as webdataset's TarWriter and img2dataset do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w", format=layout) as shard:
        for number in numbers:
            stem = name.format(number)
            if media == "image":
                add(shard, f"{stem}.png", picture(number))
            elif media == "speech":
                add(shard, f"{stem}.wav", recording(number))
            if "txt" in texts:
                add(shard, f"{stem}.txt", f"thing {number}".encode())
            if "json" in texts:
                said = {"caption": f"thing {number}", "url": "http://a.b/c.jpg", "key": stem,
                        "width": 2}  # fmt: skip
                add(shard, f"{stem}.json", json.dumps(said).encode())
            if "cls" in texts:
                add(shard, f"{stem}.cls", str(number % 3).encode())
    return path
