import { afterAll, beforeAll } from "vitest";
import { applyContract } from "./apply.ts";
import type { ContractCluster } from "./contract.ts";
import { customContract } from "./custom.ts";
import { listContract } from "./lists.ts";
import { objectContract } from "./objects.ts";
import { rulesContract } from "./rules.ts";

/**
 * Registers the tests that say what our Kubernetes client may expect of an API server. They run on the sandbox and on
 * a real control plane; where the two differ, the real one is right.
 */
export function kubernetesContract(start: () => Promise<ContractCluster>): void {
  let cluster: ContractCluster | undefined;
  beforeAll(async () => {
    cluster = await start();
  }, 120_000);
  afterAll(() => cluster?.close(), 30_000);
  const the = () => cluster!;
  objectContract(the);
  rulesContract(the);
  applyContract(the);
  listContract(the);
  customContract(the);
}
