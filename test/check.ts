import { spawn } from "node:child_process";
import { join } from "node:path";

/** `npm run check`: everything that can be said about the sources without running the product. */
const root = join(import.meta.dirname, "..");
const checks: readonly { readonly name: string; readonly command: readonly string[] }[] = [
  { name: "types", command: ["tsc", "--noEmit"] },
  { name: "types of the page", command: ["tsc", "--noEmit", "-p", "web"] },
  { name: "style (biome)", command: ["biome", "check", "--error-on-warnings", "."] },
  { name: "promises (oxlint)", command: ["oxlint", "--type-aware", "src", "test", "bench", "web/src"] },
  { name: "dead code (knip)", command: ["knip"] },
  { name: "rooms and imports", command: ["vitest", "run", "test/unit/architecture.test.ts"] },
];

let failed = 0;
for (const { name, command } of checks) {
  const started = Date.now();
  const { code, output } = await run(command);
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  console.log(`${code === 0 ? "ok    " : "FAILED"} ${name} (${seconds} s)`);
  if (code === 0) continue;
  failed++;
  console.log(`${output.trimEnd()}\n`);
}
console.log(failed === 0 ? "All checks passed." : `${failed} of ${checks.length} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;

function run([program = "", ...args]: readonly string[]): Promise<{ code: number; output: string }> {
  return new Promise((done) => {
    const child = spawn(join(root, "node_modules/.bin", program), args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, NO_COLOR: "1" },
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on("data", (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.once("error", (error) => done({ code: 1, output: `${program} cannot be started: ${error.message}` }));
    child.once("close", (code) => done({ code: code ?? 1, output }));
  });
}
