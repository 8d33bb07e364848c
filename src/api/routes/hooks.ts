import { timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { SluiceError } from "../../errors.ts";
import { imageName, parseImage } from "../../model/image.ts";
import type { Api } from "../app.ts";
import { hashToken } from "../auth.ts";
import type { ApiContext } from "../context.ts";

/** distribution's notification envelope, as far as a wake-up needs it. */
const envelopeSchema = z.object({
  events: z
    .array(
      z
        .object({
          action: z.string(),
          target: z.object({ repository: z.string().optional(), tag: z.string().optional() }).loose(),
        })
        .loose(),
    )
    .max(1_000),
});

/** Wake-ups from outside. They are checked by a secret, and nothing in them is believed: they only make us look. */
export function hookRoutes(app: Api, context: ApiContext): void {
  const check = (request: { headers: Record<string, unknown>; query: unknown }) => {
    if (context.hookSecret === undefined) {
      if (!context.hooksNeedSecret) return;
      throw new SluiceError(
        "unauthenticated",
        "This server takes no notifications, because it has no secret for them.",
        {
          help: "Start the server with --hook-secret-file FILE, and give the sender the same secret.",
        },
      );
    }
    const header = request.headers.authorization;
    const given =
      typeof header === "string"
        ? header.replace(/^bearer /i, "")
        : String((request.query as { secret?: unknown }).secret ?? "");
    if (!timingSafeEqual(Buffer.from(hashToken(given)), Buffer.from(hashToken(context.hookSecret))))
      throw new SluiceError("unauthenticated", "The secret of this notification is not right.");
  };
  app.addContentTypeParser(
    /^application\/vnd\.docker\.distribution\.events/,
    { parseAs: "string" },
    (_request, body, done) => {
      try {
        done(null, JSON.parse(String(body)));
      } catch {
        done(new SluiceError("bad_request", "the notification is no JSON"));
      }
    },
  );
  app.post(
    "/api/v1/hooks/registry",
    {
      config: { public: true },
      onRequest: async (request) => check(request),
      schema: { summary: "Registry notification (distribution's format)", body: envelopeSchema },
    },
    async (request) => {
      const woken = new Set<string>();
      for (const event of request.body.events) {
        const { repository, tag } = event.target;
        if (repository === undefined || event.action !== "push") continue;
        for (const name of context.catalogue.names) {
          if (name.slice(name.indexOf("/") + 1) !== repository && name !== nameOf(repository)) continue;
          context.catalogue.wake(name, tag);
          woken.add(name);
        }
      }
      return { woken: [...woken] };
    },
  );
  app.register(async (scope) => {
    // Git hosts send forms and JSON of many shapes. What is in them does not matter, so nothing of it is read.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, _body, done) => done(null, undefined));
    scope.post(
      "/api/v1/hooks/git",
      {
        config: { public: true },
        onRequest: async (request) => check(request),
        schema: { summary: "Something was pushed to a Git repository" },
      },
      async () => {
        void context.repositories.refresh();
        return {};
      },
    );
  });
}

function nameOf(repository: string): string | undefined {
  const ref = parseImage(repository);
  return ref && imageName(ref);
}
