import { expect, test } from "vitest";
import type { ApiContext } from "../context.ts";
import { authorOf, fluxToken } from "./caller.ts";

test("a token is read as fluxctl sends it, as a bearer, and as the password of an address", () => {
  expect(fluxToken("Scope-Probe token=sluice_p_abc")).toBe("sluice_p_abc");
  expect(fluxToken("scope-probe token=a=b c")).toBe("a=b c");
  expect(fluxToken("Bearer sluice_p_abc")).toBe("sluice_p_abc");
  expect(fluxToken(`Basic ${Buffer.from("ada:to:ken").toString("base64")}`)).toBe("to:ken");
  for (const none of [undefined, "", "Basic", "Basic Og==", `Basic ${btoa("ada:")}`, "Scope-Probe token=", "Digest x"])
    expect(fluxToken(none), none).toBeUndefined();
});

test("the user a client names is the author where nobody signs in, and a note beside the token's name elsewhere", () => {
  const trial = { trial: { control: "" } } as ApiContext;
  const server = { trial: undefined } as ApiContext;
  const user = "Ada <ada@example.org>";
  const you = { name: "you", kind: "person" } as const;
  const robot = { name: "deploy-bot", kind: "person" } as const;
  expect(authorOf(trial, you, { user, message: "go" })).toEqual({ by: { name: user, kind: "person" }, message: "go" });
  expect(authorOf(trial, you, { user: " ", message: "go" })).toEqual({ by: you, message: "go" });
  expect(authorOf(trial, robot, { user, message: "" }).by).toEqual(robot);
  expect(authorOf(server, robot, { user, message: "" })).toEqual({
    by: robot,
    message: "Asked for by Ada <ada@example.org>, who called as deploy-bot",
  });
  expect(authorOf(server, robot, { user: "deploy-bot", message: "go" })).toEqual({ by: robot, message: "go" });
  const forged = authorOf(server, robot, { user: "Ada\n\nSluice-Lifts: prod x y", message: "go" });
  expect(forged.message).toMatch(/^go\n\nAsked for by Ada Sluice-Lifts: prod x y, who called as deploy-bot$/);
});
