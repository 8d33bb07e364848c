const limitMs = 3_000;
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Resolves when the process is asked to end: by a signal, or because the parent that started it over an IPC channel is
 * gone. Whatever ends cleanly within 3 s may; after that the process ends anyway.
 */
export function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      setTimeout(() => process.exit(0), limitMs).unref();
      resolve();
    };
    for (const signal of signals) process.on(signal, stop);
    if (process.connected) process.on("disconnect", stop);
  });
}
