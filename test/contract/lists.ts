import { describe, expect, test } from "vitest";
import type { KubeObject } from "../../src/model/kubernetes.ts";
import type { ListOptions, WatchEvent } from "../../src/model/ports/kubernetes.ts";
import { until } from "../support/until.ts";
import {
  at,
  configMap,
  configMapKind,
  container,
  deployment,
  deploymentKind,
  freshNamespace,
  pod,
  podKind,
  refusal,
  type TheCluster,
} from "./contract.ts";

interface Page {
  readonly metadata: {
    readonly resourceVersion: string;
    readonly continue?: string;
    readonly remainingItemCount?: number;
  };
  readonly items: readonly KubeObject[];
}
const labelled = (namespace: string, name: string, labels: Record<string, string>): KubeObject => ({
  ...configMap(namespace, name, {}),
  metadata: { namespace, name, labels },
});

/** Lists with pages and selectors, and watches that go on from them. */
export function listContract(cluster: TheCluster): void {
  describe("lists and watches", () => {
    test("a list comes in pages of the asked size that show one moment", async () => {
      const { client, call } = cluster();
      const namespace = await freshNamespace(client);
      const names = ["a", "b", "c", "d", "e"];
      for (const name of names) await client.create(labelled(namespace, name, { mine: "yes" }));
      const path = `/api/v1/namespaces/${namespace}/configmaps`;
      const query = { limit: "2", labelSelector: "mine=yes" };
      const first = (await call("GET", path, { query })).body as Page;
      expect(first.items.map((item) => item.metadata.name)).toEqual(["a", "b"]);
      await client.remove(configMapKind, namespace, "d");
      const second = (await call("GET", path, { query: { ...query, continue: first.metadata.continue! } }))
        .body as Page;
      expect(second.items.map((item) => item.metadata.name)).toEqual(["c", "d"]);
      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
      const third = (await call("GET", path, { query: { ...query, continue: second.metadata.continue! } }))
        .body as Page;
      expect(third.items.map((item) => item.metadata.name)).toEqual(["e"]);
      expect(third.metadata.continue ?? "").toBe("");
      const broken = await call("GET", path, { query: { ...query, continue: "no-such-token" } });
      expect(broken.status).toBeGreaterThanOrEqual(400);
    });

    test("label selectors know equality, sets and existence", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      await client.create(labelled(namespace, "a", { mine: "yes", tier: "web" }));
      await client.create(labelled(namespace, "b", { mine: "yes", tier: "api" }));
      await client.create(labelled(namespace, "c", { mine: "yes" }));
      const found = async (labelSelector: string) =>
        (await client.list(configMapKind, { namespace, labelSelector })).items.map((item) => item.metadata.name);
      expect(await found("mine=yes,tier=web")).toEqual(["a"]);
      expect(await found("mine==yes,tier!=web")).toEqual(["b", "c"]);
      expect(await found("mine,tier in (web, api)")).toEqual(["a", "b"]);
      expect(await found("mine,tier notin (web)")).toEqual(["b", "c"]);
      expect(await found("mine,!tier")).toEqual(["c"]);
      expect(await refusal(client.list(configMapKind, { namespace, labelSelector: "a b" }))).toMatchObject({
        status: 400,
        reason: "BadRequest",
      });
    });

    test("field selectors know names, and of pods the node and phase", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      await until("the default service account", () =>
        client.get({ apiVersion: "v1", kind: "ServiceAccount" }, namespace, "default"),
      );
      await client.create(pod(namespace, "one"));
      await client.create(pod(namespace, "two"));
      await client.post(podKind, namespace, "two", "binding", {
        apiVersion: "v1",
        kind: "Binding",
        metadata: { name: "two", namespace },
        target: { apiVersion: "v1", kind: "Node", name: "node-of-nobody" },
      });
      const found = async (fieldSelector: string) =>
        (await client.list(podKind, { namespace, fieldSelector })).items.map((item) => item.metadata.name);
      expect(await found("metadata.name=one")).toEqual(["one"]);
      expect(await found("spec.nodeName=node-of-nobody")).toEqual(["two"]);
      expect(await found("spec.nodeName=,status.phase=Pending")).toEqual(["one"]);
      expect(await found("status.phase!=Pending")).toEqual([]);
      expect(await refusal(client.list(podKind, { namespace, fieldSelector: "spec.colour=red" }))).toMatchObject({
        status: 400,
        reason: "BadRequest",
      });
    });

    test("a watch tells every change after the list, in order, and goes on from any of them", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const labelSelector = "mine=yes";
      const { resourceVersion } = await client.list(configMapKind, { namespace, labelSelector });
      await client.create(labelled(namespace, "a", { mine: "yes" }));
      await client.create(labelled(namespace, "b", { mine: "no" }));
      const watch = watching(cluster, namespace, resourceVersion, { labelSelector });
      try {
        await client.patch(configMapKind, namespace, "a", { data: { x: "1" } });
        // Starting to match is an addition, no longer matching a removal.
        await client.patch(configMapKind, namespace, "b", { metadata: { labels: { mine: "yes" } } });
        await client.patch(configMapKind, namespace, "a", { metadata: { labels: { mine: "no" } } });
        await client.remove(configMapKind, namespace, "b");
        const events = await watch.take(5);
        expect(events.map(told)).toEqual(["ADDED a", "MODIFIED a", "ADDED b", "DELETED a", "DELETED b"]);
        const versions = events.map((event) => Number(objectOf(event).metadata.resourceVersion));
        expect([...versions].sort((a, b) => a - b)).toEqual(versions);
        const resumed = watching(cluster, namespace, String(versions[1]), { labelSelector });
        expect((await resumed.take(3)).map(told)).toEqual(["ADDED b", "DELETED a", "DELETED b"]);
        await resumed.end();
      } finally {
        await watch.end();
      }
    });

    test("a new generation is first told with the old status", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const wanted = (image: string) => deployment(namespace, "a", [container("a", image)], { replicas: 0 });
      await client.apply(wanted("x:1"), { fieldManager: "ana" });
      await client.patch(deploymentKind, namespace, "a", { status: { observedGeneration: 1 } }, "status");
      const { resourceVersion } = await client.list(deploymentKind, { namespace });
      const watch = watching(cluster, namespace, resourceVersion, {}, deploymentKind);
      try {
        await client.apply(wanted("x:2"), { fieldManager: "ana" });
        const first = await watch.find((object) => object.metadata.generation === 2);
        expect(at(first, "status.observedGeneration")).toBe(1);
      } finally {
        await watch.end();
      }
    });

    test("an apply of the same is not told", async () => {
      const { client } = cluster();
      const namespace = await freshNamespace(client);
      const made = await client.apply(labelled(namespace, "a", { mine: "yes" }), { fieldManager: "ana" });
      const from = made.metadata.resourceVersion!;
      const watch = watching(cluster, namespace, from, { labelSelector: "mine=yes" });
      try {
        await client.apply(labelled(namespace, "a", { mine: "yes" }), { fieldManager: "ana" });
        await client.apply(labelled(namespace, "marker", { mine: "yes" }), { fieldManager: "ana" });
        expect((await watch.take(1)).map(told)).toEqual(["ADDED marker"]);
      } finally {
        await watch.end();
      }
    });

    test("a watch that asks for bookmarks gets a version to go on from before it ends", async () => {
      const { client, call } = cluster();
      const namespace = await freshNamespace(client);
      const { resourceVersion } = await client.list(configMapKind, { namespace, labelSelector: "mine=yes" });
      const query = {
        watch: "1",
        allowWatchBookmarks: "true",
        timeoutSeconds: "4",
        labelSelector: "mine=yes",
        resourceVersion,
      };
      let open = true;
      const watched = call("GET", `/api/v1/namespaces/${namespace}/configmaps`, { query }).finally(() => {
        open = false;
      });
      // Changes that the watch does not show move the version on.
      const other = await client.create(labelled(namespace, "other", { mine: "no" }));
      await until("the watch to end", async () => {
        await client.patch(configMapKind, namespace, "other", { data: { at: String(performance.now()) } });
        return !open;
      });
      const { text } = await watched;
      const events = text
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as { type: string; object: KubeObject });
      const last = events.at(-1)!;
      expect(last.type).toBe("BOOKMARK");
      expect(last.object.kind).toBe("ConfigMap");
      expect(Number(last.object.metadata.resourceVersion)).toBeGreaterThanOrEqual(
        Number(other.metadata.resourceVersion),
      );
    }, 30_000);
  });
}

function objectOf(event: WatchEvent): KubeObject {
  if (event.type === "ADDED" || event.type === "MODIFIED" || event.type === "DELETED") return event.object;
  throw new Error(`a ${event.type} has no object`);
}
function told(event: WatchEvent): string {
  return `${event.type} ${objectOf(event).metadata.name}`;
}

/** Collects the events of a watch. */
function watching(cluster: TheCluster, namespace: string, from: string, options: ListOptions, kind = configMapKind) {
  const stop = new AbortController();
  const events: WatchEvent[] = [];
  const run = (async () => {
    for await (const event of cluster().client.watch(kind, from, { namespace, ...options }, stop.signal))
      if (event.type !== "BOOKMARK") events.push(event);
  })();
  return {
    take: (count: number) =>
      until(`${count} events`, () => (events.length >= count ? events.slice(0, count) : undefined)),
    find: (wanted: (object: KubeObject) => boolean) => until("an event", () => events.map(objectOf).find(wanted)),
    async end() {
      stop.abort();
      await run;
    },
  };
}
