import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import type { SluiceEvent } from "../../../src/model/event.ts";
import type { PolicyChange } from "../../../src/model/policy.ts";
import type { Promotion, Release } from "../../../src/model/release.ts";
import type { Source, Target } from "../../../src/model/source.ts";
import type {
  ImagesView,
  InfoView,
  MatrixView,
  PipelineView,
  PlanView,
  PromotionView,
  WhyView,
} from "../../../src/model/views.ts";
import { get, post } from "./client.ts";

/** One container somebody chose, with a tag when they chose that too; without a container the whole workload. */
export interface Choice {
  readonly workload: string;
  readonly container?: string;
  readonly tag?: string;
}
export interface PlanRequest {
  readonly target: string | Target;
  readonly source?: string | Source;
  readonly selection?: readonly Choice[];
  /** Breaks the locks of what is selected. */
  readonly force?: boolean;
}
export interface ListedPromotion {
  readonly promotion: Promotion;
  readonly releases: readonly Release[];
}
export interface EventFilter {
  readonly environment?: string;
  readonly workload?: string;
  readonly promotion?: string;
}

export const infoQuery = queryOptions({
  queryKey: ["info"],
  queryFn: ({ signal }) => get<InfoView>("info", {}, signal),
  staleTime: Number.POSITIVE_INFINITY,
});
export const matrixQuery = queryOptions({
  queryKey: ["matrix"],
  queryFn: ({ signal }) => get<MatrixView>("matrix", {}, signal),
});
export const pipelinesQuery = queryOptions({
  queryKey: ["pipelines"],
  queryFn: async ({ signal }) => (await get<{ pipelines: PipelineView[] }>("pipelines", {}, signal)).pipelines,
});
export const imagesQuery = (workload: string, limit: number) =>
  queryOptions({
    queryKey: ["images", workload, limit],
    queryFn: async ({ signal }) =>
      (await get<{ containers: ImagesView[] }>("images", { workload, limit }, signal)).containers,
    placeholderData: keepPreviousData,
  });
export const whyQuery = (place: string, workload: string) =>
  queryOptions({
    queryKey: ["why", place, workload],
    queryFn: async ({ signal }) => (await get<{ answers: WhyView[] }>("why", { place, workload }, signal)).answers,
  });
export const planQuery = (request: PlanRequest | undefined) =>
  queryOptions({
    queryKey: ["plan", request],
    queryFn: ({ signal }) => post<PlanView>("plans", request, signal),
    enabled: request !== undefined,
    placeholderData: keepPreviousData,
  });
export const promotionQuery = (id: string) =>
  queryOptions({
    queryKey: ["promotion", id],
    queryFn: ({ signal }) => get<PromotionView>(`promotions/${encodeURIComponent(id)}`, {}, signal),
  });
export const underWayQuery = queryOptions({
  queryKey: ["promotions", "under way"],
  queryFn: async ({ signal }) =>
    (await get<{ items: ListedPromotion[] }>("promotions", { underWay: "true", limit: 100 }, signal)).items,
});
export const promotionsQuery = infiniteQueryOptions({
  queryKey: ["promotions", "all"],
  queryFn: ({ pageParam, signal }) =>
    get<{ items: ListedPromotion[]; next?: string }>("promotions", { limit: 50, before: pageParam }, signal),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: (page) => page.next,
});
/** The newest changes of policies; more of them than a page shows, for it looks for those of one workload. */
export const policyChangesQuery = queryOptions({
  queryKey: ["policyChanges"],
  queryFn: async ({ signal }) => (await get<{ items: PolicyChange[] }>("policy-changes", { limit: 200 }, signal)).items,
});
export const eventsQuery = (filter: EventFilter) =>
  infiniteQueryOptions({
    queryKey: ["events", filter],
    queryFn: ({ pageParam, signal }) =>
      get<{ events: SluiceEvent[]; next?: number }>("events", { ...filter, limit: 100, before: pageParam }, signal),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: (page) => page.next,
  });
