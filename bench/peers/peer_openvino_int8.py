"""OpenVINO's CPU plugin over the same model, weights and activations quantised to int8 by NNCF after the fact."""
import nncf
import numpy as np
import openvino as ov
import openvino.properties.hint as hints

import peer_openvino

NAME = "OpenVINO int8"
TOKENS = (8, 32, 128)


class Peer(peer_openvino.Peer):

    def __init__(self, folder, threads, cache, slots=1):
        super().__init__(folder, threads, cache, slots)
        # What stays a floating-point number may be of the type that is fastest: bf16 with AMX, as ours is.
        self.settings = {name: value for name, value in self.settings.items() if name != hints.inference_precision()}
        self.compiled = {}
        self.description = (f"{self.description.replace('fp32 CPU plugin (INFERENCE_PRECISION_HINT f32)', 'CPU plugin')}; "
                            f"int8 by nncf.quantize {nncf.__version__}, ModelType.TRANSFORMER, over texts of random "
                            f"tokens; the rest in the type that it prefers")

    def model(self, masked):
        if masked not in self.compiled:
            file = self.cache / f"openvino-int8-{'masked' if masked else 'unmasked'}.xml"
            if not file.exists():
                self.quantize(file, masked)
            self.compiled[masked] = self.core.compile_model(str(file), "CPU", self.settings)
        return self.compiled[masked]

    def quantize(self, file, masked):
        plain = self.cache / f"openvino-{'masked' if masked else 'unmasked'}.xml"
        if not plain.exists():
            peer_openvino.convert(self.folder, plain, masked)
        random = np.random.RandomState(1)

        def text(tokens):
            ids = random.randint(1000, 30000, (1, tokens)).astype(np.int64)
            inputs = {"input_ids": ids, "token_type_ids": np.zeros_like(ids)}
            return inputs | ({"attention_mask": np.ones_like(ids)} if masked else {})

        model = nncf.quantize(self.core.read_model(str(plain)), nncf.Dataset([text(n) for n in TOKENS * 8]),
                              model_type=nncf.ModelType.TRANSFORMER, subset_size=8 * len(TOKENS))
        ov.save_model(model, str(file), compress_to_fp16=False)
