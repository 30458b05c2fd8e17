"""How programs use the drop-ins: forked and spawned processes, threads, datasets, loaders.

Every scenario runs in a process of its own, because forking and environment variables leave traces.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import tokmill.compat.tiktoken as tiktoken
import tokmill.compat.tokenizers as tokenizers

PREAMBLE = """
import os, pickle, sys, threading, time, warnings
import tokmill.compat.tokenizers as tokenizers
import tokmill.compat.tiktoken as tiktoken

def make():
    model = tokenizers.models.WordPiece(
        {"[UNK]": 0, "[PAD]": 1, "[CLS]": 2, "[SEP]": 3, "a": 4, "b": 5, "##b": 6, "c": 7},
        unk_token="[UNK]",
    )
    tok = tokenizers.Tokenizer(model)
    tok.normalizer = tokenizers.normalizers.BertNormalizer()
    tok.pre_tokenizer = tokenizers.pre_tokenizers.BertPreTokenizer()
    tok.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tok

TEXTS = ["a b c", "ab c" * 9, "c"] * 300
"""


def needs(*packages: str) -> pytest.MarkDecorator:
    missing = [name for name in packages if importlib.util.find_spec(name) is None]
    return pytest.mark.skipif(bool(missing), reason=f"not installed: {', '.join(missing)}")


def run(program: str, tmp_path: Path, timeout: float = 120, **environment: str) -> str:
    """Runs a program; it must end well, write nothing to stderr, and print what is returned."""
    script = tmp_path / "program.py"
    script.write_text(PREAMBLE + textwrap.dedent(program), encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **environment}
    done = subprocess.run(
        [sys.executable, str(script)],
        env=env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stderr == ""
    return done.stdout


@pytest.mark.parametrize("parallelism", [None, "", "true", "false"])
def test_fork_after_use(parallelism: str | None, tmp_path: Path) -> None:
    """A child never hangs and nobody warns, whatever TOKENIZERS_PARALLELISM says."""
    environment = {} if parallelism is None else {"TOKENIZERS_PARALLELISM": parallelism}
    program = """
        tok, enc = make(), tiktoken.get_encoding("gpt2")
        expected = [e.ids for e in tok.encode_batch(TEXTS)], enc.encode_batch(TEXTS)
        warnings.simplefilter("ignore", DeprecationWarning)
        stop = threading.Event()
        def busy():
            while not stop.is_set():
                tok.encode_batch(TEXTS)
                enc.encode_batch(TEXTS, num_threads=4)
        thread = threading.Thread(target=busy)
        thread.start()
        for _ in range(5):
            child = os.fork()
            if child == 0:
                got = [e.ids for e in tok.encode_batch(TEXTS)], enc.encode_batch(TEXTS)
                os._exit(0 if got == expected else 1)
            deadline = time.monotonic() + 60
            while True:
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    break
                if time.monotonic() > deadline:
                    os.kill(child, 9)
                    raise SystemExit("the child hangs")
                time.sleep(0.01)
            assert status == 0, status
        stop.set()
        thread.join()
        print("done")
    """
    assert run(program, tmp_path, **environment) == "done\n"


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_pools_of_processes(method: str, tmp_path: Path) -> None:
    program = f"""
        from concurrent.futures import ProcessPoolExecutor
        import multiprocessing

        def work(tok, enc, texts):
            return [e.ids for e in tok.encode_batch(texts)], enc.encode_batch(texts)

        if __name__ == "__main__":
            warnings.simplefilter("ignore", DeprecationWarning)
            tok, enc = make(), tiktoken.get_encoding("gpt2")
            expected = work(tok, enc, TEXTS)
            context = multiprocessing.get_context({method!r})
            with ProcessPoolExecutor(2, mp_context=context) as pool:
                jobs = [pool.submit(work, tok, enc, TEXTS) for _ in range(3)]
                assert all(job.result() == expected for job in jobs)
            print("done")
    """
    assert run(program, tmp_path) == "done\n"


def test_padding_and_truncation_change_while_others_encode(tmp_path: Path) -> None:
    """A running call sees one setting or another, never half of one."""
    program = """
        tok = make()
        stop, problems = threading.Event(), []
        allowed = {(4, 4), (10, 10)}
        def change():
            while not stop.is_set():
                for length in (4, 10):
                    tok.enable_truncation(length)
                    tok.enable_padding(length=length, pad_id=length)
                tok.no_padding(); tok.no_truncation()
                tok.encode_special_tokens = not tok.encode_special_tokens
        def encode():
            try:
                for _ in range(300):
                    for e in tok.encode_batch(["a b c a b c a b c a b c", "a"]):
                        assert len(e.ids) == len(e.attention_mask) == len(e.type_ids)
                        assert e.ids[0] == 2
                        pads = set(e.ids) & {10}
                        assert not pads or len(e.ids) == 10
            except BaseException as error:
                problems.append(repr(error))
        changer = threading.Thread(target=change)
        changer.start()
        threads = [threading.Thread(target=encode) for _ in range(6)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        stop.set()
        changer.join()
        assert not problems, problems[0]
        print("done")
    """
    assert run(program, tmp_path) == "done\n"


def test_pickles_do_not_depend_on_use(tmp_path: Path) -> None:
    """What datasets takes for a fingerprint: the same bytes before and after encoding."""
    program = """
        tok, enc = make(), tiktoken.get_encoding("gpt2")
        before = pickle.dumps(tok), pickle.dumps(enc)
        tok.encode_batch(TEXTS); enc.encode_batch(TEXTS); tok.get_vocab(); enc._mergeable_ranks
        assert (pickle.dumps(tok), pickle.dumps(enc)) == before
        again = pickle.loads(before[0])
        assert pickle.dumps(again) == before[0]
        ids = [[e.ids for e in one.encode_batch(TEXTS)] for one in (again, tok)]
        assert ids[0] == ids[1]
        print(len(before[1]))
    """
    assert int(run(program, tmp_path)) < 200


@needs("datasets", "transformers")
def test_datasets_map(tmp_path: Path) -> None:
    """map(batched=True, num_proc=2) gives the right rows; a second time they are in the cache."""
    program = """
        os.environ["HF_HUB_OFFLINE"] = "1"
        warnings.simplefilter("ignore")
        import logging
        import tokmill.compat.transformers as fast
        fast.install()
        import datasets
        from transformers import PreTrainedTokenizerFast
        datasets.disable_progress_bars()

        def tokenize(rows, tok):
            return tok(rows["text"], truncation=True, max_length=8, padding="max_length")

        if __name__ == "__main__":
            tok = PreTrainedTokenizerFast(
                tokenizer_object=make(), pad_token="[PAD]", unk_token="[UNK]"
            )
            assert type(tok.backend_tokenizer).__module__ == "tokmill.compat.tokenizers"
            source = datasets.Dataset.from_dict({"text": TEXTS})
            expected = tokenize({"text": TEXTS}, tok)["input_ids"]
            prints = []
            for _ in range(2):
                result = source.map(
                    tokenize, batched=True, num_proc=2, fn_kwargs={"tok": tok}
                )
                assert result["input_ids"][:] == expected
                prints.append(result._fingerprint)
                tok(TEXTS, padding=True, truncation=True, max_length=5)
            print(len(set(prints)))
    """
    output = subprocess_output(program, tmp_path)
    assert output.splitlines()[-1] == "1"


def subprocess_output(program: str, tmp_path: Path) -> str:
    """As `run`, for libraries that write warnings of their own to stderr."""
    script = tmp_path / "program.py"
    script.write_text(PREAMBLE + textwrap.dedent(program), encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "HF_HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(script)],
        env=env,
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@needs("torch")
@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_data_loader(method: str, tmp_path: Path) -> None:
    program = f"""
        warnings.simplefilter("ignore")
        import torch
        from torch.utils.data import DataLoader

        class Collate:
            def __init__(self):
                self.tok = make()
                self.tok.enable_padding(pad_id=1)
            def __call__(self, texts):
                return torch.tensor([e.ids for e in self.tok.encode_batch(texts)])

        if __name__ == "__main__":
            collate = Collate()
            expected = [collate(TEXTS[i:i + 64]).tolist() for i in range(0, len(TEXTS), 64)]
            loader = DataLoader(
                TEXTS, batch_size=64, num_workers=2, collate_fn=collate,
                multiprocessing_context={method!r},
            )
            assert [batch.tolist() for batch in loader] == expected
            print("done")
    """
    assert subprocess_output(program, tmp_path).endswith("done\n")


@pytest.mark.parametrize("surface", ["tokenizers", "tiktoken"])
def test_other_threads_run_meanwhile(surface: str) -> None:
    """The interpreter lock is released: a second thread counts on while a long text is encoded."""
    text = "some words, and some more. " * 400_000
    if surface == "tiktoken":
        encoding = tiktoken.get_encoding("cl100k_base")

        def encode() -> None:
            encoding.encode_to_numpy(text)
    else:
        model = tokenizers.models.BPE({"a": 0, "<unk>": 1}, [], unk_token="<unk>", fuse_unk=True)
        tok = tokenizers.Tokenizer(model)
        tok.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()

        def encode() -> None:
            tok.encode_batch([text, text])

    ticks: list[float] = []
    stop = threading.Event()

    def tick() -> None:
        while not stop.is_set():
            ticks.append(time.perf_counter())
            time.sleep(0.001)

    thread = threading.Thread(target=tick)
    thread.start()
    time.sleep(0.01)
    begin = time.perf_counter()
    encode()
    end = time.perf_counter()
    stop.set()
    thread.join()
    meanwhile = [moment for moment in ticks if begin < moment < end]
    # Were the lock held, there would be none but at the edges.
    assert len(meanwhile) >= min(10, (end - begin) / 0.02)
