"""What an idle host uses: processor time over a while, and memory at its end."""
import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

# Some 5 MiB of it are libcurl and the libraries that it needs, 16 the touched parts of the program's own file.
MEMORY_LIMIT_MIB = 30
PROCESSOR_LIMIT_MS = 10


def processor_milliseconds(pid):
    """By the process's own clock (as clock_getcpuclockid makes its number): ticks are too coarse for nearly nothing."""
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e6


def switches(pid):
    """How often each of its threads was woken."""
    counts = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{thread}/status", encoding="utf-8") as file:
            counts[thread] = sum(int(line.split()[1]) for line in file if "ctxt_switches" in line)
    return counts


def resident_mib(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--host", required=True, help="the built workerhost")
    parser.add_argument("--worker", required=True, help="any worker")
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="workerhost-idle-") as folder:
        configuration = os.path.join(folder, "workerhost.yaml")
        with open(configuration, "w", encoding="utf-8") as file:
            file.write(
                'version: "1.0"\ntask_manager: {type: sqlite}\nlogging: {level: WARNING}\n'
                f"workers: [{{name: w, project_path: ., command: [{json.dumps(options.worker)}], task_types: [T]}}]\n"
            )
        host = subprocess.Popen([options.host, "run", "--config", configuration], stderr=subprocess.DEVNULL)
        try:
            # One task first, so that everything an idle host holds is there.
            subprocess.run(
                [options.host, "submit", "--config", configuration, "--type", "T", "--params", "{}", "--wait"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=60,
            )
            time.sleep(5)
            before, woken = processor_milliseconds(host.pid), switches(host.pid)
            time.sleep(options.seconds)
            used = processor_milliseconds(host.pid) - before
            woken = sum(count - woken.get(thread, 0) for thread, count in switches(host.pid).items())
            memory = resident_mib(host.pid)
        finally:
            host.send_signal(signal.SIGTERM)
            host.wait(60)
    good = used <= PROCESSOR_LIMIT_MS and memory <= MEMORY_LIMIT_MIB
    print(
        f"idle for {options.seconds:.0f} s: {used:.1f} ms of processor time (at most {PROCESSOR_LIMIT_MS}), {woken} wake-ups,"
        f" {memory:.1f} MiB resident (at most {MEMORY_LIMIT_MIB}){'' if good else ': MISSED'}")
    sys.exit(0 if good else 1)


main()
