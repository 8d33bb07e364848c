import { parseDuration } from "../../model/duration.ts";

/** Parsers of flag values; what they throw becomes a usage message. */
export function text(input: string): string {
  if (input === "") throw new Error("it is empty");
  return input;
}
export function duration(input: string): number {
  const value = parseDuration(input);
  if (value === undefined) throw new Error("write a time such as 10s, 30m or 1h30m");
  return value;
}
export function portNumber(input: string): number {
  if (!/^\d{1,5}$/.test(input) || Number(input) > 65_535) throw new Error("a port is a number from 0 to 65535");
  return Number(input);
}
export function count(input: string): number {
  if (!/^\d{1,6}$/.test(input)) throw new Error("write a number");
  return Number(input);
}
export function positive(input: string): number {
  const value = count(input);
  if (value === 0) throw new Error("write a number from 1 on");
  return value;
}
/** An http or https address, without a slash at its end. */
export function url(input: string): string {
  if (!URL.canParse(input) || !/^https?:$/.test(new URL(input).protocol))
    throw new Error("write an address such as http://127.0.0.1:8440");
  return input.replace(/\/+$/, "");
}
