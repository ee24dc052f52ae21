"""CTranslate2's Encoder over a model made by its own TransformersConverter."""
from types import SimpleNamespace

import ctranslate2
import numpy as np

NAME = "CTranslate2"


class Peer:
    compute_type = "float32"

    def __init__(self, folder, threads, cache, slots=1):
        directory = cache / "ctranslate2"
        if not directory.exists():
            convert(folder, directory)
        self.encoder = ctranslate2.Encoder(str(directory), device="cpu", compute_type=self.compute_type,
                                           inter_threads=slots, intra_threads=threads)
        self.version = ctranslate2.__version__
        self.description = (
            f"Encoder with pooler, compute_type {self.encoder.compute_type}, intra_threads {threads}, inter_threads "
            f"{slots}, forward_batch of dense ids with lengths (it leaves padding out by itself); concurrent calls: "
            f"inter_threads as many as threads or callers")

    def prepare(self, ids, lengths):
        dense = ctranslate2.StorageView.from_array(ids.astype(np.int32))
        counts = ctranslate2.StorageView.from_array(lengths.astype(np.int32))

        def call(keep=(dense, counts)):
            output = self.encoder.forward_batch(dense, counts)
            return output.last_hidden_state, output.pooler_output

        return call


def convert(folder, directory):
    from ctranslate2.converters import TransformersConverter

    class Converter(TransformersConverter):

        def load_model(self, model_class, path, **options):
            model = super().load_model(model_class, path, **options)
            # Asked for, but no longer there in newer versions of transformers, which know no other kind.
            model.config.position_embedding_type = "absolute"
            return model

        def load_tokenizer(self, tokenizer_class, path, **options):
            """Only ids go in, so any names will do, and a checkpoint without a tokenizer, too."""
            return SimpleNamespace(unk_token="[UNK]", get_vocab=lambda: {"[UNK]": 0})

    scratch = directory.with_name("scratch-" + directory.name)
    Converter(str(folder)).convert(str(scratch), quantization="float32", force=True)
    scratch.rename(directory)
