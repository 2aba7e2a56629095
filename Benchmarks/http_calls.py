"""What the host makes of the REST TaskManager, against a C program that only makes the same HTTP calls.

One server (the example's, documented face), the same number of tasks, the same kind of connections: `bare_http` claims and
completes each task; the host claims it, has a warm Python worker run it, and completes it. Rounds alternate, so that both
meet the same machine; the medians are compared. Prints one line of JSON.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
TICK = os.sysconf("SC_CLK_TCK")
KEY = "benchmark-key"


def processor_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Server:
    """The example server with fresh data and so many tasks of type T, whose id is 1."""

    def __init__(self, options, folder, tasks):
        self.options = options
        port_file = os.path.join(folder, "port")
        command = [options.server, "--port", "0", "--port-file", port_file, "--data", os.path.join(folder, "tasks.sqlite"),
                   "--fill", f"{tasks}:T"]
        if options.quirks:
            command.append("--quirks")
        if options.pin_server is not None:
            command = ["taskset", "-c", str(options.pin_server), *command]
        self.process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, env={**os.environ, "TASKMANAGER_API_KEY": KEY})
        while not os.path.exists(port_file):
            if self.process.poll() is not None:
                sys.exit(f"the server ended with exit code {self.process.returncode}")
            time.sleep(0.02)
        with open(port_file, encoding="utf-8") as file:
            self.url = f"http://127.0.0.1:{int(file.read())}/api"

    def __enter__(self):
        self.began = processor_seconds(self.process.pid)
        return self

    def used(self):
        return processor_seconds(self.process.pid) - self.began

    def left(self):
        """Whether tasks are not completed."""
        for status in ("pending", "claimed", "failed"):
            request = urllib.request.Request(f"{self.url}/tasks?status={status}&limit=1", headers={"X-API-Key": KEY})
            with urllib.request.urlopen(request) as answer:
                if json.load(answer)["data"]["count"]:
                    return True
        return False

    def __exit__(self, *error):
        self.process.terminate()
        self.process.wait()


def bare(options):
    """Pairs per second, and processor microseconds of the server for each."""
    with tempfile.TemporaryDirectory(prefix="workerhost-bench-") as folder, Server(options, folder, options.tasks) as server:
        said = subprocess.run(
            [options.bare, server.url, "1", str(options.connections)], check=True, stdout=subprocess.PIPE,
            env={**os.environ, "TASKMANAGER_API_KEY": KEY})
        row = json.loads(said.stdout)
        if row["pairs"] != options.tasks:
            sys.exit(f"bare_http made {row['pairs']} pairs of {options.tasks}")
        return row["pairs_per_second"], server.used() / options.tasks * 1e6, row["processor_microseconds"]


def run_host(options, tasks):
    """Elapsed seconds, and processor seconds of the host (without its workers) and of the server."""
    with tempfile.TemporaryDirectory(prefix="workerhost-bench-") as folder, Server(options, folder, tasks) as server:
        configuration = os.path.join(folder, "workerhost.yaml")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(
                'version: "1.0"\n'
                f'task_manager: {{type: http, url: "{server.url}", api_key: "${{TASKMANAGER_API_KEY}}", poll_interval: 1}}\n'
                "state_dir: state\n"
                "logging: {level: WARNING}\n"
                f"workers: [{{name: warm, project_path: {json.dumps(HERE)}, task_types: [T],"
                f" command: [{json.dumps(options.python)}, warm_worker.py], mode: pool, pool: {{min: 2, max: 2}}}}]\n"
            )
        with open(os.path.join(folder, "log"), "w+b") as log:
            began = time.perf_counter()
            host = subprocess.Popen(
                [options.host, "run", "--config", configuration, "--until-idle"], stdout=log, stderr=log,
                env={**os.environ, "TASKMANAGER_API_KEY": KEY})
            # Looked at between its end and the reap: exact, and without its children.
            os.waitid(os.P_PID, host.pid, os.WEXITED | os.WNOWAIT)
            elapsed = time.perf_counter() - began
            used = processor_seconds(host.pid)
            if host.wait() != 0:
                log.seek(0)
                sys.exit(f"the host ended with exit code {host.returncode}:\n{log.read().decode(errors='replace')[-4000:]}")
        if server.left():
            sys.exit("the host ended, and not all tasks are completed")
        return elapsed, used, server.used()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--server", required=True, help="the built taskmanagerserver")
    parser.add_argument("--bare", required=True, help="the built bare_http")
    parser.add_argument("--host", help="the built workerhost; without it only the bare half is measured")
    parser.add_argument("--python", default=sys.executable, help="the interpreter of the worker")
    parser.add_argument("--tasks", type=int, default=40_000)
    parser.add_argument("--connections", type=int, default=32, help="of the bare program")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pin-server", type=int, metavar="CPU", help="the server's processor, in both runs alike")
    parser.add_argument("--quirks", action="store_true", help="the server's other face: a connection for each call")
    parser.add_argument("--least", type=float, default=0.6, help="the ratio that must be reached")
    options = parser.parse_args()

    pairs, server_time, bare_time, hosted, host_time, host_server_time = [], [], [], [], [], []
    # What the host needs to start, to find that nothing is left and to end is not the queue's rate.
    idle = min(run_host(options, 1) for _ in range(2)) if options.host else (0, 0, 0)
    for _ in range(options.rounds):
        rate, server, client = bare(options)
        pairs.append(rate)
        server_time.append(server)
        bare_time.append(client)
        if options.host:
            elapsed, used, server = run_host(options, options.tasks)
            hosted.append(options.tasks / max(1e-9, elapsed - idle[0]))
            host_time.append((used - idle[1]) / options.tasks * 1e6)
            host_server_time.append((server - idle[2]) / options.tasks * 1e6)
    median = statistics.median
    row = {
        "tasks": options.tasks,
        "connections": options.connections,
        "bare_pairs_per_second": round(median(pairs)),
        "bare_processor_microseconds": round(median(bare_time), 1),
        "server_processor_microseconds": round(median(server_time), 1),
    }
    good = True
    if options.host:
        ratio = median(hosted) / median(pairs)
        good = ratio >= options.least
        row |= {
            "host_tasks_per_second": round(median(hosted)),
            "host_processor_microseconds": round(median(host_time), 1),
            "host_server_processor_microseconds": round(median(host_server_time), 1),
            "host_idle_seconds": round(idle[0], 3),
            "ratio": round(ratio, 3),
            "must_be_at_least": options.least,
        }
    print(json.dumps(row), flush=True)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
