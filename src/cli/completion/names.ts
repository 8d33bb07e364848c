import { setTimeout as pause } from "node:timers/promises";
import { Client } from "../client.ts";
import type { CliContext } from "../context.ts";
import { findServer } from "../find-server.ts";
import { Http } from "../http.ts";

/** Names a server knows, for Tab. Without one, or without an answer, nothing is proposed: nobody asked for an error. */
type Names = (this: CliContext, partial: string) => Promise<string[]>;

/** Somebody who pressed Tab waits no longer. */
const patienceMs = 1_500;

const proposing = (names: (client: Client) => Promise<readonly string[]>): Names =>
  async function propose(partial) {
    const token = this.env.SLUICE_TOKEN;
    try {
      const client = new Client(new Http(findServer(undefined, this), token ? { token } : {}));
      const found = await Promise.race([names(client), pause(patienceMs, [], { ref: false })]);
      return [...new Set(found)].filter((name) => name.startsWith(partial)).sort();
    } catch {
      return [];
    }
  };

const environmentsOf = async (client: Client) => (await client.matrix()).environments.map(({ name }) => name);

export const environmentNames = proposing(environmentsOf);

/** Stages and environments. */
export const placeNames = proposing(async (client) => {
  const [environments, { pipelines }] = await Promise.all([environmentsOf(client), client.pipelines()]);
  return [...pipelines.flatMap(({ stages }) => stages.map(({ name }) => name)), ...environments];
});

/** Short names: a shell would break a whole id at its colon. */
export const workloadNames = proposing(async (client) => (await client.matrix()).rows.map(({ name }) => name));
