import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { Agent, request } from "undici";
import type { Credentials } from "./credentials.ts";
import type { MadeObject } from "./unwritten.ts";

/** `unclear`: the server may have moved the branch or not; git itself has to be asked. */
export type DirectResult = "moved" | "refused" | "unclear";

const types = { commit: 1, tree: 2, blob: 3 } as const;
/** Past this git's own deltas are worth the time it takes to start. */
const maxPackBytes = 1024 * 1024;
/** Past this packing holds everybody else up for too long. */
const maxMadeBytes = 8 * 1024 * 1024;
const maxAnswerBytes = 64 * 1024;
const deadlineMs = 60_000;
/** How long a server that takes no push this way is not asked for one again. */
const restMs = 10 * 60_000;

/**
 * Pushes commits that were made here over smart HTTP in one request, without starting git: the branch's place is known,
 * so nothing has to be asked first. Whatever is out of the ordinary is left to git: other protocols, proxies, certificates
 * of one's own, large packs, a server that answers anything but a report.
 */
export class DirectPush {
  readonly #address: string;
  readonly #credentials: () => ReturnType<Credentials>;
  readonly #abandoned: AbortSignal;
  #agent: Agent | undefined;
  /** Not asked before, in milliseconds. */
  #restsUntil: number;

  /** `abandoned` ends what is under way: whoever stops asks nobody any more. */
  constructor(address: string, credentials: () => ReturnType<Credentials>, abandoned: AbortSignal) {
    this.#address = address.replace(/\/+$/, "");
    this.#credentials = credentials;
    this.#abandoned = abandoned;
    this.#restsUntil = goesStraight(address, process.env) ? 0 : Number.POSITIVE_INFINITY;
  }

  /** Moves a ref of the server from one commit to another, which the objects and that one make whole. Never throws. */
  async push(ref: string, base: string, commit: string, objects: readonly MadeObject[]): Promise<DirectResult> {
    if (Date.now() < this.#restsUntil) return "unclear";
    if (objects.reduce((sum, { data }) => sum + data.length, 0) > maxMadeBytes) return "unclear";
    const pack = packOf(objects);
    if (pack.length > maxPackBytes) return "unclear";
    try {
      const command = `${base} ${commit} ${ref}\0 report-status`;
      const answer = await this.#post(Buffer.concat([packet(command), Buffer.from("0000"), pack]));
      if (answer === undefined) this.#restsUntil = Date.now() + restMs;
      return answer === undefined ? "unclear" : readReport(answer, ref);
    } catch {
      return "unclear";
    }
  }

  async close(): Promise<void> {
    await this.#agent?.close();
  }

  /** The server's answer to a push; undefined when it takes none this way. */
  async #post(body: Buffer): Promise<string | undefined> {
    this.#agent ??= new Agent({ connections: 2, keepAliveTimeout: 10_000 });
    const answer = await request(`${this.#address}/git-receive-pack`, {
      method: "POST",
      dispatcher: this.#agent,
      headers: {
        "content-type": "application/x-git-receive-pack-request",
        accept: "application/x-git-receive-pack-result",
        "user-agent": "git/2.40 (sluice)",
        ...headerOf(await this.#credentials()),
      },
      body,
      signal: AbortSignal.any([this.#abandoned, AbortSignal.timeout(deadlineMs)]),
    });
    let text = "";
    for await (const chunk of answer.body.setEncoding("latin1")) {
      text += chunk;
      if (text.length > maxAnswerBytes) throw new Error("the answer is too long");
    }
    // What passes by itself, or once somebody corrects the credentials.
    if (answer.statusCode >= 500 || answer.statusCode === 401 || answer.statusCode === 429)
      throw new Error(`HTTP ${answer.statusCode}`);
    const isReport = String(answer.headers["content-type"]).startsWith("application/x-git-receive-pack-result");
    return answer.statusCode === 200 && isReport ? text : undefined;
  }
}

/** Whether git would go the way we do: no proxy, nothing set about its HTTP, and the system's certificates. */
function goesStraight(address: string, environment: NodeJS.ProcessEnv): boolean {
  const secure = /^https:\/\//.test(address);
  if (!secure && !/^http:\/\//.test(address)) return false;
  return !Object.keys(environment).some(
    (name) =>
      /^(https?|all)_proxy$/i.test(name) || /^GIT_HTTP_/.test(name) || (secure && /^GIT_(SSL|PROXY)_/.test(name)),
  );
}

/** The header that git would send: credentials are handed over as git's settings. */
function headerOf(environment: NodeJS.ProcessEnv): Record<string, string> {
  const [name, ...value] = (environment.GIT_CONFIG_VALUE_0 ?? "").split(": ");
  return value.length === 0 ? {} : { [name!]: value.join(": ") };
}

/** A line as git sends it: its length in four hexadecimal digits, itself included, before it. */
function packet(line: string): Buffer {
  const data = Buffer.from(line);
  return Buffer.concat([Buffer.from((data.length + 4).toString(16).padStart(4, "0")), data]);
}

/** What a server reports: `unpack ok`, then `ok` or `ng` for the ref. An answer that is not whole says nothing. */
function readReport(text: string, ref: string): DirectResult {
  const lines = packetsOf(text);
  if (lines === undefined) return "unclear";
  const name = Buffer.from(ref).toString("latin1");
  const [unpack, about, ...more] = lines;
  if (unpack === "unpack ok" && about === `ok ${name}` && more.length === 0) return "moved";
  const isRefused = about?.startsWith(`ng ${name} `) ?? false;
  return isRefused && more.length === 0 && unpack!.startsWith("unpack ") ? "refused" : "unclear";
}

/** The lines up to the packet that ends them; undefined where that is missing or anything is not as git writes it. */
function packetsOf(text: string): string[] | undefined {
  const lines: string[] = [];
  for (let at = 0; /^[0-9a-f]{4}$/i.test(text.slice(at, at + 4)); ) {
    const length = Number.parseInt(text.slice(at, at + 4), 16);
    if (length === 0) return at + 4 === text.length ? lines : undefined;
    if (length < 4 || at + length > text.length) return undefined;
    lines.push(text.slice(at + 4, at + length).trimEnd());
    at += length;
  }
  return undefined;
}

/** A pack file (Git's own format, version 2): every object whole, then the checksum. */
function packOf(objects: readonly MadeObject[]): Buffer {
  const head = Buffer.alloc(12);
  head.write("PACK");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  const pack = Buffer.concat([
    head,
    ...objects.flatMap(({ type, data }) => [sizeOf(types[type], data.length), deflateSync(data, { level: 1 })]),
  ]);
  return Buffer.concat([pack, createHash("sha1").update(pack).digest()]);
}

/** Type and size of an object: four bits in the first byte, then seven in each. */
function sizeOf(type: number, size: number): Buffer {
  const bytes = [(type << 4) | (size & 15)];
  for (let rest = Math.floor(size / 16); rest > 0; rest = Math.floor(rest / 128)) {
    bytes[bytes.length - 1]! |= 128;
    bytes.push(rest & 127);
  }
  return Buffer.from(bytes);
}
