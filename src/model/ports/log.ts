/** Where a service says what it does. Facts never hold secrets. */
export interface Log {
  info(message: string, facts?: object): void;
  warn(message: string, facts?: object): void;
  error(message: string, facts?: object): void;
}
export const silentLog: Log = { info() {}, warn() {}, error() {} };
