import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

interface RealCluster {
  readonly name: string;
  readonly server: string;
  readonly token: string;
  readonly kubeconfig: string;
}
export interface ControlPlanes {
  readonly clusters: readonly RealCluster[];
  stop(): Promise<void>;
}
export interface UpOptions {
  /** State, logs and kubeconfigs go here. */
  readonly folder: string;
  readonly clusters: readonly string[];
  readonly basePort?: number;
}
const binary = join(import.meta.dirname, "cluster");
const token = "test-admin-token";

/** Starts real Kubernetes control planes on loopback, one etcd for all. Resolves when every cluster is usable. */
export async function startControlPlanes(options: UpOptions): Promise<ControlPlanes> {
  const { folder, basePort = 26_000 } = options;
  const children: ChildProcess[] = [];
  const kill = () => {
    for (const child of children) child.kill("SIGKILL");
  };
  process.once("exit", kill);
  const stop = async () => {
    process.off("exit", kill);
    for (const child of children.reverse()) await end(child);
  };
  const start = (place: string, part: string, args: readonly string[]): ChildProcess => {
    const log = openSync(join(place, `${part}.log`), "a");
    const child = spawn(binary, [part, ...args], { stdio: ["ignore", log, log] });
    children.push(child);
    return child;
  };
  try {
    mkdirSync(folder, { recursive: true });
    for (const port of [0, 1, ...options.clusters.flatMap((_, index) => [10 + index * 2, 11 + index * 2])])
      await assertFree(basePort + port);
    const etcdUrl = `http://127.0.0.1:${basePort}`;
    const peerUrl = `http://127.0.0.1:${basePort + 1}`;
    start(folder, "etcd", [
      "--data-dir",
      join(folder, "etcd"),
      "--log-level",
      "warn",
      "--unsafe-no-fsync",
      "--listen-client-urls",
      etcdUrl,
      "--advertise-client-urls",
      etcdUrl,
      "--listen-peer-urls",
      peerUrl,
      "--initial-advertise-peer-urls",
      peerUrl,
      "--initial-cluster",
      `default=${peerUrl}`,
    ]);
    const clusters: RealCluster[] = [];
    for (const [index, name] of options.clusters.entries())
      clusters.push(await startCluster(start, join(folder, name), name, etcdUrl, basePort + 10 + index * 2));
    return { clusters, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startCluster(
  start: (place: string, part: string, args: readonly string[]) => ChildProcess,
  folder: string,
  name: string,
  etcd: string,
  port: number,
): Promise<RealCluster> {
  mkdirSync(folder, { recursive: true });
  const file = (leaf: string) => join(folder, leaf);
  if (!existsSync(file("sa.key"))) {
    execFileSync("openssl", ["genrsa", "-out", file("sa.key"), "2048"], { stdio: "ignore" });
    writeFileSync(file("tokens.csv"), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  }
  const apiserver = start(folder, "apiserver", [
    "--bind-address=127.0.0.1",
    "--advertise-address=127.0.0.1",
    `--secure-port=${port}`,
    `--cert-dir=${file("certs")}`,
    `--etcd-servers=${etcd}`,
    `--etcd-prefix=/${name}`,
    "--service-cluster-ip-range=10.0.0.0/16",
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${file("sa.key")}`,
    `--service-account-signing-key-file=${file("sa.key")}`,
    `--token-auth-file=${file("tokens.csv")}`,
    "--authorization-mode=Node,RBAC",
    "--allow-privileged=true",
    "--endpoint-reconciler-type=none",
    "--max-requests-inflight=800",
    "--max-mutating-requests-inflight=400",
  ]);
  const server = `https://127.0.0.1:${port}`;
  await until(`the API server of ${name}`, folder, apiserver, async () => (await get(port, "/readyz")) === 200);
  // The serving certificate is self-signed; it is its own authority.
  const ca = readFileSync(file("certs/apiserver.crt")).toString("base64");
  const config = {
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster: { server, "certificate-authority-data": ca } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
  writeFileSync(file("kubeconfig"), JSON.stringify(config, null, 2), { mode: 0o600 });
  // The stock limit of 20 requests a second would make mass rollouts ten times slower.
  const controllers = start(folder, "controllers", [
    `--kubeconfig=${file("kubeconfig")}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${port + 1}`,
    `--cert-dir=${file("certs")}`,
    `--service-account-private-key-file=${file("sa.key")}`,
    `--root-ca-file=${file("certs/apiserver.crt")}`,
    "--use-service-account-credentials=true",
    "--leader-elect=false",
    "--controllers=*",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
  ]);
  await until(
    `the default service account of ${name}`,
    folder,
    controllers,
    async () => (await get(port, "/api/v1/namespaces/default/serviceaccounts/default")) === 200,
  );
  return { name, server, token, kubeconfig: file("kubeconfig") };
}

async function until(what: string, folder: string, child: ChildProcess, check: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 90_000;
  while (!(await check())) {
    if (child.exitCode !== null) throw new Error(`${what} ended; see the logs in ${folder}`);
    if (Date.now() > deadline) throw new Error(`${what} took over 90 s; see the logs in ${folder}`);
    await pause(100);
  }
}

/** Status of a GET; 0 when there is no answer yet. */
function get(port: number, path: string): Promise<number> {
  return new Promise((done) => {
    const call = request(
      { host: "127.0.0.1", port, path, rejectUnauthorized: false, headers: { authorization: `Bearer ${token}` } },
      (answer) => {
        answer.resume().on("end", () => done(answer.statusCode ?? 0));
      },
    );
    call.on("error", () => done(0));
    call.end();
  });
}

function assertFree(port: number): Promise<void> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", () => fail(new Error(`port ${port} is taken; choose another basePort`)));
    probe.listen(port, "127.0.0.1", () => probe.close(() => done()));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once("exit", done));
  child.kill("SIGTERM");
  const kill = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await ended;
  clearTimeout(kill);
}
