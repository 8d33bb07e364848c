import { expect, test } from "vitest";
import { SluiceError } from "../errors.ts";
import type { PromotionView } from "../model/views.ts";
import type { Client } from "./client.ts";
import type { CliContext } from "./context.ts";
import { follow } from "./follow.ts";

const view = {
  promotion: { id: "r-7f3k", state: "under way", createdAt: 0 },
  releases: [],
  events: [],
} as unknown as PromotionView;

test("a server that stays away is given up, and the error says how to look again", async () => {
  let now = 0;
  const away = new SluiceError("unreachable", "The server does not answer.");
  const client = {
    promotion: async () => {
      now += 200_000;
      throw away;
    },
    stream: async function* () {},
  } as unknown as Client;
  const output = { write() {}, terminal: false, columns: 80, rows: 24 };
  const told: number[] = [];
  const context = {
    env: {},
    err: output,
    now: () => now,
    finish: (code: number) => told.push(code),
  } as unknown as CliContext;
  const watching = follow(context, client, view, {}, output);
  await expect(watching).rejects.toMatchObject({
    code: "unreachable",
    help: expect.stringContaining("sluice releases r-7f3k --watch"),
  });
  expect(told).toEqual([]);
});
