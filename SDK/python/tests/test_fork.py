import json
import os
import pathlib
import signal
import subprocess
import sys
import time

from support import WORKERS, WorkerTests

from workerhost.testing import TemplateProcess, run


class ForkTests(WorkerTests):
    def template(self, module="functions", function=None, **options):
        template = TemplateProcess(module, function, cwd=WORKERS, **options)
        self.addCleanup(template.__exit__, None, None, None)
        return template

    def test_each_task_has_a_child_of_its_own(self):
        template = self.template("forked")
        pids = set()
        for number in range(20):
            result = template.run({"n": number}).value()
            self.assertEqual((result["n"], result["calls"]), (number, 1), "nothing of another task is left")
            self.assertEqual(result["imported_by"], template.process.pid)
            self.assertEqual(result["group"], result["pid"])
            pids.add(result["pid"])
        self.assertEqual(len(pids), 20)

    def test_exit_codes_are_those_of_oneshot(self):
        template = self.template()
        for kind, status, code in (
            ("value", "failed", 2), ("runtime", "retry", 1), ("timed", "timed_out", 3),
            ("interrupt", "interrupted", 130), ("later", "retry", 1), ("exit", "retry", 1),
        ):  # fmt: skip
            with self.subTest(kind):
                outcome = template.run({"kind": kind}, type="Raise.This")
                self.assertEqual((outcome.status, outcome.exit_code), (status, code), outcome.stderr)
        self.assertEqual(template.run(type="Nobody.Knows").error_type, "UnknownTaskType")

    def test_what_is_printed_goes_to_the_tasks_log(self):
        outcome = self.template("forked").run({"print": True})
        self.assertEqual(outcome.status, "completed", outcome.stderr)
        for text in ("by print", "by the system", "by a child process", "by logging"):
            self.assertIn(text, outcome.stderr)
        self.assertIn({"level": "INFO", "message": "by print"}, outcome.logs)

    def test_what_is_printed_at_import_goes_to_the_templates_log_once(self):
        template = self.template("forked")
        self.assertNotIn("imported", template.run().stderr)
        self.assertEqual(template.stderr.count("imported"), 1)

    def test_async_functions_and_chosen_ones(self):
        self.assertEqual(run("parallel", {"n": 1}, type="Async.It", mode="fork", cwd=WORKERS).status, "completed")
        self.assertEqual(self.template("functions", "echo").run([1], type="Echo.This").value(), [1])

    def test_the_environment_of_a_task(self):
        template = self.template("forked", env={"TMPDIR": "/nowhere"})
        for name in ("a", "b"):
            result = template.run_frame(
                {"id": name, "type": "T", "params": {}},
                {"TMPDIR": "/tmp", "WORKERHOST_LEASE": name, "TRACEPARENT": f"00-{name}"},
            ).value()
            self.assertEqual(result["environment"], {"WORKERHOST_LEASE": name, "TRACEPARENT": f"00-{name}"})
            self.assertEqual(result["temporary"], "/tmp")

    def test_random_numbers_differ(self):
        template = self.template("forked")
        self.assertEqual(len({template.run().value()["random"] for _ in range(5)}), 5)

    def test_what_a_task_leaves_to_be_done_at_its_end_is_done(self):
        outcome = self.template("forked").run({"late": True})
        self.assertEqual(outcome.status, "completed")
        self.assertIn("thread has ended", outcome.stderr)
        self.assertIn("registered by the task", outcome.stderr)
        self.assertNotIn("registered at import", outcome.stderr)

    def test_no_descriptor_of_the_template_is_left_in_a_child(self):
        template = self.template("forked")
        first = template.run({"descriptors": True}).value()["descriptors"]
        for _ in range(10):
            template.run()
        self.assertEqual(template.run({"descriptors": True}).value()["descriptors"], first)
        self.assertFalse([name for name in first.values() if name.startswith("socket:")], first)
        held = os.listdir(f"/proc/{template.process.pid}/fd")
        template.run()
        self.assertEqual(os.listdir(f"/proc/{template.process.pid}/fd"), held)

    def test_children_are_killed_with_their_host_and_not_with_their_template(self):
        for killed in ("template", "host"):
            with self.subTest(killed):
                template = self.template("forked")
                source, to_child = os.pipe()
                from_child, sink = os.pipe()
                answer = template.ask({"control": "fork", "environment": {}}, [source, sink, 2])
                for descriptor in (source, sink):
                    os.close(descriptor)
                os.write(to_child, json.dumps({"id": "1", "type": "T", "params": {"sleep": 600}}).encode())
                os.close(to_child)
                pid = answer["pid"]
                descriptor = os.pidfd_open(pid)
                self.addCleanup(os.close, descriptor)
                self.addCleanup(os.close, from_child)
                self.until(lambda: os.listdir(f"/proc/{pid}/task") and self.sleeps(pid))
                template.process.kill()
                template.process.wait()
                if killed == "template":
                    time.sleep(0.05)
                    self.assertTrue(self.sleeps(pid))
                    signal.pidfd_send_signal(descriptor, signal.SIGKILL)
                else:
                    os.close(template._lifeline)
                    template._lifeline = None
                self.until(lambda: not os.path.exists(f"/proc/{pid}") or not self.sleeps(pid))

    def sleeps(self, pid):
        try:
            with open(f"/proc/{pid}/wchan") as file:
                name = file.read()
            with open(f"/proc/{pid}/stat") as file:
                return file.read().rpartition(")")[2].split()[0] == "S" and "pipe" not in name
        except OSError:
            return False

    def until(self, condition):
        end = time.monotonic() + 30
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def test_requests_that_cannot_be_met_are_refused(self):
        template = self.template()
        self.assertEqual(template.ask({"control": "reap", "pid": os.getpid()})["kind"], "refused")
        self.assertEqual(template.run([1], type="Echo.It").value(), [1])

    def test_the_end_of_the_socket_ends_the_template(self):
        template = self.template()
        template._control.close()
        self.assertEqual(template.process.wait(30), 0)

    def test_without_a_host_it_says_what_is_missing(self):
        environment = dict(os.environ, WORKERHOST_MODE="fork", PYTHONPATH=str(WORKERS.parent.parent / "src"))
        done = subprocess.run(
            [sys.executable, "-m", "functions"], cwd=WORKERS, env=environment, stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        self.assertEqual(done.returncode, 2)
        self.assertIn("WORKERHOST_MODE=fork needs a host", done.stderr)

    def test_a_huge_task_and_a_huge_reply(self):
        text = "x" * (10 << 20)
        self.assertEqual(len(self.template().run({"text": text}, type="Echo.It").value()["text"]), 10 << 20)

    def test_a_template_that_cannot_import_is_told(self):
        with self.assertRaisesRegex(AssertionError, "No module named"):
            TemplateProcess("no_such_module_anywhere", cwd=pathlib.Path("/tmp"))
