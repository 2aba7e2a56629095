"""Runs a function in this process, by the code that runs it under a host."""

from __future__ import annotations

import contextlib
import io
import json
import logging
import sys
from typing import Any, Callable, Dict, Iterator, List

from .._capture import CaptureHandler, current
from .._codec import JSONCodec
from .._oneshot import OneshotServer
from .._registry import Dispatcher, worker_of
from .._task import Task
from ._outcome import Outcome, judged


class _NoChannel:
    """Stands where the host's pipes are; nothing of an answer passes them here."""

    lost = False

    def write(self, data: bytes) -> None:
        raise AssertionError("in-process tests write nothing")


class _LocalServer(OneshotServer):
    def __init__(self, function: Callable[..., Any], cancelled: bool) -> None:
        super().__init__(_NoChannel(), JSONCodec(), Dispatcher([worker_of(function)]), pool=False)  # type: ignore[arg-type]
        self.reports: List[Dict[str, Any]] = []
        self._is_cancelled = cancelled

    def report(self, frame: Dict[str, Any]) -> None:
        self.reports.append({name: value for name, value in frame.items() if name in ("percent", "message")})

    def look_for_cancel(self, task: Task) -> None:
        task._cancelled = self._is_cancelled


class _Tee(io.TextIOBase):
    """Prints where it went before, and into the task's log."""

    def __init__(self, before: Any) -> None:
        self._before = before

    def write(self, text: str, /) -> int:
        task = current.task()
        if task is not None:
            task._captured().print(text)
        return int(self._before.write(text) or 0)

    def flush(self) -> None:
        self._before.flush()


@contextlib.contextmanager
def _captured() -> Iterator[None]:
    root, handler = logging.getLogger(), CaptureHandler()
    level = root.level
    root.addHandler(handler)
    if level == logging.WARNING:  # nobody has said otherwise; a worker has INFO then, too
        root.setLevel(logging.INFO)
    try:
        with contextlib.redirect_stdout(_Tee(sys.stdout)):
            yield
    finally:
        root.setLevel(level)
        root.removeHandler(handler)


def run_local(function: Callable[..., Any], task: Dict[str, Any], cancelled: bool) -> Outcome:
    """Runs one task, which goes through JSON both ways."""
    server = _LocalServer(function, cancelled)
    codec = JSONCodec()
    frame = codec.decode(json.dumps(task).encode())
    with _captured():
        reply, failure = server.answer(frame)
    code = 0 if failure is None else failure.code
    return judged(codec.decode(reply), code, progress=server.reports)
