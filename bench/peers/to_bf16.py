"""A model whose matrices are bf16: to_bf16.py FOLDER TARGET/model.safetensors

What is beside the weights, configurations and vocabularies, goes along.
"""
import shutil
import sys
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file

folder, target = Path(sys.argv[1]), Path(sys.argv[2])
weights = load_file(folder / "model.safetensors")
part = target.with_suffix(".part")
save_file({name: value.to(torch.bfloat16) if value.ndim == 2 else value for name, value in weights.items()}, part,
          metadata={"format": "pt"})
for file in folder.rglob("*"):
    if file.suffix in (".json", ".txt"):
        copy = target.parent / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, copy)
part.rename(target)
