import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

export default async function setup({ provide }) {
  const sandbox = spawn("waypost", ["sandbox", "--port", "0", "--limit", "0", "--json", "--with-parent"]);
  const [line] = await once(createInterface(sandbox.stdout), "line");
  provide("waypost", JSON.parse(line));
  return () => sandbox.kill();
}
