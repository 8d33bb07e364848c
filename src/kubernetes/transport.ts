import { Agent, request } from "undici";
import { messageOf, SluiceError } from "../errors.ts";
import type { ClusterAccess } from "./config.ts";

const deadlineMs = 30_000;
/** A watch that is silent for longer than the server lets one live is on a dead connection. */
const silenceMs = 320_000;
const maxBodyBytes = 64 * 1024 * 1024;

export interface CallOptions {
  readonly query?: Record<string, string | undefined>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
}

/** HTTP to one API server: keep-alive, a deadline on every call, errors in Kubernetes' own words. */
export class Transport {
  readonly #access: ClusterAccess;
  readonly #calls: Agent;
  /** Streams keep a connection each for as long as they live, so they never share the calls' bounded ones. */
  readonly #streams: Agent;

  constructor(access: ClusterAccess) {
    this.#access = access;
    const connect = {
      ...(access.ca === undefined ? {} : { ca: access.ca }),
      ...(access.cert === undefined ? {} : { cert: access.cert }),
      ...(access.key === undefined ? {} : { key: access.key }),
      ...(access.insecure ? { rejectUnauthorized: false } : {}),
    };
    this.#calls = new Agent({ connections: 32, keepAliveTimeout: 60_000, connect });
    this.#streams = new Agent({
      connections: null,
      keepAliveTimeout: 60_000,
      headersTimeout: deadlineMs,
      bodyTimeout: silenceMs,
      connect,
    });
  }

  /** One call; the parsed JSON. Throws `cluster_failed` with facts {status, reason}. */
  async call<T>(method: string, path: string, options: CallOptions = {}): Promise<T> {
    const deadline = AbortSignal.timeout(deadlineMs);
    const signal = options.signal === undefined ? deadline : AbortSignal.any([deadline, options.signal]);
    const answer = await this.#send(this.#calls, method, path, options, signal);
    const text = await readText(answer.body as AsyncIterable<Buffer>, method, path);
    if (answer.statusCode >= 400) throw failure(method, path, answer.statusCode, text);
    try {
      return (text === "" ? undefined : JSON.parse(text)) as T;
    } catch (cause) {
      throw new SluiceError(
        "cluster_failed",
        `${method} ${path}: the answer is no JSON: ${text.slice(0, 80)}`,
        {},
        { cause },
      );
    }
  }

  /** Lines of a streaming answer until it ends or the signal fires. */
  async *lines(path: string, query: Record<string, string | undefined>, signal: AbortSignal): AsyncIterable<string> {
    const answer = await this.#send(this.#streams, "GET", path, { query }, signal);
    if (answer.statusCode >= 400) throw failure("GET", path, answer.statusCode, await answer.body.text());
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      rest += decoder.decode(chunk, { stream: true });
      if (rest.length > maxBodyBytes) throw new SluiceError("cluster_failed", `GET ${path}: a line is too long`);
      const lines = rest.split("\n");
      rest = lines.pop()!;
      for (const line of lines) if (line !== "") yield line;
    }
    if (rest !== "") yield rest;
  }

  async close(): Promise<void> {
    await Promise.all([this.#calls.destroy(), this.#streams.destroy()]);
  }

  async #send(dispatcher: Agent, method: string, path: string, options: CallOptions, signal: AbortSignal) {
    const url = new URL(this.#access.server.replace(/\/$/, "") + path);
    for (const [key, value] of Object.entries(options.query ?? {}))
      if (value !== undefined) url.searchParams.set(key, value);
    const headers: Record<string, string> = { accept: "application/json", "user-agent": "sluice" };
    const token = this.#access.token?.();
    if (token !== undefined) headers.authorization = `Bearer ${token}`;
    else if (this.#access.username !== undefined)
      headers.authorization = `Basic ${Buffer.from(`${this.#access.username}:${this.#access.password ?? ""}`).toString("base64")}`;
    if (options.body !== undefined) headers["content-type"] = options.contentType ?? "application/json";
    try {
      return await request(url, {
        dispatcher,
        method: method as "GET",
        headers,
        signal,
        ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
      });
    } catch (cause) {
      const why = signal.aborted ? "no answer in time" : (cause as Error).message;
      throw new SluiceError(
        "cluster_failed",
        `${method} ${url.origin}${path}: ${why}`,
        { status: 0, reason: "Unreachable" },
        { cause },
      );
    }
  }
}

async function readText(body: AsyncIterable<Buffer>, method: string, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > maxBodyBytes)
        throw new SluiceError("cluster_failed", `${method} ${path}: the answer is longer than ${maxBodyBytes} bytes`);
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    const message = `${method} ${path}: the answer broke off: ${messageOf(cause)}`;
    throw new SluiceError("cluster_failed", message, { status: 0, reason: "Unreachable" }, { cause });
  }
  return Buffer.concat(chunks).toString("utf8");
}

function failure(method: string, path: string, status: number, text: string): SluiceError {
  let message = text.slice(0, 300) || `HTTP ${status}`;
  let reason = "";
  try {
    const body = JSON.parse(text) as { message?: string; reason?: string };
    message = body.message ?? message;
    reason = body.reason ?? "";
  } catch {}
  return new SluiceError("cluster_failed", message, { status, reason, call: `${method} ${path}` });
}
