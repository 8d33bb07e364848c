import { buildCommand } from "@stricli/core";
import { showVersion } from "../../model/image.ts";
import type { WhyView } from "../../model/views.ts";
import { type ConnectionFlags, connect, connectionFlags } from "../connection.ts";
import type { CliContext } from "../context.ts";
import { type OutputFlags, outputAliases, outputFlags, print } from "../show/output.ts";
import { lines } from "../show/table.ts";
import { relative } from "../show/time.ts";

interface Flags extends ConnectionFlags, OutputFlags {}
interface Asked {
  readonly place: string;
  readonly workload: string;
}

/** `sluice why`: why a workload has the version it has in a stage or environment, and whose turn it is. */
export const whyCommand = buildCommand<Flags, [Asked], CliContext>({
  docs: {
    brief: "Tell why a workload has the version it has",
    fullDescription:
      "For example: sluice why prod/catalogue, or with the whole id: sluice why prod-eu/shop:deployment/catalogue.",
  },
  parameters: {
    flags: { ...outputFlags, ...connectionFlags },
    positional: {
      kind: "tuple",
      parameters: [{ parse: readAsked, placeholder: "PLACE/WORKLOAD", brief: "Stage or environment, and workload" }],
    },
    aliases: outputAliases,
  },
  async func(flags, { place, workload }) {
    const answer = await connect(flags, this).why(place, workload);
    await print(this, flags.output, answer, {
      table: ({ answers }) => whyText(answers, this.now()),
      names: ({ answers }) => answers.map((entry) => `${entry.environment}/${entry.workload}`),
    });
  },
});

function readAsked(input: string): Asked {
  const slash = input.indexOf("/");
  if (slash <= 0 || slash === input.length - 1) throw new Error("write PLACE/WORKLOAD, for example prod/catalogue");
  return { place: input.slice(0, slash), workload: input.slice(slash + 1) };
}

/** Every container's answer: what it has, what it could have, what it waits for, and who can act. Equal ones are told once. */
function whyText(answers: readonly WhyView[], now: number): string {
  const found = new Map<string, { readonly answer: WhyView; readonly environments: string[] }>();
  for (const answer of answers) {
    const key = JSON.stringify({ ...answer, environment: "" });
    const same = found.get(key) ?? { answer, environments: [] };
    same.environments.push(answer.environment);
    found.set(key, same);
  }
  return [...found.values()].map(({ answer, environments }) => whyBlock(answer, environments, now)).join("");
}

function whyBlock(answer: WhyView, environments: readonly string[], now: number): string {
  const { workload, container, version, could, why } = answer;
  const name = workload.endsWith(`/${container}`) ? "" : `  ${container}`;
  const better = could === undefined ? "" : `, could be ${showVersion(could)}`;
  const rows = [["why", `${why.text}${why.until === undefined ? "" : ` (${relative(why.until, now)})`}`]];
  for (const entry of why.evidence) rows.push([entry.label, entry.text]);
  if (why.who !== undefined && why.who !== "") rows.push(["who", why.who]);
  if (why.next !== undefined) rows.push(["next", why.next]);
  return `${environments.join(", ")}  ${workload}${name}  ${showVersion(version)}${better}\n${lines(rows, "  ")}`;
}
