/** What git's output tells of one cause, in plain words. */
interface Symptom {
  readonly name: string;
  readonly pattern: RegExp;
  /** What is wrong. */
  readonly plain: string;
  /** What to do about it. */
  readonly help: string;
}

const credentialsFile = "the file that SLUICE_GIT_CREDENTIALS names (it is read again for every call)";

/** The first that fits counts: the Git host's own reasons stand before those of the way there. */
const symptoms: readonly Symptom[] = [
  {
    name: "branch protected",
    pattern: /protected branch|\bGH006\b|\bGH013\b|repository rule violations|not allowed to push/i,
    plain: "the branch is protected, and Sluice may not push to it",
    help: "Allow the account of Sluice to push to the branch, or let it push for review: `commits: { branch: ... }` of the environment.",
  },
  {
    name: "hook declined",
    pattern: /hook declined/i,
    plain: "a hook of the repository refused the push",
    help: "The hook's own words say what it wants; it is tried again until the hook lets it through.",
  },
  {
    name: "host key unknown",
    pattern: /host key verification failed|remote host identification has changed|no .* host key is known/i,
    plain: "the Git host's SSH key is not known, or it is not the one that is",
    help: "Put the host's key into the file that SLUICE_GIT_KNOWN_HOSTS names; `ssh-keyscan HOST` prints it. Compare it with what the host publishes.",
  },
  {
    name: "ssh key refused",
    pattern: /permission denied \((?:publickey|[a-z-]*,?publickey)|no such identity|load key ".*":/i,
    plain: "the Git host refused the SSH key",
    help: "Check that SLUICE_GIT_SSH_KEY names a private key without passphrase that only Sluice can read, and that the host knows its public half.",
  },
  {
    name: "authentication refused",
    pattern: /authentication failed|could not read (?:username|password)|error: 401|access denied|invalid username or/i,
    plain: "the Git host refused the credentials, or wants some",
    help: `Put an account that may read and push into ${credentialsFile}.`,
  },
  {
    name: "forbidden",
    pattern: /error: 403|permission to .* denied|write access .*not granted|archived so it is read-only/i,
    plain: "the account may not do this with the repository",
    help: `Give the account the right to push there, or put another one into ${credentialsFile}.`,
  },
  {
    name: "repository not found",
    pattern: /repository .*not found|error: 404|does not appear to be a git repository|could not be found/i,
    plain: "there is no such repository, or the account may not see it",
    help: "Check the address for a slip, and that the account may read the repository: many hosts say so of what is hidden.",
  },
  {
    name: "branch name impossible",
    pattern: /invalid refspec|not a valid ref ?name|exists; cannot create/i,
    plain: "the repository cannot have a branch of that name",
    help: "Choose another name: Git has no branch beside one whose name is the first part of it.",
  },
  {
    name: "no space",
    pattern: /no space left on device|disk quota exceeded/i,
    plain: "the disk is full",
    help: "Make room: on the Git host where the words come from there, else in the server's data folder.",
  },
  {
    name: "host unknown",
    pattern: /could not resolve (?:host|proxy)/i,
    plain: "the name of the Git host is not known",
    help: "Check the address for a slip, and the name service of the machine.",
  },
  {
    name: "tls",
    pattern: /certificate|gnutls|\bssl\b|\btls\b/i,
    plain: "the Git host's TLS certificate is not trusted, or no secure connection came about",
    help: "Add the certificate authority to those of the machine, or name its file in GIT_SSL_CAINFO.",
  },
  {
    name: "timeout",
    pattern: /timed out|too slow/i,
    plain: "the Git host did not answer in time",
    help: "Check the network and the host; it is tried again.",
  },
  {
    name: "unreachable",
    pattern: /failed to connect|connection refused|couldn't connect|network is unreachable|no route to host/i,
    plain: "the Git host cannot be reached",
    help: "Check the address and port, the network, and whether the host is up; it is tried again.",
  },
  {
    name: "locked",
    pattern: /unable to create '.*\.lock'/i,
    plain: "another git holds a lock there, or one that was killed left it behind",
    help: "It is tried again. A lock on the Git host that stays has to be taken away there.",
  },
  {
    name: "branch moved",
    pattern: /non-fast-forward|fetch first|stale info|failed to update ref|cannot lock ref/i,
    plain: "somebody else moved the branch meanwhile",
    help: "Nothing to do: the change is made anew on what stands there now.",
  },
  {
    name: "too large",
    pattern: /error: 413|exceeds .*limit/i,
    plain: "the Git host takes no push of that size",
    help: "Raise the limit of the host or of the proxy before it.",
  },
  {
    name: "too many requests",
    pattern: /error: 429|too many requests|rate limit/i,
    plain: "the Git host asks for fewer requests",
    help: "Fetch less often (--git-poll) and let pushes tell the server by a webhook; it is tried again.",
  },
  {
    name: "host trouble",
    pattern: /error: 5\d\d|hung up unexpectedly|early eof|unexpected disconnect/i,
    plain: "the Git host failed",
    help: "Look at the host's own log; it is tried again.",
  },
];

export interface GitWords {
  /** Which symptom it is; undefined when git's own words have to do. */
  readonly symptom: string | undefined;
  /** What is wrong, with the words of git or of the remote side, without credentials, bounded. */
  readonly text: string;
  readonly help: string | undefined;
}

/** What output of git means for a person. */
export function plainWords(output: string): GitWords {
  const found = symptoms.find(({ pattern }) => pattern.test(output));
  const words = wordsOf(output, found !== undefined);
  if (found === undefined) return { symptom: undefined, text: words || "git said nothing", help: undefined };
  return { symptom: found.name, text: words === "" ? found.plain : `${found.plain} (${words})`, help: found.help };
}

/** What is said around the reason: where it was pushed, and advice for people at a terminal. */
const framing =
  /^(?:to \S+|done|hint:.*|failed to push some refs to .*|could not read from remote repository\.?|please make sure you have the correct access rights|and the repository exists\.|hook declined to update \S+|@+|everything up-to-date)$/i;

/** The remote side's words where it said some, for they name the rule; else git's own. */
function wordsOf(output: string, known: boolean): string {
  const remote: string[] = [];
  const own: string[] = [];
  for (const line of withoutCredentials(output).split(/[\r\n]+/)) {
    const from = line.startsWith("remote:") ? remote : own;
    const text = line.replace(/^(?:(?:fatal|error|remote|ssh): *)+/i, "").trim();
    // `! <commit>:<branch> [remote rejected] (why)` of a push: only why.
    const words = text.replace(/^!\s+\S+\s+(?:\[[a-z ]+\])?\s*\(?(.*?)\)?$/, "$1");
    if (words !== "" && !framing.test(words) && !from.includes(words)) from.push(words);
  }
  const chosen = remote.length > 0 && known ? remote : [...remote, ...own];
  return [
    ...chosen
      .slice(0, 4)
      .join("; ")
      .replace(/\p{Cc}/gu, " "),
  ]
    .slice(0, 500)
    .join("");
}

/** Whether git says that objects of the repository it works in are missing or cannot be read. */
export function tellsOfDamage(output: string): boolean {
  return /(?:object (?:file )?\S+ (?:\S+ )?is (?:empty|corrupt)|inflate: data stream error|(?:packfile|index file) \S+ (?:is|cannot|does)|bad object |missing (?:blob|tree|commit)|not a git repository: ')/.test(
    output.replace(/^remote:.*$/gm, ""),
  );
}

/** A text with user names and passwords of URLs taken out. */
export function withoutCredentials(text: string): string {
  return text.replace(/(\w+:\/\/)[^\s/@]+@/g, "$1");
}
