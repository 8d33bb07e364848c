import { ArgumentScannerError, formatMessageForArgumentScannerError } from "@stricli/core";
import { toSluiceError } from "../../errors.ts";

/** What is wrong with a command line, and where to look. */
export function showUsageProblem(thrown: unknown): string {
  const message =
    thrown instanceof ArgumentScannerError
      ? formatMessageForArgumentScannerError(thrown, {
          UnsatisfiedFlagError: (error) =>
            error.nextFlagName === undefined
              ? `--${kebab(error.externalFlagName)} is needed, with a value.`
              : `--${kebab(error.externalFlagName)} needs a value.`,
          UnsatisfiedPositionalError: (error) => `${error.placeholder} is missing.`,
          UnexpectedPositionalError: (error) => `"${error.input}" is too much: this command takes no further argument.`,
          EnumValidationError: (error) =>
            `--${kebab(error.externalFlagName)} "${error.input}": choose ${error.values.join(", ")}.`,
          FlagNotFoundError: ({ input, corrections }) =>
            `there is no flag --${kebab(input)}${corrections.length === 0 ? "" : `; did you mean ${corrections.map((name) => `--${kebab(name)}`).join(" or ")}?`}`,
          UnexpectedFlagError: (error) => `--${kebab(error.externalFlagName)} may be given only once.`,
          ArgumentParseError: (error) =>
            `${error.externalFlagNameOrPlaceholder === error.externalFlagNameOrPlaceholder.toUpperCase() ? "" : "--"}${kebab(error.externalFlagNameOrPlaceholder)} "${error.input}": ${reasonOf(error.exception)}`,
        })
      : toSluiceError(thrown).message;
  return `sluice: ${message}\n  Add --help to see what the command takes.`;
}

function kebab(name: string): string {
  return name === name.toUpperCase() ? name : name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
function reasonOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
