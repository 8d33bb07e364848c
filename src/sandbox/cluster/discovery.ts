import { apiVersionOf, type Kinds, type ResourceType, verbs } from "./kinds.ts";

const version = {
  major: "1",
  minor: "36",
  gitVersion: "v1.36.0+sluice-sandbox",
  gitCommit: "",
  gitTreeState: "clean",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "none",
  compiler: "none",
  platform: "sluice/sandbox",
};

/** Answers the paths that say what is served; undefined for any other path. */
export function discover(kinds: Kinds, path: string): object | undefined {
  if (path === "/version") return version;
  if (path === "/api")
    return {
      kind: "APIVersions",
      versions: ["v1"],
      serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress: "127.0.0.1" }],
    };
  const all = kinds.all();
  if (path === "/apis") return { kind: "APIGroupList", apiVersion: "v1", groups: groupsOf(all) };
  const match = /^\/apis?\/([^/]+)(?:\/([^/]+))?$/.exec(path);
  if (match === null) return undefined;
  const [, first = "", second] = match;
  const isCore = path.startsWith("/api/");
  if (!isCore && second === undefined) {
    const group = groupsOf(all).find((entry) => entry.name === first);
    return group === undefined ? undefined : { kind: "APIGroup", apiVersion: "v1", ...group };
  }
  if (isCore && second !== undefined) return undefined;
  const wanted = isCore ? first : `${first}/${second}`;
  const types = all.filter((type) => apiVersionOf(type) === wanted);
  if (types.length === 0) return undefined;
  return { kind: "APIResourceList", apiVersion: "v1", groupVersion: wanted, resources: types.flatMap(entriesOf) };
}

function groupsOf(all: readonly ResourceType[]) {
  const groups = Map.groupBy(
    all.filter((type) => type.group !== ""),
    (type) => type.group,
  );
  return [...groups].map(([name, types]) => {
    const versions = [...new Set(types.map((type) => type.version))].map((entry) => ({
      groupVersion: `${name}/${entry}`,
      version: entry,
    }));
    return { name, versions, preferredVersion: versions[0] };
  });
}

function entriesOf(type: ResourceType): object[] {
  const { plural, singular, namespaced, kind, shortNames, categories } = type;
  const main = {
    name: plural,
    singularName: singular,
    namespaced,
    kind,
    verbs,
    ...(shortNames.length === 0 ? {} : { shortNames }),
    ...(categories.length === 0 ? {} : { categories }),
  };
  return [main, ...type.subresources.map((name) => subresource(type, name))];
}
function subresource({ plural, namespaced, kind }: ResourceType, name: string): object {
  const base = { name: `${plural}/${name}`, singularName: "", namespaced };
  switch (name) {
    case "binding":
      return { ...base, kind: "Binding", verbs: ["create"] };
    case "eviction":
      return { ...base, group: "policy", version: "v1", kind: "Eviction", verbs: ["create"] };
    case "finalize":
      return { ...base, kind, verbs: ["update"] };
    case "scale":
      return { ...base, group: "autoscaling", version: "v1", kind: "Scale", verbs: ["get", "patch", "update"] };
    default:
      return { ...base, kind, verbs: ["get", "patch", "update"] };
  }
}
