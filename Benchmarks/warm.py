"""What the host makes of warm workers, against a C program that does only what any parent must.

All run the same Python worker (standard json, two fields back). Rounds alternate, so that all meet the same machine; the
medians are compared. A start-up (an empty run) is left out of the figures of the queue.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")


class Table:
    """Rows of a figure, what it is measured against, the ratio and its limit."""

    def __init__(self):
        self.good = True
        print("| what | bare or unmixed | host | ratio | must be |")
        print("| --- | --- | --- | --- | --- |", flush=True)

    def row(self, what, bare, own, ratio, limit, at_least=False, unit=""):
        good = ratio >= limit if at_least else ratio <= limit
        self.good = self.good and good
        must = f"at {'least' if at_least else 'most'} {limit:g}{unit}"
        print(f"| {what} | {bare} | {own} | {ratio:.2f} | {must}{'' if good else ': MISSED'} |", flush=True)

    def note(self, what, bare, own, ratio):
        """A figure without a limit."""
        print(f"| {what} | {bare} | {own} | {ratio:.2f} | |", flush=True)


def median(rows, name):
    return statistics.median(row[name] for row in rows)


def output(arguments):
    return json.loads(subprocess.run(arguments, check=True, stdout=subprocess.PIPE).stdout)


class Bench:
    def __init__(self, options):
        self.options = options
        self.worker = os.path.join(HERE, "warm_worker.py")

    def bare(self, tasks, workers, in_flight):
        options = self.options
        return output([options.bare, str(tasks), str(workers), str(in_flight), options.python, self.worker])

    def memory(self, kind, *arguments):
        with tempfile.TemporaryDirectory(prefix="workerhost-bench-") as state:
            fixed = ["--python", self.options.python, "--folder", HERE, "--state", state]
            return output([self.options.hostbench, kind, *fixed, *map(str, arguments)])


class Queue:
    """A queue file and the built program, with its default observers; its log goes to a file."""

    def __init__(self, options, level="INFO"):
        self.options = options
        self.folder = tempfile.TemporaryDirectory(prefix="workerhost-bench-")
        self.configuration = os.path.join(self.folder.name, "workerhost.yaml")
        with open(self.configuration, "w", encoding="utf-8") as file:
            file.write(
                'version: "1.0"\ntask_manager: {type: sqlite}\n'
                f"logging: {{level: {level}}}\n"
                f"workers: [{{name: warm, project_path: {json.dumps(HERE)}, task_types: [T],"
                f" command: [{json.dumps(options.python)}, warm_worker.py], mode: pool, pool: {{min: 2, max: 2}}}}]\n"
            )

    def submit(self, count):
        lines = "".join('{"type":"T","params":{"number":%d,"name":"item %d"}}\n' % (n, n) for n in range(count))
        subprocess.run(
            [self.options.host, "submit", "--config", self.configuration, "-"],
            input=lines.encode(), stdout=subprocess.DEVNULL, check=True,
        )

    def start(self):
        with open(os.path.join(self.folder.name, "log"), "ab") as log:
            return subprocess.Popen(
                [self.options.host, "run", "--config", self.configuration, "--until-idle"], stdout=log, stderr=log
            )

    def run(self, count):
        """Elapsed and processor seconds of the host alone, its workers left out."""
        if count:
            self.submit(count)
        began = time.perf_counter()
        host = self.start()
        # Looked at between its end and the reap: exact, and without its children.
        os.waitid(os.P_PID, host.pid, os.WEXITED | os.WNOWAIT)
        elapsed = time.perf_counter() - began
        fields = stat_of(host.pid)
        if host.wait() != 0:
            sys.exit(f"the host ended with exit code {host.returncode}")
        return elapsed, (int(fields[11]) + int(fields[12])) / TICK

    def status(self):
        return output([self.options.host, "status", "--config", self.configuration, "--json"])["tasks"]


def stat_of(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rsplit(")", 1)[1].split()


def rates(bench, table):
    options = bench.options
    bare, memory, queued, processor = [], [], [], []
    queue = Queue(options)
    start_up = min(queue.run(0) for _ in range(3))
    for _ in range(options.rounds):
        bare.append(bench.bare(options.tasks, 2, 16))
        memory.append(bench.memory("rate", "--processes", 2, "--tasks", options.tasks))
        elapsed, used = queue.run(options.tasks)
        queued.append(options.tasks / (elapsed - start_up[0]))
        processor.append((used - start_up[1]) / options.tasks * 1e6)
    if any(row["failures"] for row in memory):
        sys.exit("tasks have failed")
    limit, own = median(bare, "tasks_per_second"), median(memory, "tasks_per_second")
    table.row("warm tasks/s, from memory", f"{limit:,.0f}", f"{own:,.0f}", own / limit, 0.6, at_least=True)
    own = statistics.median(queued)
    table.row("warm tasks/s, from SQLite", f"{limit:,.0f}", f"{own:,.0f}", own / limit, 0.4, at_least=True)
    own = statistics.median(processor)
    parent = median(bare, "processor_microseconds")
    table.row(
        "host µs of processor time per task, SQLite, log at INFO", f"{parent:.1f}", f"{own:.1f}", own, 25, unit=" µs")
    return median(memory, "processor_microseconds")


def latency(bench, table):
    bare, own = [], []
    for _ in range(bench.options.rounds):
        bare.append(bench.bare(30_000, 1, 1))
        own.append(bench.memory("latency", "--tasks", 30_000))
    for name, limit in (("p50", 2), ("p99", 3)):
        least, most = median(bare, f"{name}_microseconds"), median(own, f"{name}_microseconds")
        table.row(f"latency {name}, µs", f"{least:.1f}", f"{most:.1f}", most / least, limit)


def mixed(bench, table):
    rows = [bench.memory("mixed", "--bursts", 10) for _ in range(bench.options.rounds)]
    plain, own = median(rows, "plain_p50_microseconds"), median(rows, "mixed_p50_microseconds")
    table.row("one of 20 tasks is long: p50 of the short ones, µs", f"{plain:.0f}", f"{own:.0f}", own / plain, 2)
    dense = median(rows, "dense_p50_microseconds")
    table.note("the same against bursts of short ones without a pause", f"{dense:.0f}", f"{own:.0f}", own / dense)
    behind = sum(row["short_behind_long"] for row in rows)
    table.row("short tasks that waited behind a long one", 0, behind, behind, 0)


def many_processes(bench, table, processor):
    row = bench.memory("rate", "--processes", 200, "--tasks", 100_000)
    own = row["processor_microseconds"]
    table.row("200 processes: host µs of processor time per task", f"{processor:.1f}", f"{own:.1f}", own / processor, 2)
    table.row("200 processes: tasks not answered once", 0, row["failures"], row["failures"], 0)


def long_run(bench, table):
    """A million tasks through one host: what it holds on to."""
    count = bench.options.long
    queue = Queue(bench.options, level="WARNING")
    for _ in range(10):
        queue.submit(count // 10)
    host, rows, began = queue.start(), [], time.perf_counter()
    while host.poll() is None:
        try:
            fields = stat_of(host.pid)
            rows.append((
                time.perf_counter() - began, int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6, int(fields[17]),
                len(os.listdir(f"/proc/{host.pid}/fd")), zombies(host.pid),
            ))
        except OSError:
            break
        time.sleep(1)
    if host.wait() != 0:
        sys.exit(f"the host ended with exit code {host.returncode}")
    done = queue.status()
    print("\n| seconds | MB | threads | descriptors | zombies |\n| --- | --- | --- | --- | --- |")
    for row in rows[:: max(1, len(rows) // 12)]:
        print("| %.0f | %.1f | %d | %d | %d |" % row)
    print()
    # Warm after a quarter.
    warm = rows[len(rows) // 4 :]
    middle = len(warm) // 2
    early, late = (max(row[1] for row in part) for part in (warm[:middle], warm[middle:]))
    return done, early, late, max(row[2] for row in warm[middle:]) - max(row[2] for row in warm[:middle]), \
        max(row[3] for row in warm) - min(row[3] for row in warm), max(row[4] for row in warm)


def zombies(pid):
    count = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{task}/children", encoding="utf-8") as file:
                count += sum(stat_of(child)[0] == "Z" for child in file.read().split())
        except OSError:
            continue
    return count


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--host", required=True, help="the built workerhost")
    parser.add_argument("--hostbench", required=True, help="the built hostbench")
    parser.add_argument("--bare", required=True, help="the built bare_pipeline")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the workers")
    parser.add_argument("--tasks", type=int, default=600_000, help="tasks per round")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--long", type=int, default=1_000_000, help="tasks of the long run; 0 leaves it out")
    options = parser.parse_args()
    bench = Bench(options)
    table = Table()
    processor = rates(bench, table)
    latency(bench, table)
    mixed(bench, table)
    many_processes(bench, table, processor)
    if options.long:
        done, early, late, threads, descriptors, dead = long_run(bench, table)
        print("| what | before | after | ratio | must be |\n| --- | --- | --- | --- | --- |")
        table.row(f"{options.long:,} tasks: not completed", 0, options.long - done["completed"],
                  options.long - done["completed"], 0)
        table.row("MB, at most, in the two halves after warm-up", f"{early:.1f}", f"{late:.1f}", late / early, 1.1)
        table.row("threads more in the second half", 0, threads, threads, 0)
        table.row("descriptors that come and go", 0, descriptors, descriptors, 4)
        table.row("zombies", 0, dead, dead, 0)
    sys.exit(0 if table.good else 1)


if __name__ == "__main__":
    main()
