"""The command line: help, exit codes, messages, and what each command prints."""

from __future__ import annotations

import gzip
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pipeline_support import EOS_NAME, contents, small_tokenizer, some_text

pytest.importorskip("typer")

from typer.testing import CliRunner, Result

from tokmill.cli.app import app
from tokmill.pipeline import Manifest, ShardSet, load_tokenizer
from tokmill.pipeline import files as files_module

COMMANDS = ["encode", "decode", "verify", "count", "inspect", "bench", "snapshot", "demo"]


@pytest.fixture(autouse=True)
def no_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", lambda descriptor: None)


@pytest.fixture(scope="module")
def definition(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    small_tokenizer().save(path)
    return str(path)


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_bytes(some_text(1, 3000))
    (folder / "b.txt.gz").write_bytes(gzip.compress(some_text(2, 2000)))
    (folder / "c.jsonl").write_text('{"text": "one"}\n{"text": "two"}\n')
    return folder


def run(*arguments: object, code: int = 0, stdin: bytes | None = None) -> Result:
    result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin)
    assert result.exit_code == code, (result.output, result.exception)
    return result


def failure(*arguments: object, code: int = 1) -> str:
    """Runs a command that fails; gives its one line on standard error."""
    result = run(*arguments, code=code)
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1, result.stderr
    assert lines[0].startswith("tokmill: ")
    assert "Traceback" not in result.output
    return lines[0]


def flat(text: str) -> str:
    """Help text without frames and line breaks."""
    return " ".join(re.sub(r"[│╭╮╰╯─]", " ", text).split())


@pytest.mark.parametrize("command", COMMANDS)
def test_every_help_shows_an_example(command: str) -> None:
    help_text = flat(run(command, "--help").stdout)
    assert f"Example: tokmill {command}" in help_text
    assert "None" not in help_text


def test_help_and_version_of_the_program() -> None:
    help_text = flat(run("--help").stdout)
    for command in COMMANDS:
        assert command in help_text
    assert run("--version").stdout.startswith("tokmill ")


@pytest.mark.parametrize(
    "arguments",
    [
        ["encode"],
        ["encode", "x.txt"],
        ["encode", "x.txt", "--tokenizer", "gpt2", "--out", "o", "--nonsense"],
        ["encode", "x.txt", "--tokenizer", "gpt2", "--out", "o", "--shard-tokens", "0"],
        ["encode", "x.txt", "--tokenizer", "gpt2", "--out", "o", "--resume", "--overwrite"],
        ["nonsense"],
        ["decode"],
        ["count", "x.txt", "--tokenizer", "gpt2", "--split", "word"],
    ],
)
def test_wrong_usage(arguments: list[str]) -> None:
    assert "Usage: " in run(*arguments, code=2).stderr


def test_encode_decode_verify_count(corpus: Path, tmp_path: Path, definition: str) -> None:
    out = tmp_path / "out"
    encode = ["encode", corpus, "-t", definition, "-o", out, "--shard-tokens", 500]
    result = run(*encode)
    manifest = Manifest.load(out)
    assert manifest.complete
    assert manifest.options["special"] == "text"
    assert f"{manifest.totals.tokens:,} tokens" in result.stdout
    assert "4 documents" in result.stdout

    before = contents(out)
    assert "from an earlier run" in run(*encode).stdout
    assert contents(out) == before
    run(*encode, "--resume")
    run(*encode, "--overwrite")
    assert contents(out) == before

    verified = run("verify", out).stdout
    assert "all checks passed" in verified
    assert "4 documents decode to exactly what the inputs hold" in verified
    assert "not compared" in run("verify", out, "--no-inputs").stdout

    assert run("decode", out, "--document", 3).stdout_bytes == b"two"
    assert run("decode", out, "-n", 0).stdout_bytes == some_text(1, 3000)
    target = tmp_path / "text"
    run("decode", out, "--out", target, "--separator", r"\0|")
    parts = [some_text(1, 3000), some_text(2, 2000), b"one", b"two"]
    assert target.read_bytes() == b"\0|".join(parts)
    assert "there is no document 4" in failure("decode", out, "-n", 4)

    counted = json.loads(run("count", corpus, "-t", definition, "--json").stdout)
    assert counted["documents"] == 4
    assert counted["tokens"] == manifest.totals.tokens - 4
    assert [Path(entry["path"]).name for entry in counted["inputs"]] == [
        "a.txt",
        "b.txt.gz",
        "c.jsonl",
    ]
    assert f"{counted['tokens']:,}" in run("count", corpus, "-t", definition).stdout


