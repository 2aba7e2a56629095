"""The loop that somebody would write by hand, with the standard library: what the package is measured against."""

import json
import sys


def greet(params):
    return {"greeting": "Hello, " + params["name"]}


output = sys.stdout.buffer
output.write(b'{"kind":"ready"}\n')
output.flush()
for line in sys.stdin.buffer:
    task = json.loads(line)
    reply = {"id": task["id"], "success": True, "result": greet(task["params"])}
    output.write(json.dumps(reply).encode() + b"\n")
    output.flush()
