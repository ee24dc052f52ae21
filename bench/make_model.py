"""Makes a BERT-base of random weights, once as a checkpoint folder and once as ONNX graphs of the very same weights.

What the weights are does not change how long a matrix product takes, so nothing needs to be downloaded.

The graphs are what ONNX Runtime's transformer optimizer makes of a BERT (fp32, exact GELU), written down directly,
which needs neither PyTorch nor an export:

* attention.onnx: fused Attention over packed query, key and value weights, the optimizer's default;
* multihead.onnx: three MatMuls and MultiHeadAttention, the optimizer's use_multi_head_attention.

Which of the two is faster depends on the length and the machine. Neither has a mask input, since no text is padded;
without one ONNX Runtime may choose its flash attention and skips the masking.
"""
import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

LAYERS, HIDDEN, HEADS, INTERMEDIATE, VOCAB, POSITIONS = 12, 768, 12, 3072, 30522, 512
EPSILON = 1e-12
MICROSOFT = "com.microsoft"


def make_weights():
    """All tensors by their name in transformers' BertModel."""
    random = np.random.default_rng(20250916)

    def normal(*shape):
        return random.standard_normal(shape, dtype=np.float32) * np.float32(0.02)

    weights = {}

    def linear(name, outputs, inputs):
        weights[name + ".weight"] = normal(outputs, inputs)
        weights[name + ".bias"] = normal(outputs)

    def norm(name):
        weights[name + ".weight"] = 1 + normal(HIDDEN)
        weights[name + ".bias"] = normal(HIDDEN)

    weights["embeddings.word_embeddings.weight"] = normal(VOCAB, HIDDEN)
    weights["embeddings.position_embeddings.weight"] = normal(POSITIONS, HIDDEN)
    weights["embeddings.token_type_embeddings.weight"] = normal(2, HIDDEN)
    norm("embeddings.LayerNorm")
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}"
        for name in ("query", "key", "value"):
            linear(f"{layer}.attention.self.{name}", HIDDEN, HIDDEN)
        linear(f"{layer}.attention.output.dense", HIDDEN, HIDDEN)
        norm(f"{layer}.attention.output.LayerNorm")
        linear(f"{layer}.intermediate.dense", INTERMEDIATE, HIDDEN)
        linear(f"{layer}.output.dense", HIDDEN, INTERMEDIATE)
        norm(f"{layer}.output.LayerNorm")
    linear("pooler.dense", HIDDEN, HIDDEN)
    return weights


def config():
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": INTERMEDIATE,
        "vocab_size": VOCAB,
        "max_position_embeddings": POSITIONS,
        "type_vocab_size": 2,
        "hidden_act": "gelu",
        "layer_norm_eps": EPSILON,
        "pad_token_id": 0,
        "torch_dtype": "float32",
    }


class Graph:
    """Nodes and initializers as they are added; a node's output is named after its parameters' place."""

    def __init__(self, weights):
        self.weights = weights
        self.nodes = []
        self.initializers = {}

    def constant(self, name, value):
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.asarray(value, order="C"), name)
        return name

    def tensor(self, name):
        return self.constant(name, self.weights[name])

    def transposed(self, name):
        """A weight as MatMul wants it, [inputs, outputs]: transposed here, not at run time."""
        return self.constant(name, self.weights[name].T)

    def node(self, operator, inputs, output, domain="", **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def matmul(self, place, x):
        return self.node("MatMul", [x, self.transposed(place + ".weight")], place + ".matmul")

    def output(self, place, x, skip, name):
        """The linear layer that ends a block; its bias, the residual and the normalization are one operator."""
        dense, norm = place + ".dense", place + ".LayerNorm"
        inputs = [self.matmul(dense, x), skip, self.tensor(norm + ".weight"), self.tensor(norm + ".bias"),
                  self.tensor(dense + ".bias")]
        return self.node("SkipLayerNormalization", inputs, name, MICROSOFT, epsilon=EPSILON)


def packed_attention(graph, place, x):
    names = [f"{place}.{name}" for name in ("query", "key", "value")]
    weight = np.concatenate([graph.weights[name + ".weight"].T for name in names], axis=1)
    bias = np.concatenate([graph.weights[name + ".bias"] for name in names])
    inputs = [x, graph.constant(place + ".qkv.weight", weight), graph.constant(place + ".qkv.bias", bias)]
    return graph.node("Attention", inputs, place, MICROSOFT, num_heads=HEADS)


def multi_head_attention(graph, place, x):
    names = [f"{place}.{name}" for name in ("query", "key", "value")]
    bias = np.concatenate([graph.weights[name + ".bias"] for name in names])
    inputs = [graph.matmul(name, x) for name in names] + [graph.constant(place + ".qkv.bias", bias)]
    return graph.node("MultiHeadAttention", inputs, place, MICROSOFT, num_heads=HEADS)


def make_graph(weights, attention):
    graph = Graph(weights)
    tables = [f"embeddings.{name}_embeddings.weight" for name in ("word", "position", "token_type")]
    inputs = ["input_ids", "token_type_ids"] + [graph.tensor(name) for name in tables]
    inputs += [graph.tensor("embeddings.LayerNorm.weight"), graph.tensor("embeddings.LayerNorm.bias")]
    x = graph.node("EmbedLayerNormalization", inputs, "embeddings", MICROSOFT, epsilon=EPSILON)
    # Nothing reads the operator's second output, but it cannot be left out.
    graph.nodes[-1].output.append("embeddings.mask_index")
    for i in range(LAYERS):
        layer = f"encoder.layer.{i}"
        context = attention(graph, f"{layer}.attention.self", x)
        x = graph.output(f"{layer}.attention.output", context, x, f"{layer}.attention.output")
        dense = f"{layer}.intermediate.dense"
        inner = graph.node("BiasGelu", [graph.matmul(dense, x), graph.tensor(dense + ".bias")], dense, MICROSOFT)
        x = graph.output(f"{layer}.output", inner, x, "last_hidden_state" if i == LAYERS - 1 else f"{layer}.output")
    first = graph.node("Gather", [x, graph.constant("first", np.int64(0))], "pooler.first", axis=1)
    pooler = [first, graph.tensor("pooler.dense.weight"), graph.tensor("pooler.dense.bias")]
    graph.node("Tanh", [graph.node("Gemm", pooler, "pooler.dense", transB=1)], "pooler_output")
    return graph


def save_graph(graph, file):
    batch_tokens = ["batch", "tokens"]
    model = helper.make_model(
        helper.make_graph(
            graph.nodes,
            "bert-base",
            [helper.make_tensor_value_info(name, TensorProto.INT32, batch_tokens)
             for name in ("input_ids", "token_type_ids")],
            [helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, batch_tokens + [HIDDEN]),
             helper.make_tensor_value_info("pooler_output", TensorProto.FLOAT, ["batch", HIDDEN])],
            list(graph.initializers.values())),
        opset_imports=[helper.make_opsetid("", 17), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=10)
    # Appending to an old file of data would leave it behind in front.
    data = file.with_name(file.name + ".data")
    data.unlink(missing_ok=True)
    onnx.save_model(model, str(file), save_as_external_data=True, all_tensors_to_one_file=True, location=data.name)


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    weights = make_weights()
    save_file(weights, str(folder / "model.safetensors"), metadata={"format": "pt"})
    save_graph(make_graph(weights, packed_attention), folder / "attention.onnx")
    save_graph(make_graph(weights, multi_head_attention), folder / "multihead.onnx")
    # Written last: whoever finds it finds all.
    (folder / "config.json").write_text(json.dumps(config(), indent=2) + "\n")


if __name__ == "__main__":
    main()
