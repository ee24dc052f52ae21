"""A checkpoint whose matrices are bf16: to_bf16.py FOLDER TARGET/model.safetensors"""
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
shutil.copy(folder / "config.json", target.parent)
part.rename(target)
