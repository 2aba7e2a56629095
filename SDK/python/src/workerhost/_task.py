"""The task as a function sees it."""

from __future__ import annotations

import logging
import math
import time
from typing import TYPE_CHECKING, Any, Dict, Optional

from ._capture import Capture
from .errors import Cancelled, TimedOut

if TYPE_CHECKING:
    import datetime

    from ._server import Server

_FREE_REPORTS = 100
_REPORT_INTERVAL = 0.1
_logger = logging.getLogger("worker")


class TaskLog(logging.LoggerAdapter):  # type: ignore[type-arg,unused-ignore]
    """A logger; called itself, it logs at level INFO: `task.log("half way")`."""

    def __call__(self, message: object, *arguments: object, level: int = logging.INFO) -> None:
        self.log(level, message, *arguments, stacklevel=2)


class Task:
    """What is known about the task that a function works on."""

    __slots__ = (
        "_cancelled",
        "_capture",
        "_log",
        "_reports",
        "_server",
        "_wait_until",
        "id",
        "metadata",
        "params",
        "type",
    )

    def __init__(self, frame: Dict[str, Any], server: "Server") -> None:
        self.id: str = frame.get("id")  # type: ignore[assignment]
        """The same in every attempt: a key for services that take one."""
        self.type: str = frame.get("type")  # type: ignore[assignment]
        """What the task was submitted as."""
        self.params: Any = frame.get("params")
        """What was submitted."""
        metadata = frame.get("metadata")
        self.metadata: Dict[str, Any] = metadata if isinstance(metadata, dict) else {}
        """Whatever else came with it: priority, created_at, extra, …"""
        if self.params is None:
            self.params = {}
        self._server = server
        self._cancelled = False
        self._capture: Optional[Capture] = None
        self._log: Optional[TaskLog] = None
        self._reports = 0
        self._wait_until = 0.0

    def __repr__(self) -> str:
        return f"<Task {self.id!r} {self.type} attempt {self.attempt}>"

    @property
    def attempt(self) -> int:
        """Which attempt this is, from 1."""
        value = self.metadata.get("attempt", 1)
        return value if isinstance(value, int) else 1

    @property
    def deadline(self) -> "Optional[datetime.datetime]":
        """The moment after which the result is of no use (with a time zone), if there is one."""
        import datetime

        value = self.metadata.get("deadline")
        if not isinstance(value, str):
            return None
        try:
            # Python before 3.11 knows neither Z nor fractions of other than 3 or 6 digits.
            moment, dot, rest = value.replace("Z", "+00:00").replace("z", "+00:00").partition(".")
            if dot:
                count = len(rest) - len(rest.lstrip("0123456789"))
                moment += "." + rest[:count][:6].ljust(6, "0") + rest[count:]
            found = datetime.datetime.fromisoformat(moment)
        except ValueError:
            return None
        return found if found.tzinfo is not None else found.replace(tzinfo=datetime.timezone.utc)

    @property
    def remaining(self) -> Optional[float]:
        """Seconds until the deadline, below 0 after it; None without one."""
        deadline = self.deadline
        return None if deadline is None else deadline.timestamp() - time.time()

    @property
    def cancelled(self) -> bool:
        """Whether the host has cancelled the task. An async function is cancelled by asyncio as well."""
        if not self._cancelled:
            self._server.look_for_cancel(self)
        return self._cancelled

    def check_cancelled(self) -> None:
        """Raises `Cancelled` if the host has cancelled the task, and `TimedOut` if its deadline is over."""
        if self.cancelled:
            raise Cancelled("the host has cancelled the task")
        remaining = self.remaining
        if remaining is not None and remaining <= 0:
            raise TimedOut(f"the task's deadline was {-remaining:.1f} s ago")

    @property
    def log(self) -> TaskLog:
        """A logger for this task: `task.log.info(…)`, or just `task.log(…)`."""
        if self._log is None:
            self._log = TaskLog(_logger, {"task_id": self.id})
        return self._log

    def progress(self, percent: float, message: Optional[str] = None) -> None:
        """Tells the host how far the task is. Cheap: after the first hundred at most ten a second are sent."""
        if isinstance(percent, bool) or not isinstance(percent, (int, float)) or not math.isfinite(percent):
            raise TypeError(f"progress({percent!r}): a number from 0 to 100 is needed")
        now = time.monotonic()
        self._reports += 1
        if self._reports > _FREE_REPORTS and now < self._wait_until:
            return
        self._wait_until = now + _REPORT_INTERVAL
        frame: Dict[str, Any] = {"kind": "progress", "id": self.id, "percent": min(max(percent, 0), 100)}
        if message is not None:
            frame["message"] = str(message)
        self._server.report(frame)

    def _captured(self) -> Capture:
        """Its log, made when there is something to put into it."""
        capture = self._capture
        if capture is None:
            capture = self._capture = Capture(self._server.log_sender(self))
        return capture
