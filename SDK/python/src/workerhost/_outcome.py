"""What an exception means: the reply's `error`, and the exit code of a process that ran this task alone."""

from __future__ import annotations

import os
import traceback
from types import TracebackType
from typing import Any, Dict, Optional

from .errors import Cancelled, PermanentError, RetryLater, TimedOut, WorkerError

MAX_MESSAGE = 8_000
MAX_TRACEBACK = 32_000
_OWN = os.path.dirname(os.path.abspath(__file__))

RETRY, PERMANENT, TIMED_OUT, INTERRUPTED, TERMINATED = 1, 2, 3, 130, 143
"""Exit codes."""

ErrorMember = Dict[str, Any]


class Failure:
    """A task that failed: what is replied."""

    __slots__ = ("code", "error")

    def __init__(self, error: ErrorMember, code: int) -> None:
        self.error = error
        self.code = code


def failure(kind: str, message: str, *, retry: bool, code: Optional[int] = None) -> Failure:
    """A failure without an exception."""
    error = {"type": kind, "message": text(message, MAX_MESSAGE), "retry_possible": retry}
    return Failure(error, code if code is not None else RETRY if retry else PERMANENT)


def of(error: BaseException) -> Failure:
    """The failure that an exception of the worker's function means."""
    if isinstance(error, RetryLater):
        result = failure(name_of(error), message_of(error), retry=True)
        if error.after is not None:
            result.error["retry_after"] = error.after
        return result
    if isinstance(error, SystemExit):
        return _of_exit(error)
    if isinstance(error, KeyboardInterrupt):
        return failure("KeyboardInterrupt", "interrupted", retry=True, code=INTERRUPTED)
    if isinstance(error, Cancelled):
        return failure(name_of(error), message_of(error) or "the host has cancelled the task", retry=False)
    retry = not isinstance(error, (PermanentError, ValueError))
    code = TIMED_OUT if isinstance(error, TimedOut) else None
    result = failure(name_of(error), message_of(error) or name_of(error), retry=retry, code=code)
    result.error["traceback"] = traceback_of(error)
    return result


def _of_exit(error: SystemExit) -> Failure:
    """`sys.exit` in a task ends the task, not the process; its code has the meaning it has for a process."""
    code = error.code
    said = f"the function ended by sys.exit({code!r}) in place of a result"
    retry = code not in (PERMANENT, TIMED_OUT)
    return failure("SystemExit", said, retry=retry, code=code if isinstance(code, int) and 0 < code < 256 else RETRY)


def name_of(error: BaseException) -> str:
    """The exception's name as Python prints it; this package's own without the package."""
    kind = type(error)
    if kind.__module__ in ("builtins", "__main__") or (
        isinstance(error, WorkerError) and kind.__module__.startswith("workerhost.")
    ):
        return kind.__qualname__
    return f"{kind.__module__}.{kind.__qualname__}"


def message_of(error: BaseException) -> str:
    """The exception's text."""
    try:
        return str(error)
    except Exception as second:
        return f"(its text cannot be had: {type(second).__name__})"


def traceback_of(error: BaseException) -> str:
    """The traceback from the worker's function on."""
    place: Optional[TracebackType] = error.__traceback__
    while place is not None and _is_own(place.tb_frame.f_code.co_filename):
        place = place.tb_next
    try:
        lines = traceback.format_exception(type(error), error, place)
    except Exception as second:
        lines = [f"(no traceback: {type(second).__name__}: {message_of(second)})"]
    return text("".join(lines), MAX_TRACEBACK)


def _is_own(file: str) -> bool:
    """Whether a frame lies between this package's loop and the worker's function."""
    return os.path.dirname(file) == _OWN or file.endswith("/concurrent/futures/thread.py")


def text(value: str, limit: int) -> str:
    """A text that every encoding takes; of a long one the beginning and the end, where the cause is."""
    if len(value) > limit:
        half = limit // 2
        value = f"{value[:half]}\n… {len(value) - 2 * half} characters left out …\n{value[-half:]}"
    return value.encode("utf-8", "backslashreplace").decode("utf-8")
