"""What the host adds to a oneshot task, against a C program that does only what any host must.

Both start the same trivial C worker for each task. The C program uses posix_spawn, three pipes and waitpid; the host
leases each task from an SQLite queue, runs it and stores its result. Rounds alternate, so that both meet the same
machine; the medians are compared. Start-up of the host (an empty run) is left out of the host's figures and shown.
"""
import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time

LIMIT = 1.3
QUEUE_LIMIT = 1.15


class Host:
    """A queue of its own and the built host."""

    def __init__(self, program, worker, concurrency):
        self.program = program
        self.folder = tempfile.TemporaryDirectory(prefix="workerhost-bench-")
        self.configuration = os.path.join(self.folder.name, "workerhost.yaml")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(
                'version: "1.0"\n'
                "task_manager: {type: sqlite}\n"
                "logging: {level: WARNING}\n"
                f"workers: [{{name: trivial, project_path: ., command: [{json.dumps(worker)}],"
                f" task_types: [T], concurrency: {concurrency}}}]\n"
            )
        self.start_up = min((self.run(0) for _ in range(3)), key=lambda cost: cost[0])

    def run(self, count):
        """Elapsed and processor seconds for so many queued tasks."""
        if count:
            lines = "".join('{"type":"T","params":{"n":%d}}\n' % number for number in range(count))
            subprocess.run(
                [self.program, "submit", "--config", self.configuration, "-"],
                input=lines.encode(), stdout=subprocess.DEVNULL, check=True,
            )
        before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
        subprocess.run(
            [self.program, "run", "--config", self.configuration, "--until-idle"],
            check=True, stderr=subprocess.DEVNULL,
        )
        elapsed, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
        return elapsed, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    def cost(self, count):
        """Elapsed and processor microseconds per task, start-up left out."""
        return tuple((total - start) / count * 1e6 for total, start in zip(self.run(count), self.start_up))


def bare_cost(program, worker, count, at_once):
    text = subprocess.run([program, str(count), str(at_once), worker], check=True, stdout=subprocess.PIPE).stdout
    figures = json.loads(text)
    return figures["microseconds_per_task"], figures["processor_microseconds_per_task"]


def median(rows, index):
    return statistics.median(row[index] for row in rows)


def compare(options, at_once):
    """A row for elapsed and for processor time; whether both are within the limit."""
    host = Host(options.host, options.worker, at_once)
    bare_rows, host_rows = [], []
    for _ in range(options.rounds):
        bare_rows.append(bare_cost(options.bare, options.worker, options.tasks, at_once))
        host_rows.append(host.cost(options.tasks))
    good = True
    for index, name in enumerate(("elapsed", "processor")):
        bare, own = median(bare_rows, index), median(host_rows, index)
        ratio = own / bare
        good = good and ratio <= LIMIT
        print(f"| {at_once} at a time, {name:<9} | {bare:8.1f} | {own:8.1f} | {ratio:5.2f} | {LIMIT} |", flush=True)
    print(f"  (start-up left out: {host.start_up[0] * 1e3:.0f} ms elapsed, {host.start_up[1] * 1e3:.0f} ms processor)")
    return good


def queue_length(options):
    """Whether a task out of 100,000 costs what one out of 1,000 does."""
    host = Host(options.host, options.worker, 2)
    small = [host.cost(1000) for _ in range(9)]
    large = host.cost(options.queue)
    small += [host.cost(1000) for _ in range(9)]
    good = True
    for index, name in enumerate(("elapsed", "processor")):
        few, many = median(small, index), large[index]
        good = good and many / few <= QUEUE_LIMIT
        print(f"| {options.queue:,} queued, {name:<9} | {few:8.1f} | {many:8.1f} | {many / few:5.2f} | {QUEUE_LIMIT} |")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", required=True, help="the built workerhost")
    parser.add_argument("--bare", required=True, help="the built bare_oneshot")
    parser.add_argument("--worker", required=True, help="the built trivial_worker")
    parser.add_argument("--tasks", type=int, default=4000, help="tasks per round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--queue", type=int, default=100_000, help="tasks of the long queue; 0 leaves it out")
    options = parser.parse_args()
    print("Microseconds per oneshot task, medians of alternating rounds\n")
    print("| what                     | bare C   | host     | ratio | must be at most |")
    print("| ------------------------ | -------- | -------- | ----- | --------------- |", flush=True)
    good = all([compare(options, 1), compare(options, 2)])
    if options.queue:
        print("\n| queue                    | 1,000    | long     | ratio | must be at most |")
        print("| ------------------------ | -------- | -------- | ----- | --------------- |", flush=True)
        good = queue_length(options) and good
    sys.exit(0 if good else 1)


main()
