"""The same by the package, with the standard library's json also where orjson is installed."""

import sys

sys.modules["orjson"] = None  # type: ignore[assignment]

from workerhost import run, worker


@worker
def greet(params):
    return {"greeting": "Hello, " + params["name"]}


if __name__ == "__main__":
    run()
