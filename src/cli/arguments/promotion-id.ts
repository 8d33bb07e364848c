/** Id of a promotion. One environment's part of it (`r-7f3k/prod-eu`) is refused: acting on it would do more than asked. */
export function promotionId(input: string): string {
  const slash = input.indexOf("/");
  if (slash > 0) throw new Error(`this concerns the whole release; write ${input.slice(0, slash)}`);
  if (!/^[\w-]+$/.test(input)) throw new Error("write an id such as r-7f3k; sluice releases lists them");
  return input;
}
