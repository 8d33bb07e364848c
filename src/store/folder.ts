import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { SluiceError } from "../errors.ts";

/** A data folder that only this process uses. */
export interface HeldFolder {
  /** Who this folder's server is, in every life: leases taken under this name and found at start are of an earlier one. */
  readonly owner: string;
  /** Lets another process have it; the end of the process does the same, however it ends. */
  release(): void;
}

/**
 * Takes a data folder for this process alone; throws `conflict` when another one has it. The lock is SQLite's on a file
 * of its own: the system drops it with the process, so a killed server leaves nothing behind that must be cleaned up.
 */
export function holdFolder(folder: string): HeldFolder {
  mkdirSync(folder, { recursive: true });
  const database = new DatabaseSync(join(folder, "server.lock"));
  try {
    database.exec("pragma busy_timeout = 1000; begin exclusive");
    database.exec("create table if not exists owner (id text not null)");
    const kept = database.prepare("select id from owner").get() as { id: string } | undefined;
    const owner = kept?.id ?? randomUUID();
    if (kept === undefined) {
      database.prepare("insert into owner (id) values ($1)").run({ $1: owner });
      database.exec("commit; begin exclusive");
    }
    return { owner, release: () => database.close() };
  } catch (cause) {
    database.close();
    throw new SluiceError(
      "conflict",
      `another server uses the data folder ${folder}`,
      { help: "Stop that server, or give this one a folder of its own with --data." },
      { cause },
    );
  }
}
