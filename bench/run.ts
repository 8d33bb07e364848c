import { spawn } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** `npm run bench` lists the benches; `npm run bench -- NAME [FLAGS]` runs one. */
const [name, ...args] = process.argv.slice(2);
if (name === undefined) list();
else if (!/^[a-z-]+$/.test(name) || name === "run" || !existsSync(join(import.meta.dirname, `${name}.ts`))) {
  console.error(`There is no bench "${name}".`);
  list();
  process.exitCode = 2;
} else {
  const child = spawn(process.execPath, [join(import.meta.dirname, `${name}.ts`), ...args], { stdio: "inherit" });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => child.kill(signal));
  child.once("exit", (code) => {
    process.exitCode = code ?? 1;
  });
}

function list(): void {
  console.log("Benches, each run with `npm run bench -- NAME`:");
  for (const file of globSync("*.ts", { cwd: import.meta.dirname }).sort()) {
    if (file === "run.ts") continue;
    const about = /\/\*\* (.*?) \*\//.exec(readFileSync(join(import.meta.dirname, file), "utf8"))?.[1];
    console.log(`  ${file.replace(".ts", "").padEnd(12)} ${about ?? ""}`);
  }
}
