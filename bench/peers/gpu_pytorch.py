"""PyTorch on a GPU: BERT-base of the checkpoint in each precision, and the peaks of a matrix product to measure against.

Prints a JSON object a line. Needs torch alone: the model is written here, so that a machine without transformers can run
it. A call begins with ids on the host and ends with its answer there, as the calls of bert4j do.
"""
import argparse
import json
import re
import struct
import sys
import time
from pathlib import Path

import torch
import torch.nn.functional as F

SECONDS = 2.0
PEAK_SIZE = 8192


def read(folder):
    """The tensors of model.safetensors, all of them F32."""
    data = (Path(folder) / "model.safetensors").read_bytes()
    (size,) = struct.unpack("<Q", data[:8])
    body = memoryview(data)[8 + size:]
    tensors = {}
    for name, about in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            begin, end = about["data_offsets"]
            tensors[name] = torch.frombuffer(bytearray(body[begin:end]), dtype=torch.float32).reshape(about["shape"])
    return tensors


class Bert:

    def __init__(self, weights, config, device, dtype):
        self.w = {name: tensor.to(device, dtype) for name, tensor in weights.items()}
        self.config = config
        self.device = device

    def linear(self, x, name):
        return F.linear(x, self.w[name + ".weight"], self.w[name + ".bias"])

    def norm(self, x, name):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"],
                            self.config["layer_norm_eps"])

    def __call__(self, ids):
        embeddings = "embeddings."
        x = (self.w[embeddings + "word_embeddings.weight"][ids] + self.w[embeddings + "token_type_embeddings.weight"][0]
             + self.w[embeddings + "position_embeddings.weight"][:ids.shape[1]])
        x = self.norm(x, embeddings + "LayerNorm")
        heads = self.config["num_attention_heads"]
        for i in range(self.config["num_hidden_layers"]):
            layer = f"encoder.layer.{i}."
            q, k, v = (self.linear(x, f"{layer}attention.self.{name}").unflatten(-1, (heads, -1)).transpose(1, 2)
                       for name in ("query", "key", "value"))
            y = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).flatten(2)
            x = self.norm(self.linear(y, layer + "attention.output.dense") + x, layer + "attention.output.LayerNorm")
            y = self.linear(F.gelu(self.linear(x, layer + "intermediate.dense")), layer + "output.dense")
            x = self.norm(y + x, layer + "output.LayerNorm")
        return x, torch.tanh(self.linear(x[:, 0], "pooler.dense"))


def median_ms(call):
    for _ in range(3):
        call()
    times = []
    end = time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 5:
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return 1e3 * sorted(times)[len(times) // 2]


def peak(device, dtype, size):
    a = torch.randn(size, size, device=device, dtype=dtype)
    answer = torch.empty(1, dtype=dtype)

    def call():
        answer.copy_((a @ a)[0, :1])

    return 2e-9 * size ** 3 / median_ms(call)


def main(folder, rows, device="cuda", peak_size=PEAK_SIZE):
    if device == "cuda" and not torch.cuda.is_available():
        sys.exit(f"PyTorch {torch.__version__} sees no GPU here.")
    weights = read(folder)
    config = json.loads((Path(folder) / "config.json").read_text())
    name = torch.cuda.get_device_name() if device == "cuda" else device
    for precision, matmul, dtype in (("fp32", "highest", torch.float32), ("tf32", "high", torch.float32),
                                     ("bf16", "highest", torch.bfloat16)):
        torch.set_float32_matmul_precision(matmul)
        with torch.inference_mode():
            print(json.dumps({"peer": f"PyTorch {torch.__version__}", "device": name, "precision": precision,
                              "peak_tflops": peak(device, dtype, peak_size)}), flush=True)
            model = Bert(weights, config, device, dtype)
            for row in rows.split(","):
                texts, tokens = map(int, row.split("x"))
                ids = torch.randint(1000, config["vocab_size"], (texts, tokens))
                print(json.dumps({"peer": f"PyTorch {torch.__version__}", "precision": precision, "row": row,
                                  "hidden_ms": median_ms(lambda: model(ids.to(device))[0].float().cpu()),
                                  "pooled_ms": median_ms(lambda: model(ids.to(device))[1].float().cpu())}), flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("rows", help="texts x tokens, with commas between: 1x32,8x128")
    parser.add_argument("--device", default="cuda")
    given = parser.parse_args()
    if not all(re.fullmatch(r"[0-9]+x[0-9]+", row) for row in given.rows.split(",")):
        parser.error(f"rows are texts x tokens, as in 1x32,8x128, not {given.rows}")
    main(given.folder, given.rows, given.device, PEAK_SIZE if given.device == "cuda" else 1024)
