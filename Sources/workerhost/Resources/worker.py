"""A worker for WorkerHost: one process per task, a JSON document in on stdin, a JSON line out on stdout.

Your work goes into `work`; the rest is the protocol and can stay as it is.
"""

import json
import logging
import sys

# The log is standard error: the host puts its lines into its own log and keeps the last ones with a failure.
logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
log = logging.getLogger("worker")


class BadParams(Exception):
    """The task itself is wrong, so that another try cannot help."""


def work(params):
    """Does one task: takes its params, returns its result. Any exception but BadParams means: try again later."""
    name = params.get("name")
    if not isinstance(name, str) or not name.strip():
        raise BadParams("params.name must be a text that is not empty")
    log.info("greeting %s", name)
    return {"greeting": f"Hello, {name.strip()}!"}


def main():
    try:
        task = json.load(sys.stdin)
        reply = {"id": task["id"], "success": True, "result": work(task["params"])}
    except (BadParams, json.JSONDecodeError) as error:
        # An exception that nobody catches needs no reply: Python ends with exit code 1, and the host reads its last line.
        error = {"type": type(error).__name__, "message": str(error), "retry_possible": False}
        print(json.dumps({"success": False, "error": error}))
        return 2  # 2: failed for good
    print(json.dumps(reply))
    return 0


if __name__ == "__main__":
    sys.exit(main())
