// Runs the worker as the host does: a process in its folder, the task on stdin, the reply on stdout.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import test from "node:test";
import { fileURLToPath } from "node:url";

const folder = path.dirname(fileURLToPath(import.meta.url));

/** One task; returns the exit code, the reply and the log. */
function run(params) {
  const task = { id: "test-1", type: "Hello.Greet", params, metadata: { attempt: 1, priority: 0 } };
  // A worker sees little of its host's environment; the configuration's `environment` comes on top.
  const { PATH, HOME, LANG } = process.env;
  const mode = { WORKERHOST_MODE: "oneshot", WORKERHOST_FORMAT: "json", WORKERHOST_WORKER: path.basename(folder) };
  const { status, stdout, stderr } = spawnSync(process.execPath, ["worker.mjs"], {
    cwd: folder, env: { PATH, HOME, LANG, ...mode }, input: JSON.stringify(task) + "\n", encoding: "utf8", timeout: 60_000,
  });
  return { code: status, reply: JSON.parse(stdout), log: stderr };
}

test("a task succeeds", () => {
  const { code, reply, log } = run({ name: "Ada" });
  assert.equal(code, 0, log);
  assert.deepEqual(reply, { id: "test-1", success: true, result: { greeting: "Hello, Ada!" } });
});

test("bad params fail for good", () => {
  for (const params of [{}, { name: 7 }, { name: " " }]) {
    const { code, reply, log } = run(params);
    assert.equal(code, 2, log);
    assert.equal(reply.success, false);
    assert.equal(reply.error.retry_possible, false);
    assert.match(reply.error.message, /params\.name/);
  }
});
