/**
 * The one table of errors. A fault or refusal is made where its facts are known, carries a code and those facts,
 * and is worded here: what is wrong, and what to do. `status` is HTTP's, `exit` the command line's
 * (1 failed, 2 usage, 3 refused by a rule, 4 waiting, 5 server unreachable).
 */
const table = {
  bad_request: { status: 400, exit: 2, help: "Correct the request; the message names the field." },
  unauthenticated: {
    status: 401,
    exit: 3,
    help: "Give a token: --token, SLUICE_TOKEN, or sign in on the page. `sluice token create` makes one.",
  },
  forbidden: { status: 403, exit: 3, help: "Ask somebody whose token may do this." },
  not_found: {
    status: 404,
    exit: 1,
    help: "Check the name; `sluice list-workloads` and `sluice pipelines` show what exists.",
  },
  conflict: { status: 409, exit: 1, help: "Look at the current state and try again." },
  refused: { status: 422, exit: 3, help: "The message names the rule and who can lift it." },
  invalid_document: {
    status: 422,
    exit: 1,
    help: "Correct the document at the line named; the last good version stays in force.",
  },
  invalid_manifest: {
    status: 422,
    exit: 1,
    help: "Correct the file at the line named; its objects keep running as they are.",
  },
  too_large: { status: 413, exit: 1, help: "Send less at once." },
  git_failed: { status: 502, exit: 1, help: "Check that the repository can be reached and the credentials are right." },
  registry_failed: {
    status: 502,
    exit: 1,
    help: "Check that the registry can be reached and the credentials are right.",
  },
  cluster_failed: { status: 502, exit: 1, help: "Check the cluster's API server and the agent's rights." },
  unreachable: { status: 503, exit: 5, help: "Is the server running? --server or SLUICE_SERVER names its address." },
  not_supported: { status: 501, exit: 1, help: "This version cannot do that." },
  internal: { status: 500, exit: 1, help: "This is a fault in Sluice. The server's log has the details." },
} as const;

export type ErrorCode = keyof typeof table;
/** Every code there is. */
export const errorCodes = Object.keys(table) as readonly ErrorCode[];

/** Facts that stand beside an error for people and programs: never secrets. */
export type ErrorFacts = Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;

/** An error with a code of the table. Its message says what is wrong and where, in one or two plain sentences. */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;
  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "SluiceError";
    this.code = code;
    this.facts = facts;
  }
  get status(): number {
    return table[this.code].status;
  }
  get exit(): number {
    return table[this.code].exit;
  }
  /** What a person can do about it. */
  get help(): string {
    return typeof this.facts.help === "string" ? this.facts.help : table[this.code].help;
  }
  /** Whether a text that came from elsewhere is a code of the table. */
  static isCode(text: string): text is ErrorCode {
    return Object.hasOwn(table, text);
  }
  /** The error as the API sends it. */
  toJSON(): { code: ErrorCode; message: string; help: string; facts: ErrorFacts } {
    return { code: this.code, message: this.message, help: this.help, facts: this.facts };
  }
}

/** Any thrown thing as a SluiceError; unknown ones become `internal` with their message kept as the cause only. */
export function toSluiceError(thrown: unknown): SluiceError {
  if (thrown instanceof SluiceError) return thrown;
  return new SluiceError("internal", "Something went wrong inside Sluice.", {}, { cause: thrown });
}

/** The message of any thrown thing, for evidence and logs. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
