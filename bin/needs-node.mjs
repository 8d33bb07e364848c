// Ends with a clear word where there is no Node 24: `npm run` puts the one that `npm ci` brought first, where it brought one.
if (Number(process.versions.node.split(".")[0]) < 24) {
  console.error(`Sluice needs Node 24 or newer; this is Node ${process.versions.node}.`);
  console.error("On glibc Linux (x64, arm64) `npm ci` brings it along; elsewhere install Node 24 and try again.");
  process.exit(1);
}
