import { Agent, request } from "undici";
import { z } from "zod";
import { messageOf, SluiceError } from "../errors.ts";
import { labelCreated } from "../model/catalogue.ts";
import type { ImageMetadata, RegistryClient } from "../model/ports/registry.ts";

const manifestTypes = [
  "application/vnd.oci.image.manifest.v1+json",
  "application/vnd.oci.image.index.v1+json",
  "application/vnd.docker.distribution.manifest.v2+json",
  "application/vnd.docker.distribution.manifest.list.v2+json",
].join(", ");
const maxBodyBytes = 4 * 1024 * 1024;
const deadlineMs = 15_000;

const tagsSchema = z.object({ tags: z.array(z.string()).nullish() });
const textsSchema = z.record(z.string(), z.string()).nullish();
const descriptorSchema = z.object({
  digest: z.string(),
  platform: z.object({ os: z.string().optional(), architecture: z.string().optional() }).nullish(),
});
const manifestSchema = z.object({
  config: descriptorSchema.optional(),
  manifests: z.array(descriptorSchema).optional(),
  annotations: textsSchema,
});
const configurationSchema = z.object({
  created: z.string().nullish(),
  config: z.object({ Labels: textsSchema }).nullish(),
});
interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/**
 * Reads registries of the OCI distribution specification. `endpointOf` answers the address of a canonical host; a
 * host without an entry is reached by https under its own name. Anonymous bearer tokens are fetched when asked for.
 */
export function createRegistryClient(
  endpointOf: (host: string) => string | undefined,
): RegistryClient & { close(): Promise<void> } {
  const dispatcher = new Agent({ connections: 8, keepAliveTimeout: 30_000 });
  const bearers = new Map<string, { token: string; until: number }>();

  const split = (name: string): { host: string; path: string; base: string } => {
    const slash = name.indexOf("/");
    const host = name.slice(0, slash);
    const hub = host === "docker.io" ? "https://registry-1.docker.io" : `https://${host}`;
    return { host, path: name.slice(slash + 1), base: (endpointOf(host) ?? hub).replace(/\/$/, "") };
  };

  const call = async (name: string, method: "GET" | "HEAD", url: string, again = true): Promise<Answer> => {
    const scope = `${split(name).base} ${name}`;
    const bearer = bearers.get(scope);
    const headers: Record<string, string> = { accept: `${manifestTypes}, application/json` };
    if (bearer !== undefined && bearer.until > Date.now()) headers.authorization = `Bearer ${bearer.token}`;
    const answer = await send(dispatcher, name, method, url, headers);
    if (answer.status !== 401 || !again) return answer;
    const token = await anonymousToken(dispatcher, name, String(answer.headers["www-authenticate"] ?? ""));
    if (token === undefined) return answer;
    bearers.set(scope, token);
    return call(name, method, url, false);
  };

  const need = async (name: string, method: "GET" | "HEAD", url: string, what: string): Promise<Answer> => {
    const answer = await call(name, method, url);
    if (answer.status >= 200 && answer.status < 300) return answer;
    throw new SluiceError("registry_failed", `${what} of ${name}: ${wordsOf(answer)}`, {
      status: answer.status,
      retryAfterMs: retryAfter(answer.headers["retry-after"]),
    });
  };

  const json = async <T>(
    name: string,
    url: string,
    what: string,
    schema: z.ZodType<T>,
  ): Promise<{ body: T; answer: Answer }> => {
    const answer = await need(name, "GET", url, what);
    const body = schema.safeParse(parsed(answer.text));
    if (body.success) return { body: body.data, answer };
    throw new SluiceError("registry_failed", `${what} of ${name}: the registry's answer is not what was asked for`);
  };

  return {
    async tags(name) {
      const { base, path } = split(name);
      const found = new Set<string>();
      let url: string | undefined = `${base}/v2/${path}/tags/list?n=1000`;
      for (let page = 0; url !== undefined && page < 1_000; page++) {
        const page: { body: z.infer<typeof tagsSchema>; answer: Answer } = await json(
          name,
          url,
          "reading the tags",
          tagsSchema,
        );
        for (const tag of page.body.tags ?? []) found.add(tag);
        url = nextPage(url, page.answer);
      }
      return [...found];
    },
    async digest(name, tag) {
      const { base, path } = split(name);
      const answer = await need(name, "HEAD", `${base}/v2/${path}/manifests/${tag}`, `reading tag ${tag}`);
      const digest = answer.headers["docker-content-digest"];
      if (typeof digest === "string") return digest;
      throw new SluiceError("registry_failed", `reading tag ${tag} of ${name}: the registry tells no digest`);
    },
    async metadata(name, reference): Promise<ImageMetadata> {
      const { base, path } = split(name);
      const manifestAt = (which: string) =>
        json(name, `${base}/v2/${path}/manifests/${which}`, `reading ${which}`, manifestSchema);
      const top = await manifestAt(reference);
      const digest = String(top.answer.headers["docker-content-digest"] ?? reference);
      let manifest = top.body;
      if (manifest.manifests !== undefined) {
        const images = manifest.manifests.filter((entry) => entry.platform?.os !== "unknown");
        const chosen = images.find((entry) => entry.platform?.architecture === "amd64") ?? images[0];
        if (chosen === undefined)
          throw new SluiceError("registry_failed", `reading ${reference} of ${name}: its index names no image`);
        manifest = (await manifestAt(chosen.digest)).body;
      }
      if (manifest.config === undefined) return { digest, labels: { ...manifest.annotations } };
      const { body } = await json(
        name,
        `${base}/v2/${path}/blobs/${manifest.config.digest}`,
        `reading the configuration of ${reference}`,
        configurationSchema,
      );
      const labels = { ...top.body.annotations, ...(body.config?.Labels ?? {}) };
      const createdAt = timeOf(labels[labelCreated]) ?? timeOf(body.created);
      return { digest, labels, ...(createdAt === undefined ? {} : { createdAt }) };
    },
    close: () => dispatcher.destroy(),
  };
}

