import { spawn } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

/** A set of tests with a configuration of its own. */
export interface Suite {
  readonly name: string;
  readonly config: string;
  /** Where its tests are, to count them when they cannot run. */
  readonly files: string;
  /** Why it cannot run here; undefined when it can. */
  readonly impossible?: string;
}
export interface SuiteResult {
  readonly suite: Suite;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What was skipped and why, or what went wrong before a test could fail. */
  readonly notes: readonly string[];
  readonly seconds: number;
}

/** Runs one suite after another; their output goes to this terminal. */
export async function runSuites(suites: readonly Suite[], args: readonly string[]): Promise<SuiteResult[]> {
  const results: SuiteResult[] = [];
  for (const suite of suites)
    results.push(suite.impossible === undefined ? await runSuite(suite, args) : passOver(suite, suite.impossible));
  return results;
}

/** Prints what ran, what did not and why, and last `N passed, N failed, N skipped`. Answers the exit code. */
export function closeWith(results: readonly SuiteResult[]): number {
  console.log("");
  for (const { suite, passed, failed, skipped, seconds } of results)
    console.log(
      suite.impossible === undefined
        ? `${suite.name}: ${passed} passed, ${failed} failed, ${skipped} skipped in ${seconds.toFixed(1)} s`
        : `${suite.name}: NOT RUN, ${skipped} skipped`,
    );
  for (const { suite, notes } of results) for (const note of notes) console.log(`${suite.name}: ${note}`);
  const sum = (of: (result: SuiteResult) => number) => results.reduce((total, result) => total + of(result), 0);
  const failed = sum((result) => result.failed);
  console.log(`${sum((result) => result.passed)} passed, ${failed} failed, ${sum((result) => result.skipped)} skipped`);
  return failed === 0 ? 0 : 1;
}

async function runSuite(suite: Suite, args: readonly string[]): Promise<SuiteResult> {
  const started = Date.now();
  const folder = mkdtempSync(join(tmpdir(), "sluice-results-"));
  const report = join(folder, "report.json");
  console.log(`\n== ${suite.name}`);
  const code = await new Promise<number>((done, fail) => {
    const child = spawn(
      process.execPath,
      [
        join(root, "node_modules/vitest/vitest.mjs"),
        "run",
        "--config",
        suite.config,
        "--reporter=default",
        "--reporter=json",
        `--outputFile.json=${report}`,
        ...args,
      ],
      { cwd: root, stdio: ["ignore", "inherit", "inherit"] },
    );
    child.once("error", fail);
    child.once("exit", (status) => done(status ?? 1));
  });
  const seconds = (Date.now() - started) / 1_000;
  try {
    return { suite, seconds, ...countsOf(readFileSync(report, "utf8"), code) };
  } catch (error) {
    const note = `the tests left no report (exit code ${code}): ${(error as Error).message}`;
    return { suite, seconds, passed: 0, failed: 1, skipped: 0, notes: [note] };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/** Counts of a JSON report. A run that failed without a failed test counts as one failure. */
function countsOf(text: string, code: number): Omit<SuiteResult, "suite" | "seconds"> {
  const report = JSON.parse(text) as Report;
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const skipped = tests.filter((entry) => entry.status !== "passed" && entry.status !== "failed");
  const broken = report.testResults.filter(
    (file) => file.status === "failed" && !file.assertionResults.some((entry) => entry.status === "failed"),
  );
  const notes = [
    ...skipped.map((entry) => `skipped by the test itself: ${entry.fullName}`),
    ...broken.map((file) => `${file.name} could not run: ${file.message?.split("\n")[0] ?? "no reason given"}`),
  ];
  let failed = report.numFailedTests + broken.length;
  if (failed === 0 && tests.length === 0) {
    failed = 1;
    notes.push("there was no test to run");
  }
  if (failed === 0 && code !== 0) {
    failed = 1;
    notes.push(`the run ended with exit code ${code} though every test passed: see its output above`);
  }
  return { passed: report.numPassedTests, failed, skipped: skipped.length, notes };
}

function passOver(suite: Suite, reason: string): SuiteResult {
  const skipped = globSync(suite.files, { cwd: root }).reduce(
    (sum, file) => sum + (readFileSync(join(root, file), "utf8").match(/^\s*test(\.each)?\(/gm)?.length ?? 0),
    0,
  );
  const bar = "!".repeat(100);
  const note = `SKIPPED: ${reason}`;
  console.log(`\n${bar}\n${suite.name} tests ${note}\n${bar}`);
  return { suite, passed: 0, failed: 0, skipped, notes: [note], seconds: 0 };
}
