import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { EnvironmentsPage } from "./features/environments/EnvironmentsPage.tsx";
import { Frame } from "./frame/Frame.tsx";
import { Broken, Lost } from "./frame/Notices.tsx";

const text = (value: unknown): string | undefined =>
  typeof value === "string" && value !== "" ? value : typeof value === "number" ? String(value) : undefined;
/** Only the keys that are set, so that addresses stay short. */
function texts<K extends string>(search: Record<string, unknown>, keys: readonly K[]): { [key in K]?: string } {
  const found: { [key in K]?: string } = {};
  for (const key of keys) {
    const value = text(search[key]);
    if (value !== undefined) found[key] = value;
  }
  return found;
}

const root = createRootRoute({ component: Frame, notFoundComponent: Lost });
const environments = createRoute({
  getParentRoute: () => root,
  path: "/",
  component: EnvironmentsPage,
  validateSearch: (search: Record<string, unknown>): { q?: string; differs?: boolean; attention?: boolean } => ({
    ...texts(search, ["q"]),
    ...(search.differs === true ? { differs: true } : {}),
    ...(search.attention === true ? { attention: true } : {}),
  }),
});
const environment = createRoute({
  getParentRoute: () => root,
  path: "/environments/$name",
  component: lazyRouteComponent(() => import("./features/environments/EnvironmentPage.tsx"), "EnvironmentPage"),
});
const workload = createRoute({
  getParentRoute: () => root,
  path: "/workloads/$namespace/$kind/$name",
  component: lazyRouteComponent(() => import("./features/environments/WorkloadPage.tsx"), "WorkloadPage"),
  validateSearch: (search: Record<string, unknown>) => texts(search, ["at", "tab"]),
});
const deploy = createRoute({
  getParentRoute: () => root,
  path: "/deploy",
  component: lazyRouteComponent(() => import("./features/deploy/DeployPage.tsx"), "DeployPage"),
  validateSearch: (search: Record<string, unknown>) =>
    texts(search, ["to", "from", "pick", "open", "tab", "message", "force"]),
});
const releases = createRoute({
  getParentRoute: () => root,
  path: "/releases",
  component: lazyRouteComponent(() => import("./features/releases/ReleasesPage.tsx"), "ReleasesPage"),
});
const release = createRoute({
  getParentRoute: () => root,
  path: "/releases/$id",
  component: lazyRouteComponent(() => import("./features/releases/ReleasePage.tsx"), "ReleasePage"),
  validateSearch: (search: Record<string, unknown>) => texts(search, ["ask"]),
});
const pipelines = createRoute({
  getParentRoute: () => root,
  path: "/pipelines",
  component: lazyRouteComponent(() => import("./features/pipelines/PipelinesPage.tsx"), "PipelinesPage"),
  validateSearch: (search: Record<string, unknown>) => texts(search, ["pipeline", "view"]),
});
const activity = createRoute({
  getParentRoute: () => root,
  path: "/activity",
  component: lazyRouteComponent(() => import("./features/activity/ActivityPage.tsx"), "ActivityPage"),
  validateSearch: (search: Record<string, unknown>) => texts(search, ["environment", "kind", "q"]),
});
const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("./features/settings/SettingsPage.tsx"), "SettingsPage"),
});

/** Every page and what its address holds. */
export const router = createRouter({
  routeTree: root.addChildren([
    environments,
    environment,
    workload,
    deploy,
    releases,
    release,
    pipelines,
    activity,
    settings,
  ]),
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
