import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { pipelinesQuery } from "../../api/queries.ts";
import { ButtonLink } from "../../frame/links.tsx";
import style from "./Matrix.module.css";
import { type CellSelection, nextStages } from "./selection.ts";

/** What can be done with the marked cells: promote them to the stages that follow, or bring newer versions in. */
export function SelectionBar({ selection, clear }: { selection: CellSelection; clear: () => void }) {
  const pipelines = useQuery(pipelinesQuery).data ?? [];
  const pick = selection.workloads.join(",");
  return (
    <section className={style.bar} aria-label="Marked workloads">
      <strong>
        {selection.workloads.length} marked in {selection.environment}
      </strong>
      {nextStages(pipelines, selection.environment).map(({ pipeline, stage, from }) => (
        <ButtonLink
          key={`${pipeline}/${stage}`}
          size="compact-md"
          to="/deploy"
          search={{ to: `${pipeline}/${stage}`, from, pick }}
        >
          Promote to {stage}
        </ButtonLink>
      ))}
      <ButtonLink size="compact-md" variant="default" to="/deploy" search={{ to: selection.environment, pick }}>
        Deploy into {selection.environment}
      </ButtonLink>
      <Button size="compact-md" variant="subtle" onClick={clear}>
        Clear
      </Button>
    </section>
  );
}
