// A worker for WorkerHost: one process per task, a JSON document in on stdin, a JSON line out on stdout.
// Your work goes into `work`; the rest is the protocol and can stay as it is.

import { text } from "node:stream/consumers";

/** The task itself is wrong, so that another try cannot help. */
class BadParams extends Error {}

/** Does one task: takes its params, returns its result. Any error but BadParams means: try again later. */
async function work(params) {
  const name = params.name;
  if (typeof name !== "string" || name.trim() === "") {
    throw new BadParams("params.name must be a text that is not empty");
  }
  console.error(`greeting ${name}`); // standard error is the log
  return { greeting: `Hello, ${name.trim()}!` };
}

try {
  const task = JSON.parse(await text(process.stdin));
  console.log(JSON.stringify({ id: task.id, success: true, result: await work(task.params) }));
} catch (error) {
  const isFinal = error instanceof BadParams || error instanceof SyntaxError;
  const type = error instanceof BadParams ? "BadParams" : error.name;
  const details = { type, message: error.message, traceback: error.stack, retry_possible: !isFinal };
  console.log(JSON.stringify({ success: false, error: details }));
  process.exitCode = isFinal ? 2 : 1; // 2: failed for good. Not process.exit(2), which may cut off the reply
}
