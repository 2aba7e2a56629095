"""Write workers for WorkerHost.

from workerhost import worker, run

@worker
def greet(params):
    return {"greeting": f"Hello, {params['name']}!"}

if __name__ == "__main__":
    run()
"""

from ._channel import claim_at_import as _claim_at_import

_claim_at_import()  # before anything else can print

from ._registry import UsageError, worker  # noqa: E402
from ._start import run  # noqa: E402
from ._task import Task, TaskLog  # noqa: E402
from .errors import Cancelled, PermanentError, ResultError, RetryLater, TimedOut, WorkerError  # noqa: E402

__all__ = [
    "Cancelled",
    "PermanentError",
    "ResultError",
    "RetryLater",
    "Task",
    "TaskLog",
    "TimedOut",
    "UsageError",
    "WorkerError",
    "run",
    "worker",
]
__version__ = "0.1.0"
