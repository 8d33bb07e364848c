/** Short flags that take a value. They mean the same in every command. */
const valued = new Set(["n", "w", "l", "e", "m", "c", "o", "i"]);
/** Flags that people also write before the command. */
const anywhere = new Set(["--server", "--token", "--output", "-o"]);

/**
 * Command line as people write it, as the parser takes it: `-wNAME` and `-w=NAME` become `-w NAME`, the server, the
 * token and the form of output may stand before the command, and fluxctl's `--output-format tab` is our `--output table`.
 */
export function normalise(args: readonly string[]): string[] {
  const end = args.indexOf("--");
  const before = end < 0 ? args : args.slice(0, end);
  const split = before.map(renamed).flatMap((arg) => {
    const match = /^-([a-zA-Z])=?(.+)$/s.exec(arg);
    return match && valued.has(match[1]!) ? [`-${match[1]}`, match[2]!] : [arg];
  });
  split.forEach((arg, index) => {
    if (arg === "tab" && /^(-o|--output)$/.test(split[index - 1] ?? "")) split[index] = "table";
  });
  const moved: string[] = [];
  while (split.length > 0) {
    const [first] = split;
    if (anywhere.has(first!)) moved.push(...split.splice(0, 2));
    else if (anywhere.has(first!.split("=", 1)[0]!)) moved.push(split.shift()!);
    else break;
  }
  return [...split, ...moved, ...(end < 0 ? [] : args.slice(end))];
}

function renamed(arg: string): string {
  return arg.replace(/^--output-format(?==|$)/, "--output").replace(/^--output=tab$/, "--output=table");
}
