import asyncio
import contextvars
import os
import time

from workerhost import run, worker

running = 0
most = 0
gates = {}
own = contextvars.ContextVar("own", default=None)


@worker(types="Async.*", concurrency=3)
async def parallel(params, task):
    """Waits until another task opens its gate."""
    global running, most
    running += 1
    most = max(most, running)
    try:
        print("in", task.id)
        own.set(task.id)
        if "wait" in params:
            await gates.setdefault(params["wait"], asyncio.Event()).wait()
        if "open" in params:
            gates.setdefault(params["open"], asyncio.Event()).set()
        await asyncio.sleep(0)
        print("out", task.id)
        if params.get("raise"):
            raise SystemExit(1)
        return {"own": own.get(), "most": most}
    finally:
        running -= 1


@worker(types="Sync.Wait")
def blocking(params, task):
    print("blocking")
    while "path" in params and not os.path.exists(params["path"]):
        time.sleep(0.002)
    return "sync"


if __name__ == "__main__":
    run()
