"""Greets somebody. One process per task: a JSON document in on stdin, a JSON line out on stdout."""

import json
import sys


def greet(params):
    name = params["name"].strip()
    return {"greeting": f"Hello, {name}!", "letters": len(name)}


task = json.load(sys.stdin)
try:
    result = greet(task["params"])
except (KeyError, TypeError, AttributeError):
    error = {"type": "BadParams", "message": "params.name must be a text", "retry_possible": False}
    print(json.dumps({"id": task["id"], "success": False, "error": error}))
    sys.exit(2)  # 2: another try cannot help
print(json.dumps({"id": task["id"], "success": True, "result": result}))
