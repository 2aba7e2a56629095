"""Where the workers under test are, and a process of them."""

import pathlib
import sys
import unittest

TESTS = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(TESTS.parent / "src"))

from workerhost.testing import WorkerProcess, run, run_many  # noqa: E402

WORKERS = TESTS / "workers"
FORMATS = ("json", "msgpack")


class WorkerTests(unittest.TestCase):
    """Starts workers; what a test leaves running is ended."""

    maxDiff = None

    def start(self, module="functions", function=None, **options):
        worker = WorkerProcess(module, function, cwd=WORKERS, **options)
        self.addCleanup(self.end, worker)
        return worker

    def end(self, worker):
        if worker.process.poll() is None:
            worker.process.kill()
        worker.__exit__(None, None, None)

    def pool(self, module="functions", function=None, **options):
        worker = self.start(module, function, **options)
        worker.ready()
        return worker

    def oneshot(self, params=None, type="Echo.It", module="functions", **options):
        return run(module, params, type=type, cwd=WORKERS, **options)

    def many(self, params, type="Echo.It", module="functions", **options):
        return run_many(module, params, type=type, cwd=WORKERS, **options)
