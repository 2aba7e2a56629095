"""A warm worker as anybody would write it: the standard library alone, a line in, a line out."""
import json
import sys
import time


def main():
    print('{"kind":"ready"}', flush=True)
    write, flush = sys.stdout.buffer.write, sys.stdout.buffer.flush
    for line in sys.stdin.buffer:
        task = json.loads(line)
        params = task["params"]
        if "seconds" in params:
            time.sleep(params["seconds"])
        reply = {
            "id": task["id"],
            "success": True,
            "result": {"number": params["number"] + 1, "name": params["name"].upper()},
        }
        write(json.dumps(reply).encode() + b"\n")
        flush()


main()
