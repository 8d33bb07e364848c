/**
 * A repository's address as it may be shown. Of a web address nothing of the login stays, for a token may stand as the
 * user alone; of others the user does, which is no secret and part of the address.
 */
export function shownAddress(address: string): string {
  if (!URL.canParse(address)) return address;
  const url = new URL(address);
  const web = /^https?:$/.test(url.protocol);
  if (url.password === "" && (url.username === "" || !web)) return address;
  url.password = "";
  if (web) url.username = "";
  return url.href;
}
