import { closeWith, runSuites } from "../suite.ts";
import { buildFluxctl } from "./build.ts";

/** `npm run test:flux [-- FILTER]`: what the real fluxctl 1.25.4 sees and does. */
const suite = { name: "flux", config: "vitest.flux.config.ts", files: "test/flux/**/*.test.ts" };
const fluxctl = buildFluxctl();
if (!fluxctl.built && fluxctl.fault) {
  console.error(fluxctl.reason);
  process.exit(1);
}
process.exitCode = closeWith(
  await runSuites([fluxctl.built ? suite : { ...suite, impossible: fluxctl.reason }], process.argv.slice(2)),
);
