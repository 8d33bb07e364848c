import { createHash, randomBytes } from "node:crypto";
import type { FastifyRequest } from "fastify";
import { SluiceError } from "../errors.ts";
import type { CallOrigin } from "../model/event.ts";
import type { Store, TokenRecord } from "../model/ports/store.ts";
import type { Actor } from "../model/source.ts";

export const sessionCookie = "sluice_session";

/** Tokens are random and long, so a plain hash keeps them. */
export function hashToken(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}

/** Makes a token; the text is shown once and never kept. */
export function newToken(
  name: string,
  kind: TokenRecord["kind"],
  environments: readonly string[],
  now: number,
): { token: string; record: TokenRecord } {
  const token = `sluice_${kind === "agent" ? "a" : "p"}_${randomBytes(24).toString("base64url")}`;
  return {
    token,
    record: { id: randomBytes(4).toString("hex"), name, kind, environments, hash: hashToken(token), createdAt: now },
  };
}

/** The token a request carries: in the header, or in the page's cookie. */
export function presentedToken(request: FastifyRequest): string | undefined {
  const header = request.headers.authorization;
  if (header !== undefined) return /^bearer (.+)$/i.exec(header)?.[1]?.trim();
  return (request as FastifyRequest & { cookies?: Record<string, string | undefined> }).cookies?.[sessionCookie];
}

/** Finds who a token belongs to; throws `unauthenticated`. */
export async function identify(store: Store, token: string | undefined, now: number): Promise<TokenRecord> {
  const record = token === undefined ? undefined : await store.tokens.byHash(hashToken(token));
  if (record === undefined)
    throw new SluiceError(
      "unauthenticated",
      token === undefined ? "This call needs a token." : "This token is not known here.",
    );
  if (record.lastUsedAt === undefined || now - record.lastUsedAt > 60_000) await store.tokens.used(record.id, now);
  return record;
}

/** The call as the audit keeps it. */
export function originOf(request: FastifyRequest): CallOrigin {
  return { id: request.id, address: request.ip };
}

export function actorOf(record: TokenRecord): Actor {
  return { name: record.name, kind: record.kind === "agent" ? "agent" : "person" };
}

/** In the trial nobody needs a token, so a page of another origin must not be able to act: Host and Origin are checked. */
export function checkTrialOrigin(request: FastifyRequest): void {
  const host = request.headers.host ?? "";
  if (!/^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/.test(host))
    throw new SluiceError("forbidden", `The trial answers on loopback only, not as "${host.slice(0, 80)}".`);
  const { origin } = request.headers;
  if (origin !== undefined && origin !== `http://${host}`)
    throw new SluiceError("forbidden", "The trial takes no calls from other pages.");
}

/** A cookie goes along with calls of any page, so writes by cookie, and signing in, must come from our own. */
export function checkSameOrigin(request: FastifyRequest): void {
  const { origin, host } = request.headers;
  if (request.method === "GET" || origin === undefined) return;
  if (!URL.canParse(origin) || new URL(origin).host !== host)
    throw new SluiceError("forbidden", "This call comes from another page.");
}

/** Agents' tokens open the agents' connection and nothing else. */
export function refuseAgent(record: TokenRecord): void {
  if (record.kind === "agent") throw new SluiceError("forbidden", "An agent's token may only report.");
}
