import workerhost


@workerhost.worker
def work(params):
    return 1
