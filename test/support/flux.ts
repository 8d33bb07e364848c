import { request } from "node:http";
import type { FluxError, FluxJob } from "../../src/model/flux.ts";
import { until } from "./until.ts";

export interface FluxReply<T> {
  readonly status: number;
  readonly type: string | undefined;
  readonly text: string;
  /** The body as JSON. */
  json(): T;
}

/** Calls Flux's API of one environment as fluxctl does: JSON without a Content-Type. */
export class FluxCalls {
  readonly #base: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(server: string, environment: string, headers: Readonly<Record<string, string>> = {}) {
    this.#base = `${server}/api/flux/${environment}`;
    this.#headers = { accept: "application/json", ...headers };
  }

  send<T>(method: string, path: string, body?: unknown, headers = this.#headers): Promise<FluxReply<T>> {
    return new Promise((resolve, reject) => {
      const call = request(this.#base + path, { method, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("end", () =>
          resolve({
            status: answer.statusCode ?? 0,
            type: answer.headers["content-type"],
            text,
            json: () => JSON.parse(text) as T,
          }),
        );
      });
      call.on("error", reject);
      call.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async get<T>(path: string): Promise<T> {
    const reply = await this.send<T>("GET", path);
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
    return reply.json();
  }
  /** What was wrong with a call that was refused. */
  async refusal(method: string, path: string, body?: unknown): Promise<FluxError & { status: number }> {
    const { status, json } = await this.send<FluxError>(method, path, body);
    return { status, ...json() };
  }
  /** Posts an update; answers the id of its job. */
  async update(type: string, spec: unknown, cause = { Message: "", User: "" }): Promise<string> {
    const reply = await this.send<string>("POST", "/v9/update-manifests", { type, cause, spec });
    if (reply.status !== 200) throw new Error(`${reply.status} ${reply.text}`);
    return reply.json();
  }
  job(id: string): Promise<FluxJob> {
    return this.get(`/v6/jobs?id=${encodeURIComponent(id)}`);
  }
  /** The job once it has ended. */
  ended(id: string): Promise<FluxJob> {
    return until(`the job ${id} to end`, async () => {
      const job = await this.job(id);
      return ["succeeded", "failed"].includes(job.StatusString) && job;
    });
  }
}
