"""The bare limit: an os.fork loop with the same worker. Prints microseconds per task. bare.py TASKS"""

import gc
import json
import os
import sys
import time

import worker

task = json.dumps({"id": "1", "type": "T", "params": {"n": 1}, "metadata": {"attempt": 1}}).encode()
count = int(sys.argv[1])
gc.collect()
gc.freeze()
start = time.perf_counter()
for _ in range(count):
    source, sink = os.pipe()
    pid = os.fork()
    if pid == 0:
        found = json.loads(task)
        reply = {"id": found["id"], "success": True, "result": worker.work(found["params"])}
        os.write(sink, json.dumps(reply).encode())
        os._exit(0)
    os.close(sink)
    while os.read(source, 65536):
        pass
    os.close(source)
    os.waitpid(pid, 0)
print((time.perf_counter() - start) / count * 1e6)
