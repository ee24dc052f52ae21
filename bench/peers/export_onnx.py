"""Writes a BertModel checkpoint as the ONNX graph that ONNX Runtime runs fastest.

    python export_onnx.py FOLDER OUT.onnx [--attention] [--unmasked]

PyTorch exports the model, and ONNX Runtime's own transformer optimizer (onnxruntime.transformers.optimizer, model type
bert) fuses it: EmbedLayerNormalization, SkipLayerNormalization, BiasGelu, and MultiHeadAttention over three MatMuls or,
with --attention, Attention over packed weights. Batch and tokens are dynamic. fp32 throughout.

Inputs, each int32 [batch, tokens]: input_ids, attention_mask (1 for a token, 0 for padding at the end), token_type_ids.
With --unmasked there is no attention_mask: for batches without padding, where ONNX Runtime may then choose its flash
attention. Outputs, float32: last_hidden_state [batch, tokens, hidden] and pooler_output [batch, hidden].
"""
import argparse
import os
import tempfile
from pathlib import Path

import torch
from onnx import TensorProto
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from transformers import BertModel

INPUTS = ["input_ids", "attention_mask", "token_type_ids"]
OUTPUTS = ["last_hidden_state", "pooler_output"]


class Positional(torch.nn.Module):
    """The model with its inputs and outputs in the order of INPUTS and OUTPUTS."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask, types):
        result = self.model(input_ids=ids, attention_mask=mask, token_type_ids=types)
        return result.last_hidden_state, result.pooler_output


def export(folder, out, form="multihead", masked=True):
    """form: multihead or attention; the data goes into the same file."""
    # The optimizer knows attention by the pattern of the eager form and of the exporter that traces.
    model = BertModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    example = torch.ones(2, 8, dtype=torch.int64)
    axes = {name: {0: "batch", 1: "tokens"} for name in INPUTS + OUTPUTS[:1]} | {OUTPUTS[1]: {0: "batch"}}
    out = Path(out)
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=out.parent) as scratch:
        plain = str(Path(scratch, "plain.onnx"))
        torch.onnx.export(Positional(model), (example, example, example * 0), plain, dynamo=False, opset_version=17,
                          input_names=INPUTS, output_names=OUTPUTS, dynamic_axes=axes)
        options = FusionOptions("bert")
        options.use_multi_head_attention = form == "multihead"
        # opt_level 0: the session's own optimizations are left to the session that runs the graph.
        fused = optimizer.optimize_model(plain, "bert", num_heads=model.config.num_attention_heads, opt_level=0,
                                         hidden_size=model.config.hidden_size, optimization_options=options)
        verify(fused, model.config.num_hidden_layers)
        fused.change_graph_inputs_to_int32()
        if not masked:
            remove_mask(fused)
        # Renamed when it is whole: whoever finds it finds all.
        fused.save_model_to_file(plain)
        os.replace(plain, out)


def verify(fused, layers):
    """A version of the libraries that fuses less would make ONNX Runtime look slower than it is."""
    count = fused.get_fused_operator_statistics()
    whole = (count["EmbedLayerNormalization"] == 1 and count["Attention"] + count["MultiHeadAttention"] == layers
             and count["BiasGelu"] == layers and count["SkipLayerNormalization"] == 2 * layers)
    if not whole:
        raise RuntimeError(f"the optimizer did not fuse all of the graph: {count}")


def remove_mask(fused):
    """Takes the mask out of the fused graph: one input of the embeddings and one of each attention."""
    graph = fused.model.graph
    place = {"EmbedLayerNormalization": 7, "Attention": 3, "MultiHeadAttention": 4}
    for node in graph.node:
        if node.op_type in place and len(node.input) > place[node.op_type]:
            node.input[place[node.op_type]] = ""
            while not node.input[-1]:
                del node.input[-1]
    graph.input.remove(next(value for value in graph.input if value.name == "attention_mask"))
    # Whatever turned the mask into its operator's form has no reader now.
    fused.prune_graph()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("out")
    parser.add_argument("--attention", action="store_true")
    parser.add_argument("--unmasked", action="store_true")
    arguments = parser.parse_args()
    form = "attention" if arguments.attention else "multihead"
    export(arguments.folder, arguments.out, form, not arguments.unmasked)


if __name__ == "__main__":
    main()
