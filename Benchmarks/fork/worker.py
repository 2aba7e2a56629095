"""A worker with imports that take long, as most have."""

import asyncio  # noqa: F401

import requests  # noqa: F401

from workerhost import run, worker


@worker
def work(params):
    return {"n": params["n"], "twice": params["n"] * 2}


if __name__ == "__main__":
    run()
