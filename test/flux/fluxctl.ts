import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fluxctlPath } from "./build.ts";

/** What a command printed and how it ended. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}
/** What a person types: waits until a text comes to the screen, then presses a key. */
export interface Typed {
  readonly when: string;
  readonly key: string;
  /**
   * Presses again until this comes to the screen. fluxctl makes the terminal raw for each key only, and Enter at another
   * moment is a line feed, which it takes no notice of.
   */
  readonly until?: string;
}
const pressAgainMs = 300;

/** fluxctl as somebody runs it whom Git knows by a name. Their Kubernetes configuration is `kubeconfig` in `home`. */
export class Fluxctl {
  readonly #url: string;
  readonly #environment: NodeJS.ProcessEnv;

  constructor(url: string, home: string, user: { readonly name: string; readonly email: string }) {
    this.#url = url;
    const config = join(home, "gitconfig");
    writeFileSync(config, `[user]\nname = ${user.name}\nemail = ${user.email}\n`);
    const { FLUX_URL: _, FLUX_SERVICE_TOKEN: __, WEAVE_CLOUD_TOKEN: ___, ...rest } = process.env;
    this.#environment = {
      ...rest,
      HOME: home,
      KUBECONFIG: join(home, "kubeconfig"),
      GIT_CONFIG_GLOBAL: config,
      GIT_CONFIG_NOSYSTEM: "1",
      TERM: "xterm",
    };
  }

  /** The same person at another environment's address. */
  at(environment: string): readonly string[] {
    return ["--url", `${this.#url}/api/flux/${environment}`];
  }

  run(args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ran> {
    return this.#end(fluxctlPath(), args, { ...this.#environment, ...environment }, []);
  }

  /** Runs it in a terminal, which interactive commands ask for; what is on the screen comes as `stdout`. */
  type(args: readonly string[], typed: readonly Typed[]): Promise<Ran> {
    const command = [fluxctlPath(), ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    return this.#end("script", ["-qefc", command, "/dev/null"], this.#environment, typed);
  }

  #end(program: string, args: readonly string[], env: NodeJS.ProcessEnv, typed: readonly Typed[]): Promise<Ran> {
    return new Promise((resolve, reject) => {
      const child = spawn(program, args, { env });
      const waiting = [...typed];
      let stdout = "";
      let stderr = "";
      let looked = 0;
      let pressing: { readonly until: string; readonly timer: NodeJS.Timeout } | undefined;
      const look = () => {
        if (pressing !== undefined && stdout.slice(looked).includes(pressing.until)) {
          clearInterval(pressing.timer);
          pressing = undefined;
        }
        const next = waiting[0];
        if (next === undefined || pressing !== undefined || !stdout.slice(looked).includes(next.when)) return;
        waiting.shift();
        looked = stdout.length;
        child.stdin.write(next.key);
        if (next.until === undefined) return;
        pressing = { until: next.until, timer: setInterval(() => child.stdin.write(next.key), pressAgainMs) };
      };
      child.stdout.on("data", (chunk: Buffer) => {
        stdout += chunk.toString();
        look();
      });
      child.stderr.on("data", (chunk: Buffer) => {
        stderr += chunk.toString();
      });
      // It may have ended before a key was pressed.
      child.stdin.on("error", () => {});
      child.once("error", reject);
      child.once("close", (code) => {
        clearInterval(pressing?.timer);
        resolve({ code, stdout, stderr });
      });
      if (typed.length === 0) child.stdin.end();
    });
  }
}
