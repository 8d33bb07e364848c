import type { CallOrigin } from "../../model/event.ts";
import type { PolicyUpdate } from "../../model/policy.ts";
import type { Actor } from "../../model/source.ts";
import type { ApiContext } from "../context.ts";
import { workloadNames } from "../names.ts";
import type { FluxPolicySpec } from "./codec.ts";

export interface PolicyRequest {
  readonly environment: string;
  readonly by: Actor;
  readonly message: string;
  readonly spec: FluxPolicySpec;
  readonly request: CallOrigin;
}

/** Accepts policy updates as one change; answers its job's id. */
export async function changePolicies(context: ApiContext, wanted: PolicyRequest): Promise<string> {
  const { environment, by, message, request } = wanted;
  const idOf = await workloadNames(context, { kind: "environment", environment });
  const updates = Object.entries(wanted.spec).map(
    ([workload, { add, remove }]): PolicyUpdate => ({ workload: idOf(workload), add, remove: Object.keys(remove) }),
  );
  const change = await context.policies.create({ environment, by, message, updates, request });
  return change.id;
}
