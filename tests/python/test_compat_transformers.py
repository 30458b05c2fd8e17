"""transformers with tokmill inside against transformers as it is."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tokenizers
from definitions import needs_data

import tokmill.compat.tokenizers as drop_in
from tokmill.compat.transformers import accelerate, uninstall

transformers = pytest.importorskip("transformers", reason="transformers is not installed")

from transformers_forms import FORMS, make, run  # noqa: E402

pytestmark = needs_data

# One of each family; the others take minutes.
FEW = ("bert-base-uncased", "gpt2", "roberta-base", "llama-2", "t5-small", "clip-vit-base")
OTHERS = (
    "albert-base-v2",
    "bert-base-chinese",
    "cl100k-gpt35turbo",
    "gemma-3",
    "gpt-neox-20b",
    "gpt-oss",
    "gte-uncased-trunc-pad",
    "llama-3.1",
    "marian-nmt-style",
    "mistral-7b-v0.1",
    "mistral-7b-v0.3",
    "mistral-legacy-llama2-js",
    "modernbert-base",
    "mpt",
    "ms-marco-minilm-uncased",
    "openllama-zh-en",
    "phi-2",
    "phi-3-mini",
    "qwen3",
    "starcoder2",
    "whisper-tiny",
    "xlm-roberta-base",
)

Unpack = Callable[[str], Path]


@pytest.fixture(autouse=True)
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def definition(data_file: Unpack, name: str) -> Path:
    return data_file(f"tokenizers/hf/{name}.json")


def python(arguments: list[str], **environment: str) -> str:
    """Runs Python with the tests' path; returns what it prints."""
    path = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": path, "HF_HUB_OFFLINE": "1", **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def check_forms(path: Path) -> None:
    expected = run(make(path))
    tok = accelerate(make(path))
    assert type(tok.backend_tokenizer) is drop_in.Tokenizer
    got = run(tok)
    for name in FORMS:
        assert got[name] == expected[name], name


@pytest.mark.parametrize("name", FEW)
def test_every_form_of_a_call(data_file: Unpack, name: str) -> None:
    check_forms(definition(data_file, name))


@pytest.mark.slow(minutes=5)
@pytest.mark.parametrize("name", OTHERS)
def test_every_form_of_a_call_on_all_models(data_file: Unpack, name: str) -> None:
    check_forms(definition(data_file, name))


def test_a_program_run_with_tokmill(data_file: Unpack, tmp_path: Path) -> None:
    """`tokmill run`: the same program, once as it is and once with the drop-in."""
    program = str(Path(__file__).with_name("transformers_forms.py"))
    files = [str(definition(data_file, name)) for name in ("bert-base-uncased", "gpt2", "llama-2")]
    python([program, str(tmp_path / "plain"), *files])
    python(["-m", "tokmill", "run", program, str(tmp_path / "fast"), *files])
    plain_module, expected = pickle.loads((tmp_path / "plain").read_bytes())
    fast_module, got = pickle.loads((tmp_path / "fast").read_bytes())
    assert (plain_module, fast_module) == ("tokenizers", "tokmill.compat.tokenizers")
    for name, forms in expected.items():
        for form, result in forms.items():
            assert got[name][form] == result, (name, form)


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_install(data_file: Unpack, before: bool) -> None:
    """The alias, whether transformers has been imported already or not, and its removal."""
    program = f"""
        import sys
        import tokmill.compat.transformers as fast
        import tokmill.compat.tokenizers as own
        import tokenizers as original
        from tokenizers import Tokenizer as OriginalTokenizer
        import tokenizers.decoders
        if not {before}:
            import transformers.tokenization_utils_base
            from transformers import PreTrainedTokenizerFast
        fast.install()
        fast.install()
        import tokenizers
        from tokenizers.models import BPE
        from tokenizers import AddedToken
        from transformers import PreTrainedTokenizerFast
        assert tokenizers is own and BPE is own.models.BPE and AddedToken is own.AddedToken
        assert original is own and OriginalTokenizer is own.Tokenizer
        tok = PreTrainedTokenizerFast(tokenizer_file={str(definition(data_file, "gpt2"))!r})
        assert type(tok.backend_tokenizer) is own.Tokenizer
        assert tok("hello world")["input_ids"] == [31373, 995]
        import transformers.tokenization_utils_base as base
        assert base.AddedToken is own.AddedToken
        fast.uninstall()
        import tokenizers
        assert tokenizers is not own
        if not {before}:
            assert base.AddedToken is tokenizers.AddedToken
        assert sys.modules["tokenizers.models"].BPE is not BPE
        print("done")
    """
    assert python(["-c", textwrap.dedent(program)]).endswith("done\n")


