import { expect, test } from "vitest";
import { noImageRules } from "./documents.ts";
import { serverFrameSchema } from "./protocol.ts";

const settings = { environment: "dev", settle: 1, failAfter: 2, deadline: 3 };
function welcome(entry: object): unknown {
  const frame = serverFrameSchema.parse({ type: "welcome", protocol: 1, settings: [entry] });
  return frame.type === "welcome" ? frame.settings[0] : undefined;
}

test("a server that says nothing of images means none but the kinds that are known", () => {
  expect(welcome(settings)).toEqual({ ...settings, images: noImageRules });
});

test("no path that a server sends leads out of the repository", () => {
  const images = (path: string) => ({ fields: [], files: [{ path, kind: "values", namespace: "shop" }] });
  expect(welcome({ ...settings, images: images("charts/values.yaml") })).toMatchObject({
    images: images("charts/values.yaml"),
  });
  for (const path of ["../values.yaml", "/etc/passwd", "a/../../b", "a/.."])
    expect(() => welcome({ ...settings, images: images(path) })).toThrow();
});
