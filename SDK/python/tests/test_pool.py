import json
import pathlib
import tempfile
import unittest

from support import FORMATS, WorkerTests


class PoolTests(WorkerTests):
    def test_tasks_one_after_another_and_many_at_once(self):
        for form in FORMATS:
            with self.subTest(form):
                worker = self.pool(format=form)
                worker.send({"n": 1}, id="one", type="Echo.It")
                self.assertEqual(worker.outcome().reply, {"id": "one", "success": True, "result": {"n": 1}})
                ids = [worker.send({"n": n, "text": "é\u2028😀"}, type="Echo.It") for n in range(2000)]
                for n, task_id in enumerate(ids):
                    outcome = worker.outcome()
                    self.assertEqual((outcome.reply["id"], outcome.result), (task_id, {"n": n, "text": "é\u2028😀"}))
                worker.close_input()
                self.assertEqual(worker.wait(), 0, worker.stderr)

    def test_large_params(self):
        text = "é" * (5 << 20)
        for form in FORMATS:
            with self.subTest(form):
                worker = self.pool(format=form)
                worker.send({"text": text}, type="Echo.It")
                self.assertTrue(worker.outcome().value() == {"text": text})

    def test_values_survive(self):
        values = [
            None, True, 0, -1, 127, 128, 255, 256, 65535, 65536, 2**32, 2**63, 2**64 - 1, -32, -33, -128, -129, -32769,
            -(2**31) - 1, -(2**63), 0.1, 1e300, "", "a" * 31, "a" * 32, "é" * 200, "x" * 70000, [], [1] * 15, [1] * 16,
            [[]] * 70000, {}, {str(n): n for n in range(20)}, {"a": {"b": [None, {"c": 1.5}]}}, "😀",
        ]  # fmt: skip
        for form in FORMATS:
            worker = self.pool(format=form)
            worker.send(values, type="Echo.It")
            self.assertTrue(worker.outcome().value() == values, form)

    def test_surrogates_and_long_integers(self):
        worker = self.pool()
        worker.send_bytes(b'{"id":"a","type":"Echo.It","params":["\\ud800", 18446744073709551617, 1e999]}\n')
        self.assertEqual(worker.outcome("a").error_type, "ResultError")  # 1e999 is infinite
        worker.send_bytes(b'{"id":"b\\ud800","type":"Echo.It","params":["\\ud800", 18446744073709551617]}\n')
        self.assertEqual(worker.outcome("b\ud800").value(), ["\ud800", 2**64 + 1])
        worker.send({"kind": "surrogates"}, id="c", type="Raise.This")
        self.assertEqual(worker.outcome("c").message, "a file named \\udcff")
        packed = self.pool(format="msgpack")
        packed.send({"what": "surrogate"}, id="d", type="Return.This")
        self.assertEqual(packed.outcome("d").value(), "\ufffd")
        packed.send({"what": "long"}, id="e", type="Return.This")
        self.assertIn("an integer has more than 64 bits", packed.outcome("e").message)

    def test_failures_leave_the_process_at_work(self):
        for form in FORMATS:
            with self.subTest(form):
                worker = self.pool(format=form)
                for kind, retry in (
                    ("value", False),
                    ("runtime", True),
                    ("exit", True),
                    ("later", True),
                    ("timed", False),
                ):
                    worker.send({"kind": kind}, type="Raise.This")
                    error = worker.outcome().error
                    self.assertEqual(error["retry_possible"], retry)
                    self.assertEqual(error.get("retry_after"), 30 if kind == "later" else None)
                worker.send({"what": "bytes"}, type="Return.This")
                self.assertIn("result[0] is a bytes", worker.outcome().message)
                worker.send(1, type="No.Such")
                self.assertEqual(worker.outcome().error_type, "UnknownTaskType")
                worker.send(1, type="Echo.It")
                self.assertEqual(worker.outcome().value(), 1)

    def test_an_interrupt_ends_the_process(self):
        worker = self.pool()
        worker.send({"kind": "interrupt"}, type="Raise.This")
        self.assertEqual(worker.outcome().error_type, "KeyboardInterrupt")
        self.assertEqual(worker.wait(), 130)

    def test_malformed_frames(self):
        worker = self.pool()
        worker.send_bytes(b'\n\r\nnot json\n{"id": "x", "params": oops}\n[1]\n"text"\n')
        worker.send(1, id="after", type="Echo.It")
        replies = [worker.outcome().reply for _ in range(5)]
        self.assertEqual([reply.get("id") for reply in replies], [None, "x", None, None, "after"])
        self.assertEqual([reply["success"] for reply in replies], [False] * 4 + [True])
        self.assertEqual({reply["error"]["retry_possible"] for reply in replies[:4]}, {False})
        self.assertIn("the input is not JSON: Expecting value: line 1 column 1 (char 0): not json", worker.stderr)

        packed = self.pool(format="msgpack")
        packed.send_bytes(b"\0\0\0\1\xc1\0\0\0\2\xa5a\0\0\0\0")
        for _ in range(3):
            self.assertIn("the input is not MessagePack", packed.outcome().message)
        packed.send(1, type="Echo.It")
        self.assertEqual(packed.outcome().value(), 1)

    def test_half_a_frame_at_the_end(self):
        for form, data in (("json", b'{"id":"half","type":'), ("msgpack", b"\0\0\1\0abc")):
            with self.subTest(form):
                worker = self.pool(format=form)
                worker.send(1, id="whole", type="Echo.It")
                worker.send_bytes(data)
                worker.close_input()
                self.assertEqual(worker.wait(), 2)
                self.assertEqual(worker.outcome("whole").value(), 1)
                self.assertEqual(worker.frames, [{"kind": "ready"}])
                self.assertIn("the input ended in the middle of a frame", worker.stderr)

    def test_a_last_frame_without_its_line_end_counts(self):
        worker = self.pool()
        worker.send_bytes(b'{"id":"a","type":"Echo.It","params":1}')
        worker.close_input()
        self.assertEqual((worker.outcome("a").result, worker.wait()), (1, 0))

    def test_at_the_end_of_its_input_it_finishes_what_it_has(self):
        worker = self.pool()
        for n in range(10):
            worker.send(n, type="Echo.It")
        worker.close_input()
        self.assertEqual(worker.wait(), 0, worker.stderr)
        self.assertEqual([frame.get("result") for frame in worker.frames[1:]], list(range(10)))

    def test_progress(self):
        worker = self.pool()
        worker.send({"percents": [0, 12.5, 250]}, type="Progress.Report", id="p")
        self.assertEqual(worker.outcome("p").value(), "done")
        reports = [frame for frame in worker.frames if frame["kind"] == "progress"]
        self.assertEqual([report["percent"] for report in reports], [0, 12.5, 100, 100])
        self.assertEqual([report.get("message") for report in reports], ["step"] * 3 + [None])
        worker.send({"percents": [1] * 20000}, type="Progress.Report", id="flood")
        self.assertEqual(worker.outcome("flood").value(), "done")
        self.assertLess(len(worker.frames), 2000)

    def test_an_unknown_control_message_is_ignored(self):
        worker = self.pool()
        worker.send_frame({"control": "tomorrow"})
        worker.cancel("nobody")
        worker.send(1, type="Echo.It")
        self.assertEqual(worker.outcome().value(), 1)

    def test_a_process_that_dies_has_answered_what_came_before(self):
        worker = self.pool()
        data = "".join(json.dumps({"id": f"{n}", "type": "Echo.It", "params": n}) + "\n" for n in range(50))
        worker.send_bytes(data.encode() + b'{"id":"d","type":"Die.Now"}\n')
        self.assertEqual(worker.wait(), 7)
        self.assertEqual([frame["id"] for frame in worker.frames[1:]], [str(n) for n in range(50)])

    def test_replies_are_not_held_up_by_a_long_task(self):
        """Also not in a process that has found its tasks tiny, and writes their replies together."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "go"
            worker = self.pool()
            for _ in range(3):
                worker.send_bytes(b"".join(b'{"id":"%d","type":"Echo.It","params":0}\n' % n for n in range(3000)))
                for _ in range(3000):
                    worker.outcome()
            wait = {"id": "long", "type": "Wait.ForFile", "params": {"path": str(path)}}
            last = b'{"id":"last","type":"Echo.It","params":1}\n'
            worker.send_bytes(last + json.dumps(wait).encode() + b"\n" + last)
            self.assertEqual(worker.outcome("last").value(), 1)
            self.assertFalse(path.exists())
            path.touch()
            self.assertEqual(worker.outcome("long").value(), "found")


class CancelTests(WorkerTests):
    def test_a_running_task_sees_it(self):
        worker = self.pool()
        worker.send({}, id="a", type="Wait.ForCancel")
        worker.send(1, id="b", type="Echo.It")
        worker.wait_for_log("waiting")
        worker.cancel("a")
        self.assertEqual(worker.outcome("a").value(), "stopped early")
        self.assertEqual(worker.outcome("b").value(), 1)
        worker.send({"raise": True}, id="c", type="Wait.ForCancel")
        worker.cancel("c")
        outcome = worker.outcome("c")
        self.assertEqual((outcome.error_type, outcome.status), ("Cancelled", "failed"))

    def test_a_waiting_task_is_not_begun(self):
        worker = self.pool()
        worker.send({}, id="a", type="Wait.ForCancel")
        worker.wait_for_log("waiting")
        worker.send(1, id="b", type="Echo.It")
        worker.cancel("b")
        worker.cancel("a")
        self.assertEqual(worker.outcome("a").value(), "stopped early")
        self.assertEqual(worker.outcome("b").message, "the host cancelled the task before it began")


class SignalTests(WorkerTests):
    def test_sigterm_while_idle(self):
        worker = self.pool()
        worker.terminate()
        self.assertEqual(worker.wait(), 0, worker.stderr)

    def test_sigterm_finishes_the_task_and_takes_no_other(self):
        for others, code in ((0, 0), (2, 143)):
            with self.subTest(others=others), tempfile.TemporaryDirectory() as folder:
                path = pathlib.Path(folder) / "go"
                wait = {"id": "a", "type": "Wait.ForFile", "params": {"path": str(path)}}
                worker = self.pool()
                # In one write, so that the worker knows of all of them.
                worker.send_bytes((json.dumps(wait) + "\n" + '{"id":"b","type":"Echo.It"}\n' * others).encode())
                worker.wait_for_log("waiting")
                worker.terminate()
                path.touch()
                self.assertEqual(worker.wait(), code, worker.stderr)
                self.assertEqual([frame["id"] for frame in worker.frames[1:]], ["a"])


class BatchTests(WorkerTests):
    def test_a_reply_for_each_line(self):
        outcomes = self.many([1, {"b": 2}, None], mode="batch")
        self.assertEqual([outcome.value() for outcome in outcomes], [1, {"b": 2}, {}])
        self.assertEqual(outcomes[0].exit_code, 0)

    def test_failures_are_in_the_replies(self):
        outcomes = self.many([{"kind": kind} for kind in ("value", "runtime", "exit")], type="Raise.This", mode="batch")
        self.assertEqual([outcome.status for outcome in outcomes], ["failed", "retry", "retry"])
        self.assertEqual(outcomes[0].exit_code, 0)

    def test_each_reply_comes_as_soon_as_it_is_known(self):
        worker = self.start(mode="batch")
        worker.send(1, type="Echo.It")
        self.assertEqual(worker.outcome().value(), 1)
        worker.send_bytes(b'broken\n{"control":"cancel","id":"c","type":"Echo.It"}\n{"id":"half"')
        worker.close_input()
        self.assertEqual(worker.wait(), 0, worker.stderr)
        self.assertEqual([frame.get("id") for frame in worker.frames], [None, "c", "half"])


if __name__ == "__main__":
    unittest.main()
