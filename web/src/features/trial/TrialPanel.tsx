import { Button, Drawer } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { post } from "../../api/client.ts";
import { matrixQuery, underWayQuery } from "../../api/queries.ts";
import { Problem } from "../../frame/Notices.tsx";
import { BreakThings } from "./BreakThings.tsx";
import style from "./Trial.module.css";
import { type Act, trialQuery } from "./trial.ts";

/** The trial world's panel: says honestly what this is, and leads a newcomer through the first promotion. */
export default function TrialPanel({ close }: { close: () => void }) {
  const client = useQueryClient();
  const state = useQuery(trialQuery);
  const matrix = useQuery(matrixQuery).data;
  const underWay = useQuery(underWayQuery).data ?? [];
  const act = useMutation({
    mutationFn: ({ action, body }: Act) => post<{ text: string }>(`trial/${action}`, body),
    onSettled: () => client.invalidateQueries({ queryKey: ["trial"] }),
  });
  const services = state.data?.services ?? [];
  return (
    <Drawer
      opened
      onClose={close}
      position="right"
      size={440}
      title={<strong>Trial world</strong>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <div className={style.panel}>
        <p className={style.honest}>This is a trial world, nobody's production. {state.data?.note}</p>
        <ol className={style.steps}>
          <li>
            <strong>Build a new version</strong>
            <p className="muted">The sample CI builds an image from a commit and pushes it to the registry.</p>
            <div className={style.services}>
              {services.map((service) => (
                <Button
                  key={service.name}
                  size="compact-md"
                  variant="default"
                  disabled={act.isPending}
                  onClick={() => act.mutate({ action: "build", body: { service: service.name, kind: "good" } })}
                  aria-label={`Build ${service.name}`}
                >
                  {service.name} <span className={style.version}>{service.version}</span>
                </Button>
              ))}
              {state.isPending && <span className="skeleton" style={{ width: "100%", height: 66 }} />}
            </div>
          </li>
          <li>
            <strong>See it go to dev, then stage</strong>
            <p className="muted">
              Both take it by themselves; stage only what is verified in dev.{" "}
              <Link to="/" onClick={close}>
                Watch the matrix
              </Link>{" "}
              or{" "}
              <Link to="/pipelines" onClick={close}>
                the pipeline
              </Link>
              .
            </p>
            {underWay.map(({ promotion }) => (
              <p key={promotion.id}>
                <Link to="/releases/$id" params={{ id: promotion.id }} onClick={close}>
                  {promotion.id}
                </Link>{" "}
                <span className="muted">is under way to {promotion.stage ?? "an environment"}</span>
              </p>
            ))}
          </li>
          <li>
            <strong>Promote it to prod</strong>
            <p className="muted">
              Prod waits for a person: choose what goes, look at the diff, promote, and watch both regions.
            </p>
            <Link to="/pipelines" onClick={close}>
              Open the pipeline and press Promote on prod
            </Link>
          </li>
        </ol>
        {act.data !== undefined && (
          <p className={style.said} role="status">
            {act.data.text}
          </p>
        )}
        {act.error !== null && <Problem error={act.error} />}
        {state.error !== null && <Problem error={state.error} retry={() => void state.refetch()} />}
        {state.data !== undefined && (
          <BreakThings state={state.data} matrix={matrix} busy={act.isPending} act={(wanted) => act.mutate(wanted)} />
        )}
      </div>
    </Drawer>
  );
}
