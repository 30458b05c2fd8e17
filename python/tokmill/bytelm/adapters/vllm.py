"""Models served by vLLM, in the same process.

    from vllm import LLM
    from tokmill.bytelm.adapters import VllmModel

    model = VllmModel(LLM("org/name", max_logprobs=-1, enable_prefix_caching=True))
    lm = ByteModel(tokenizer, model, context_tokens=[bos])

vLLM has a tree of keys and values of its own (prefix caching), and batches the contexts of a call.
It hands rows over as lists of Python numbers, which takes longer than the model for large
vocabularies: where that matters, `TransformersModel` on the same GPU may be faster.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from ..._errors import InvalidInput
from ._extras import require


class VllmModel:
    """Rows of a `vllm.LLM`.

    Attributes:
        vocab_size: length of a row.
    """

    vocab_size: int

    def __init__(self, llm: Any) -> None:
        """Takes a running engine.

        Args:
            llm: a `vllm.LLM` made with `max_logprobs=-1`, which lets it give whole rows, and with
                the `logprobs_mode` that is the default, "raw_logprobs".

        Raises:
            ImportError: vllm is not installed.
        """
        library = require("vllm", "vllm")
        self._llm = llm
        self._prompt = library.TokensPrompt
        self.vocab_size = int(llm.llm_engine.model_config.get_vocab_size())
        self._parameters = library.SamplingParams(
            max_tokens=1, temperature=1.0, logprobs=-1, detokenize=False
        )

    def next_token_logprobs(self, contexts: Sequence[Sequence[int]]) -> npt.NDArray[np.float32]:
        """The rows of contexts.

        Args:
            contexts: n of them, not empty.

        Returns:
            Log-probabilities, float32 [n, V]; -inf for ids that vLLM left out.

        Raises:
            InvalidInput: a context is empty.
        """
        for index, context in enumerate(contexts):
            if not len(context):
                raise InvalidInput(
                    "the model needs at least one token to read: give ByteModel context_tokens, "
                    "such as the id of BOS",
                    index=index,
                )
        prompts = [self._prompt(prompt_token_ids=list(map(int, c))) for c in contexts]
        answers = self._llm.generate(prompts, self._parameters, use_tqdm=False)
        rows = np.full((len(prompts), self.vocab_size), -np.inf, np.float32)
        for row, answer in zip(rows, answers, strict=True):
            found = answer.outputs[0].logprobs[0]
            ids = np.fromiter(found.keys(), np.int64, len(found))
            row[ids] = np.fromiter((entry.logprob for entry in found.values()), float, len(found))
        return rows
