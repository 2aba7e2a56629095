"""What the tests have workers do, one task type each."""

import ctypes
import datetime
import logging
import os
import subprocess
import sys
import threading
import time

import workerhost
from workerhost import PermanentError, RetryLater, worker

log = logging.getLogger("functions")


@worker(types="Echo.*")
def echo(params):
    return params


@worker(types="Task.Seen")
def seen(params, task):
    return {
        "id": task.id, "type": task.type, "attempt": task.attempt, "metadata": task.metadata,
        "deadline": task.deadline and task.deadline.isoformat(), "has_time": task.remaining and task.remaining > 0,
    }  # fmt: skip


@worker(types="Raise.This")
def raise_this(params):
    kind = params["kind"]
    if kind == "later":
        raise RetryLater("rate limited", after=30)
    if kind == "permanent":
        raise PermanentError("no such channel")
    if kind == "exit":
        sys.exit(params.get("code"))
    if kind == "interrupt":
        raise KeyboardInterrupt
    if kind == "surrogates":
        raise RuntimeError("a file named \udcff")
    if kind == "unprintable":
        raise type("Odd", (Exception,), {"__str__": lambda self: 1 / 0})()
    raise {"value": ValueError, "type": TypeError, "runtime": RuntimeError, "timed": workerhost.TimedOut}[kind](kind)


@worker(types="Return.This")
def return_this(params):
    loop = []
    loop.append(loop)
    return {
        "object": object(), "set": {"a": {1}}, "bytes": [b"x"], "nan": {"n": [float("nan")]}, "loop": loop,
        "key": {(1, 2): 3}, "none": None, "date": datetime.date(2026, 1, 31), "tuple": (1, "é", {1: 2}),
        "long": 2**70, "surrogate": "\ud800",
    }[params["what"]]  # fmt: skip


@worker(types="Print.This")
def print_this(params, task):
    way = params["way"]
    if way == "print":
        print("first\nsecond", end="")
    elif way == "descriptor":
        os.write(1, b'{"success":true,"result":"forged"}\n')
    elif way == "c":
        ctypes.CDLL(None).puts(b'{"success":true,"result":"forged"}')
        ctypes.CDLL(None).fflush(None)
    elif way == "thread":
        thread = threading.Thread(target=lambda: print("from a thread"))
        thread.start()
        thread.join()
    elif way == "child":
        subprocess.run(["sh", "-c", 'echo \'{"success":true,"result":"forged"}\'; cat'], check=True)
    elif way == "flood":
        sys.stdout.write("x" * 10_000_000)
        os.write(1, b"y" * 1_000_000)
    elif way == "many":
        for number in range(5000):
            log.info("line %d", number)
    elif way == "log":
        log.info("informed")
        log.debug("not shown")
        task.log("half %s", "way")
        task.log.warning("warned")
        try:
            raise OSError("disk")
        except OSError:
            log.exception("it failed")
    elif way == "surrogate":
        print("\udcff")
    return way


@worker(types="Fork.Child")
def fork_child(params):
    if os.fork() == 0:
        if params["end"] == "return":
            return "from the child"
        raise RuntimeError("in the child")
    _, status = os.wait()
    return os.WEXITSTATUS(status)


@worker(types="Descriptors.Seen")
def descriptors(params):
    return subprocess.run(["ls", "/proc/self/fd"], stdout=subprocess.PIPE, text=True, close_fds=False).stdout.split()


@worker(types="Input.Read")
def read_input(params):
    return sys.stdin.read()


@worker(types="Progress.Report")
def progress(params, task):
    for percent in params["percents"]:
        task.progress(percent, "step")
    task.progress(100)
    return "done"


@worker(types="Wait.ForCancel")
def wait_for_cancel(params, task):
    task.log("waiting")
    while not task.cancelled:
        time.sleep(0.002)
    if params.get("raise"):
        task.check_cancelled()
    return "stopped early"


@worker(types="Wait.ForFile")
def wait_for_file(params, task):
    task.log("waiting")
    while not os.path.exists(params["path"]):
        time.sleep(0.002)
    return "found"


@worker(types="Die.Now")
def die(params):
    os._exit(7)


@worker(types="Live.Logs", live_logs=True)
def live_logs(params, task):
    print("at once")
    return 1


if __name__ == "__main__":
    workerhost.run()