async function send(
  dispatcher: Agent,
  name: string,
  method: "GET" | "HEAD",
  url: string,
  headers: Record<string, string>,
): Promise<Answer> {
  try {
    let target = url;
    for (let hop = 0; hop < 4; hop++) {
      const signal = AbortSignal.timeout(deadlineMs);
      const answer = await request(target, { dispatcher, method, headers, signal });
      const location = answer.headers.location;
      if (answer.statusCode >= 300 && answer.statusCode < 400 && typeof location === "string") {
        await answer.body.dump();
        const next = new URL(location, target);
        // A token goes to its own origin only; a registry behind TLS may not send us on without.
        if (next.origin !== new URL(target).origin) delete headers.authorization;
        if (target.startsWith("https:") && next.protocol !== "https:") break;
        target = next.toString();
        continue;
      }
      return { status: answer.statusCode, headers: answer.headers, text: await readBounded(answer.body, name) };
    }
    throw new SluiceError("registry_failed", `the registry of ${name} redirects where it should not, or in a circle`);
  } catch (cause) {
    if (cause instanceof SluiceError) throw cause;
    throw new SluiceError(
      "registry_failed",
      `the registry of ${name} cannot be reached: ${reasonOf(cause)}`,
      {},
      { cause },
    );
  }
}

function reasonOf(cause: unknown): string {
  if ((cause as Error).name === "TimeoutError") return `no answer within ${deadlineMs / 1_000} s`;
  return messageOf(cause) || String((cause as { code?: unknown }).code ?? "the connection broke");
}

async function readBounded(body: AsyncIterable<Buffer>, name: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > maxBodyBytes)
      throw new SluiceError("registry_failed", `the registry of ${name} answers more than ${maxBodyBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const tokenSchema = z.object({
  token: z.string().optional(),
  access_token: z.string().optional(),
  expires_in: z.number().optional(),
});
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** RFC 6750 challenge, distribution's token protocol. */
async function anonymousToken(
  dispatcher: Agent,
  name: string,
  challenge: string,
): Promise<{ token: string; until: number } | undefined> {
  if (!/^bearer /i.test(challenge)) return undefined;
  const fields = new Map([...challenge.matchAll(/(\w+)="([^"]*)"/g)].map((match) => [match[1]!, match[2]!]));
  const realm = fields.get("realm");
  if (realm === undefined || !URL.canParse(realm)) return undefined;
  const url = new URL(realm);
  for (const key of ["service", "scope"]) if (fields.has(key)) url.searchParams.set(key, fields.get(key)!);
  const answer = await send(dispatcher, name, "GET", url.toString(), { accept: "application/json" });
  if (answer.status !== 200) return undefined;
  const body = tokenSchema.safeParse(parsed(answer.text));
  if (!body.success) return undefined;
  const token = body.data.token ?? body.data.access_token;
  return token === undefined ? undefined : { token, until: Date.now() + ((body.data.expires_in ?? 60) - 5) * 1_000 };
}

/** The next page of a list, of the host that was asked: registries behind a proxy often name another one. */
function nextPage(url: string, answer: Answer): string | undefined {
  const match = /<([^>]+)>;\s*rel="?next"?/.exec(String(answer.headers.link ?? ""));
  if (match === null || !URL.canParse(match[1]!, url)) return undefined;
  const { pathname, search } = new URL(match[1]!, url);
  return new URL(pathname + search, url).toString();
}

function wordsOf(answer: Answer): string {
  try {
    const { errors } = JSON.parse(answer.text) as { errors?: { message?: string; code?: string }[] };
    const words = errors
      ?.map((error) => error.message || error.code)
      .filter(Boolean)
      .join("; ");
    if (words) return `${words} (HTTP ${answer.status})`;
  } catch {}
  return `the registry answers HTTP ${answer.status}`;
}

/** Milliseconds that `Retry-After` names, as seconds or as a date. */
function retryAfter(header: string | string[] | undefined): number | undefined {
  if (typeof header !== "string") return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

/** Milliseconds of a build time; the zero time of reproducible builds is none. */
function timeOf(text: string | null | undefined): number | undefined {
  const at = text === undefined || text === null ? Number.NaN : Date.parse(text);
  return Number.isNaN(at) || at <= 0 ? undefined : at;
}
