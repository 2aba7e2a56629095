"""What fork mode costs, against oneshot and against a bare os.fork loop with the same worker.

The worker imports requests and asyncio. The host leases each task from an SQLite queue, runs it and stores its result;
its start-up (a run with one task) is left out. Rounds alternate, so that all meet the same machine; the medians are
compared.
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

FOLDER = pathlib.Path(__file__).resolve().parent
PACKAGE = FOLDER.parents[1] / "SDK/python/src"
MOST_OF_BARE = 1.7
LEAST_OF_ONESHOT = 25


class Host:
    """A queue of its own and the built host."""

    def __init__(self, program: str, mode: str, concurrency: int) -> None:
        self.program = program
        self.folder = tempfile.TemporaryDirectory(prefix="workerhost-bench-")
        self.configuration = os.path.join(self.folder.name, "workerhost.yaml")
        worker = {
            "name": "fork", "project_path": str(FOLDER), "command": [sys.executable, "-m", "worker"],
            "task_types": ["T"], "mode": mode, "concurrency": concurrency, "environment": {"PYTHONPATH": str(PACKAGE)},
        }  # fmt: skip
        configuration = {"task_manager": {"type": "sqlite"}, "logging": {"level": "WARNING"}, "workers": [worker]}
        pathlib.Path(self.configuration).write_text(json.dumps(configuration), encoding="utf-8")

    def run(self, count: int) -> float:
        """Seconds for so many queued tasks."""
        lines = "".join('{"type":"T","params":{"n":%d}}\n' % number for number in range(count))
        submit = [self.program, "submit", "--config", self.configuration, "-"]
        subprocess.run(submit, input=lines.encode(), stdout=subprocess.DEVNULL, check=True)
        start = time.perf_counter()
        run = [self.program, "run", "--config", self.configuration, "--until-idle"]
        subprocess.run(run, check=True, stderr=subprocess.DEVNULL)
        return time.perf_counter() - start

    def cost(self, count: int) -> float:
        """Microseconds per task."""
        one = self.run(1)
        return (self.run(count + 1) - one) / count * 1e6


def bare(count: int) -> float:
    """Microseconds per task."""
    environment = dict(os.environ, PYTHONPATH=str(PACKAGE))
    command = [sys.executable, "bare.py", str(count)]
    return float(subprocess.run(command, cwd=FOLDER, env=environment, check=True, stdout=subprocess.PIPE).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", required=True, help="the built workerhost")
    parser.add_argument("--tasks", type=int, default=1000, help="tasks per round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--concurrency", type=int, default=2)
    options = parser.parse_args()
    fork, oneshot = (Host(options.host, mode, options.concurrency) for mode in ("fork", "oneshot"))
    rows = []
    for _ in range(options.rounds):
        rows.append((bare(options.tasks), fork.cost(options.tasks), oneshot.cost(max(4, options.tasks // 50))))
    loop, forked, fresh = (statistics.median(row[index] for row in rows) for index in range(3))
    print("| microseconds per task | bare os.fork loop | fork | oneshot |")
    print("| --- | --- | --- | --- |")
    print(f"| {options.concurrency} at a time | {loop:.0f} | {forked:.0f} | {fresh:.0f} |")
    print(f"fork / bare loop: {forked / loop:.2f} (at most {MOST_OF_BARE})")
    print(f"oneshot / fork: {fresh / forked:.1f} (at least {LEAST_OF_ONESHOT})")
    sys.exit(0 if forked <= MOST_OF_BARE * loop and fresh >= LEAST_OF_ONESHOT * forked else 1)


main()
