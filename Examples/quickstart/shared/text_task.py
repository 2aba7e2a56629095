"""What both workers share: reading a task about a text, and answering. The protocol needs only json and sys.

Exit codes: 0 the reply decides, 1 failed but another try may help, 2 another try cannot help.
"""

import json
import pathlib
import sqlite3
import sys
import traceback


class BadTask(Exception):
    """The task itself is wrong: another try cannot help."""


def read_task(data):
    """The task and its parameters."""
    try:
        task = json.loads(data)
    except ValueError as error:
        raise BadTask(f"the input is not JSON: {error}") from error
    params = task.get("params") if isinstance(task, dict) else None
    if not isinstance(params, dict):
        raise BadTask("the task has no params object")
    for name in ("path", "source_id", "title"):
        if not isinstance(params.get(name), str) or not params[name]:
            raise BadTask(f"params.{name} must be a text that is not empty")
    return task, params


def read_text(path):
    """The text of the file. A missing file stays missing; any other OSError may pass, so it is left to `run`."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8", errors="replace")
    except (FileNotFoundError, IsADirectoryError) as error:
        raise BadTask(f"cannot read the text: {error}") from error
    if not text.strip():
        raise BadTask(f"there is no text in {path}")
    return text


def failure(task_id, error, retry_possible):
    details = {
        "type": type(error).__name__,
        "message": str(error),
        "traceback": traceback.format_exc(),
        "retry_possible": retry_possible,
    }
    return {"id": task_id, "success": False, "error": details}


def run(process):
    """Serves the one task on stdin with `process(task, params, text)` and ends with the protocol's exit code."""
    task_id = None
    try:
        task, params = read_task(sys.stdin.buffer.read())
        task_id = task.get("id")
        reply, code = {"id": task_id, "success": True, "result": process(task, params, read_text(params["path"]))}, 0
    except BadTask as error:
        reply, code = failure(task_id, error, retry_possible=False), 2
    except (OSError, sqlite3.OperationalError) as error:  # a full disk, a locked database: may pass
        reply, code = failure(task_id, error, retry_possible=True), 1
    print(json.dumps(reply))
    sys.exit(code)
