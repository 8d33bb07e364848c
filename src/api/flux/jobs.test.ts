import { expect, test } from "vitest";
import type { PolicyChange, PolicyChangeState } from "../../model/policy.ts";
import type { ChangeOutcome, Release, ReleaseState } from "../../model/release.ts";
import { changeJob, releaseJob } from "./jobs.ts";

const commit = "0123456789012345678901234567890123456789";
const web = "shop:deployment/web";
const others = { "shop:deployment/db": { Status: "skipped", Error: "locked" } } as const;

function release(state: ReleaseState, outcome: ChangeOutcome = { kind: "pending" }): Release {
  const change = { workload: web, container: "web", from: "web:1", to: "web:2", outcome };
  return {
    id: "r-1/dev",
    promotion: "r-1",
    environment: "dev",
    position: 0,
    state,
    changes: [{ ...change, fromVersion: { tag: "1" }, toVersion: { tag: "2" } }],
    timeline: [],
    revision: 0,
  };
}
const updated = { Status: "success", PerContainer: [{ Container: "web", Current: "web:1", Target: "web:2" }] };

test("a release is queued, runs, and is done when its commit is pushed, with what was said of the others", () => {
  const words = (state: ReleaseState) => releaseJob(release(state), others).StatusString;
  expect(words({ step: "planned" })).toBe("queued");
  expect(words({ step: "queued", behind: "prod-eu" })).toBe("queued");
  expect(words({ step: "writing", base: commit })).toBe("running");
  for (const step of ["pushed", "syncing", "rolling out", "verifying"] as const)
    expect(releaseJob(release({ step, commit }), others)).toEqual({
      Result: { revision: commit, result: { ...others, [web]: updated } },
      Err: "",
      StatusString: "succeeded",
    });
  expect(words({ end: "rolled back", commit, by: "r-2" })).toBe("succeeded");
  expect(words({ end: "superseded", commit, reason: "r-2 is newer" })).toBe("succeeded");
});

test("a job never says it succeeded when its release failed or was stopped, and no revision stands where there is none", () => {
  const evidence = { reason: "the branch is protected", evidence: [] };
  expect(releaseJob(release({ end: "failed", ...evidence }), undefined)).toMatchObject({
    Result: { result: { [web]: updated } },
    Err: "the branch is protected",
    StatusString: "failed",
  });
  expect(releaseJob(release({ end: "failed", commit, ...evidence }), undefined).StatusString).toBe("failed");
  expect(releaseJob(release({ end: "aborted", reason: "stopped by ana" }), undefined)).toMatchObject({
    Err: "stopped by ana",
    StatusString: "failed",
  });
  const nothing = releaseJob(release({ end: "nothing to do", reason: "" }, { kind: "same" }), undefined);
  expect(nothing).toEqual({
    Result: { result: { [web]: { Status: "skipped", Error: "image(s) up to date", PerContainer: null } } },
    Err: "",
    StatusString: "succeeded",
  });
});

test("a container that could not be written fails its workload in the result", () => {
  const outcome = { kind: "failed", reason: "the file changed", unwritten: true } as const;
  expect(releaseJob(release({ step: "pushed", commit }, outcome), undefined).Result?.result).toEqual({
    [web]: { Status: "failed", Error: "the file changed", PerContainer: [] },
  });
});

test("a policy change is done when it is written or when Git says so already", () => {
  const job = (state: PolicyChangeState) => changeJob({ state } as PolicyChange);
  expect(job({ step: "queued" })).toEqual({ Err: "", StatusString: "queued" });
  expect(job({ step: "writing", base: commit }).StatusString).toBe("running");
  expect(job({ end: "succeeded", commit, outcomes: [{ workload: web, status: "success" }] })).toEqual({
    Result: { revision: commit, result: { [web]: { Status: "success", PerContainer: null } } },
    Err: "",
    StatusString: "succeeded",
  });
  const skipped = { workload: web, status: "skipped", text: "Git says so already" } as const;
  expect(job({ end: "nothing to do", outcomes: [skipped] }).Result).toEqual({
    result: { [web]: { Status: "skipped", Error: "Git says so already", PerContainer: null } },
  });
  expect(job({ end: "failed", reason: "no", outcomes: [] })).toMatchObject({ Err: "no", StatusString: "failed" });
});
