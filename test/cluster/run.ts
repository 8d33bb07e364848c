import { closeWith, runSuites } from "../suite.ts";
import { buildControlPlane } from "./build.ts";

/** `npm run test:cluster [-- FILTER]`: what must hold on a real kube-apiserver. */
const suite = { name: "cluster", config: "vitest.cluster.config.ts", files: "test/cluster/**/*.test.ts" };
const plane = process.env.KUBECONFIG === undefined ? buildControlPlane() : ({ built: true } as const);
if (!plane.built && plane.fault) {
  console.error(plane.reason);
  process.exit(1);
}
process.exitCode = closeWith(
  await runSuites([plane.built ? suite : { ...suite, impossible: plane.reason }], process.argv.slice(2)),
);
