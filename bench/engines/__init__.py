"""The engines that the benchmark can run: tokmill and its peers.

Each engine has one adapter module in this package (see `base.Engine`). The driver reads only this
table; an adapter is imported by the worker process alone, under the interpreter that has the
engine installed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class EngineInfo:
    """Where an engine comes from.

    name: what the tables and the command line call it, and the folder of its environment.
    module: its adapter in this package.
    requirement: what `setup_peers.py` installs; empty for tokmill, which runs under the
        interpreter of the driver.
    """

    name: str
    module: str
    requirement: str


ENGINES: dict[str, EngineInfo] = {
    info.name: info
    for info in (
        EngineInfo("tokmill", "tokmill_engine", ""),
        EngineInfo("tokenizers-0.23.3", "tokenizers_v0", "tokenizers==0.23.3"),
        EngineInfo("tokenizers-1.0.0rc3", "tokenizers_v1", "tokenizers==1.0.0rc3"),
        EngineInfo("tiktoken", "tiktoken_engine", "tiktoken==0.14.0"),
        EngineInfo("sentencepiece", "sentencepiece_engine", "sentencepiece==0.2.3"),
        EngineInfo("gigatoken", "gigatoken_engine", "gigatoken==0.10.0"),
        EngineInfo("snaptokens", "snaptokens_engine", "snaptokens==0.2.6"),
        EngineInfo("fastokens", "fastokens_engine", "fastokens==0.3.5"),
        EngineInfo("quicktok", "quicktok_engine", "quicktok-v1==0.4.0"),
    )
}
