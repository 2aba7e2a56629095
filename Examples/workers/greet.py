"""A worker in Python with nothing but the standard library: oneshot, pool and batch, as WORKERHOST_MODE says.

Examples/python-sdk has the same with the package, which takes all of this off you.
"""

import json
import os
import sys


class BadTask(Exception):
    """The task itself is wrong, so that another try cannot help."""


def work(params):
    """Does one task: takes its params, returns its result. Any exception but BadTask means: try again later."""
    name = params.get("name") if isinstance(params, dict) else None
    if not isinstance(name, str) or not name.strip():
        raise BadTask("params.name must be a text that is not empty")
    print("greeting", ascii(name), file=sys.stderr)  # standard error is the log
    return {"greeting": f"Hello, {name.strip()}!"}


def answer(text):
    """From a task's text to its reply; None for what is no task."""
    task = {}
    try:
        task = json.loads(text)
        if "control" in task:
            return None  # a cancel: this worker's tasks are over before it could matter
        return {"id": task.get("id"), "success": True, "result": work(task.get("params"))}
    except Exception as error:
        is_final = isinstance(error, (BadTask, ValueError))
        details = {"type": type(error).__name__, "message": str(error), "retry_possible": not is_final}
        return {"id": task.get("id") if isinstance(task, dict) else None, "success": False, "error": details}


def send(message):
    # ASCII with escapes, whatever the locale; flushed, for the host waits for it.
    print(json.dumps(message), flush=True)


def oneshot():
    """One task, to the end of the input; the exit code says the same as the reply."""
    reply = answer(sys.stdin.buffer.read())
    if reply is None:
        return 2
    send(reply)
    return 0 if reply["success"] else 1 if reply["error"]["retry_possible"] else 2


def lines():
    """A task on each line, until the input ends: pool and batch."""
    if os.environ["WORKERHOST_MODE"] == "pool":
        send({"kind": "ready"})
    for line in sys.stdin.buffer:
        reply = answer(line) if line.strip() else None
        if reply is not None:
            send(reply)
    return 0


if __name__ == "__main__":
    sys.exit(lines() if os.environ.get("WORKERHOST_MODE") in ("pool", "batch") else oneshot())
