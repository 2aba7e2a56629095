"""Runs the worker as the host does: a process in its folder, the task on stdin, the reply on stdout."""

import json
import os
import pathlib
import subprocess
import sys
import unittest

FOLDER = pathlib.Path(__file__).resolve().parent
VIRTUALENV = FOLDER / ".venv" / "bin" / "python"
PYTHON = str(VIRTUALENV if VIRTUALENV.exists() else sys.executable)


def run(params):
    """One task; returns the exit code, the reply and the log."""
    task = {"id": "test-1", "type": "Hello.Greet", "params": params, "metadata": {"attempt": 1, "priority": 0}}
    # A worker sees little of its host's environment; the configuration's `environment` comes on top.
    environment = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment.update(WORKERHOST_MODE="oneshot", WORKERHOST_FORMAT="json", WORKERHOST_WORKER=FOLDER.name)
    process = subprocess.run(
        [PYTHON, "-m", "worker"], cwd=FOLDER, env=environment, input=json.dumps(task) + "\n",
        capture_output=True, encoding="utf-8", timeout=60)
    return process.returncode, json.loads(process.stdout), process.stderr


class WorkerTest(unittest.TestCase):
    def test_a_task_succeeds(self):
        code, reply, log = run({"name": "Ada"})
        self.assertEqual(code, 0, log)
        self.assertEqual(reply, {"id": "test-1", "success": True, "result": {"greeting": "Hello, Ada!"}})

    def test_bad_params_fail_for_good(self):
        for params in ({}, {"name": 7}, {"name": " "}):
            with self.subTest(params=params):
                code, reply, log = run(params)
                self.assertEqual(code, 2, log)
                self.assertFalse(reply["success"])
                self.assertFalse(reply["error"]["retry_possible"])
                self.assertIn("params.name", reply["error"]["message"])


if __name__ == "__main__":
    unittest.main()
