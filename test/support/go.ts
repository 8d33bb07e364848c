import { execFileSync } from "node:child_process";

const wanted = [1, 26] as const;

/** Why programs of others cannot be built here: there is no Go, or an old one. Undefined when they can. */
export function goMissing(): string | undefined {
  const version = goVersion();
  if (version === undefined) return `there is no Go ${wanted.join(".")} or newer`;
  const old = version[0] < wanted[0] || (version[0] === wanted[0] && version[1] < wanted[1]);
  return old ? `Go is ${version.join(".")}, not ${wanted.join(".")} or newer` : undefined;
}

function goVersion(): [number, number] | undefined {
  try {
    const match = /go(\d+)\.(\d+)/.exec(execFileSync("go", ["env", "GOVERSION"], { encoding: "utf8" }));
    return match === null ? undefined : [Number(match[1]), Number(match[2])];
  } catch {
    return undefined;
  }
}
