import { execFile } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { dump, load } from "js-yaml";
import { request } from "undici";

const run = promisify(execFile);
const identity = {
  GIT_AUTHOR_NAME: "Bench",
  GIT_AUTHOR_EMAIL: "bench@bench.example",
  GIT_COMMITTER_NAME: "Bench",
  GIT_COMMITTER_EMAIL: "bench@bench.example",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
};

/** Runs git as a person would, without holding this process up: other parts of the bench live in it. */
export async function byHand(folder: string, ...args: string[]): Promise<string> {
  const answer = await run("git", args, { cwd: folder, env: { ...process.env, ...identity }, maxBuffer: 1 << 26 });
  return answer.stdout;
}

/** A clone in which commits are made ready, so that only their way to the server is measured. */
export class ReadyClone {
  readonly #folder: string;
  readonly #url: string;
  constructor(folder: string, url: string) {
    this.#folder = folder;
    this.#url = url;
  }
  static async of(url: string, folder: string): Promise<ReadyClone> {
    await byHand(".", "clone", "--quiet", url, folder);
    return new ReadyClone(folder, url);
  }

  /** `git push` of a commit that is ready, in ms. */
  async push(path: string, before: string, after: string): Promise<number> {
    await this.#commit(path, before, after);
    const started = performance.now();
    await byHand(this.#folder, "push", "--quiet", "origin", "HEAD:main");
    return performance.now() - started;
  }

  /** One POST of the commit's pack to git-receive-pack, in ms. */
  async post(path: string, before: string, after: string): Promise<number> {
    const old = await this.#head();
    await this.#commit(path, before, after);
    const head = await this.#head();
    const packed = run("git", ["pack-objects", "--revs", "--thin", "--stdout", "-q"], {
      cwd: this.#folder,
      encoding: "buffer",
    });
    packed.child.stdin!.end(`${head}\n^${old}\n`);
    const pack = (await packed).stdout;
    const command = `${old} ${head} refs/heads/main\0 report-status`;
    const body = Buffer.concat([
      Buffer.from(`${(command.length + 4).toString(16).padStart(4, "0")}${command}0000`),
      pack,
    ]);
    const started = performance.now();
    const answer = await request(`${this.#url}/git-receive-pack`, {
      method: "POST",
      headers: { "content-type": "application/x-git-receive-pack-request" },
      body,
    });
    const text = await answer.body.text();
    const took = performance.now() - started;
    if (!text.includes("ok refs/heads/main")) throw new Error(`the pack was refused: ${answer.statusCode} ${text}`);
    return took;
  }

  async #commit(path: string, before: string, after: string): Promise<void> {
    const file = join(this.#folder, path);
    writeFileSync(file, readFileSync(file, "utf8").replace(before, after));
    await byHand(this.#folder, "commit", "--quiet", "-m", `Release ${path}`, "--", path);
  }
  async #head(): Promise<string> {
    return (await byHand(this.#folder, "rev-parse", "HEAD")).trim();
  }
}

/** What a script does that knows nothing: clone, edit with a YAML library, commit, push; in ms. */
export async function cloneEditPush(url: string, folder: string, path: string, image: string): Promise<number> {
  rmSync(folder, { recursive: true, force: true });
  const started = performance.now();
  await byHand(".", "clone", "--quiet", url, folder);
  const file = join(folder, path);
  const object = load(readFileSync(file, "utf8")) as {
    spec: { template: { spec: { containers: { image: string }[] } } };
  };
  object.spec.template.spec.containers[0]!.image = image;
  writeFileSync(file, dump(object));
  await byHand(folder, "commit", "--quiet", "-m", `Release ${image}`, "--", path);
  await byHand(folder, "push", "--quiet", "origin", "HEAD:main");
  return performance.now() - started;
}
