import { join } from "node:path";
import { z } from "zod";
import { SluiceError } from "../../errors.ts";
import { imageName, parseImage } from "../../model/image.ts";
import type { Clock } from "../../model/ports/clock.ts";
import type { KubernetesClient } from "../../model/ports/kubernetes.ts";
import { behaviourFile, type Ci, versionFile } from "../ci/ci.ts";
import { appendCommits, fileAt, headOf, repositoriesIn } from "../git/repository.ts";
import type { WorldConfiguration } from "./configuration.ts";
import { changeByHand } from "./hand.ts";
import { configurationPath, environmentNames, people } from "./seed.ts";

export interface PanelOptions {
  readonly gitFolder: string;
  readonly configuration: WorldConfiguration;
  readonly ci: Ci;
  readonly tagsOf: (path: string) => readonly string[];
  /** Newest tag of an image by build time. */
  readonly newestTag: (path: string) => Promise<string | undefined>;
  readonly clients: ReadonlyMap<string, KubernetesClient>;
  readonly clock: Clock;
}
/** One service as the panel shows it. */
export interface PanelService {
  readonly name: string;
  /** Workloads that run its image. */
  readonly workloads: readonly string[];
  readonly version: string;
}

/** Kinds of versions that can be built, what makes them so, and how that is said. */
const kinds = {
  good: { behaviour: null, says: "" },
  "pull-error": { behaviour: "unpullable", says: "no node can pull its image" },
  crash: { behaviour: "crash", says: "it crashes at once" },
  "crash-later": { behaviour: "crash-after=5s", says: "it crashes 5 s after it became ready" },
  "never-ready": { behaviour: "never-ready", says: "it never becomes ready" },
} as const;
const buildSchema = z.strictObject({
  service: z.string().min(1).max(200),
  kind: z.enum(Object.keys(kinds) as [keyof typeof kinds, ...(keyof typeof kinds)[]]).default("good"),
});
const changeSchema = z.strictObject({
  environment: z.string().min(1).max(63),
  workload: z.string().min(1).max(300),
  what: z.enum(["replicas", "image", "delete"]),
});
const changesTitle = "# Changes\n\n";
const improvements = [
  "the start",
  "what it logs",
  "how it waits",
  "its memory",
  "the words of its errors",
  "its cache",
];

/** What the trial's panel asks of the world: which services there are, build one, change a cluster by hand. */
export class Panel {
  readonly #options: PanelOptions;

  constructor(options: PanelOptions) {
    this.#options = options;
  }

  async answer(action: string, body: unknown): Promise<object> {
    if (action === "services") return { services: await this.services() };
    if (action === "build") return this.#build(parse(buildSchema, body));
    if (action === "change") return this.#change(parse(changeSchema, body));
    throw new SluiceError("not_found", `The trial world knows no action "${action}".`);
  }

  /** Services people would build first come first: those with a workload of their own name. */
  async services(): Promise<readonly PanelService[]> {
    const { configuration, newestTag } = this.#options;
    const workloads = await configuration.workloads(environmentNames[0]);
    const services = await this.#paths();
    const all = await Promise.all(
      [...services].map(async ([name, path]) => ({
        name,
        workloads: workloads
          .filter((workload) => workload.containers.some((slot) => parseImage(slot.image)?.path === path))
          .map((workload) => workload.id),
        version: (await newestTag(path)) ?? "none yet",
      })),
    );
    const rank = ({ name, workloads: used }: PanelService) => (used.some((id) => id.endsWith(`/${name}`)) ? 0 : 1);
    return all.sort((a, b) => rank(a) - rank(b) || a.name.localeCompare(b.name));
  }

  /** Repositories CI builds by the name people use: the last part, or all of it where that is taken. */
  async #paths(): Promise<ReadonlyMap<string, string>> {
    const { gitFolder } = this.#options;
    const paths = (await repositoriesIn(gitFolder)).filter((path) => path !== configurationPath);
    const short = (path: string) => path.slice(path.lastIndexOf("/") + 1);
    const count = Map.groupBy(paths, short);
    return new Map(paths.map((path) => [count.get(short(path))!.length === 1 ? short(path) : path, path]));
  }

  async #build({ service, kind }: z.infer<typeof buildSchema>): Promise<object> {
    const paths = await this.#paths();
    const path = paths.get(service) ?? [...paths.values()].find((candidate) => candidate === service);
    if (path === undefined)
      throw new SluiceError("not_found", `There is no service "${service}".`, {
        help: `These can be built: ${[...paths.keys()].join(", ")}.`,
      });
    const { says } = kinds[kind];
    const commit = await this.#commit(path, kind);
    const built = (await this.#options.ci.pushed(path)).find((entry) => entry.commit === commit);
    if (built === undefined)
      throw new SluiceError("internal", `CI did not build ${commit.slice(0, 7)} of ${path}; its log says why.`);
    const { version } = built;
    const text = `Built ${service} ${version} from ${commit.slice(0, 7)}${says === "" ? "" : `; ${says}`}`;
    return { text, version, image: `${await this.#nameOf(path)}:${version}` };
  }

  /** Commits to a service as one of its people would; a kind that goes wrong gets the behaviour that does it. */
  async #commit(path: string, kind: keyof typeof kinds): Promise<string> {
    const { gitFolder, clock } = this.#options;
    const bare = join(gitFolder, `${path}.git`);
    const head = (await headOf(bare)) ?? "";
    const { behaviour, says } = kinds[kind];
    const changes = (await fileAt(bare, head, "CHANGES.md")) ?? changesTitle;
    const count = changes.split("\n- ").length;
    const subject = `Improve ${improvements[count % improvements.length]}`;
    const had = (await fileAt(bare, head, behaviourFile)) !== undefined;
    const [commit] = await appendCommits(bare, [
      {
        message: says === "" ? subject : `${subject}\n\nMade by the trial to go wrong: ${says}.`,
        author: people[count % people.length]!,
        at: clock.now(),
        files: {
          [versionFile]: (await fileAt(bare, head, versionFile)) ?? "1.0\n",
          "CHANGES.md": changes.replace(changesTitle, `${changesTitle}- ${subject}\n`),
          ...(behaviour !== null ? { [behaviourFile]: `${behaviour}\n` } : had ? { [behaviourFile]: null } : {}),
        },
      },
    ]);
    return commit!;
  }

  /** The image's name as the manifests know it. */
  async #nameOf(path: string): Promise<string> {
    for (const workload of await this.#options.configuration.workloads(environmentNames[0]))
      for (const slot of workload.containers) {
        const ref = parseImage(slot.image);
        if (ref?.path === path) return imageName(ref);
      }
    return path;
  }

  async #change({ environment, workload, what }: z.infer<typeof changeSchema>): Promise<object> {
    const { configuration, clients, tagsOf } = this.#options;
    const client = clients.get(environment);
    if (client === undefined)
      throw new SluiceError("not_found", `There is no environment "${environment}".`, {
        help: `There are ${environmentNames.join(", ")}.`,
      });
    const all = await configuration.workloads(environment);
    const named = all.filter((entry) => entry.id === workload || entry.name === workload);
    if (named.length !== 1)
      throw new SluiceError("not_found", `There is no workload "${workload}" in ${environment}.`, {
        help: `There are ${all.map((entry) => entry.id).join(", ")}.`,
      });
    const text = await changeByHand(client, named[0]!, what, tagsOf);
    return { text: `${text} in ${environment}. Its agent puts back what Git says.` };
  }
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new SluiceError(
    "bad_request",
    `${issue?.path.join(".") || "The request"}: ${issue?.message ?? "is not right"}`,
  );
}
