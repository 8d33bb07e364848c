import { expect, test } from "vitest";
import type { KubeObject } from "../../src/model/kubernetes.ts";
import { parseBehaviour } from "../../src/sandbox/kubelet/behaviour.ts";
import { podStatus } from "../../src/sandbox/kubelet/status.ts";
import { crashed } from "../support/crashed.ts";
import { begin, deployment, pod, Watch } from "../support/rollout.ts";

/** Looks at a crashing pod every 10 ms for 40 s and answers what each failed verdict gave as its first evidence. */
function evidenceWhileFailed(behaviour: string): Set<string> {
  const started = pod();
  const pulls = new Map([
    ["web:1", { found: true, digest: "sha256:0", behaviour: parseBehaviour(behaviour) } as const],
  ]);
  const watch = new Watch({ settle: 8_000, failAfter: 10_000, deadline: 30_000 });
  const seen = new Set<string>();
  for (let ms = 0; ms < 40_000; ms += 10) {
    const { status } = podStatus({ pod: started, startedAt: begin, pulls, pulledAt: begin, tries: 1 }, begin + ms);
    const ready = (status.conditions as { type: string; status: string }[]).some(
      (entry) => entry.type === "Ready" && entry.status === "True",
    );
    const object = ready ? deployment() : deployment({ counts: [1, 1, 0, 0], reason: "ReplicaSetUpdated" });
    const verdict = watch.see(object, [{ ...started, status } as KubeObject], 10);
    const [evidence] = verdict.evidence;
    if (verdict.state === "failed") seen.add(`${evidence?.reason}: ${evidence?.message}`);
  }
  return seen;
}

// If this were gone, a page that opens in the tenth of a second after a crash could show a failure without its cause.
test.each(["crash", "crash-after=5s"])("a %s loop tells how the container ended in each of its phases", (behaviour) => {
  const seen = [...evidenceWhileFailed(behaviour)];
  expect(seen.filter((text) => !crashed.test(text))).toEqual([]);
  expect(new Set(seen.map((text) => text.split(":")[0]))).toEqual(new Set(["Error", "CrashLoopBackOff", "Restarted"]));
});
