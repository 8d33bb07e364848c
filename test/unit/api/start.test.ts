import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { MatrixView } from "../../../src/model/views.ts";
import { startPlain } from "../../support/plain.ts";
import { temporaryFolder } from "../../support/repository.ts";
import { startSilentHost } from "../../support/silent.ts";

test("a Git host that never answers keeps nobody from the page, refuses only changes, and does not hold up the end", async () => {
  const host = await startSilentHost();
  onTestFinished(host.close);
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  writeFileSync(
    join(folder.path, "dev.yaml"),
    `apiVersion: sluice.dev/v1
kind: Environment
metadata: { name: dev }
spec: { cluster: dev, git: { repository: "${host.url}/shop/config.git", paths: [dev] } }
`,
  );
  const server = await startPlain({ configuration: { kind: "folder", folder: folder.path } });
  const person = { authorization: `Bearer ${server.person}`, "content-type": "application/json" };
  await host.asked;
  expect((await server.call("GET", "/healthz")).status).toBe(200);
  expect((await server.call("GET", "/readyz")).status).toBe(503);
  expect((await server.call("POST", "/api/v1/session", person, JSON.stringify({ token: server.person }))).status).toBe(
    200,
  );
  const matrix = (await (await server.call("GET", "/api/v1/matrix", person)).json()) as MatrixView;
  expect(matrix.environments.map(({ name }) => name)).toEqual(["dev"]);
  expect(JSON.stringify(matrix.environments[0])).toContain("is being read for the first time");
  const refused = await server.call("POST", "/api/v1/promotions", person, JSON.stringify({ target: "dev" }));
  expect(refused.status).toBe(503);
  expect(((await refused.json()) as { error: { message: string } }).error.message).toContain("still reading Git");
  await server.stop();
});
