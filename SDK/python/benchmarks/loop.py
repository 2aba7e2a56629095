"""How fast a trivial function is served in pool mode, against a bare loop that somebody would write by hand.

    python SDK/python/benchmarks/loop.py [TASKS] [IN_FLIGHT]

Prints a JSON line for each worker and, last, the ratio of the package to the bare loop. The host's part is played by
this program: it keeps IN_FLIGHT tasks with the worker.
"""

import json
import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
ROUNDS = 5


def tasks(count):
    for number in range(count):
        metadata = {"attempt": 1, "priority": 0, "created_at": "2026-01-31T12:00:00.000Z"}
        task = {"id": f"task-{number}", "type": "Hello.Greet", "params": {"name": "Ada"}, "metadata": metadata}
        yield json.dumps(task).encode() + b"\n"


def measure(command, lines, in_flight):
    """Tasks a second, from the first to the last reply."""
    environment = dict(
        os.environ, PYTHONPATH=str(HERE.parent / "src"), WORKERHOST_MODE="pool", WORKERHOST_FORMAT="json"
    )
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=HERE) as worker:
        source, sink = worker.stdout.fileno(), worker.stdin.fileno()
        os.write(sink, lines[0])
        replies = 0
        while replies < 2:  # ready and the first reply
            replies += os.read(source, 1 << 16).count(b"\n")
        begun = time.perf_counter()
        sent, replies = 1, 1
        while replies < len(lines):
            to = min(len(lines), replies + in_flight)
            # As a host does: what has room is sent in one write.
            if to > sent:
                os.write(sink, b"".join(lines[sent:to]))
                sent = to
            data = os.read(source, 1 << 18)
            if not data:
                sys.exit(f"{command} ended early")
            replies += data.count(b"\n")
        took = time.perf_counter() - begun
        worker.stdin.close()
    return (len(lines) - 1) / took


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    in_flight = int(sys.argv[2]) if len(sys.argv) > 2 else 16
    lines = list(tasks(count))
    workers = {"bare loop": "bare_loop", "workerhost": "trivial", "workerhost, with the task": "trivial_task"}
    rates = {name: [] for name in workers}
    for _ in range(ROUNDS):  # in turn, so that what else the machine does hits all of them
        for name, module in workers.items():
            rates[name].append(measure([sys.executable, "-m", module], lines, in_flight))
    for name, found in rates.items():
        print(
            json.dumps(
                {"worker": name, "tasks": count, "in_flight": in_flight, "per_second": round(statistics.median(found))}
            )
        )
    bare = rates["bare loop"]
    for name in list(workers)[1:]:
        ratio = statistics.median(one / other for one, other in zip(rates[name], bare))
        print(json.dumps({"ratio": f"{name} / bare loop", "value": round(ratio, 2)}))


if __name__ == "__main__":
    main()
