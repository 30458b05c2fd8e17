"""Where the environments of the peers are, and how a worker is started in one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from corpora import REPOSITORY
from engines import ENGINES
from engines.base import Definition

WORKER = Path(__file__).resolve().parent / "worker.py"


def default_folder() -> Path:
    """TOKMILL_PEERS, else build/peers in the checkout."""
    named = os.environ.get("TOKMILL_PEERS")
    return Path(named) if named else REPOSITORY / "build" / "peers"


def interpreter(folder: Path, name: str) -> Path:
    """Interpreter that has the engine: its environment's, or this one for tokmill."""
    if not ENGINES[name].requirement:
        return Path(sys.executable)
    if sys.platform == "win32":
        return folder / name / "Scripts" / "python.exe"
    return folder / name / "bin" / "python"


def pick_cores(threads: int) -> list[int]:
    """The last cores allowed to this process: the first serve interrupts on many machines."""
    if not hasattr(os, "sched_getaffinity"):
        return list(range(threads))
    return sorted(os.sched_getaffinity(0))[-threads:]


def run_worker(
    folder: Path,
    name: str,
    definition: Definition,
    texts: Path,
    *,
    task: str = "encode",
    threads: int = 1,
    timeout: float = 600.0,
    prefix: Sequence[str] = (),
    **job: Any,
) -> dict[str, Any]:
    """Runs one engine in a fresh process; see worker.py for the keys of the result.

    `prefix` is a command that runs the process, such as a profiler. A crash or a timeout becomes
    {"refuses": reason}.
    """
    python = interpreter(folder, name)
    if not python.exists():
        return {"refuses": "not installed"}
    job |= {
        "module": ENGINES[name].module,
        "definition": asdict(definition),
        "texts": str(texts),
        "task": task,
        "threads": threads,
        "cores": pick_cores(threads),
    }
    environment = os.environ | {
        "RAYON_NUM_THREADS": str(threads),
        "TOKENIZERS_PARALLELISM": "true" if threads > 1 else "false",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }
    with tempfile.TemporaryDirectory() as temporary:
        job_file = Path(temporary) / "job.json"
        job_file.write_text(json.dumps(job), encoding="utf-8")
        try:
            done = subprocess.run(
                [*prefix, str(python), str(WORKER), str(job_file)],
                env=environment,
                capture_output=True,
                text=True,
                timeout=timeout,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return {"refuses": f"no answer in {timeout:.0f} s"}
    for line in reversed(done.stdout.splitlines()):
        if line.startswith("RESULT "):
            result: dict[str, Any] = json.loads(line[len("RESULT ") :])
            return result
    return {"refuses": f"crashed with exit code {done.returncode}"}
