import type { ApiContext } from "../context.ts";
import { wishSync } from "../views/sync.ts";
import type { FluxCall } from "./call.ts";
import { authorOf } from "./caller.ts";
import type { FluxUpdate } from "./codec.ts";
import { changePolicies } from "./policies.ts";
import { releaseContainers, releaseImages } from "./release.ts";

/** Accepts an update, or works out a dry run of one; answers the id of the job to ask about. */
export async function carryOut(context: ApiContext, call: FluxCall, update: FluxUpdate): Promise<string> {
  const { environment, request } = call;
  if (update.type === "sync") return `sync-${await wishSync(context, environment)}`;
  const wanted = { environment, request, ...authorOf(context, call.actor, update.cause) };
  switch (update.type) {
    case "image":
      return releaseImages(context, { ...wanted, spec: update.spec });
    case "containers":
      return releaseContainers(context, { ...wanted, spec: update.spec });
    case "policy":
      return changePolicies(context, { ...wanted, spec: update.spec });
  }
}
