import sys
import unittest

from support import FORMATS, WorkerTests


class PollutionTests(WorkerTests):
    """Whatever writes to standard output: the host sees replies and nothing else."""

    WAYS = ("print", "descriptor", "c", "thread", "child", "flood", "surrogate")

    def test_in_a_task(self):
        for options in ({"mode": "oneshot"}, {"mode": "batch"}, {"format": "json"}, {"format": "msgpack"}):
            with self.subTest(**options):
                ways = list(self.WAYS)
                if options.get("mode") == "oneshot":
                    ways = ["descriptor", "c", "child"]
                    outcomes = [self.oneshot({"way": way}, type="Print.This") for way in ways]
                else:
                    outcomes = self.many([{"way": way} for way in ways], type="Print.This", **options)
                self.assertEqual([outcome.result for outcome in outcomes], ways, outcomes[-1].stderr[:2000])

    def test_nothing_stray_and_all_of_it_in_the_log(self):
        worker = self.pool()
        for way in self.WAYS:
            worker.send({"way": way}, id=way, type="Print.This")
        worker.close_input()
        self.assertEqual(worker.wait(), 0)
        self.assertEqual((worker.stray, len(worker.frames)), ([], 1 + len(self.WAYS)))
        log = worker.stderr
        for text in ("first\nsecond", '"forged"', "from a thread", "x" * 10_000_000, "y" * 1_000_000, "\\udcff"):
            self.assertTrue(text in log, text[:20])

    def test_at_import(self):
        for form in FORMATS:
            worker = self.pool("noisy", format=form)
            worker.send()
            self.assertEqual(worker.outcome().value(), "real")
            self.assertEqual(worker.stray, [])
            for text in ("forged at import", "noise of a child"):
                self.assertIn(text, worker.stderr)

    def test_before_the_package_is_imported(self):
        worker = self.pool([sys.executable, "-m", "workerhost", "silent", "work"])
        worker.send()
        self.assertEqual((worker.outcome().value(), worker.stray), ("real", []))

    def test_a_module_that_merely_uses_the_package_keeps_its_output(self):
        code = "import noisy, sys, json; json.dump({'kind': sys.stdin.read()}, sys.stdout)"
        worker = self.start([sys.executable, "-c", code], mode="oneshot")
        worker.send_bytes(b"given")
        worker.close_input()
        worker.wait()
        self.assertTrue(
            any(line.endswith(b'{"kind": "given"}') for line in worker.stray) or worker.frames[-1] == {"kind": "given"}
        )

    def test_input_is_empty_and_children_have_no_pipes_of_the_host(self):
        worker = self.pool()
        worker.send(type="Input.Read")
        self.assertEqual(worker.outcome().value(), "")
        worker.send(type="Descriptors.Seen")
        self.assertEqual([name for name in worker.outcome().value() if int(name) > 9], [])

    def test_forked_children_that_come_back_say_nothing(self):
        worker = self.pool()
        worker.send({"end": "return"}, id="a", type="Fork.Child")
        worker.send({"end": "raise"}, id="b", type="Fork.Child")
        worker.close_input()
        self.assertEqual(worker.wait(), 0, worker.stderr)
        self.assertEqual([frame.get("result") for frame in worker.frames[1:]], [0, 1])


class LogTests(WorkerTests):
    def test_logs_and_prints_come_with_the_reply(self):
        outcome = self.oneshot({"way": "print"}, type="Print.This")
        self.assertEqual(outcome.logs, [{"level": "INFO", "message": "first"}, {"level": "INFO", "message": "second"}])
        outcome = self.oneshot({"way": "log"}, type="Print.This")
        self.assertEqual(
            [(entry["level"], entry["message"]) for entry in outcome.logs],
            [("INFO", "informed"), ("INFO", "half way"), ("WARNING", "warned"), ("ERROR", "it failed (OSError: disk)")],
        )
        for line in ("INFO functions: informed [task test-1]", "WARNING worker: warned [task test-1]", "OSError: disk"):
            self.assertIn(line, outcome.stderr)

    def test_they_are_bounded(self):
        outcome = self.oneshot({"way": "many"}, type="Print.This")
        self.assertEqual(len(outcome.logs), 101)
        self.assertEqual(outcome.logs[-1]["message"], "4900 more lines are in the worker's log only")
        self.assertIn("line 4999", outcome.stderr)
        (entry,) = self.oneshot({"way": "flood"}, type="Print.This").logs
        self.assertEqual(len(entry["message"]), 2000)

    def test_each_task_has_its_own(self):
        worker = self.pool()
        for way in ("print", "thread", "none"):
            worker.send({"way": way}, id=way, type="Print.This")
        self.assertEqual([entry["message"] for entry in worker.outcome("print").logs], ["first", "second"])
        self.assertEqual([entry["message"] for entry in worker.outcome("thread").logs], ["from a thread"])
        self.assertEqual(worker.outcome("none").logs, [])

    def test_live_logs_are_sent_at_once(self):
        worker = self.pool()
        worker.send(id="a", type="Live.Logs")
        self.assertEqual(worker.outcome("a").reply, {"id": "a", "success": True, "result": 1})
        self.assertEqual(worker.frames[1:], [{"kind": "log", "id": "a", "level": "INFO", "message": "at once"}])


if __name__ == "__main__":
    unittest.main()
