"""ONNX Runtime over the graphs of export_onnx.py, with inputs and outputs bound once, in the faster attention operator."""
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnxruntime as ort

from fastest import Fastest, is_padded, mask_of

NAME = "ONNX Runtime (Python)"


class Peer:

    def __init__(self, folder, threads, cache, slots=1):
        self.folder, self.threads, self.cache = folder, threads, cache
        self.version = ort.__version__
        self.description = (
            f"fp32 CPU, graph fused by its transformer optimizer (EmbedLayerNormalization, SkipLayerNormalization, "
            f"BiasGelu, for each shape the faster of MultiHeadAttention and packed Attention), mask only where there is "
            f"padding, all optimizations, {threads} spinning threads, IOBinding with outputs made once")
        self.sessions = {}
        self.fastest = Fastest([lambda *inputs, form=form: self.call(form, *inputs) for form in ("multihead", "attention")])
        # A graph that cannot be made shall be known before anything is measured.
        self.session("multihead", True)

    def session(self, form, masked):
        if (form, masked) not in self.sessions:
            file = self.cache / f"{form}-{'masked' if masked else 'unmasked'}.onnx"
            if not file.exists():
                export(self.folder, file, form, masked)
            options = ort.SessionOptions()
            options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
            options.intra_op_num_threads = self.threads
            options.inter_op_num_threads = 1
            options.add_session_config_entry("session.intra_op.allow_spinning", "1")
            self.sessions[form, masked] = ort.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        return self.sessions[form, masked]

    def prepare(self, ids, lengths):
        return self.fastest.prepare(ids, lengths)

    def call(self, form, ids, lengths):
        masked = is_padded(ids, lengths)
        session = self.session(form, masked)
        ids = ids.astype(np.int32)
        inputs = {"input_ids": ids, "token_type_ids": np.zeros_like(ids)}
        if masked:
            inputs["attention_mask"] = mask_of(ids, lengths)
        hidden = session.get_outputs()[0].shape[2]
        binding = session.io_binding()
        for name, value in inputs.items():
            binding.bind_ortvalue_input(name, ort.OrtValue.ortvalue_from_numpy(value))
        outputs = [ort.OrtValue.ortvalue_from_numpy(np.zeros(shape, np.float32))
                   for shape in ((*ids.shape, hidden), (len(ids), hidden))]
        for name, value in zip(("last_hidden_state", "pooler_output"), outputs):
            binding.bind_ortvalue_output(name, value)
        results = [value.numpy() for value in outputs]

        def call():
            session.run_with_iobinding(binding)
            return results

        return call


def export(folder, file, form, masked):
    """In a process of its own, so that PyTorch's threads and memory stay out of the one that is measured."""
    command = [sys.executable, str(Path(__file__).with_name("export_onnx.py")), str(folder), str(file)]
    command += ["--attention"] * (form == "attention") + ["--unmasked"] * (not masked)
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, timeout=300)
    if done.returncode != 0:
        raise RuntimeError("the graph cannot be exported: " + (done.stderr.strip().splitlines() or ["?"])[-1])