def test_lines_come_back_as_they_were(tmp_path: Path, definition: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\n\ntwo <|endoftext|>\n\xff\xfe\n")
    run("encode", path, "-t", definition, "-o", tmp_path / "out", "--split", "line")
    assert run("decode", tmp_path / "out").stdout_bytes == path.read_bytes().removesuffix(b"\n")


def test_standard_input(tmp_path: Path, definition: str) -> None:
    script = [sys.executable, "-m", "tokmill"]
    out = tmp_path / "out"
    encode = [*script, "encode", "-", "-t", definition, "-o", str(out), "--field", "body"]
    data = b'{"body": "the"}\n' * 3
    done = subprocess.run(encode, input=gzip.compress(data), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(ShardSet(out)) == 3
    again = subprocess.run(encode, input=b"", capture_output=True, check=False)
    assert again.returncode == 1
    assert b"not the same twice" in again.stderr
    reader = subprocess.run([*script, "decode", str(out)], capture_output=True, check=False)
    assert reader.stdout == b"the\nthe\nthe"
    assert reader.stderr == b""


def test_eos_and_special_options(tmp_path: Path, definition: str) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"a{EOS_NAME}b")
    out = tmp_path / "out"
    tok = small_tokenizer()
    pad = tok.special_tokens["<|pad|>"]

    def ids(*options: object) -> list[int]:
        run("encode", path, "-t", definition, "-o", out, "--overwrite", *options)
        return [int(i) for i in ShardSet(out)[0]]

    assert ids()[-1] == tok.special_tokens[EOS_NAME]
    assert ids("--eos", "none")[-1] == ord("b")
    assert ids("--eos", "<|pad|>")[-1] == ids("--eos", pad)[-1] == pad
    assert ids("--eos", "none", "--special", "parse") == [97, tok.special_tokens[EOS_NAME], 98]
    assert len(ids("--eos", "none", "--special", EOS_NAME)) == 3
    encode = ["encode", path, "-t", definition, "-o", out, "--overwrite"]
    assert "no special token" in failure(*encode, "--special", "<|x|>", code=2)
    assert "no token '<|x|>'" in failure(*encode, "--eos", "<|x|>", code=2)
    assert "exclude each other" in failure(*encode, "--split", "line", "--separator", "x", code=2)
    assert "--separator" in failure(*encode, "--separator", r"\x", code=2)
    assert ids("--dtype", "uint32")
    assert Manifest.load(out).dtype == "uint32"


def test_failures_are_one_line(corpus: Path, tmp_path: Path, definition: str) -> None:
    out = tmp_path / "out"
    options = ["-t", definition, "-o", out]
    assert "No such file" in failure("encode", tmp_path / "missing", *options)
    assert "nothing matches" in failure("encode", f"{tmp_path}/*.none", *options)
    assert "no tokenizer" in failure("encode", corpus, "-t", tmp_path / "none", "-o", out)
    (tmp_path / "broken.json").write_text("{")
    assert "broken.json" in failure("encode", corpus, "-t", tmp_path / "broken.json", "-o", out)
    assert not out.exists()
    assert "nothing to resume" in failure("encode", corpus, *options, "--resume")

    (corpus / "bad.jsonl").write_text('{"text": "x"}\n{"text": 1}\n')
    assert "bad.jsonl, line 2: the field" in failure("encode", corpus, *options)
    assert (
        "1 bad JSON lines were skipped"
        in run("encode", corpus, *options, "--errors", "skip", "--overwrite").stdout
    )
    assert "shard_tokens" in failure(
        "encode", corpus, *options, "--errors", "skip", "--shard-tokens", 7
    )
    (corpus / "bad.gz").write_bytes(b"\x1f\x8b nothing")
    assert "bad.gz: damaged" in failure("encode", corpus / "bad.gz", *options, "--overwrite")
    (tmp_path / "file").write_text("")
    assert "cannot write" in failure(
        "encode", corpus / "a.txt", "-t", definition, "-o", tmp_path / "file" / "out"
    )
    assert "no shards" in failure("verify", tmp_path)
    assert "no shards" in failure("decode", tmp_path)
    assert "cannot read" in failure("decode", tmp_path / "no.bin", "-t", definition)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs /proc")
def test_unreadable_file(corpus: Path, tmp_path: Path, definition: str) -> None:
    inputs = [corpus / "a.txt", "/proc/self/mem"]
    line = failure("encode", *inputs, "-t", definition, "-o", tmp_path / "out")
    assert line == "tokmill: cannot read /proc/self/mem: Input/output error"


def test_verify_reports_problems(corpus: Path, tmp_path: Path, definition: str) -> None:
    out = tmp_path / "out"
    run("encode", corpus, "-t", definition, "-o", out)
    ids = np.fromfile(out / "shard_000000.bin", np.uint16)
    ids[0] ^= 1
    ids.tofile(out / "shard_000000.bin")
    result = run("verify", out, code=1)
    assert "SHA-256" in result.stderr
    assert "differs from its source" in result.stderr


@pytest.mark.skipif(os.name == "nt", reason="no limit on the size of files")
def test_the_system_refuses_to_write(tmp_path: Path, definition: str) -> None:
    """A real failing write in the middle of a shard: the limit on file sizes of the process."""
    path = tmp_path / "a.txt"
    path.write_bytes(some_text(5, 60_000))
    out = tmp_path / "out"
    script = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000));"
        "from tokmill.cli import main; main()"
    )
    arguments = ["encode", str(path), "-t", definition, "-o", str(out), "--split", "line"]
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments, "--shard-tokens", "1000000"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert re.fullmatch(r"tokmill: cannot write .*shard_000000.*: File too large\n", done.stderr)
    assert [name for name in contents(out) if name != "manifest.json"] == []


