import { showVersion } from "../model/image.ts";
import type { Hold, Promotion, Release, ReleaseChange } from "../model/release.ts";
import { showPlace } from "../model/source.ts";
import { parseWorkloadId } from "../model/workload.ts";
import { manyLines, oneLine, writeHold } from "./trailers.ts";

export interface CommitText {
  readonly promotion: Promotion;
  readonly release: Release;
  /** The changes this commit makes: those not yet in Git. */
  readonly changes: readonly ReleaseChange[];
  readonly sourceCommit?: string | undefined;
  readonly holds: readonly Pick<Hold, "environment" | "workload" | "container" | "what" | "reason">[];
  readonly lifts: readonly Pick<Hold, "environment" | "workload" | "container">[];
}

/**
 * The commit message of a release: a plain subject, the person's words, and trailers that carry the meaning
 * (docs/architecture.md). The trailers are the last paragraph, so nothing in the person's words can pass for one.
 */
export function commitMessage(text: CommitText): string {
  const { promotion, release } = text;
  const trailers = [
    `Sluice-Release: ${release.id}`,
    `Sluice-Environment: ${release.environment}`,
    ...(promotion.pipeline === undefined ? [] : [`Sluice-Pipeline: ${promotion.pipeline}`]),
    ...(promotion.stage === undefined ? [] : [`Sluice-Stage: ${promotion.stage}`]),
    `Sluice-Source: ${sourceText(text)}`,
    ...text.changes.map(
      (change) => `Sluice-Image: ${change.workload} ${change.container} ${change.from} -> ${imageText(change)}`,
    ),
    ...text.changes.flatMap((change) =>
      change.forced === undefined
        ? []
        : [`Sluice-Forced: ${change.workload} ${change.container} ${change.forced.join(",")}`],
    ),
    `Sluice-Author: ${oneLine(promotion.by.name)}`,
    ...(promotion.reverts === undefined ? [] : [`Sluice-Reverts: ${promotion.reverts}/${release.environment}`]),
    // Read in this order: a container may lose one hold and get another by the same commit.
    ...text.lifts.map((lift) => `Sluice-Lifts: ${lift.environment} ${lift.workload} ${lift.container}`),
    ...text.holds.map((hold) => `Sluice-Holds: ${writeHold(hold)}`),
  ];
  const words = manyLines(promotion.message);
  const paragraphs = [oneLine(subject(text)), ...(words === "" ? [] : [words]), trailers.join("\n")];
  return `${paragraphs.join("\n\n")}\n`;
}

/**
 * The message with `[ci skip]`, which most CI systems honour anywhere in it. It follows the subject at once, because some
 * look at the beginning only, and trailers stay the last paragraph.
 */
export function withSkipCi(message: string): string {
  const [subject = "", ...rest] = message.trimEnd().split("\n\n");
  return `${[subject, "[ci skip]", ...rest].join("\n\n")}\n`;
}

/** The message of a commit that changes no file and keeps the versions of a stopped release away. */
export function holdMessage(release: string, holds: readonly Hold[]): string {
  const list = shortList(
    holds.map((hold) => `${shortName(hold)} ${hold.what === "*" ? "" : showVersion(hold.what)}`.trim()),
  );
  const [{ environment, by }] = holds as [Hold];
  const trailers = [
    `Sluice-Stops: ${release}`,
    `Sluice-Environment: ${environment}`,
    `Sluice-Author: ${oneLine(by)}`,
    ...holds.map((hold) => `Sluice-Holds: ${writeHold(hold)}`),
  ];
  return `${oneLine(`Hold ${list} back from ${environment}`)}\n\n${trailers.join("\n")}\n`;
}

function subject({ promotion, release, changes }: CommitText): string {
  const verb =
    promotion.reverts !== undefined ? "Roll back" : promotion.source.kind === "registry" ? "Release" : "Promote";
  const list = shortList(changes.map((change) => `${shortName(change)} ${showVersion(change.toVersion)}`));
  const from =
    promotion.source.kind === "registry" || promotion.reverts !== undefined
      ? ""
      : ` from ${showPlace(promotion.source)}`;
  return `${verb} ${list}${from} to ${release.environment}`;
}

function shortList(what: readonly string[]): string {
  return what.length <= 3 ? what.join(", ") : `${what.slice(0, 2).join(", ")} and ${what.length - 2} more`;
}

/** The workload's name, with the container where it is called otherwise. */
export function shortName(key: { workload: string; container: string }): string {
  const name = parseWorkloadId(key.workload)?.name ?? key.workload;
  return key.container === name || key.container === "" ? name : `${name}/${key.container}`;
}

function sourceText({ promotion, sourceCommit }: CommitText): string {
  if (promotion.source.kind === "registry") return "registry";
  return sourceCommit === undefined ? showPlace(promotion.source) : `${showPlace(promotion.source)}@${sourceCommit}`;
}

function imageText(change: ReleaseChange): string {
  const { digest } = change.toVersion;
  return digest === undefined || change.to.includes("@") ? change.to : `${change.to}@${digest}`;
}
