import { spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { access, mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import { SluiceError } from "../errors.ts";
import { gitEnvironment } from "./process.ts";
import type { MadeObject } from "./unwritten.ts";

const deflateText = promisify(deflate);
const maxObjectBytes = 32 * 1024 * 1024;

export interface GitObject {
  readonly type: string;
  readonly data: Buffer;
}

interface Waiting {
  readonly id: string;
  readonly resolve: (object: GitObject | undefined) => void;
  readonly reject: (error: Error) => void;
  /** Asked of a process that ended before it answered. */
  again: boolean;
}

/** Whether a text is the id of an object: nothing else may be said to git where an id is meant. */
export function isObjectId(text: string): boolean {
  return /^[0-9a-f]{40}$/.test(text);
}

/**
 * Reads objects through one long-lived `git cat-file --batch-command`, answers in the order asked. When that process
 * dies, another one is asked what it left unanswered, once.
 */
export class ObjectReader {
  readonly #directory: string;
  #child: ReturnType<typeof spawn> | undefined;
  #waiting: Waiting[] = [];
  #chunks: Buffer[] = [];
  #size = 0;
  #need = 0;
  /** Bytes still to come of an object that is too large to be kept. */
  #skip = 0;
  #closed = false;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The object of an id; undefined when the repository does not have it. Throws `too_large` past 32 MiB. */
  read(id: string): Promise<GitObject | undefined> {
    if (!isObjectId(id)) return Promise.resolve(undefined);
    return new Promise((resolve, reject) => this.#ask({ id, resolve, reject, again: false }));
  }

  /** Another process reads from now on: this one may know the files that were there. */
  restart(): void {
    this.#child?.kill();
  }
  close(): void {
    this.#closed = true;
    this.#child?.stdin?.end();
    this.#child?.kill();
  }

  #ask(waiting: Waiting): void {
    if (this.#closed) return waiting.reject(new SluiceError("git_failed", "the mirror is closed"));
    this.#waiting.push(waiting);
    this.#start().stdin!.write(`contents ${waiting.id}\n`);
  }

  #start(): ReturnType<typeof spawn> {
    if (this.#child !== undefined) return this.#child;
    const child = spawn("git", ["--git-dir", this.#directory, "cat-file", "--batch-command"], {
      env: gitEnvironment,
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.stdout.on("data", (chunk: Buffer) => this.#take(chunk));
    child.stdin.on("error", () => {});
    const ended = () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.#chunks = [];
      this.#size = this.#need = this.#skip = 0;
      for (const waiting of this.#waiting.splice(0))
        if (waiting.again)
          waiting.reject(new SluiceError("git_failed", "git cat-file ended", { isDamaged: !this.#closed }));
        else this.#ask(Object.assign(waiting, { again: true }));
    };
    child.on("error", ended);
    child.on("close", ended);
    this.#child = child;
    return child;
  }

  #take(chunk: Buffer): void {
    const skipped = Math.min(this.#skip, chunk.length);
    this.#skip -= skipped;
    this.#chunks.push(chunk.subarray(skipped));
    this.#size += chunk.length - skipped;
    while (this.#size > 0 && this.#size >= this.#need) {
      const buffer = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks);
      const used = this.#answer(buffer);
      this.#chunks = used < buffer.length ? [buffer.subarray(used)] : [];
      this.#size = buffer.length - used;
      if (used === 0) return;
      this.#need = 0;
    }
  }

  /** Takes one answer off the buffer; 0 when it is not whole yet, with `#need` set to what is. */
  #answer(buffer: Buffer): number {
    const newline = buffer.indexOf(10);
    if (newline < 0) {
      this.#need = buffer.length + 1;
      return 0;
    }
    const [, type, length] = buffer.toString("latin1", 0, newline).split(" ");
    const first = this.#waiting[0];
    if (length === undefined || !/^\d+$/.test(length)) {
      this.#waiting.shift();
      first?.resolve(undefined);
      return newline + 1;
    }
    const size = Number(length);
    const end = newline + 1 + size + 1;
    if (size > maxObjectBytes) {
      this.#waiting.shift();
      first?.reject(
        new SluiceError("too_large", `git object ${first.id} has ${size} bytes, more than ${maxObjectBytes}`),
      );
      const here = Math.min(end, buffer.length);
      this.#skip = end - here;
      return here;
    }
    if (buffer.length < end) {
      this.#need = end;
      return 0;
    }
    this.#waiting.shift();
    first?.resolve({ type: type!, data: Buffer.from(buffer.subarray(newline + 1, end - 1)) });
    return end;
  }
}

/** The id Git gives an object (SHA-1 repositories, as servers make them). */
export function objectId(type: string, data: Buffer): string {
  return createHash("sha1").update(`${type} ${data.length}\0`).update(data).digest("hex");
}

/** Writes an object as a loose one, where it is not there yet. */
export async function writeObject(directory: string, { id, type, data }: MadeObject): Promise<void> {
  const folder = join(directory, "objects", id.slice(0, 2));
  const path = join(folder, id.slice(2));
  const exists = await access(path).then(
    () => true,
    () => false,
  );
  if (exists) return;
  await mkdir(folder, { recursive: true });
  const whole = Buffer.concat([Buffer.from(`${type} ${data.length}\0`), data]);
  const temporary = join(folder, `tmp_${randomBytes(6).toString("hex")}`);
  await writeFile(temporary, await deflateText(whole, { level: 1 }), { mode: 0o444 });
  await rename(temporary, path);
}
