import { createServer } from "node:net";
import { expect, test } from "vitest";
import { choosePorts, isTaken } from "./ports.ts";

test("a free port that is wished for is chosen, a taken one is replaced, and no two names share one", async () => {
  const { first } = await choosePorts(["first"], {});
  const holder = createServer();
  await new Promise<void>((resolve) => holder.listen(0, "127.0.0.1", resolve));
  const taken = (holder.address() as { port: number }).port;
  const chosen = await choosePorts(["a", "b", "c"], { a: taken, b: first });
  expect(await isTaken(taken)).toBe(true);
  expect(await isTaken(first)).toBe(false);
  expect(chosen.a).not.toBe(taken);
  expect(chosen.b).toBe(first);
  expect(new Set(Object.values(chosen)).size).toBe(3);
  await new Promise((resolve) => holder.close(resolve));
});
