"""One engine of the Python world, driven over lines of JSON by the benchmark.

    python worker.py --engine pytorch|openvino|ctranslate2|onnxruntime|ctranslate2_int8|openvino_int8 --model FOLDER --threads N [--cache DIR]

Every engine runs one checkpoint folder of a BertModel, in fp32 unless its name says otherwise, in the strongest configuration known for it; its module,
peer_ENGINE.py, says which, and the first line of output repeats it. Conversions are kept in DIR. To install all engines:
`pip install -r bench/requirements-peers.txt`; one whose library is missing answers {"ready": false, "reason": ...}.

Requests and answers are one line each:

    {"op": "load", "name": N, "texts": [[101, ...], ...], "batches": [[0, 1], [2]]}      {"ok": true}
    {"op": "run", "name": N, "seconds": 1.0, "uncounted": 1, "at_least": 3}              {"millis": [of a pass, ...]}
    {"op": "values", "name": N}                        {"hidden": base64 of float32, all texts in order, no padding}
    {"op": "concurrent", "name": N, "callers": 8, "seconds": 2.0}       {"millis": [of a call, ...], "wall_ms": 2001.5}
    {"op": "drop", "name": N}                                                            {"ok": true}
    {"op": "quit"}                                                                       {"ok": true}, and it exits

A pass is all batches, one after the other; inputs are made when they are loaded, not in the time that is measured.
Callers of `concurrent` share the N threads: at most N passes are in work at once, and a call's time includes its wait.

A module peer_ENGINE has NAME and a class Peer(folder, threads, cache, slots=1), with `version`, `description` and
prepare(ids, lengths), which makes a call without arguments that returns the last hidden states and the pooled output;
calls may run at once from as many threads as there are slots, with `threads` threads for each.
"""
import argparse
import base64
import hashlib
import importlib
import json
import os
import queue
import sys
import threading
import time
from pathlib import Path

ENGINES = ("pytorch", "openvino", "ctranslate2", "onnxruntime", "ctranslate2_int8", "openvino_int8")


def sentence(error):
    """What went wrong, on one line."""
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"


def padded(texts):
    """Ids as [batch, tokens], padding 0, and the lengths."""
    import numpy as np

    lengths = np.array([len(text) for text in texts], np.int64)
    ids = np.zeros((len(texts), lengths.max()), np.int64)
    for row, text in zip(ids, texts):
        row[: len(text)] = text
    return ids, lengths


class Recording:
    """Texts, and the batches in which they are run."""

    def __init__(self, texts, batches):
        self.texts = texts
        self.batches = batches

    def prepare(self, peer):
        return [peer.prepare(*padded([self.texts[i] for i in batch])) for batch in self.batches]


def millis_of(calls):
    start = time.perf_counter()
    for call in calls:
        call()
    return (time.perf_counter() - start) * 1e3


class Worker:

    def __init__(self, new_peer, threads):
        self.new_peer = new_peer
        self.threads = threads
        self.peer = new_peer(threads, 1)
        self.parallel_peers = {1: self.peer}
        self.recordings = {}
        self.calls = {}

    def load(self, name, texts, batches):
        self.recordings[name] = Recording(texts, batches)
        self.calls[name] = self.recordings[name].prepare(self.peer)
        return {"ok": True}

    def drop(self, name):
        del self.recordings[name], self.calls[name]
        return {"ok": True}

    def run(self, name, seconds, uncounted=1, at_least=1):
        calls = self.calls[name]
        for _ in range(uncounted):
            millis_of(calls)
        millis = []
        end = time.perf_counter() + seconds
        while len(millis) < at_least or time.perf_counter() < end:
            millis.append(millis_of(calls))
        return {"millis": millis}

    def values(self, name):
        import numpy as np

        recording = self.recordings[name]
        hidden = {}
        for batch, call in zip(recording.batches, self.calls[name]):
            # An engine may use its output's memory again in the next call.
            states = np.array(call()[0], dtype="<f4")
            hidden.update((text, states[row, : len(recording.texts[text])]) for row, text in enumerate(batch))
        rows = np.concatenate([hidden[text] for text in range(len(recording.texts))])
        return {"hidden": base64.b64encode(rows.tobytes()).decode()}

    def concurrent(self, name, callers, seconds):
        """At most as many calls at once as there are threads: more would only take turns on the cores."""
        slots = min(callers, self.threads)
        if slots not in self.parallel_peers:
            self.parallel_peers[slots] = self.new_peer(self.threads // slots, slots)
        free = queue.SimpleQueue()
        for _ in range(slots):
            calls = self.recordings[name].prepare(self.parallel_peers[slots])
            millis_of(calls)
            free.put(calls)
        millis, errors = [], []
        start = threading.Barrier(callers + 1)

        def call_again_and_again():
            start.wait()
            end = time.perf_counter() + seconds
            try:
                while time.perf_counter() < end:
                    called = time.perf_counter()
                    calls = free.get()
                    try:
                        millis_of(calls)
                    finally:
                        free.put(calls)
                    millis.append((time.perf_counter() - called) * 1e3)
            except Exception as error:
                errors.append(error)

        callers_threads = [threading.Thread(target=call_again_and_again) for _ in range(callers)]
        for thread in callers_threads:
            thread.start()
        start.wait()
        began = time.perf_counter()
        for thread in callers_threads:
            thread.join()
        wall = (time.perf_counter() - began) * 1e3
        if errors:
            raise errors[0]
        return {"millis": millis, "wall_ms": wall}

    def answer(self, request):
        op = request.pop("op")
        if op not in ("load", "run", "values", "concurrent", "drop"):
            return {"error": f"there is no operation {op}"}
        return getattr(self, op)(**request)


def private_stdout():
    """The real standard output, for answers only: what libraries print, native ones too, goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    return answers


def cache_of(folder, directory):
    """A folder for what is made of this checkpoint; a checkpoint written anew gets another one."""
    weights = (folder / "model.safetensors").stat()
    key = f"{folder.resolve()} {weights.st_size} {weights.st_mtime_ns}"
    cache = Path(directory, hashlib.sha256(key.encode()).hexdigest()[:16])
    cache.mkdir(parents=True, exist_ok=True)
    return cache


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--cache", default=Path(__file__).resolve().parent.parent / "target" / "peers")
    arguments = parser.parse_args()
    # Nothing is fetched: a model that is not here is an error.
    os.environ["HF_HUB_OFFLINE"] = "1"
    answers = private_stdout()

    def say(answer):
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    name = arguments.engine
    try:
        module = importlib.import_module(f"peer_{arguments.engine}")
        name = module.NAME
        cache = cache_of(arguments.model, arguments.cache)
        worker = Worker(lambda threads, slots: module.Peer(arguments.model, threads, cache, slots), arguments.threads)
    except Exception as error:
        say({"ready": False, "engine": name, "reason": sentence(error)})
        return
    say({"ready": True, "engine": name, "version": worker.peer.version, "description": worker.peer.description})
    for line in sys.stdin:
        try:
            request = json.loads(line)
            if request.get("op") == "quit":
                say({"ok": True})
                break
            say(worker.answer(request))
        except Exception as error:
            say({"error": sentence(error)})


if __name__ == "__main__":
    main()
