// Compiles pieces of TypeScript, a JSON list of them on standard input, checks their types, and runs each.
"use strict";

const fs = require("fs");
const path = require("path");
const { createRequire } = require("module");
const here = createRequire(path.join(process.cwd(), "package.json"));
const ts = here("typescript");

const pieces = JSON.parse(fs.readFileSync(0, "utf8"));
const folder = fs.mkdtempSync(path.join(process.cwd(), "code-"));
const names = pieces.map((code, index) => {
  const name = path.join(folder, `code${index}.ts`);
  fs.writeFileSync(name, code);
  return name;
});
const options = {
  strict: true,
  skipLibCheck: true,
  esModuleInterop: true,
  types: ["node"],
  module: ts.ModuleKind.CommonJS,
  target: ts.ScriptTarget.ES2020,
};

async function run() {
  const program = ts.createProgram(names, options);
  for (const found of ts.getPreEmitDiagnostics(program)) {
    const place = found.file ? `${path.basename(found.file.fileName)}: ` : "";
    console.error(`not TypeScript: ${place}${ts.flattenDiagnosticMessageText(found.messageText, "\n")}`);
  }
  program.emit();
  for (const name of names) {
    const code = fs.readFileSync(name.replace(/ts$/, "js"), "utf8");
    // One after the other, so that the calls arrive in the order of the pieces.
    const started = code.replace(/^main\(\)/m, "module.exports = main()");
    const module = { exports: {} };
    new Function("module", "exports", "require", started)(module, module.exports, here);
    await module.exports;
  }
}

run().finally(() => {
  fs.rmSync(folder, { recursive: true });
  process.exitCode = 0;
});
