import { expect, test } from "vitest";
import type { ReleaseState } from "../../model/release.ts";
import type { Verdict } from "../../model/verdict.ts";
import type { PromotionView, ReleaseChangeView } from "../../model/views.ts";
import { promotionBlock } from "./promotion.ts";
import { createScreen } from "./screen.ts";

const plain = (_colour: string, text: string) => text;
const now = 1_000_000;

function verdict(state: Verdict["state"], given: Partial<Verdict> = {}): Verdict {
  const counts = { desired: 3, updated: 3, ready: 3, available: 3 };
  return { state, message: state, since: 0, evidence: [], ...counts, ...given };
}
function change(given: Partial<ReleaseChangeView> = {}): ReleaseChangeView {
  return {
    workload: "shop:deployment/catalogue",
    container: "catalogue",
    from: { tag: "1.8.1" },
    to: { tag: "1.8.2" },
    outcome: { kind: "written" },
    ...given,
  };
}
function view(state: ReleaseState, changes: readonly ReleaseChangeView[], over = false): PromotionView {
  return {
    promotion: {
      id: "r-7f3k",
      source: { kind: "stage", pipeline: "shop", stage: "stage" },
      target: { kind: "stage", pipeline: "shop", stage: "prod" },
      by: { name: "ana", kind: "person" },
      message: "",
      createdAt: now - 12_000,
      state: over ? "succeeded" : "under way",
      ...(over ? { endedAt: now } : {}),
    },
    releases: [
      {
        id: "r-7f3k/prod-eu",
        promotion: "r-7f3k",
        environment: "prod-eu",
        position: 0,
        state,
        changes,
        timeline: [],
        revision: 1,
      },
    ],
    can: { abort: false, rollback: true },
    events: [],
  };
}
const trouble = verdict("rolling out", {
  ready: 1,
  evidence: [{ object: "pod/a", reason: "ErrImagePull", message: "manifest unknown", since: 0 }],
});
const rollingOut: ReleaseState = { step: "rolling out", commit: "9c1d0f2aaaa" };

test("a promotion under way shows commit, pods and the evidence of trouble", () => {
  expect(promotionBlock(view(rollingOut, [change({ verdict: trouble })]), now, plain)).toBe(
    `r-7f3k  stage -> prod  under way  by ana, 12 s ago
  prod-eu  rolling out  9c1d0f2
    catalogue  1.8.1 -> 1.8.2  ◐ rolling out 1/3
      pod/a  ErrImagePull: manifest unknown
`,
  );
});

test("a person is named without the address that commits have", () => {
  const { promotion, ...rest } = view(rollingOut, []);
  const by = { name: "Ada Byron <ada@example.org>", kind: "person" } as const;
  expect(promotionBlock({ ...rest, promotion: { ...promotion, by } }, now, plain)).toContain("by Ada Byron, 12 s ago");
});

test("before the commit is applied nobody is called healthy by what ran before", () => {
  for (const state of [
    { step: "pushed", commit: "9c1d0f2" },
    { step: "syncing", commit: "9c1d0f2" },
  ] as const) {
    const text = promotionBlock(view(state, [change({ verdict: verdict("healthy") })]), now, plain);
    expect(text).toContain("written");
    expect(text).not.toContain("healthy");
  }
});

test("a failure says its reason once, with the evidence", () => {
  const reason = "catalogue: 2 of 3 pods cannot pull";
  const failed: ReleaseState = { end: "failed", commit: "9c1d0f2", reason, evidence: trouble.evidence };
  const text = promotionBlock(view(failed, [change({ outcome: { kind: "failed", reason } })]), now, plain);
  expect(text.split(reason)).toHaveLength(2);
  expect(text).toContain("pod/a  ErrImagePull: manifest unknown");
});

function screenOf(terminal: boolean, rows = 24) {
  const written: string[] = [];
  const output = { write: (text: string) => void written.push(text), terminal, columns: 80, rows };
  return { written, screen: createScreen(output, plain, () => now) };
}

test("away from a terminal a line is appended when something changed, and none when nothing did", () => {
  const { written, screen } = screenOf(false);
  screen.show(view(rollingOut, [change({ verdict: verdict("rolling out", { ready: 1 }) })]));
  screen.show(view(rollingOut, [change({ verdict: verdict("rolling out", { ready: 1 }) })]));
  screen.show(view(rollingOut, [change({ verdict: verdict("rolling out", { ready: 2 }) })]));
  const lines = written.map((line) => line.replace(/^\S+ {2}/, ""));
  expect(lines).toEqual([
    "prod-eu  rolling out  9c1d0f2\n",
    "prod-eu  catalogue  1.8.1 -> 1.8.2  ◐ rolling out 1/3\n",
    "prod-eu  catalogue  1.8.1 -> 1.8.2  ◐ rolling out 2/3\n",
  ]);
});

test("a server that is away is told once, not at every try", () => {
  const { written, screen } = screenOf(false);
  for (let attempt = 0; attempt < 3; attempt++) screen.trouble("Cannot reach it. Trying again.");
  expect(written).toHaveLength(1);
});

test("on a terminal the block is drawn over itself, never taller than the screen until it is over", () => {
  const { written, screen } = screenOf(true, 10);
  const many = Array.from({ length: 30 }, (_, index) =>
    change({ workload: `shop:deployment/service-${index}`, container: `service-${index}` }),
  );
  screen.show(view(rollingOut, many));
  expect(written[0]!.split("\n").length).toBeLessThanOrEqual(10);
  expect(written[0]).toContain("more lines");
  screen.show(view({ end: "succeeded", commit: "9c1d0f2" }, many, true));
  const height = written[0]!.split("\n").length - 1;
  expect(written[1]!.startsWith(`\u001b[${height}A\u001b[J`)).toBe(true);
  expect(written[1]).toContain("service-29");
});
