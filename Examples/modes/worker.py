"""One function, served in every mode: a process for each task, a pool, or a fork for each task.

Its imports take about as long as those of any worker that talks to a web service.
"""

import asyncio  # noqa: F401
import email.message  # noqa: F401
import http.client  # noqa: F401
import statistics
import urllib.request  # noqa: F401

from workerhost import run, worker


@worker
def summarize(params):
    numbers = params["numbers"]
    return {"mean": statistics.fmean(numbers), "largest": max(numbers)}


if __name__ == "__main__":
    run()
