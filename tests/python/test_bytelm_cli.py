"""`tokmill bytes`."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("typer")

from typer.testing import CliRunner, Result

import tokmill
from tokmill.bytelm import ByteModel
from tokmill.bytelm.adapters import NGramModel
from tokmill.cli.app import app

TEXT = "the white whale swam\n\nthe white whale sang\n\na whaler saw the whale"


MERGES = ("wh", "al", "ale", "whale", " whale", "it", "ite", "white", " white", "th", "the")


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """A small tokenizer, and text to train on."""
    folder = tmp_path_factory.mktemp("model")
    (folder / "corpus.txt").write_text(TEXT)
    tokenizer().save(folder / "tokenizer.json")
    return ["-t", str(folder / "tokenizer.json"), "--train", str(folder / "corpus.txt")]


def tokenizer() -> tokmill.Tokenizer:
    ranks = {bytes([byte]): byte for byte in range(256)}
    ranks |= {word.encode(): 256 + number for number, word in enumerate(MERGES)}
    special = {"<|endoftext|>": len(ranks)}
    return tokmill.Tokenizer.from_tiktoken(
        ranks, pat_str=r" ?\p{L}+|\s|[^\s\p{L}]+", special_tokens=special
    )


def model() -> ByteModel:
    """What the commands train."""
    tok = tokenizer()
    eos = tok.special_tokens["<|endoftext|>"]
    return ByteModel(tok, NGramModel.from_texts(TEXT.split("\n\n"), tok, order=3, eos_id=eos))


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, ["bytes", *map(str, arguments)])
    assert result.exit_code == code, (result.output, result.exception)
    return result


def test_help_has_examples() -> None:
    for command in ("next", "score", "complete", "plot"):
        assert f"tokmill bytes {command}" in run(command, "--help").output


def test_next_bytes(options: list[str]) -> None:
    found = json.loads(run("next", "the wha", *options, "--json").output)
    assert len(found["exact"]) == len(found["naive"]) == 257
    np.testing.assert_allclose(found["exact"], np.exp(model().next_byte_logprobs("the wha")))
    shown = run("next", "the wha", *options, "--top", 3).output
    assert "'l'" in shown
    assert "naive prompting misplaces" in shown
    assert "end of text" in run("next", "a whaler saw the whale", *options).output


def test_escapes_in_prompts(options: list[str]) -> None:
    found = json.loads(run("next", r"\xe2\x80", *options, "--json").output)
    np.testing.assert_allclose(found["exact"], np.exp(model().next_byte_logprobs(b"\xe2\x80")))


@pytest.mark.parametrize("semantics", ["local", "none", "all"])
def test_bits_per_byte(options: list[str], tmp_path: Path, semantics: str) -> None:
    data = tmp_path / "data.bin"
    data.write_bytes(b"the whale sang the white song")
    arguments = ["score", data, *options, "--json", "--semantics", semantics]
    (found,) = json.loads(run(*arguments).output)
    assert found["bytes"] == 29
    lm = model().with_options(
        **({"covering": "all"} if semantics == "all" else {"renormalize": semantics})
    )
    assert found["bits_per_byte"] == pytest.approx(lm.bits_per_byte(data.read_bytes()))
    (cut,) = json.loads(run(*arguments, "--window", 10, "--limit", 20).output)
    parts = [lm.prefix_logprob(data.read_bytes()[start : start + 10]) for start in (0, 10)]
    assert cut["bits_per_byte"] == pytest.approx(-sum(parts) / 20 / np.log(2))
    assert "bits per byte" in run("score", data, *options).output


def test_completions(options: list[str]) -> None:
    output = run("complete", "the white wha", *options).output
    exact, naive = (line for line in output.splitlines() if line.startswith(("exact", "naive")))
    assert "le s" in exact
    assert "le s" not in naive
    assert "' whale'" in output


def test_pictures(options: list[str], tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    path = tmp_path / "next.svg"
    run("plot", "the white whale", *options, "--out", path)
    assert "<svg" in path.read_text()


SHARES = np.array([0.3162, 0.3162, 0.1995]) / 0.8319


def test_arpa_files(tmp_path: Path, options: list[str]) -> None:
    path = tmp_path / "model.arpa"
    path.write_text(
        "\\data\\\nngram 1=4\n\n\\1-grams:\n-0.5\ta\n-0.5\tb\n-0.7\t</s>\n-99\t<s>\n\n\\end\\\n"
    )
    found = json.loads(run("next", "", "--model", path, *options[:2], "--json").output)
    np.testing.assert_allclose([found["exact"][i] for i in (97, 98, 256)], SHARES, atol=1e-4)
    run("next", "a", "--model", path, code=2)


def test_wrong_usage(options: list[str], tmp_path: Path) -> None:
    run("next", "a", *options, "--bos", "<nope>", code=2)
    run("next", "a", *options, "--model", "x", code=2)
    run("score", tmp_path / "missing", *options, code=1)
    run("plot", "a", *options, code=2)
