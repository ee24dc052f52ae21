"""Writes a checkpoint folder's BertModel as TorchScript, for PyTorch without Python (DJL).

usage: script_model.py FOLDER FILE

forward(input_ids [B, T], attention_mask [B, T] = None) -> (last_hidden_state, pooler_output). Written down here rather
than traced from transformers: tracing would keep the mask that texts without padding do not need. One product gives
query, key and value, and attention is PyTorch's fused one.
"""
import json
import sys
from pathlib import Path
from typing import Optional, Tuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F


class Layer(nn.Module):
    def __init__(self, hidden: int, heads: int, inner: int, epsilon: float):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(hidden, 3 * hidden)
        self.output = nn.Linear(hidden, hidden)
        self.norm = nn.LayerNorm(hidden, epsilon)
        self.inner = nn.Linear(hidden, inner)
        self.outer = nn.Linear(inner, hidden)
        self.last_norm = nn.LayerNorm(hidden, epsilon)

    def forward(self, x: Tensor, mask: Optional[Tensor]) -> Tensor:
        batch, tokens, hidden = x.shape
        qkv = self.qkv(x).view(batch, tokens, 3, self.heads, hidden // self.heads).permute(2, 0, 3, 1, 4)
        context = F.scaled_dot_product_attention(qkv[0], qkv[1], qkv[2], attn_mask=mask)
        x = self.norm(x + self.output(context.transpose(1, 2).reshape(batch, tokens, hidden)))
        return self.last_norm(x + self.outer(F.gelu(self.inner(x))))


class Bert(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        hidden, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.words = nn.Embedding(config["vocab_size"], hidden)
        self.positions = nn.Embedding(config["max_position_embeddings"], hidden)
        self.types = nn.Embedding(config["type_vocab_size"], hidden)
        self.norm = nn.LayerNorm(hidden, epsilon)
        self.layers = nn.ModuleList([
            Layer(hidden, config["num_attention_heads"], config["intermediate_size"], epsilon)
            for _ in range(config["num_hidden_layers"])])
        self.pooler = nn.Linear(hidden, hidden)

    def forward(self, input_ids: Tensor, attention_mask: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]:
        tokens = input_ids.size(1)
        x = self.norm(self.words(input_ids) + self.positions.weight[:tokens] + self.types.weight[0])
        mask: Optional[Tensor] = None
        if attention_mask is not None:
            mask = attention_mask.to(torch.bool)[:, None, None, :]
        for layer in self.layers:
            x = layer(x, mask)
        return x, torch.tanh(self.pooler(x[:, 0]))


def parameters(tensors, layers):
    """The checkpoint's tensors by the names of the modules above."""
    names = {"words": "word_embeddings", "positions": "position_embeddings", "types": "token_type_embeddings"}
    state = {f"{ours}.weight": tensors[f"embeddings.{theirs}.weight"] for ours, theirs in names.items()}
    places = {"norm": "embeddings.LayerNorm", "pooler": "pooler.dense"}
    for i in range(layers):
        layer, attention = f"encoder.layer.{i}", f"encoder.layer.{i}.attention"
        places |= {f"layers.{i}.output": f"{attention}.output.dense", f"layers.{i}.norm": f"{attention}.output.LayerNorm",
                   f"layers.{i}.inner": f"{layer}.intermediate.dense", f"layers.{i}.outer": f"{layer}.output.dense",
                   f"layers.{i}.last_norm": f"{layer}.output.LayerNorm"}
        for kind in ("weight", "bias"):
            state[f"layers.{i}.qkv.{kind}"] = torch.cat(
                [tensors[f"{attention}.self.{name}.{kind}"] for name in ("query", "key", "value")])
    for ours, theirs in places.items():
        for kind in ("weight", "bias"):
            state[f"{ours}.{kind}"] = tensors[f"{theirs}.{kind}"]
    return state


def main(folder, file):
    config = json.loads((folder / "config.json").read_text())
    if config["hidden_act"] != "gelu":
        sys.exit("Only the exact GELU is written down here.")
    model = Bert(config)
    tensors = {name.removeprefix("bert."): tensor for name, tensor in load_file(folder / "model.safetensors").items()}
    model.load_state_dict(parameters(tensors, config["num_hidden_layers"]))
    with torch.inference_mode():
        torch.jit.freeze(torch.jit.script(model.eval())).save(str(file))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
