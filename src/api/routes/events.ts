import type { ServerResponse } from "node:http";
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import type { Api } from "../app.ts";
import type { ApiContext } from "../context.ts";

const keepAliveMs = 15_000;
const page = 500;

/** What happened: as pages, and as a stream that resumes at Last-Event-ID. */
export function eventRoutes(app: Api, context: ApiContext): void {
  app.get(
    "/api/v1/events",
    {
      schema: {
        summary: "Events, newest first",
        querystring: z.object({
          limit: z.coerce.number().int().min(1).max(500).default(100),
          before: z.coerce.number().int().optional(),
          promotion: z.string().optional(),
          environment: z.string().optional(),
          workload: z.string().optional(),
        }),
      },
    },
    async (request) => {
      const { limit, before, promotion, environment, workload } = request.query;
      const filter = {
        ...(promotion === undefined ? {} : { promotion }),
        ...(environment === undefined ? {} : { environment }),
        ...(workload === undefined ? {} : { workload }),
      };
      const events = await context.store.events.before(before, limit, filter);
      return { events, next: events.length === limit ? events.at(-1)!.seq : undefined };
    },
  );
  app.get(
    "/api/v1/stream",
    {
      schema: {
        summary: "Server-sent events: `event` for what happened, `changed` when an environment's live state moved",
        querystring: z.object({ after: z.coerce.number().int().optional() }),
      },
    },
    async (request, reply) => {
      const asked = request.query.after ?? lastEventId(request.headers["last-event-id"]);
      const last = await context.store.events.last();
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      });
      raw.flushHeaders();
      stream(context, raw, asked, last);
    },
  );
}

function lastEventId(header: string | string[] | undefined): number | undefined {
  return typeof header === "string" && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}

/**
 * Writes the stream until the other side goes. Events are read from the store in the order of their numbers, whatever
 * order changes are told in, so that none is lost and none comes twice; a slow reader is waited for. Live state
 * (`changed`) is only a hint to look again and is left out while a reader is behind.
 */
function stream(context: ApiContext, raw: ServerResponse, asked: number | undefined, last: number): void {
  let sent = asked === undefined || asked > last ? last : asked;
  let pumping = false;
  let again = false;
  let ready = false;
  const pump = async () => {
    again = true;
    if (pumping) return;
    pumping = true;
    try {
      while (again && !raw.destroyed) {
        again = false;
        const events = await context.store.events.after(sent, page);
        for (const event of events) {
          if (raw.destroyed) return;
          sent = event.seq;
          if (!raw.write(`id: ${event.seq}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`)) await drained(raw);
        }
        if (events.length === page) again = true;
        else if (!ready) {
          ready = true;
          raw.write(`event: ready\ndata: {"seq":${sent}}\n\n`);
        }
      }
    } catch (error) {
      context.log.warn("a stream of events broke off", { problem: messageOf(error) });
      raw.destroy();
    } finally {
      pumping = false;
    }
  };
  const hint = (data: object) => {
    if (!raw.writableNeedDrain) raw.write(`event: changed\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const stop = [
    context.store.onChange(({ events }) => {
      if (events.length > 0) void pump();
    }),
    context.hub.onReport((environment) => hint({ environment })),
    context.repositories.onMoved(({ environments }) => hint({ environments })),
    context.catalogue.onChange((name) => hint({ image: name })),
  ];
  const alive = setInterval(() => raw.write(": alive\n\n"), keepAliveMs);
  const end = () => {
    clearInterval(alive);
    for (const each of stop) each();
  };
  raw.on("close", end);
  raw.on("error", end);
  // A reader that is ahead of us has read another history (the data folder is a new one): it must begin anew.
  if (asked !== undefined && asked > last) raw.write("event: reset\ndata: {}\n\n");
  if (raw.destroyed) end();
  else void pump();
}

function drained(raw: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      raw.off("drain", done);
      raw.off("close", done);
      resolve();
    };
    raw.on("drain", done);
    raw.on("close", done);
  });
}
