import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { SluiceError } from "../errors.ts";

/** How to reach one API server. `token` is asked before each call, so that a rotated one is picked up. */
export interface ClusterAccess {
  readonly server: string;
  readonly token?: () => string | undefined;
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly username?: string;
  readonly password?: string;
  readonly insecure?: boolean;
}
interface NamedEntry {
  readonly name: string;
  readonly cluster?: Record<string, string & boolean>;
  readonly user?: Record<string, string>;
  readonly context?: { cluster: string; user: string };
}
interface KubeConfig {
  readonly "current-context"?: string;
  readonly clusters?: readonly NamedEntry[];
  readonly users?: readonly NamedEntry[];
  readonly contexts?: readonly NamedEntry[];
}
const inClusterFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Access as kubectl would choose it: the file given, KUBECONFIG, the pod's own account, the file in the home folder. */
export function findClusterAccess(
  read: (text: string) => unknown,
  options: { kubeconfig?: string; context?: string } = {},
): ClusterAccess {
  const file = options.kubeconfig ?? process.env.KUBECONFIG?.split(":")[0];
  if (file !== undefined && file !== "") return readKubeconfig(read, resolve(file), options.context);
  const host = process.env.KUBERNETES_SERVICE_HOST;
  if (host !== undefined && existsSync(join(inClusterFolder, "token"))) {
    const place = host.includes(":") ? `[${host}]` : host;
    return {
      server: `https://${place}:${process.env.KUBERNETES_SERVICE_PORT ?? "443"}`,
      ca: readFileSync(join(inClusterFolder, "ca.crt"), "utf8"),
      token: fileToken(join(inClusterFolder, "token")),
    };
  }
  return readKubeconfig(read, join(homedir(), ".kube", "config"), options.context);
}

/** Reads a kubeconfig file; `read` parses its YAML. */
export function readKubeconfig(read: (text: string) => unknown, file: string, context?: string): ClusterAccess {
  let config: KubeConfig;
  try {
    config = read(readFileSync(file, "utf8")) as KubeConfig;
  } catch (cause) {
    throw new SluiceError(
      "cluster_failed",
      `the kubeconfig ${file} cannot be read`,
      { help: "Name one with --kubeconfig or KUBECONFIG." },
      { cause },
    );
  }
  const wanted = context ?? config["current-context"];
  const chosen = config.contexts?.find((entry) => entry.name === wanted)?.context;
  const cluster = config.clusters?.find((entry) => entry.name === chosen?.cluster)?.cluster;
  const user = config.users?.find((entry) => entry.name === chosen?.user)?.user ?? {};
  if (cluster?.server === undefined)
    throw new SluiceError(
      "cluster_failed",
      `the kubeconfig ${file} has no context "${wanted ?? ""}" with a server`,
      {},
    );
  if ("exec" in user || "auth-provider" in user)
    throw new SluiceError("not_supported", `the user of context "${wanted}" in ${file} logs in by a plug-in`, {
      help: "Give a kubeconfig with a token or a client certificate, such as that of a service account.",
    });
  const data = (source: Record<string, string>, key: string): string | undefined => {
    const inline = source[`${key}-data`];
    if (inline !== undefined) return Buffer.from(inline, "base64").toString("utf8");
    const path = source[key];
    return path === undefined ? undefined : readFileSync(resolve(dirname(file), path), "utf8");
  };
  const tokenPath = user.tokenFile;
  return {
    server: cluster.server,
    ...optional("ca", data(cluster, "certificate-authority")),
    ...optional("cert", data(user, "client-certificate")),
    ...optional("key", data(user, "client-key")),
    ...optional("username", user.username),
    ...optional("password", user.password),
    ...(cluster["insecure-skip-tls-verify"] ? { insecure: true } : {}),
    ...(tokenPath !== undefined
      ? { token: fileToken(resolve(dirname(file), tokenPath)) }
      : user.token !== undefined
        ? { token: () => user.token }
        : {}),
  };
}

function optional<K extends string>(key: K, value: string | undefined): { [P in K]?: string } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: string };
}

/** A token from a file that is replaced now and then; read again at most once a minute. */
function fileToken(path: string): () => string {
  let token = "";
  let readAt = 0;
  return () => {
    if (Date.now() - readAt > 60_000) {
      token = readFileSync(path, "utf8").trim();
      readAt = Date.now();
    }
    return token;
  };
}
