import { useQueries } from "@tanstack/react-query";
import { showVersion } from "../../../../src/model/image.ts";
import type { PlanItem } from "../../../../src/model/plan.ts";
import type { PlanView, StageView } from "../../../../src/model/views.ts";
import { imagesQuery } from "../../api/queries.ts";
import { Problem } from "../../frame/Notices.tsx";
import { Sign } from "../../signs/Sign.tsx";
import { Ago } from "../../time/Ago.tsx";
import { containerName, forcedWords } from "../releases/words.ts";
import { between } from "./between.ts";
import type { WorkloadRow } from "./choices.ts";
import style from "./Deploy.module.css";
import { diffLines } from "./fileDiff.ts";

interface PreviewProps {
  readonly view: PlanView | undefined;
  readonly error: unknown;
  readonly stage: StageView | undefined;
  readonly rows: readonly WorkloadRow[];
  readonly keys: ReadonlySet<string>;
  readonly tab: string;
  readonly setTab: (tab: string) => void;
}
const tabs = [
  { id: "changes", word: "Changes" },
  { id: "commits", word: "Commits" },
  { id: "gates", word: "Gates" },
] as const;

/** What the selection would change in Git, what is new in it, and what it has to pass. */
export function Preview(props: PreviewProps) {
  const { view, error, tab, setTab } = props;
  return (
    <section className={`card ${style.preview}`} aria-label="Preview">
      <div role="tablist" aria-label="Preview" className={style.tabs}>
        {tabs.map(({ id, word }) => (
          <button key={id} type="button" role="tab" aria-selected={tab === id} onClick={() => setTab(id)}>
            {word}
          </button>
        ))}
      </div>
      <div role="tabpanel" className={style.panel}>
        {error !== null && <Problem error={error} />}
        {tab === "gates" ? (
          <Gates {...props} />
        ) : view === undefined ? (
          <p className={style.hint}>
            Select what should move, and see here what changes in Git before anything is written.
          </p>
        ) : tab === "commits" ? (
          <Commits view={view} />
        ) : (
          <Changes view={view} />
        )}
      </div>
    </section>
  );
}

function Changes({ view }: { view: PlanView }) {
  return view.plans.map((plan) => (
    <div key={plan.environment} className={style.place}>
      <h3>
        {plan.environment}
        <span className="muted small"> {plan.files.length === 0 ? "nothing to change" : "one commit"}</span>
      </h3>
      {plan.files.map((file) => (
        <figure key={file.file} className={style.file}>
          <figcaption>
            <code>{file.file}</code>
          </figcaption>
          <pre>
            {diffLines(file).map((line) => (
              <span key={`${line.kind}${line.number}`} data-kind={line.kind}>
                <i>{line.kind === "gap" ? "" : line.number}</i>
                <b aria-hidden={line.kind === "same"}>
                  {line.kind === "add" ? "+" : line.kind === "remove" ? "-" : " "}
                </b>
                {line.kind === "gap" ? "..." : line.text}
                {"\n"}
              </span>
            ))}
          </pre>
        </figure>
      ))}
    </div>
  ));
}

function Commits({ view }: { view: PlanView }) {
  const items = new Map<string, PlanItem>();
  for (const item of view.plans.flatMap((plan) => plan.items))
    if (item.status === "change") items.set(`${item.workload} ${item.container}`, item);
  const workloads = [...new Set([...items.values()].map((item) => item.workload))];
  const images = useQueries({ queries: workloads.map((workload) => imagesQuery(workload, 100)) });
  return [...items].map(([key, item]) => {
    const catalogue = images[workloads.indexOf(item.workload)]?.data?.find(
      (entry) => entry.container === item.container,
    );
    const steps = between(catalogue?.images ?? [], item);
    return (
      <div key={key} className={style.place}>
        <h3>
          {item.container}{" "}
          <code>
            {item.fromVersion && showVersion(item.fromVersion)} → {item.toVersion && showVersion(item.toVersion)}
          </code>
        </h3>
        <ul className={style.builds}>
          {steps.map((image) => (
            <li key={image.tag}>
              <code>{image.tag}</code>
              <span>
                {image.revision === undefined ? (
                  "says no commit"
                ) : (
                  <>
                    commit <code>{image.revision.slice(0, 7)}</code>
                  </>
                )}
              </span>
              <span className="muted">
                {image.createdAt === undefined ? "" : <Ago at={image.createdAt} suffix=" ago" />}
              </span>
            </li>
          ))}
        </ul>
        {steps.length === 0 && <p className="muted small">The registry tells no builds between the two.</p>}
      </div>
    );
  });
}

function Gates({ view, stage, rows }: PreviewProps) {
  const gates = view?.gates ?? [];
  const forced = (view?.plans ?? []).flatMap((plan) => plan.items).filter((item) => item.forced !== undefined);
  const refused = rows.filter(
    (row) => !row.movable && row.containers.some(({ places }) => places.some(({ item }) => item.status === "refused")),
  );
  return (
    <ul className={style.gates}>
      {gates.map((gate) => (
        <li key={gate.gate}>
          <Sign name={gate.state === "open" ? "healthy" : gate.state === "waiting" ? "waiting" : "failed"} />
          <span>
            {gate.reason}
            {gate.who !== undefined && <span className="muted"> ({gate.who})</span>}
          </span>
        </li>
      ))}
      {stage?.promote === "manual" && (
        <li>
          <Sign name="healthy" />
          <span>{stage.name} moves only when a person promotes, as you do here.</span>
        </li>
      )}
      {stage?.order === "sequence" && (
        <li>
          <Sign name="waiting" />
          <span>
            One after the other: {stage.environments.join(", then ")}. Each commit is written when the one before it is
            verified.
          </span>
        </li>
      )}
      {[...new Set(forced.map((item) => `${containerName(item)}: ${forcedWords(item.forced!)}.`))].map((text) => (
        <li key={text}>
          <Sign name="forced" />
          <span>{text}</span>
        </li>
      ))}
      <li>
        <Sign name={refused.length === 0 ? "healthy" : "locked"} />
        <span>
          {refused.length === 0
            ? `No ${forced.length === 0 ? "" : "other "}lock or tag filter stands in the way.`
            : `Rules keep ${refused.map((row) => row.name).join(", ")} as ${refused.length === 1 ? "it is" : "they are"}; the list says which and who can lift them.`}
        </span>
      </li>
    </ul>
  );
}
