"""Captures what a task prints and logs, for its reply; all of it goes to standard error as well."""

from __future__ import annotations

import contextvars
import io
import logging
import sys
from typing import Any, Callable, Dict, Iterator, List, Optional

MAX_ENTRIES = 100
MAX_MESSAGE = 2000
MAX_TOTAL = 64_000
"""Characters."""
LIVE_TIMES = 100
"""So much more is sent of logs that reach the host at once, in place of the reply."""

Entry = Dict[str, str]


class Capture:
    """The log of one task, bounded: the first lines are kept, the others counted."""

    __slots__ = ("_count", "_dropped", "_full", "_line", "_size", "entries", "send")

    def __init__(self, send: Optional[Callable[[str, str], None]] = None) -> None:
        self.entries: List[Entry] = []
        self.send = send
        """Where lines go at once, in place of the reply."""
        self._count = 0
        self._size = 0
        self._full = False
        self._dropped = 0
        self._line = ""

    def add(self, level: str, message: str) -> None:
        """One entry."""
        if len(message) > MAX_MESSAGE:
            message = message[: MAX_MESSAGE - 1] + "…"
        times = 1 if self.send is None else LIVE_TIMES
        if self._full or self._count >= MAX_ENTRIES * times or self._size + len(message) > MAX_TOTAL * times:
            self._full = True
            self._dropped += 1
            return
        self._count += 1
        self._size += len(message)
        if self.send is not None:
            self.send(level, message)
        else:
            self.entries.append({"level": level, "message": message})

    def print(self, text: str) -> None:
        """Printed text, which becomes an entry for each line."""
        start = 0
        while True:
            end = text.find("\n", start)
            # No more of an endless line is kept than an entry holds.
            room = max(MAX_MESSAGE + 1 - len(self._line), 0)
            self._line += text[start : min(len(text) if end < 0 else end, start + room)]
            if end < 0:
                return
            self._end_line()
            start = end + 1
            if self._full:  # quick, whatever is printed
                self._dropped += text.count("\n", start)
                start = max(start, text.rfind("\n") + 1)

    def _end_line(self) -> None:
        line, self._line = self._line.rstrip("\r"), ""
        if line.strip():
            self.add("INFO", line)

    def finish(self) -> List[Entry]:
        """All entries; the last says how many are missing."""
        self._end_line()
        if self._dropped:
            text = f"{self._dropped} more lines are in the worker's log only"
            self._dropped = 0
            if self.send is not None:
                self.send("WARNING", text)
            else:
                self.entries.append({"level": "WARNING", "message": text})
        return self.entries


class Current:
    """Whose output it is: the task of this context, or the only one that runs (threads have no context of a task's)."""

    def __init__(self) -> None:
        self.only: Any = None
        self.variable: "contextvars.ContextVar[Any]" = contextvars.ContextVar("workerhost_task", default=None)

    def task(self) -> Any:
        """The task that runs here, or None."""
        return self.variable.get() or self.only


current = Current()


class TaskStandardOutput(io.TextIOWrapper):
    """`sys.stdout` while a worker runs: standard error, and what a task prints goes into its log."""

    def write(self, text: str, /) -> int:
        task = current.task()
        if task is not None and text:
            task._captured().print(text)
        return super().write(text)


class CaptureHandler(logging.Handler):
    """Puts log records into the log of the task that wrote them."""

    def emit(self, record: logging.LogRecord) -> None:
        task = current.task()
        if task is None:
            return
        try:
            message = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                error = record.exc_info[1]
                message += f" ({type(error).__name__}: {error})"
            task._captured().add(record.levelname, message)
        except Exception:
            self.handleError(record)


class TaskIDFilter(logging.Filter):
    """Gives each record the id of its task, so that lines of the log can be told apart."""

    def filter(self, record: logging.LogRecord) -> bool:
        task = current.task()
        record.task = "" if task is None else f" [task {task.id}]"
        return True


def _handlers() -> Iterator[logging.Handler]:
    loggers = [logging.root] + [
        item for item in logging.root.manager.loggerDict.values() if isinstance(item, logging.Logger)
    ]
    for logger in loggers:
        yield from logger.handlers


def install() -> None:
    """Takes over `sys.stdout` and adds a handler to the root logger. A configured logging stays as it is."""
    if isinstance(sys.stdout, TaskStandardOutput):
        return
    before = sys.stdout
    sys.stdout = TaskStandardOutput(
        open(1, "wb", closefd=False), encoding="utf-8", errors="backslashreplace", line_buffering=True
    )
    # A record that a handler prints would be captured twice.
    for handler in _handlers():
        if isinstance(handler, logging.StreamHandler) and handler.stream in (before, sys.__stdout__):
            handler.setStream(sys.stderr)
    root = logging.getLogger()
    if not root.handlers:
        log = logging.StreamHandler()
        log.addFilter(TaskIDFilter())
        log.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s%(task)s"))
        root.addHandler(log)
        if root.level == logging.WARNING:  # nobody has said otherwise
            root.setLevel(logging.INFO)
    root.addHandler(CaptureHandler())
