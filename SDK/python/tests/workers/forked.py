"""What the tests of fork mode have a worker do."""

import atexit
import logging
import os
import random
import subprocess
import sys
import tempfile
import threading
import time

from workerhost import run, worker

IMPORTED_BY = os.getpid()
calls = 0
print("imported")
atexit.register(print, "registered at import")


@worker
def work(params):
    global calls
    calls += 1
    if params.get("print"):
        print("by print")
        os.system("echo by the system")
        subprocess.run([sys.executable, "-c", "print('by a child process')"], check=True)
        logging.getLogger("x").info("by logging")
    if params.get("late"):
        threading.Thread(target=lambda: (time.sleep(0.1), print("thread has ended"))).start()
        atexit.register(print, "registered by the task")
    if "sleep" in params:
        time.sleep(params["sleep"])
    result = {
        "n": params.get("n"), "calls": calls, "pid": os.getpid(), "group": os.getpgrp(), "imported_by": IMPORTED_BY,
        "temporary": tempfile.gettempdir(), "random": random.random(),
        "environment": {
            name: os.environ[name] for name in ("WORKERHOST_LEASE", "TRACEPARENT") if name in os.environ
        },
    }  # fmt: skip
    if params.get("descriptors"):
        found = {}
        for name in os.listdir("/proc/self/fd"):
            try:
                found[name] = os.readlink(f"/proc/self/fd/{name}").split("[")[0]
            except FileNotFoundError:
                pass
        result["descriptors"] = found
    return result


if __name__ == "__main__":
    run()
