#!/usr/bin/env node
// A worker in JavaScript for Node 16 and later, without packages: oneshot and pool, as WORKERHOST_MODE says.

"use strict";

/** The task itself is wrong, so that another try cannot help. */
class BadTask extends Error {
  name = "BadTask";
}

/** Does one task: takes its params, returns its result. Any error but BadTask means: try again later. */
async function work(params) {
  const name = params?.name;
  if (typeof name !== "string" || name.trim() === "") {
    throw new BadTask("params.name must be a text that is not empty");
  }
  console.error(`greeting ${name}`); // standard error is the log
  return { greeting: `Hello, ${name.trim()}!` };
}

/** From a task's text to its reply. */
async function answer(text) {
  let task;
  try {
    task = JSON.parse(text);
    return { id: task.id, success: true, result: await work(task.params) };
  } catch (error) {
    const isFinal = error instanceof BadTask || error instanceof SyntaxError;
    const details = { type: error.name, message: error.message, traceback: error.stack, retry_possible: !isFinal };
    return { id: task?.id, success: false, error: details };
  }
}

function send(message) {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

/** One task, to the end of the input; the exit code says the same as the reply. */
async function oneshot() {
  const chunks = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  const reply = await answer(Buffer.concat(chunks).toString());
  send(reply);
  // Not process.exit(), which may cut off the reply.
  process.exitCode = reply.success ? 0 : reply.error.retry_possible ? 1 : 2;
}

/** A task on each line, until the input ends. */
async function pool() {
  send({ kind: "ready" });
  const lines = require("node:readline").createInterface({ input: process.stdin, crlfDelay: Infinity });
  for await (const line of lines) {
    if (line.trim() === "") continue;
    if (isControl(line)) continue;
    send(await answer(line));
  }
}

/** Messages that are no tasks, a cancel for example: this worker's tasks are over before it could matter. */
function isControl(line) {
  try {
    return JSON.parse(line)?.control !== undefined;
  } catch {
    return false; // `answer` says what is wrong with it
  }
}

(process.env.WORKERHOST_MODE === "pool" ? pool : oneshot)();
