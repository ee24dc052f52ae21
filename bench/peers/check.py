"""Starts every Python peer on checkpoints and compares its hidden states with transformers' eager float32 BertModel.

    python check.py FOLDER... [--threads N] [--cache DIR]

Three texts of different lengths go in, padded in one batch, and one after the other; one call runs them concurrently.
Prints the largest deviation of each engine; one of 1e-4 (1 + |v|) or more, or an error, ends in exit code 1. An engine
that is not installed is named and passes.
"""
import argparse
import base64
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import torch
from transformers import BertModel

from worker import ENGINES

LENGTHS = (7, 32, 19)
PASSES = {"padded": [[2, 0, 1]], "alone": [[0], [1], [2]]}


def expected(folder, texts):
    model = BertModel.from_pretrained(folder, attn_implementation="eager", dtype=torch.float32).eval()
    with torch.inference_mode():
        return np.concatenate([model(torch.tensor([text])).last_hidden_state[0].numpy() for text in texts])


class Engine:

    def __init__(self, engine, folder, threads, cache):
        command = [sys.executable, str(Path(__file__).with_name("worker.py")), "--engine", engine, "--model", str(folder),
                   "--threads", str(threads)] + (["--cache", cache] if cache else [])
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.hello = json.loads(self.process.stdout.readline())

    def ask(self, op, **request):
        self.process.stdin.write(json.dumps({"op": op, **request}) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer


def check(engine, texts, wanted):
    """The largest deviation as a share of what is allowed, and what was printed of the timings."""
    worst = 0.0
    timings = []
    for name, batches in PASSES.items():
        engine.ask("load", name=name, texts=texts, batches=batches)
        hidden = np.frombuffer(base64.b64decode(engine.ask("values", name=name)["hidden"]), "<f4").reshape(wanted.shape)
        worst = max(worst, float((np.abs(hidden - wanted) / (1 + np.abs(wanted))).max()))
        millis = engine.ask("run", name=name, seconds=0.5, uncounted=1, at_least=3)["millis"]
        timings.append(f"{name} {min(millis):.1f} ms")
    concurrent = engine.ask("concurrent", name="padded", callers=3, seconds=0.5)
    timings.append(f"{1e3 * len(concurrent['millis']) / concurrent['wall_ms']:.1f} calls/s of three callers")
    engine.ask("drop", name="padded")
    engine.ask("quit")
    return worst, ", ".join(timings)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--cache")
    arguments = parser.parse_args()
    random = np.random.default_rng(7)
    texts = [[101, *random.integers(1000, 30000, length - 2).tolist(), 102] for length in LENGTHS]
    failed = False
    for folder in arguments.folders:
        wanted = expected(folder, texts)
        for name in ENGINES:
            engine = Engine(name, folder, arguments.threads, arguments.cache)
            if not engine.hello["ready"]:
                print(f"{folder}: {name}: not here: {engine.hello['reason']}", flush=True)
                continue
            try:
                worst, timings = check(engine, texts, wanted)
                # A NaN is no success, either.
                passed = worst < 1e-4
                print(f"{folder}: {name} {engine.hello['version']}: {worst:.1e} (1 + |v|){'' if passed else ' TOO MUCH'};"
                      f" {timings}", flush=True)
            except (RuntimeError, ValueError) as error:
                passed = False
                print(f"{folder}: {name}: {error}", flush=True)
                engine.process.kill()
            failed |= not passed
    sys.exit(failed)


if __name__ == "__main__":
    main()
