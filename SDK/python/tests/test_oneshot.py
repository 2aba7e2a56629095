import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

from support import WORKERS, WorkerTests


class OneshotTests(WorkerTests):
    def test_a_task_succeeds(self):
        outcome = self.oneshot({"name": "Ada"})
        self.assertEqual((outcome.status, outcome.exit_code), ("completed", 0), outcome.stderr)
        self.assertEqual(outcome.reply, {"id": "test-1", "success": True, "result": {"name": "Ada"}})

    def test_a_task_knows_itself(self):
        outcome = self.oneshot(
            type="Task.Seen", metadata={"attempt": 2, "deadline": "2999-01-31T12:00:00.5Z", "extra": {"a": 1}}
        )
        result = outcome.value()
        self.assertEqual((result["id"], result["type"], result["attempt"]), ("test-1", "Task.Seen", 2))
        self.assertEqual((result["deadline"], result["has_time"]), ("2999-01-31T12:00:00.500000+00:00", True))
        self.assertEqual(result["metadata"]["extra"], {"a": 1})
        past = self.oneshot(type="Task.Seen", metadata={"deadline": "2001-01-31T12:00:00Z"}).value()
        self.assertIs(past["has_time"], False)

    def test_what_exceptions_mean(self):
        cases = [
            ("value", "ValueError", "failed", 2),
            ("type", "TypeError", "retry", 1),
            ("runtime", "RuntimeError", "retry", 1),
            ("permanent", "PermanentError", "failed", 2),
            ("timed", "TimedOut", "timed_out", 3),
            ("later", "RetryLater", "retry", 1),
            ("interrupt", "KeyboardInterrupt", "interrupted", 130),
            ("unprintable", "Odd", "retry", 1),
        ]
        for kind, name, status, code in cases:
            with self.subTest(kind):
                outcome = self.oneshot({"kind": kind}, type="Raise.This")
                self.assertEqual((outcome.status, outcome.exit_code), (status, code), outcome.stderr)
                self.assertEqual(outcome.error_type, name)
                self.assertEqual(outcome.error["retry_possible"], status in ("retry", "interrupted"))
                if kind == "later":
                    self.assertEqual((outcome.message, outcome.retry_after), ("rate limited", 30))
                elif kind in ("value", "runtime"):
                    self.assertRegex(outcome.error["traceback"], r"^Traceback .*\n  File \".*functions.py\", line")
                    self.assertNotIn("_server.py", outcome.error["traceback"])

    def test_sys_exit_is_a_failure(self):
        for code, status, exit_code in ((None, "retry", 1), (2, "failed", 2), (3, "timed_out", 3), ("x", "retry", 1)):
            with self.subTest(code=code):
                outcome = self.oneshot({"kind": "exit", "code": code}, type="Raise.This")
                self.assertEqual(
                    (outcome.status, outcome.exit_code, outcome.error_type), (status, exit_code, "SystemExit")
                )
                self.assertIn(f"sys.exit({code!r})", outcome.message)

    def test_results_that_are_no_json(self):
        cases = {
            "object": "result is a object: <object object at 0x",
            "set": "result.a is a set: {1}; make it a list",
            "bytes": "result[0] is a bytes: b'x'; decode it to a text, or encode it as base64",
            "nan": "result.n[0] is nan, a number that JSON does not have",
            "loop": "result[0] contains itself",
            "key": "result has a key that is a tuple: (1, 2); keys must be texts",
        }
        outcomes = self.many([{"what": what} for what in cases], type="Return.This", mode="batch")
        for outcome, (what, message) in zip(outcomes, cases.items()):
            with self.subTest(what):
                self.assertEqual(outcome.status, "failed", outcome.stderr)
                self.assertEqual(outcome.error_type, "ResultError")
                self.assertIn(message, outcome.message)

    def test_other_results(self):
        cases = {"none": None, "date": "2026-01-31", "tuple": [1, "é", {"1": 2}], "long": 2**70, "surrogate": "\ud800"}
        outcomes = self.many([{"what": what} for what in cases], type="Return.This", mode="batch")
        self.assertEqual([outcome.value() for outcome in outcomes], list(cases.values()))

    def test_bad_input(self):
        cases = {
            b"": "there is no task: the input is empty",
            b" \n": "there is no task: the input is empty",
            b"{": "the input is not JSON",
            b"\xff\xfe{}": "the input is not JSON",
            b'{"id":"a",': "the input is not JSON",
            b"[1]": "a task is an object, not [1]",
            b'{"id":["x"],"type":"Echo.It"}': "a task's id is a text, not ['x']",
            b'{"id":"a","type":"No.Such"}': "no function here serves the task type 'No.Such'; there are functions for",
        }
        for data, message in cases.items():
            with self.subTest(data):
                worker = self.start(mode="oneshot")
                worker.send_bytes(data)
                worker.close_input()
                self.assertEqual(worker.wait(), 2, worker.stderr)
                (reply,) = worker.frames
                self.assertEqual((reply["success"], reply["error"]["retry_possible"]), (False, False))
                self.assertIn(message, reply["error"]["message"])
                self.assertEqual(reply.get("id"), "a" if b'"a"' in data else None)

    def test_without_a_host(self):
        done = subprocess.run(
            [sys.executable, "-m", "functions"],
            cwd=WORKERS,
            capture_output=True,
            text=True,
            timeout=60,
            input='{"id":"t","type":"Echo.It","params":[1]}',
            env={"PYTHONPATH": str(WORKERS.parent.parent / "src")},
        )
        self.assertEqual(json.loads(done.stdout), {"id": "t", "success": True, "result": [1]}, done.stderr)

    def test_sigterm_lets_the_task_finish(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "go"
            worker = self.start(mode="oneshot")
            worker.send({"path": str(path)}, type="Wait.ForFile")
            worker.close_input()
            worker.wait_for_log("waiting")
            worker.terminate()
            path.touch()
            self.assertEqual(worker.wait(), 0, worker.stderr)
            self.assertEqual(worker.outcome().result, "found")

    def test_sigterm_while_it_waits_for_its_task(self):
        worker = self.start(mode="oneshot")
        while signal.SIGTERM not in caught(worker.process.pid):
            self.assertIsNone(worker.process.poll(), worker.stderr)
        worker.terminate()
        self.assertEqual(worker.wait(), 143, worker.stderr)
        self.assertEqual(worker.frames, [])


def caught(pid):
    """The signals that a process has handlers for."""
    for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("SigCgt:"):
            mask = int(line.split()[1], 16)
            return {number for number in range(1, 65) if mask & 1 << (number - 1)}
    return set()


class StartTests(WorkerTests):
    """Which functions are served, and errors in that."""

    def fails(self, message, module="functions", function=None, **options):
        worker = self.start(module, function, mode="oneshot", **options)
        worker.close_input()
        self.assertEqual(worker.wait(), 2, worker.stderr)
        self.assertIn(message, worker.stderr)

    def test_a_function_by_name(self):
        outcome = self.oneshot({"way": "print"}, type="Print.This", function="print_this")
        self.assertEqual(outcome.value(), "print")
        other = self.oneshot(1, type="Echo.It", function="print_this")
        self.assertIn(
            "no function here serves the task type 'Echo.It'; there are functions for: Print.This", other.message
        )

    def test_wrong_starts(self):
        self.fails("there is no worker function 'no_such' here; decorated with @worker: echo, seen", function="no_such")
        self.fails(
            "WORKERHOST_MODE=slow is unknown; there are oneshot, pool, batch and fork", env={"WORKERHOST_MODE": "slow"}
        )
        self.fails("WORKERHOST_FORMAT=xml is unknown", env={"WORKERHOST_FORMAT": "xml"})
        self.fails("usage: python -m workerhost MODULE [FUNCTION]", module="workerhost")

    def test_by_the_package(self):
        self.assertEqual(self.oneshot(1, module=[sys.executable, "-m", "workerhost", "functions"]).value(), 1)
        self.assertEqual(self.oneshot(module=[sys.executable, "-m", "workerhost", "silent", "plain"]).value(), "test-1")

    def test_a_module_that_forgets_to_run(self):
        worker = self.start("forgetful", mode="oneshot")
        worker.close_input()
        self.assertEqual(worker.wait(), 0)
        self.assertIn("the module ended without serving. Its last lines: if __name__", worker.stderr)


if __name__ == "__main__":
    unittest.main()
