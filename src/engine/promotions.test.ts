import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../test/support/repository.ts";
import { createMirrors } from "../git/mirrors.ts";
import { systemClock } from "../model/ports/clock.ts";
import { silentLog } from "../model/ports/log.ts";
import type { Promotion, Release } from "../model/release.ts";
import { Repositories } from "../repositories/repositories.ts";
import { openSqliteStore } from "../store/store.ts";
import { Promotions } from "./promotions.ts";

const ana = { name: "ana", kind: "person" } as const;
const written: Promotion = {
  id: "r-1",
  source: { kind: "registry" },
  target: { kind: "environment", environment: "dev" },
  by: ana,
  message: "",
  createdAt: 1,
  endedAt: 2,
  state: "succeeded",
};
const release: Release = {
  id: "r-1/dev",
  promotion: "r-1",
  environment: "dev",
  position: 0,
  state: { end: "succeeded", commit: "c".repeat(40) },
  changes: [
    {
      workload: "shop:deployment/web",
      container: "web",
      from: "shop/web:1",
      to: "shop/web:2",
      fromVersion: { tag: "1" },
      toVersion: { tag: "2" },
      outcome: { kind: "verified", at: 2 },
    },
  ],
  timeline: [],
  revision: 0,
};

test("of rollbacks that are asked for at the same time one is accepted", async () => {
  const folder = temporaryFolder();
  const store = await openSqliteStore(join(folder.path, "sluice.db"), systemClock);
  const mirrors = createMirrors(join(folder.path, "git"));
  const source = { kind: "folder", folder: folder.path } as const;
  const repositories = new Repositories({ source, mirrors, store, log: silentLog, poll: 1e9 });
  const promotions = new Promotions({ store, clock: systemClock, repositories, acceptTags: async () => {} });
  await store.promotions.insert(written, [release]);
  const asked = await Promise.allSettled(["", "", ""].map(() => promotions.rollback("r-1", ana, "")));
  const [accepted, ...more] = asked.flatMap((each) => (each.status === "fulfilled" ? [each.value.id] : []));
  expect(more).toEqual([]);
  expect(asked.flatMap((each) => (each.status === "rejected" ? [String(each.reason.message)] : []))).toEqual([
    `r-1 is rolled back by ${accepted} already`,
    `r-1 is rolled back by ${accepted} already`,
  ]);
  await store.close();
  folder.remove();
});