@pytest.mark.skipif(os.name == "nt", reason="no SIGTERM")
def test_terminated_process_cleans_up(tmp_path: Path, definition: str) -> None:
    out = tmp_path / "out"
    script = "from tokmill.cli import main; main()"
    encode = ["encode", "-", "-t", definition, "-o", str(out), "--split", "line"]
    with subprocess.Popen(
        [sys.executable, "-c", script, *encode],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write("line\n" * 100_000)
        process.stdin.flush()
        while not (out / "manifest.json").exists():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 1
        stderr = process.stderr.read()
    assert stderr.startswith("tokmill: stopped; 0 shards are finished")
    assert len(stderr.splitlines()) == 1
    assert list(contents(out)) == ["manifest.json"]


@pytest.mark.skipif(os.name == "nt", reason="pipes differ")
def test_a_closed_pipe_is_no_failure(tmp_path: Path, definition: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"line\n" * 100_000)
    run("encode", path, "-t", definition, "-o", tmp_path / "out", "--split", "line")
    script = "from tokmill.cli import main; main()"
    with subprocess.Popen(
        [sys.executable, "-c", script, "decode", str(tmp_path / "out")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == b"line\n"
        process.stdout.close()
        assert process.wait(30) == 0
        assert process.stderr.read() == b""


def test_internal_errors_are_one_line_too(
    corpus: Path, tmp_path: Path, definition: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("two\nlines")

    monkeypatch.setattr(files_module.Path, "replace", fail)
    line = failure("encode", corpus, "-t", definition, "-o", tmp_path / "out")
    assert line == "tokmill: internal error: RuntimeError: two lines"


def test_inspect(definition: str) -> None:
    text = run("inspect", definition, "--text", f"the é\n{EOS_NAME}").stdout
    tok = load_tokenizer(definition)
    assert tok.digest in text
    assert EOS_NAME in text
    assert "74 68 65" in text
    assert "c3" in text
    assert r"\n" in text
    assert str(tok.special_tokens[EOS_NAME]) in text
    assert "bytes per token" in text


def test_snapshot(tmp_path: Path, definition: str) -> None:
    target = tmp_path / "small.tokmill"
    assert "opens in" in run("snapshot", definition, target).stdout
    assert [path.name for path in tmp_path.iterdir()] == [target.name]
    corpus = tmp_path / "a.txt"
    corpus.write_text("the and")
    with_snapshot = run("count", corpus, "-t", target, "--json").stdout
    assert with_snapshot == run("count", corpus, "-t", definition, "--json").stdout


def test_bench_compares_ids_first(corpus: Path, definition: str) -> None:
    (corpus / "a.txt").write_text("the and 12345\n" * 100)
    text = run("bench", corpus / "a.txt", "-t", definition, "--split", "line", "--compare").stdout
    rows = [line.split() for line in text.splitlines() if line.startswith("tok")]
    assert rows[0][:2] == ["tokmill", "1"]
    assert all("equal" in row for row in rows if row[0] in ("tokmill", "tokenizers"))


def test_demo(tmp_path: Path, definition: str) -> None:
    text = run("demo", "-t", definition, "--out", tmp_path / "demo").stdout
    assert "decode to exactly their source" in text
    assert Manifest.load(tmp_path / "demo").complete


def test_without_the_extra() -> None:
    script = "import sys; sys.modules['typer'] = None;from tokmill.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "encode"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "pip install 'tokmill[cli]'" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_importing_the_library_loads_no_extra() -> None:
    script = (
        "import sys, tokmill, tokmill.pipeline, tokmill.cli;"
        "print([name for name in ('typer', 'rich', 'zstandard', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
