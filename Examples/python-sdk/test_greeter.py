"""Tests of the workers, in this process and as the host runs them: python -m unittest, or pytest."""

import pathlib
import unittest

from greeter import greet, wait
from workerhost.testing import WorkerProcess, run

FOLDER = pathlib.Path(__file__).resolve().parent


class GreeterTests(unittest.TestCase):
    def test_greets(self):
        self.assertEqual(greet({"name": "Ada"}), {"greeting": "Hello, Ada!"})  # it is still a function
        outcome = run(greet, {"name": " Ada "})
        self.assertEqual(outcome.value(), {"greeting": "Hello, Ada!"})
        self.assertEqual([entry["message"] for entry in outcome.logs], ["greeting  Ada "])

    def test_a_task_without_a_name_fails_for_good(self):
        outcome = run(greet, {"name": ""})
        self.assertEqual((outcome.status, outcome.exit_code), ("failed", 2))
        self.assertIn("params.name", outcome.message)

    def test_waits(self):
        outcome = run(wait, {"steps": 2})
        self.assertEqual(outcome.value(), {"steps": 2, "attempt": 1})
        self.assertEqual([report["percent"] for report in outcome.progress], [50, 100])
        self.assertEqual(run(wait, {"steps": 200}).retry_after, 0.1)

    def test_as_the_host_runs_it(self):
        self.assertEqual(run("greeter", {"name": "Ada"}, type="Hello.Greet", cwd=FOLDER).exit_code, 0)
        with WorkerProcess("greeter", mode="pool", cwd=FOLDER) as worker:
            worker.ready()
            worker.send({"steps": 90}, id="long", type="Hello.Wait")
            worker.send({"steps": 1}, id="short", type="Hello.Wait")
            self.assertEqual([worker.outcome().reply["id"] for _ in range(2)], ["short", "long"])


if __name__ == "__main__":
    unittest.main()
