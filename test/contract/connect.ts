import { Agent, request } from "undici";
import { createKubernetesClient } from "../../src/kubernetes/client.ts";
import type { ClusterAccess } from "../../src/kubernetes/config.ts";
import type { ContractCluster } from "./contract.ts";

/** A cluster under test, reached as `access` says; `end` stops it. */
export function connect(access: ClusterAccess, end: () => Promise<void>): ContractCluster {
  const client = createKubernetesClient(access);
  const dispatcher = new Agent({ connect: access.ca === undefined ? {} : { ca: access.ca } });
  return {
    client,
    async call(method, path, { query = {}, body, contentType = "application/json" } = {}) {
      const url = new URL(access.server + path);
      for (const [key, value] of Object.entries(query)) url.searchParams.set(key, value);
      const answer = await request(url, {
        dispatcher,
        method: method as "GET",
        headers: {
          authorization: `Bearer ${access.token?.() ?? ""}`,
          "content-type": contentType,
          "user-agent": "contract/1",
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      });
      const text = await answer.body.text();
      return { status: answer.statusCode, text, body: parsed(text) };
    },
    async close() {
      await client.close();
      await dispatcher.close();
      await end();
    },
  };
}
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