def test_accelerate_is_idempotent_and_keeps_settings(data_file: Unpack) -> None:
    tok = make(definition(data_file, "bert-base-uncased"))
    tok("a", truncation=True, max_length=5, padding="max_length")
    tok.backend_tokenizer.encode_special_tokens = True
    expected = tok.backend_tokenizer.truncation, tok.backend_tokenizer.padding
    assert accelerate(tok) is tok
    backend = tok.backend_tokenizer
    assert accelerate(tok).backend_tokenizer is backend
    assert (backend.truncation, backend.padding) == expected
    assert backend.encode_special_tokens


def test_what_cannot_be_accelerated_stays_as_it_is() -> None:
    class Slow:
        def __call__(self) -> int:
            return 1

    slow = Slow()
    with pytest.warns(UserWarning, match="Slow does not use the package tokenizers"):
        assert accelerate(slow) is slow

    class Custom:
        def pre_tokenize(self, text: Any) -> None:
            del text

    backend = tokenizers.Tokenizer(tokenizers.models.WordLevel({"a": 0}, unk_token="a"))
    backend.pre_tokenizer = tokenizers.pre_tokenizers.PreTokenizer.custom(Custom())
    tok = Holder(backend)
    with pytest.warns(UserWarning, match="Holder is not accelerated"):
        assert accelerate(tok) is tok
    assert tok._tokenizer is backend


class Holder:
    def __init__(self, backend: Any) -> None:
        self._tokenizer = backend


def test_streams_take_both_kinds(data_file: Unpack) -> None:
    """Servers call tokenizers.decoders.DecodeStream with the backend of a tokenizer."""
    path = definition(data_file, "gpt2")
    plain, fast = make(path), accelerate(make(path))
    try:
        ids = plain("héllo 東京")["input_ids"]
        texts = []
        for tok in (plain, fast):
            stream = tokenizers.decoders.DecodeStream(skip_special_tokens=True)
            texts.append([stream.step(tok.backend_tokenizer, token) for token in ids])
        assert texts[0] == texts[1]
        assert "".join(piece or "" for piece in texts[0]) == "héllo 東京"
    finally:
        uninstall()
    assert tokenizers.decoders.DecodeStream is not drop_in.decoders.DecodeStream


def test_training_after_acceleration(data_file: Unpack) -> None:
    """train_new_from_iterator trains with the package tokenizers, from our definition."""
    tok = accelerate(make(definition(data_file, "gpt2")))
    new = tok.train_new_from_iterator([["some words to learn"] * 20], vocab_size=280)
    assert new("some words")["input_ids"]


def test_usage_of_run(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "import sys, tiktoken, tokenizers\n"
        "print(__name__, sys.argv[1:], sys.path[0] == sys.argv[0].rpartition('/')[0])\n"
        "print(tiktoken.Encoding.__module__, tokenizers.Tokenizer.__module__)\n"
        "print(__file__ == sys.argv[0])\n"
    )
    lines = python(["-m", "tokmill", "run", str(script), "--flag", "-h"]).splitlines()
    assert lines == [
        "__main__ ['--flag', '-h'] True",
        "tokmill.compat.tiktoken.core tokmill.compat.tokenizers",
        "True",
    ]
    assert "usage" in python(["-m", "tokmill", "run", "--help"])
    module = python(["-m", "tokmill", "run", "-m", "json.tool", "--help"])
    assert "json" in module
    for wrong in ([], [str(tmp_path / "absent.py")], ["-m"]):
        done = subprocess.run(
            [sys.executable, "-m", "tokmill", "run", *wrong],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=False,
        )
        assert done.returncode == 2
