"""What a worker's function may raise to say how its task failed.

Any other exception means: another try may help. `ValueError` and its subclasses mean: another try cannot help.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Optional, Union

if TYPE_CHECKING:
    import datetime

__all__ = ["Cancelled", "PermanentError", "ResultError", "RetryLater", "TimedOut", "WorkerError"]


class WorkerError(Exception):
    """The base of the exceptions of this package."""


class PermanentError(WorkerError):
    """The task cannot be done, now or later: it is reported as failed and not tried again."""


class ResultError(PermanentError):
    """The function returned what JSON cannot hold."""


class TimedOut(PermanentError):
    """The task is out of time: reported as timed out (exit code 3 in oneshot mode), not tried again."""


class Cancelled(WorkerError):
    """The host has cancelled the task. Raised by `Task.check_cancelled`; not tried again."""


class RetryLater(WorkerError):
    """The task may succeed later: tried again `after` seconds from now.

    Without `after` the host waits as it does after any failure that another try may cure. The attempts count, as ever.
    """

    after: Optional[float]

    def __init__(self, message: str = "", *, after: "Union[float, datetime.timedelta, None]" = None) -> None:
        if not isinstance(message, str):
            raise TypeError(f"RetryLater takes a text first; the wait is named: RetryLater(after={message!r})")
        if after is not None:
            after = float(after if isinstance(after, (int, float)) else after.total_seconds())
            if not math.isfinite(after) or after < 0:
                raise ValueError(f"RetryLater(after={after}): a number of seconds from 0 on is needed")
        self.after = after
        wait = "" if after is None else f"try again in {after:g} s"
        super().__init__(message or wait or "try again later")
