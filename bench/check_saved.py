"""Checks with the safetensors package that a saved model has the bits of the one that it was loaded from.

usage: check_saved.py ORIGINAL_DIR SAVED_DIR

Every tensor of SAVED_DIR must be in ORIGINAL_DIR with the same type, shape and bytes: under the same name or, as models
are loaded, with or without the prefix "bert.", with LayerNorm's old names, or with the decoder's name for its bias. An
index must agree with its shards, and config.json must have kept every key. Exits with 1 if anything is not so.
"""
import json
import sys
from pathlib import Path

from safetensors import deserialize, safe_open

INDEX = "model.safetensors.index.json"


def read(folder):
    """All tensors by name as (type, shape, bytes), and the file of each."""
    single = folder / "model.safetensors"
    files = [single] if single.exists() else sorted(
        {folder / name for name in json.loads((folder / INDEX).read_text())["weight_map"].values()})
    tensors, places = {}, {}
    for file in files:
        for name, tensor in deserialize(file.read_bytes()):
            tensors[name] = (tensor["dtype"], tuple(tensor["shape"]), bytes(tensor["data"]))
            places[name] = file.name
    return tensors, places, files


def names_before(name):
    """What a saved tensor may have been called."""
    old = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta")
    for candidate in (name.replace("predictions.bias", "predictions.decoder.bias"), name, old):
        yield from (candidate, "bert." + candidate, candidate.removeprefix("bert."))


def main(original, saved):
    before, _, _ = read(original)
    after, places, files = read(saved)
    faults = []
    for file in files:
        with safe_open(file, framework="numpy") as opened:
            if opened.metadata() != {"format": "pt"}:
                faults.append(f"{file.name}: metadata {opened.metadata()}")
        if int.from_bytes(file.read_bytes()[:8], "little") % 8:
            faults.append(f"{file.name}: the header's length is no multiple of 8")
    if len(files) > 1:
        index = json.loads((saved / INDEX).read_text())
        if index["weight_map"] != places:
            faults.append(f"{INDEX}: weight_map is not what the shards hold")
        if index["metadata"]["total_size"] != sum(len(data) for _, _, data in after.values()):
            faults.append(f"{INDEX}: total_size is {index['metadata']['total_size']}")
    for name, tensor in after.items():
        found = next((other for other in names_before(name) if other in before), None)
        if found is None:
            faults.append(f"{name}: not in the original")
        elif before[found] != tensor:
            faults.append(f"{name}: not equal to {found} of the original")
    config = json.loads((saved / "config.json").read_text())
    for key, value in json.loads((original / "config.json").read_text()).items():
        if key != "architectures" and (key not in config or config[key] != value):
            faults.append(f"config.json: {key} is {config.get(key)} instead of {value}")
    print(f"{saved}: {len(after)} tensors in {len(files)} files, {sum(len(t[2]) for t in after.values())} bytes")
    for fault in faults:
        print("  " + fault)
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
