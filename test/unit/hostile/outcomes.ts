import { attempt } from "./attempt.ts";
import { corpus } from "./corpus.ts";

/** What became of one text: the refusal (null: edited), and what it took. */
export interface Outcome {
  readonly name: string;
  readonly said: string | null;
  readonly milliseconds: number;
  /** By how much the process grew at most, in MB; exact where only one was asked for. */
  readonly megabytes: number;
}

const [only] = process.argv.slice(2);
for (const { name, text } of corpus) {
  if (only !== undefined && name !== only) continue;
  const hostile = text();
  const before = process.memoryUsage().rss;
  const start = performance.now();
  const said = attempt(hostile) ?? null;
  const milliseconds = Math.round(performance.now() - start);
  const megabytes = Math.max(0, Math.round((process.resourceUsage().maxRSS * 1024 - before) / 1e6));
  process.stdout.write(`${JSON.stringify({ name, said, milliseconds, megabytes } satisfies Outcome)}\n`);
}
