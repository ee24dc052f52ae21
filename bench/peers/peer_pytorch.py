"""PyTorch: transformers' BertModel with SDPA attention, for each shape the faster of eager and torch.compile."""
import os

import numpy as np
import torch
from transformers import BertModel
from transformers.utils import logging

from fastest import Fastest, is_padded, mask_of

NAME = "PyTorch"

logging.disable_progress_bar()


class Positional(torch.nn.Module):

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, types, mask=None):
        result = self.model(input_ids=ids, token_type_ids=types, attention_mask=mask)
        return result.last_hidden_state, result.pooler_output


class Peer:

    def __init__(self, folder, threads, cache, slots=1):
        self.threads = threads
        torch.set_num_threads(threads)
        if torch.get_num_interop_threads() != 1:
            torch.set_num_interop_threads(1)
        torch.set_float32_matmul_precision("highest")
        model = BertModel.from_pretrained(folder, attn_implementation="sdpa", dtype=torch.float32).eval()
        eager = Positional(model)
        self.ways = [eager]
        kind = "for each shape the faster of eager and torch.compile (Inductor, dynamic shapes, frozen packed weights)"
        try:
            compiled = compile_model(eager, cache)
            self.call(compiled, np.full((1, 8), 100), np.array([8]))()
            self.ways.append(compiled)
        except Exception as error:
            # Without a C++ compiler, for instance.
            kind = f"eager (torch.compile cannot be used here: {type(error).__name__})"
        self.fastest = Fastest([lambda *inputs, way=way: self.call(way, *inputs) for way in self.ways])
        self.version = torch.__version__
        self.description = (
            f"transformers' BertModel, fp32 (matmul precision highest), SDPA attention, {kind}, mask only where there is "
            f"padding, inference_mode, {threads} intra-op threads, 1 inter-op; concurrent calls: threads shared out")

    def prepare(self, ids, lengths):
        return self.fastest.prepare(ids, lengths)

    def call(self, way, ids, lengths):
        inputs = [torch.from_numpy(ids), torch.from_numpy(np.zeros_like(ids))]
        if is_padded(ids, lengths):
            inputs.append(torch.from_numpy(mask_of(ids, lengths)))

        def call():
            # The number belongs to the calling thread, and a peer for concurrent calls has another one.
            if torch.get_num_threads() != self.threads:
                torch.set_num_threads(self.threads)
            with torch.inference_mode():
                return way(*inputs)

        return call


def compile_model(module, cache):
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache / "inductor"))
    import torch._inductor.config

    # Weights as constants, which lets oneDNN pack them in advance.
    torch._inductor.config.freezing = True
    # Processes of its own would live on beside what is measured.
    torch._inductor.config.compile_threads = 1
    # With and without a mask, one text and several, and another number of threads are each compiled anew.
    torch._dynamo.config.recompile_limit = 64
    return torch.compile(module, dynamic=True)
