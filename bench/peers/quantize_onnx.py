"""An ONNX graph with int8 weights, by ONNX Runtime's dynamic quantisation: quantize_onnx.py GRAPH TARGET"""
import sys
import tempfile
from pathlib import Path

import onnx
from onnxruntime.quantization import QuantType, quantize_dynamic


def main(graph, target):
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        # Its weights lie in other files; what quantises wants one.
        whole = Path(scratch, "whole.onnx")
        onnx.save(onnx.load(graph), whole)
        made = Path(scratch, "int8.onnx")
        quantize_dynamic(whole, made, per_channel=True, weight_type=QuantType.QInt8,
                         op_types_to_quantize=["MatMul", "Attention", "Gemm"],
                         extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT})
        made.rename(target)


main(Path(sys.argv[1]), Path(sys.argv[2]))
