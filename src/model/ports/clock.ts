/** Time and chance come in as arguments, so that decisions can be tried at any time. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  random(): number;
}
export const systemClock: Clock = { now: () => Date.now(), random: () => Math.random() };
