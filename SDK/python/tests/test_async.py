import pathlib
import tempfile
import unittest

from support import FORMATS, WorkerTests


class AsyncTests(WorkerTests):
    def test_oneshot_and_batch(self):
        self.assertEqual(self.oneshot(module="parallel", type="Async.A").value(), {"own": "test-1", "most": 1})
        outcomes = self.many([{}] * 2500, module="parallel", type="Async.A", mode="batch")
        self.assertTrue(all(outcome.success for outcome in outcomes))
        self.assertEqual(outcomes[-1].result["most"], 3)
        outcome = self.oneshot({"raise": True}, module="parallel", type="Async.A")
        self.assertEqual((outcome.error_type, outcome.exit_code), ("SystemExit", 1))

    def test_replies_come_as_tasks_finish(self):
        for form in FORMATS:
            with self.subTest(form):
                worker = self.pool("parallel", format=form)
                worker.send({"wait": "gate"}, id="a", type="Async.A")
                worker.send({}, id="b", type="Async.A")
                self.assertEqual(worker.outcome().reply["id"], "b")
                worker.send({"open": "gate"}, id="c", type="Async.A")
                self.assertEqual({worker.outcome().reply["id"] for _ in range(2)}, {"a", "c"})

    def test_no_more_than_its_concurrency_and_each_with_its_own_log(self):
        worker = self.pool("parallel")
        self.assertEqual(worker.frames, [{"kind": "ready", "concurrency": 3}])
        for number in range(3):
            worker.send({"wait": f"gate{number}"}, id=f"w{number}", type="Async.A")
        worker.send({}, id="fourth", type="Async.A")
        # Another function is not held up by it.
        worker.send({}, id="sync", type="Sync.Wait")
        self.assertEqual(worker.outcome("sync").value(), "sync")
        self.assertFalse(any("success" in frame for frame in worker.frames))
        worker.cancel("w1")
        self.assertEqual(worker.outcome("w1").error_type, "Cancelled")
        fourth = worker.outcome("fourth")
        self.assertEqual(fourth.result, {"own": "fourth", "most": 3})
        self.assertEqual([entry["message"] for entry in fourth.logs], ["in fourth", "out fourth"])
        worker.send({"open": "gate0"}, id="o0", type="Async.A")
        worker.send({"open": "gate2"}, id="o2", type="Async.A")
        for task_id in ("w0", "w2", "o0", "o2"):
            self.assertEqual(worker.outcome(task_id).value()["own"], task_id)
        worker.close_input()
        self.assertEqual(worker.wait(), 0, worker.stderr)

    def test_sync_functions_beside_run_one_after_another(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "go"
            worker = self.pool("parallel")
            worker.send({"path": str(path)}, id="s1", type="Sync.Wait")
            worker.send({}, id="s2", type="Sync.Wait")
            worker.send({}, id="a", type="Async.A")
            self.assertEqual(worker.outcome().reply["id"], "a")
            path.touch()
            first, second = worker.outcome(), worker.outcome()
            self.assertEqual((first.reply["id"], second.reply["id"]), ("s1", "s2"))
            self.assertEqual([entry["message"] for entry in first.logs], ["blocking"])

    def test_tracebacks_begin_in_the_function(self):
        worker = self.pool("parallel")
        worker.send([1], id="s", type="Sync.Wait")
        worker.send({"path": 1.5}, id="t", type="Sync.Wait")
        worker.send([1], id="a", type="Async.A")
        for task_id in ("t", "a"):
            lines = worker.outcome(task_id).error["traceback"].splitlines()
            self.assertIn("parallel.py", lines[1])

    def test_cancel_before_the_first_step(self):
        worker = self.pool("parallel")
        worker.send_bytes(b'{"id":"a","type":"Async.A","params":{"wait":"x"}}\n{"control":"cancel","id":"a"}\n')
        self.assertEqual(worker.outcome("a").error_type, "Cancelled")
        worker.send({}, id="b", type="Async.A")
        self.assertEqual(worker.outcome("b").value()["most"], 1)

    def test_frames_without_an_id_wait_until_they_are_alone(self):
        worker = self.pool("parallel")
        worker.send_bytes(
            b'{"id":"a","type":"Async.A","params":{"wait":"gate"}}\nbroken\n{"id":"b","type":"Async.A"}\n'
        )
        worker.cancel("b")
        worker.cancel("a")
        self.assertEqual([worker.outcome().reply.get("id") for _ in range(3)], ["a", None, "b"])

    def test_end_of_input_and_sigterm(self):
        worker = self.pool("parallel")
        worker.send({"wait": "gate"}, id="a", type="Async.A")
        worker.send({"open": "gate"}, id="b", type="Async.A")
        worker.close_input()
        self.assertEqual(worker.wait(), 0, worker.stderr)
        self.assertEqual({frame.get("id") for frame in worker.frames[1:]}, {"a", "b"})

        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "go"
            worker = self.pool("parallel", "blocking")
            worker.send_bytes(
                b'{"id":"s1","type":"Sync.Wait","params":{"path":"%s"}}\n{"id":"s2","type":"Sync.Wait"}\n'
                % str(path).encode()
            )
            worker.wait_for_log("blocking")
            worker.terminate()
            path.touch()
            self.assertEqual(worker.wait(), 143, worker.stderr)
            self.assertEqual([frame.get("id") for frame in worker.frames[1:]], ["s1"])

    def test_sigterm_finishes_what_runs(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "go"
            worker = self.pool("parallel")
            worker.send({"path": str(path)}, id="s1", type="Sync.Wait")
            worker.wait_for_log("blocking")
            worker.terminate()
            path.touch()
            self.assertEqual(worker.wait(), 0, worker.stderr)
            self.assertEqual(worker.outcome("s1").value(), "sync")


if __name__ == "__main__":
    unittest.main()
