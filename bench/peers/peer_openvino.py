"""OpenVINO's CPU plugin over IR converted from the PyTorch model."""
import numpy as np
import openvino as ov
import openvino.properties as properties
import openvino.properties.hint as hints

from fastest import is_padded, mask_of

NAME = "OpenVINO"


class Peer:

    def __init__(self, folder, threads, cache, slots=1):
        self.folder, self.cache = folder, cache
        self.core = ov.Core()
        self.version = ov.__version__
        self.description = (
            f"fp32 CPU plugin (INFERENCE_PRECISION_HINT f32), IR converted from transformers' BertModel with dynamic "
            f"shapes, mask only where there is padding, PERFORMANCE_HINT {'LATENCY' if slots == 1 else 'THROUGHPUT'}, "
            f"INFERENCE_NUM_THREADS {threads * slots}, not pinned, an infer request with tensors set once for each batch")
        if slots == 1:
            mode = {hints.performance_mode(): hints.PerformanceMode.LATENCY}
            self.description += "; concurrent calls: THROUGHPUT, as many streams as threads or callers"
        else:
            mode = {hints.performance_mode(): hints.PerformanceMode.THROUGHPUT, properties.num_streams(): slots}
        # A thread pinned to a core that another program uses would wait for it.
        self.settings = mode | {hints.inference_precision(): ov.Type.f32, hints.enable_cpu_pinning(): False,
                                properties.inference_num_threads(): threads * slots}
        self.compiled = {}
        # A model that cannot be converted shall be known before anything is measured.
        self.model(False)

    def model(self, masked):
        if masked not in self.compiled:
            file = self.cache / f"openvino-{'masked' if masked else 'unmasked'}.xml"
            if not file.exists():
                convert(self.folder, file, masked)
            self.compiled[masked] = self.core.compile_model(str(file), "CPU", self.settings)
        return self.compiled[masked]

    def prepare(self, ids, lengths):
        masked = is_padded(ids, lengths)
        inputs = {"input_ids": ids, "token_type_ids": np.zeros_like(ids)}
        if masked:
            inputs["attention_mask"] = mask_of(ids, lengths)
        request = self.model(masked).create_infer_request()
        tensors = {name: ov.Tensor(value, shared_memory=True) for name, value in inputs.items()}
        for name, tensor in tensors.items():
            request.set_tensor(name, tensor)

        def call(keep=inputs):
            request.infer()
            return [request.get_output_tensor(i).data for i in range(2)]

        return call


def convert(folder, file, masked):
    import torch
    from transformers import BertModel

    class Positional(torch.nn.Module):
        """The inputs in the order of the example, the outputs as a tuple."""

        def __init__(self, model):
            super().__init__()
            self.model = model

        def forward(self, input_ids, token_type_ids, attention_mask=None):
            result = self.model(input_ids=input_ids, token_type_ids=token_type_ids, attention_mask=attention_mask)
            return result.last_hidden_state, result.pooler_output

    ids = torch.ones(2, 8, dtype=torch.int64)
    example = {"input_ids": ids, "token_type_ids": ids * 0} | ({"attention_mask": ids} if masked else {})
    model = BertModel.from_pretrained(folder, attn_implementation="sdpa", dtype=torch.float32).eval()
    shapes = [(name, ov.PartialShape([-1, -1]), ov.Type.i64) for name in example]
    converted = ov.convert_model(Positional(model), example_input=example, input=shapes)
    # Weights stay as they are, which save_model would otherwise halve. The .xml comes last: whoever finds it finds all.
    scratch = file.with_name("scratch-" + file.name)
    ov.save_model(converted, str(scratch), compress_to_fp16=False)
    scratch.with_suffix(".bin").replace(file.with_suffix(".bin"))
    scratch.replace(file)
