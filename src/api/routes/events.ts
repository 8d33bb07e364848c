import { z } from "zod";
import type { SluiceEvent } from "../../model/event.ts";
import type { ApiContext } from "../context.ts";
import type { Api } from "../server.ts";

const keepAliveMs = 15_000;
const replayLimit = 1_000;

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
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-cache, no-transform",
        "x-accel-buffering": "no",
      });
      raw.flushHeaders();
      const write = (text: string) => {
        if (raw.writableLength < 4 * 1024 * 1024) raw.write(text);
        else raw.destroy();
      };
      const send = (event: SluiceEvent) => write(`id: ${event.seq}\nevent: event\ndata: ${JSON.stringify(event)}\n\n`);
      const last = request.query.after ?? (Number(request.headers["last-event-id"]) || undefined);
      let sent = last ?? (await context.store.events.last());
      const held: SluiceEvent[] = [];
      let replaying = true;
      const stop = [
        context.store.onChange(({ events }) => {
          for (const event of events)
            if (replaying) held.push(event);
            else if (event.seq > sent) send(event);
        }),
        context.hub.onReport((environment) => write(`event: changed\ndata: ${JSON.stringify({ environment })}\n\n`)),
        context.repositories.onMoved((moved) =>
          write(`event: changed\ndata: ${JSON.stringify({ environments: moved.environments })}\n\n`),
        ),
        context.catalogue.onChange((name) => write(`event: changed\ndata: ${JSON.stringify({ image: name })}\n\n`)),
      ];
      const alive = setInterval(() => write(": alive\n\n"), keepAliveMs);
      raw.on("close", () => {
        clearInterval(alive);
        for (const end of stop) end();
      });
      for (;;) {
        const missed = await context.store.events.after(sent, replayLimit);
        for (const event of missed) send(event);
        sent = missed.at(-1)?.seq ?? sent;
        if (missed.length < replayLimit) break;
      }
      for (const event of held) if (event.seq > sent) send(event);
      replaying = false;
      write(`event: ready\ndata: {"seq":${sent}}\n\n`);
    },
  );
}
