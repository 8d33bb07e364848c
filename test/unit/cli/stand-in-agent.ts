import { execFileSync } from "node:child_process";
import WebSocket from "ws";
import { readManifests } from "../../../src/manifests/read.ts";
import { workloadOf } from "../../../src/manifests/workloads.ts";
import { protocolVersion } from "../../../src/model/protocol.ts";
import type { WorkloadReport } from "../../../src/model/report.ts";

/**
 * Plays the agents of a server: reads Git when told to and reports that everything runs as written, except images whose
 * tag says `broken`, which cannot be pulled. No cluster is needed to try the command line.
 */
export function startStandInAgent(options: {
  readonly server: string;
  readonly token: string;
  readonly bare: string;
  readonly repository: string;
  readonly environments: readonly string[];
}): { stop(): Promise<void> } {
  const socket = new WebSocket(new URL("/api/v1/agent", options.server.replace("http", "ws")), {
    headers: { authorization: `Bearer ${options.token}` },
  });
  const git = (...args: string[]) => execFileSync("git", args, { cwd: options.bare, encoding: "utf8" });
  const report = (environment: string) => {
    const commit = git("rev-parse", "main").trim();
    const path = `clusters/${environment}`;
    const files = git("ls-tree", "-r", "--name-only", "main", `${path}/`).trim().split("\n");
    const workloads = files.flatMap((file) => {
      const read = readManifests(git("show", `main:${file}`));
      return read.ok ? read.file.objects.flatMap((entry) => workloadOf(entry, file) ?? []) : [];
    });
    const at = Date.now();
    socket.send(
      JSON.stringify({
        type: "report",
        report: {
          environment,
          git: { repository: options.repository, branch: "main", paths: [path] },
          at,
          attempted: { commit, at },
          applied: { commit, at },
          objects: workloads.length,
          problems: [],
          workloads: workloads.map((workload): WorkloadReport => {
            const broken = workload.containers.some((container) => container.image.includes("broken"));
            const counts = { desired: 2, updated: 2, ready: broken ? 1 : 2, available: broken ? 1 : 2 };
            return {
              id: workload.id,
              verdict: {
                state: broken ? "failed" : "healthy",
                message: broken ? "1 of 2 pods cannot pull its image" : "2 of 2 ready",
                since: at,
                evidence: broken
                  ? [{ object: "pod/x-1", reason: "ErrImagePull", message: "manifest unknown", since: at }]
                  : [],
                ...counts,
              },
              containers: workload.containers.map(({ container, image }) => ({
                container,
                image,
                running: [{ image, pods: 2 }],
              })),
              drift: [],
            };
          }),
        },
      }),
    );
  };
  socket.on("open", () =>
    socket.send(
      JSON.stringify({
        type: "hello",
        protocol: protocolVersion,
        version: "0.0.0",
        environments: options.environments,
      }),
    ),
  );
  socket.on("message", (data) => {
    const frame = JSON.parse(String(data)) as { type: string; environment?: string };
    if (frame.type === "welcome") for (const environment of options.environments) report(environment);
    else if (frame.environment !== undefined) report(frame.environment);
  });
  return {
    stop: () =>
      new Promise((resolve) => {
        if (socket.readyState === WebSocket.CLOSED) return resolve();
        socket.on("close", () => resolve());
        socket.close();
      }),
  };
}
