import type { CatalogueImage } from "../../model/catalogue.ts";
import type {
  Holds,
  Images,
  Reports,
  TokenRecord,
  Tokens,
  Values,
  Verification,
  Verifications,
} from "../../model/ports/store.ts";
import type { EnvironmentReport } from "../../model/report.ts";
import type { Database, Row } from "../database.ts";

const body = <T>(row: Row): T => JSON.parse(String(row.body)) as T;

export function verificationQueries(database: Database): Verifications {
  return {
    async put(verification) {
      await database.run(
        `insert into verifications (environment, workload, container, at, body) values ($1, $2, $3, $4, $5)
         on conflict (environment, workload, container) do update set at = excluded.at, body = excluded.body`,
        [
          verification.environment,
          verification.workload,
          verification.container,
          verification.at,
          JSON.stringify(verification),
        ],
      );
    },
    async latest(environments) {
      const found: Verification[] = [];
      for (const environment of environments)
        for (const row of await database.all("select body from verifications where environment = $1", [environment]))
          found.push(body(row));
      return found;
    },
  };
}

export function imageQueries(database: Database): Images {
  return {
    async put(images) {
      for (const image of images)
        await database.run(
          "insert into images (name, tag, body) values ($1, $2, $3) on conflict (name, tag) do update set body = excluded.body",
          [image.name, image.tag, JSON.stringify(image)],
        );
    },
    async remove(name, tags) {
      for (const tag of tags) await database.run("delete from images where name = $1 and tag = $2", [name, tag]);
    },
    async all() {
      return (await database.all("select body from images")).map((row) => body<CatalogueImage>(row));
    },
  };
}

export function holdQueries(database: Database): Holds {
  return {
    async get(repository, branch) {
      const [row] = await database.all("select body from holds where repository = $1 and branch = $2", [
        repository,
        branch,
      ]);
      return row === undefined ? { holds: [], prunes: [] } : body(row);
    },
    async put(repository, branch, value) {
      await database.run(
        `insert into holds (repository, branch, body) values ($1, $2, $3)
         on conflict (repository, branch) do update set body = excluded.body`,
        [repository, branch, JSON.stringify(value)],
      );
    },
  };
}

export function reportQueries(database: Database): Reports {
  return {
    async put(report) {
      await database.run(
        "insert into reports (environment, body) values ($1, $2) on conflict (environment) do update set body = excluded.body",
        [report.environment, JSON.stringify(report)],
      );
    },
    async all() {
      return (await database.all("select body from reports")).map((row) => body<EnvironmentReport>(row));
    },
  };
}

export function tokenQueries(database: Database): Tokens {
  const read = (row: Row): TokenRecord => ({
    ...body<TokenRecord>(row),
    ...(row.last_used_at === null ? {} : { lastUsedAt: Number(row.last_used_at) }),
  });
  return {
    async insert(token) {
      await database.run("insert into tokens (id, hash, created_at, body) values ($1, $2, $3, $4)", [
        token.id,
        token.hash,
        token.createdAt,
        JSON.stringify(token),
      ]);
    },
    async list() {
      return (await database.all("select body, last_used_at from tokens order by created_at")).map(read);
    },
    async byHash(hash) {
      const [row] = await database.all("select body, last_used_at from tokens where hash = $1", [hash]);
      return row && read(row);
    },
    async remove(id) {
      return (await database.run("delete from tokens where id = $1", [id])) > 0;
    },
    async used(id, at) {
      await database.run("update tokens set last_used_at = $2 where id = $1", [id, at]);
    },
  };
}

export function valueQueries(database: Database): Values {
  return {
    async get(key) {
      const [row] = await database.all("select value from settings where key = $1", [key]);
      return row === undefined ? undefined : String(row.value);
    },
    async put(key, value) {
      await database.run(
        "insert into settings (key, value) values ($1, $2) on conflict (key) do update set value = excluded.value",
        [key, value],
      );
    },
  };
}
