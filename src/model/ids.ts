const alphabet = "23456789abcdefghjkmnpqrstuvwxyz";

/** Makes a promotion id such as `r-7f3k`; `random` gives numbers in [0, 1). Grows with `length` when ids run short. */
export function promotionId(random: () => number, length = 5): string {
  return `r-${letters(random, length)}`;
}
/** Makes the id of a policy change such as `c-7f3k`. */
export function policyChangeId(random: () => number, length = 5): string {
  return `c-${letters(random, length)}`;
}
function letters(random: () => number, length: number): string {
  let text = "";
  for (let index = 0; index < length; index++) text += alphabet[Math.floor(random() * alphabet.length)];
  return text;
}

/** Id of the promotion's release to one environment. */
export function releaseId(promotion: string, environment: string): string {
  return `${promotion}/${environment}`;
}
