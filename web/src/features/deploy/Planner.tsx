import { useMutation, useQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { Source, Target } from "../../../../src/model/source.ts";
import type { PromotionView, StageView } from "../../../../src/model/views.ts";
import { post } from "../../api/client.ts";
import { placeName } from "../../api/places.ts";
import { planQuery } from "../../api/queries.ts";
import { Problem } from "../../frame/Notices.tsx";
import { BrokenGlass } from "./BrokenGlass.tsx";
import { asShown, choicesIn, choicesOf, chosenKeys, overlay, workloadRows, writePick } from "./choices.ts";
import style from "./Deploy.module.css";
import { Preview } from "./Preview.tsx";
import { PromoteBar } from "./PromoteBar.tsx";
import { RowList } from "./RowList.tsx";
import { isLocked } from "./reasons.ts";

const route = getRouteApi("/deploy");

interface PlannerProps {
  readonly target: Target;
  readonly source: Source;
  readonly stage: StageView | undefined;
}

/** Rules are broken only where somebody asked for it. */
const breaking = (forced: string | undefined) => (forced === undefined ? {} : { force: true });

/** What could move, what was chosen of it, what that would change, and the button that does it. */
export function Planner({ target, source, stage }: PlannerProps) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const router = useRouter();
  const [message, setMessage] = useState(search.message ?? "");
  const forced = search.force;
  const choices = useMemo(() => choicesIn(search.pick ?? "", forced), [search.pick, forced]);
  const whole = useQuery(planQuery({ target, source }));
  const narrow = useQuery(
    planQuery(choices.length === 0 ? undefined : { target, source, selection: choices, ...breaking(forced) }),
  );
  const all = useMemo(() => workloadRows(whole.data ?? { plans: [] }), [whole.data]);
  const rows = useMemo(
    () => (choices.length === 0 || narrow.data === undefined ? all : overlay(all, workloadRows(narrow.data))),
    [all, choices.length, narrow.data],
  );
  const keys = useMemo(() => chosenKeys(rows, choices), [rows, choices]);
  const set = (next: Partial<typeof search>) => {
    const merged = { ...search, ...next };
    const kept = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined && value !== ""));
    void navigate({ search: kept, replace: true });
  };
  const promote = useMutation({
    mutationFn: () =>
      post<PromotionView>("promotions", {
        target,
        source,
        message,
        ...breaking(forced),
        selection: source.kind === "registry" ? asShown(rows, keys) : choicesOf(rows, keys, choices),
      }),
    onSuccess: ({ promotion }) => navigate({ to: "/releases/$id", params: { id: promotion.id } }),
  });
  const count = rows.filter((row) => row.containers.some((container) => keys.has(container.key))).length;
  const start = () => {
    if (keys.size > 0 && !promote.isPending && (forced === undefined || message.trim() !== "")) promote.mutate();
  };
  const open = new Set((search.open ?? "").split(",").filter(Boolean));
  if (whole.error !== null) return <Problem error={whole.error} retry={() => void whole.refetch()} />;
  return (
    <>
      {forced !== undefined && (
        <BrokenGlass
          name={all.find((row) => row.workload === forced)?.name ?? forced}
          locked={isLocked(all.find((row) => row.workload === forced)?.containers ?? [])}
          leave={() => set({ force: "", pick: "" })}
        />
      )}
      <div className={style.two}>
        <RowList
          rows={whole.data === undefined ? undefined : rows}
          source={placeName(source)}
          target={placeName(target)}
          keys={keys}
          open={open}
          choose={(next) =>
            set({ pick: writePick(choicesOf(rows, next, choices)), ...(next.size === 0 ? { force: "" } : {}) })
          }
          toggle={(workload) => {
            const next = new Set(open);
            if (!next.delete(workload)) next.add(workload);
            set({ open: [...next].join(",") });
          }}
          forced={forced}
          force={(workload) => set({ force: workload, pick: writePick(choicesIn(search.pick ?? "", workload)) })}
          promote={start}
          leave={() => router.history.back()}
        />
        <Preview
          view={keys.size === 0 ? undefined : narrow.data}
          error={choices.length === 0 ? null : narrow.error}
          stage={stage}
          rows={rows}
          keys={keys}
          tab={search.tab ?? "changes"}
          setTab={(tab) => set({ tab: tab === "changes" ? "" : tab })}
        />
      </div>
      {promote.error !== null && <Problem error={promote.error} />}
      <PromoteBar
        count={count}
        of={rows.length}
        message={message}
        setMessage={setMessage}
        keepMessage={() => set({ message })}
        busy={promote.isPending}
        refresh={() => void Promise.all([whole.refetch(), narrow.refetch()])}
        promote={start}
        forces={forced !== undefined}
      />
    </>
  );
}
