"""Two workers in one module, for every mode of the host: functions, and nothing of the protocol."""

import asyncio

from workerhost import PermanentError, RetryLater, run, worker


@worker(types="Hello.Greet")
def greet(params):
    name = params.get("name")
    if not isinstance(name, str) or not name.strip():
        raise PermanentError("params.name must be a text that is not empty")
    print("greeting", name)  # goes to the log and with the reply, not between the replies
    return {"greeting": f"Hello, {name.strip()}!"}


@worker(types="Hello.Wait", concurrency=8)
async def wait(params, task):
    """Counts down. In pool mode one process does eight of these at once."""
    steps = params["steps"]
    if steps > 100 and task.attempt == 1:
        raise RetryLater("too many for now", after=0.1)
    for step in range(steps):
        await asyncio.sleep(0.001)
        task.progress(100 * (step + 1) / steps, f"step {step + 1}")
    return {"steps": steps, "attempt": task.attempt}


if __name__ == "__main__":
    run()
