"""How a task ended, judged as a host judges it."""

from __future__ import annotations

import dataclasses
import json
from typing import Any, Dict, List, Optional


@dataclasses.dataclass
class Outcome:
    """What became of a task."""

    status: str
    """What a host does: `completed`; `retry` (another attempt follows), `failed` (for good), `timed_out`, or
    `interrupted` (the process ended and left the task to another)."""
    result: Any = None
    """What the function returned, through JSON and back."""
    error: Optional[Dict[str, Any]] = None
    """The reply's error: type, message, traceback, retry_possible, retry_after."""
    logs: List[Dict[str, str]] = dataclasses.field(default_factory=list)
    """What was logged and printed: level and message."""
    progress: List[Dict[str, Any]] = dataclasses.field(default_factory=list)
    """The reports on progress: percent and perhaps message."""
    reply: Optional[Dict[str, Any]] = None
    """The whole reply."""
    exit_code: Optional[int] = None
    """How the process ended, or would have in oneshot mode; None while it runs."""
    stderr: str = ""
    """The worker's log."""

    @property
    def success(self) -> bool:
        """Whether the task is done."""
        return self.status == "completed"

    @property
    def error_type(self) -> Optional[str]:
        """The name of the exception."""
        return None if self.error is None else self.error.get("type")

    @property
    def message(self) -> str:
        """The error's message; empty without one."""
        return "" if self.error is None else str(self.error.get("message", ""))

    @property
    def retry_after(self) -> Optional[float]:
        """The wait that the function asked for, in seconds."""
        return None if self.error is None else self.error.get("retry_after")

    def value(self) -> Any:
        """The result; an AssertionError that shows everything if there is none."""
        if not self.success:
            error = json.dumps(self.error, indent=2, ensure_ascii=False).replace("\\n", "\n    ")
            raise AssertionError(f"the task ended as {self.status}, exit code {self.exit_code}: {error}\n{self.stderr}")
        return self.result

    def __bool__(self) -> bool:
        return self.success


def judged(reply: Optional[Dict[str, Any]], code: Optional[int], **more: Any) -> Outcome:
    """The outcome of a reply and an exit code (None or 0: the reply decides)."""
    error = None if reply is None else reply.get("error")
    if reply is not None and reply["success"] and not code:
        return Outcome(
            "completed", reply.get("result"), logs=reply.get("logs", []), reply=reply, exit_code=code, **more
        )
    retry = not isinstance(error, dict) or error.get("retry_possible", True)
    status = {2: "failed", 3: "timed_out", 130: "interrupted", 143: "interrupted"}.get(
        code or 0, "retry" if retry else "failed"
    )
    logs = reply.get("logs", []) if reply is not None else []
    return Outcome(status, error=error, logs=logs, reply=reply, exit_code=code, **more)
