import type { MatrixView, PipelineView } from "../../../src/model/views.ts";
import type { ListedPromotion } from "../api/queries.ts";
import { kindWord } from "../features/environments/kindWord.ts";
import { promotionTitle } from "../features/releases/words.ts";

/** Something the command box offers: words to find it by, and the address it leads to. */
export interface Command {
  readonly kind: "page" | "do" | "workload" | "environment" | "release";
  readonly text: string;
  readonly detail: string;
  readonly to: string;
}
export interface CommandFacts {
  readonly matrix: MatrixView | undefined;
  readonly pipelines: readonly PipelineView[] | undefined;
  readonly promotions: readonly ListedPromotion[];
}

const pages: readonly Command[] = [
  ["Environments", "/"],
  ["Pipelines", "/pipelines"],
  ["Releases", "/releases"],
  ["Deploy", "/deploy"],
  ["Activity", "/activity"],
  ["Settings", "/settings"],
].map(([text, to]) => ({ kind: "page", text: text!, detail: "page", to: to! }));

/** Everything there is to go to. */
function allCommands({ matrix, pipelines, promotions }: CommandFacts): Command[] {
  const stages = (pipelines ?? []).flatMap((pipeline) =>
    pipeline.stages.map(
      (stage): Command => ({
        kind: "do",
        text: `Deploy to ${stage.name}`,
        detail: `stage of ${pipeline.name}`,
        to: deployAddress(`${pipeline.name}/${stage.name}`),
      }),
    ),
  );
  const workloads = (matrix?.rows ?? []).map(
    (row): Command => ({
      kind: "workload",
      text: row.name,
      detail: `${kindWord(row.kind)} in ${row.namespace}`,
      to: `/workloads/${encodeURIComponent(row.namespace)}/${row.kind.toLowerCase()}/${encodeURIComponent(row.name)}`,
    }),
  );
  const environments = (matrix?.environments ?? []).map(
    (environment): Command => ({
      kind: "environment",
      text: environment.name,
      detail: "environment",
      to: `/environments/${environment.name}`,
    }),
  );
  const releases = promotions.map(
    ({ promotion, releases: inside }): Command => ({
      kind: "release",
      text: `${promotion.id} ${promotionTitle(promotion, inside)}`,
      detail: promotion.state,
      to: `/releases/${promotion.id}`,
    }),
  );
  return [...pages, ...workloads, ...environments, ...stages, ...releases];
}

/** The offers for what was typed, best first. `promote X to Y` becomes the Deploy page with X chosen. */
export function findCommands(typed: string, facts: CommandFacts, limit = 12): Command[] {
  const text = typed.trim().toLowerCase();
  const said = sentence(text, facts);
  const words = text.split(/\s+/).filter(Boolean);
  const found = allCommands(facts)
    .map((command) => ({ command, score: scoreOf(command, words) }))
    .filter((entry) => entry.score > 0)
    .sort((a, b) => b.score - a.score)
    .map((entry) => entry.command);
  return [...said, ...found].slice(0, limit);
}

function scoreOf(command: Command, words: readonly string[]): number {
  const text = command.text.toLowerCase();
  const all = `${text} ${command.detail.toLowerCase()}`;
  if (!words.every((word) => all.includes(word))) return 0;
  return words.reduce(
    (score, word) => score + (text === word ? 8 : text.startsWith(word) ? 4 : text.includes(word) ? 2 : 1),
    1,
  );
}

function sentence(text: string, { matrix, pipelines }: CommandFacts): Command[] {
  const match = /^(?:promote|deploy|release)\s+(\S.*?)(?:\s+to\s*(\S*))?$/.exec(text);
  if (match === null) return [];
  const names = match[1]!.split(/[\s,]+/).filter((word) => word !== "and" && word !== "to");
  const rows = names.flatMap((name) => matrix?.rows.find((row) => row.name === name) ?? []);
  if (rows.length === 0 || rows.length < names.length) return [];
  const places = [
    ...(pipelines ?? []).flatMap((pipeline) =>
      pipeline.stages.map((stage) => ({ name: stage.name, value: `${pipeline.name}/${stage.name}` })),
    ),
    ...(matrix?.environments ?? []).map((environment) => ({ name: environment.name, value: environment.name })),
  ];
  const seen = new Set<string>();
  return places
    .filter((place) => place.name.startsWith(match[2] ?? "") && !seen.has(place.name) && seen.add(place.name))
    .map((place) => ({
      kind: "do",
      text: `Promote ${rows.map((row) => row.name).join(", ")} to ${place.name}`,
      detail: "opens Deploy with the change to look at",
      to: deployAddress(place.value, rows.map((row) => row.id).join(",")),
    }));
}

function deployAddress(to: string, pick?: string): string {
  return `/deploy?${new URLSearchParams({ to, ...(pick === undefined ? {} : { pick }) })}`;
}
