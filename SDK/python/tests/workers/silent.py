"""Imports things that print before the SDK: only `python -m workerhost silent` keeps that from the host."""

print("noise before")

import workerhost


@workerhost.worker
def work(params):
    return "real"


def plain(params, task):
    return task.id
