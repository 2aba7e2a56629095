#!/usr/bin/env node
// The same worker in JavaScript, for Node; configured as `command: [node, hello.js]`.

let input = "";
process.stdin.on("data", (chunk) => (input += chunk));
process.stdin.on("end", () => {
  const task = JSON.parse(input);
  const name = task.params.name;
  if (typeof name !== "string") {
    const error = { type: "BadParams", message: "params.name must be a text", retry_possible: false };
    console.log(JSON.stringify({ id: task.id, success: false, error }));
    process.exitCode = 2; // not process.exit(2), which may cut off the reply
    return;
  }
  console.error(`greeting ${name}`); // the log
  console.log(JSON.stringify({ id: task.id, success: true, result: { greeting: `Hello, ${name}!`, letters: name.length } }));
});
