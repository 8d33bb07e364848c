import { randomUUID } from "node:crypto";
import type { KubeObject } from "../../model/kubernetes.ts";
import { badRequest, expired } from "./failure.ts";
import { apiVersionOf, type ResourceType, storageKey } from "./kinds.ts";
import { fieldMatch, labelMatch, type Match } from "./selectors.ts";
import type { ObjectStore } from "./store.ts";

const maxOpenLists = 200;

/** The selector of a request's query. */
export function matchOf(type: ResourceType, query: URLSearchParams): Match {
  const labels = labelMatch(query.get("labelSelector") ?? "");
  const fields = fieldMatch(type, query.get("fieldSelector") ?? "");
  return (object) => labels(object) && fields(object);
}

/** Lists, in pages where asked; later pages show the state of the first. Forgets the oldest lists that nobody read on. */
export class Lists {
  readonly #store: ObjectStore;
  readonly #open = new Map<string, { rest: readonly KubeObject[]; version: string; resource: string }>();

  constructor(store: ObjectStore) {
    this.#store = store;
  }

  page(type: ResourceType, namespace: string | undefined, query: URLSearchParams): object {
    const token = query.get("continue");
    const limit = Number(query.get("limit") ?? 0);
    if (!Number.isInteger(limit) || limit < 0) throw badRequest(`limit ${query.get("limit")} is no number of objects`);
    const { all, version } = token ? this.#goOn(type, token) : this.#start(type, namespace, query);
    const items = limit > 0 ? all.slice(0, limit) : all;
    const rest = all.slice(items.length);
    const hasSelector = Boolean(query.get("labelSelector") || query.get("fieldSelector"));
    const more =
      rest.length === 0
        ? {}
        : {
            continue: this.#keep(type, rest, version),
            ...(hasSelector ? {} : { remainingItemCount: rest.length }),
          };
    return {
      kind: `${type.kind}List`,
      apiVersion: apiVersionOf(type),
      metadata: { resourceVersion: version, ...more },
      items: items.map((item) => listed(type, item)),
    };
  }

  #start(type: ResourceType, namespace: string | undefined, query: URLSearchParams) {
    const all = this.#store.list(storageKey(type), namespace).filter(matchOf(type, query));
    return { all, version: String(this.#store.version) };
  }
  #goOn(type: ResourceType, token: string): { all: readonly KubeObject[]; version: string } {
    if (!/^[0-9a-f-]{36}$/.test(token)) throw badRequest("invalid continue token: continue key is not valid");
    const found = this.#open.get(token);
    if (found === undefined || found.resource !== storageKey(type))
      throw expired(
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results.",
      );
    return { all: found.rest, version: found.version };
  }
  #keep(type: ResourceType, rest: readonly KubeObject[], version: string): string {
    const token = randomUUID();
    this.#open.set(token, { rest, version, resource: storageKey(type) });
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= maxOpenLists) break;
      this.#open.delete(oldest);
    }
    return token;
  }
}

/** Entries of a built-in kind's list do not repeat their kind. */
function listed(type: ResourceType, item: KubeObject): object {
  if (type.custom !== undefined) return { ...item, apiVersion: apiVersionOf(type) };
  const { apiVersion: _, kind: __, ...rest } = item;
  return rest;
}
