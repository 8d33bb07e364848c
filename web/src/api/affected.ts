/** What the stream tells: something happened, or live state moved. */
export type StreamNews =
  | { readonly kind: "event"; readonly promotion?: string; readonly type: string }
  | { readonly kind: "changed"; readonly image?: string };

/** First parts of the query keys that may answer otherwise after the news. */
export function affectedKeys(news: StreamNews): readonly string[] {
  if (news.kind === "changed")
    return news.image === undefined
      ? ["matrix", "pipelines", "promotion", "why", "plan"]
      : ["images", "matrix", "pipelines", "plan", "why"];
  if (news.type.startsWith("agent.")) return ["events", "matrix", "pipelines", "promotion", "trial"];
  if (news.type.startsWith("workload.")) return ["events", "matrix", "pipelines", "promotion", "why"];
  if (news.type.startsWith("policy."))
    return ["events", "matrix", "pipelines", "plan", "images", "why", "policyChanges"];
  if (news.promotion !== undefined)
    return ["events", "promotions", "promotion", "matrix", "pipelines", "plan", "why", "images"];
  return ["events", "matrix", "pipelines", "plan", "images", "trial"];
}
