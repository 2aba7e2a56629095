"""A function that takes the task, too, served with orjson where it is installed."""

from workerhost import run, worker


@worker
def greet(params, task):
    return {"greeting": "Hello, " + params["name"], "attempt": task.attempt}


if __name__ == "__main__":
    run()
