const key = "sluice-reloaded-at";
const patienceMs = 60_000;

/** What of the browser is needed to load the page again. */
export interface Reloadable {
  addEventListener(type: string, listener: (event: Event) => void): void;
  readonly sessionStorage: Pick<Storage, "getItem" | "setItem">;
  readonly location: { reload(): void };
}

/**
 * Loads the page again when a part of it is not there any more, as after an update of the server. At most once a
 * minute: a part that stays away then shows its error instead of a page that loads for ever.
 */
export function reloadOnMissingPart(page: Reloadable, now: () => number = Date.now): void {
  page.addEventListener("vite:preloadError", (event) => {
    if (now() - Number(page.sessionStorage.getItem(key) ?? 0) < patienceMs) return;
    event.preventDefault();
    page.sessionStorage.setItem(key, String(now()));
    page.location.reload();
  });
}
