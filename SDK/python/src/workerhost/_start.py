"""`run`: from the command line and the environment to a server that serves."""

from __future__ import annotations

import atexit
import importlib
import os
import sys
from typing import Any, Callable, List, NoReturn, Optional, Sequence

from . import _capture, _channel
from ._codec import JSONCodec, MessagePackCodec
from ._oneshot import OneshotServer
from ._outcome import INTERRUPTED
from ._registry import Dispatcher, UsageError, Worker, registered, worker_of
from ._server import Server
from ._sync import SyncServer

_has_run = False


def run(*functions: Callable[..., Any], argv: Optional[Sequence[str]] = None) -> NoReturn:
    """Serves tasks until there are no more, then ends the process. The last thing a worker's module does.

    Without arguments all functions decorated with `@worker` are served; with some, those. A name on the command line
    (`python -m MODULE NAME`, the configuration's `function`) takes one of them.

    The host says by the environment how it wants to be served (WORKERHOST_MODE, WORKERHOST_FORMAT); without a host it
    is one task on standard input.
    """
    global _has_run
    _has_run = True
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        code = serve(chosen([worker_of(function) for function in functions], words))
    except UsageError as error:
        _channel.complain(str(error))
        code = 2
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code)


def chosen(given: List[Worker], words: List[str]) -> List[Worker]:
    """The workers to serve."""
    known = {**registered, **{item.name: item for item in given}}
    if len(words) > 1:
        raise UsageError(f"one name of a function is expected, not {' '.join(words)!r}")
    if words:
        if words[0] not in known:
            names = ", ".join(known) or "none"
            raise UsageError(f"there is no worker function {words[0]!r} here; decorated with @worker: {names}")
        return [known[words[0]]]
    result = given or list(registered.values())
    if not result:
        raise UsageError("there is nothing to serve: decorate a function with @worker, or name one: run(function)")
    return result


def serve(workers: List[Worker]) -> int:
    """Serves in the mode that the environment asks for; the exit code."""
    dispatcher = Dispatcher(workers)
    mode = os.environ.get("WORKERHOST_MODE") or "oneshot"
    form = os.environ.get("WORKERHOST_FORMAT") or "json"
    if mode not in ("oneshot", "pool", "batch", "fork"):
        raise UsageError(f"WORKERHOST_MODE={mode} is unknown; there are oneshot, pool, batch and fork")
    if form not in ("json", "msgpack"):
        raise UsageError(f"WORKERHOST_FORMAT={form} is unknown; there are json and msgpack")
    if mode == "oneshot" and os.isatty(0):
        _channel.complain("reading one task from the terminal, as JSON; Ctrl-D ends it")
    if mode == "fork":
        control = _channel.claim_control()
        _capture.install()
        from . import _fork  # the socket module costs the start of every other worker milliseconds

        return _fork.serve(dispatcher, control)
    channel = _channel.claim()
    _capture.install()
    # Only pool has frames in another format: a task that comes alone and lines of a batch are JSON.
    codec = MessagePackCodec() if mode == "pool" and form == "msgpack" else JSONCodec()
    server: Server
    if mode == "oneshot":
        server = OneshotServer(channel, codec, dispatcher, pool=False)
    elif any(item.is_async for item in workers):
        from ._async import AsyncServer  # asyncio costs the start of every other worker 30 ms

        server = AsyncServer(channel, codec, dispatcher, pool=mode == "pool")
    else:
        server = SyncServer(channel, codec, dispatcher, pool=mode == "pool")
    return server.serve()


def main(words: Sequence[str]) -> NoReturn:
    """`python -m workerhost MODULE [FUNCTION]`: the module is imported when the protocol is out of its reach."""
    if not words or words[0].startswith("-") or len(words) > 2:
        print("usage: python -m workerhost MODULE [FUNCTION]", file=sys.stderr)
        print("Serves the functions of MODULE that are decorated with @worker, or the one named.", file=sys.stderr)
        sys.exit(0 if list(words) in (["-h"], ["--help"]) else 2)
    if os.environ.get("WORKERHOST_MODE"):
        _channel.claim_for_mode()
    module = importlib.import_module(words[0])
    name = words[1] if len(words) > 1 else None
    found = getattr(module, name, None) if name is not None else None
    if name is not None and name not in registered and callable(found):
        run(found, argv=[])
    run(argv=words[1:])


def _say_what_is_missing() -> None:
    """At exit: a module that a host started and that imported this package, but never came to `run`."""
    if _has_run or not _channel.is_claimed() or hasattr(sys, "last_type") or not registered:
        return
    _channel.complain('the module ended without serving. Its last lines: if __name__ == "__main__": workerhost.run()')


atexit.register(_say_what_is_missing)
