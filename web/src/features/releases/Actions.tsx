import { Button, Modal, Textarea } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { showVersion } from "../../../../src/model/image.ts";
import { hasEnded, writtenCommit } from "../../../../src/model/release.ts";
import type { PromotionView } from "../../../../src/model/views.ts";
import { post } from "../../api/client.ts";
import { Problem } from "../../frame/Notices.tsx";
import style from "./Release.module.css";
import { containerName } from "./words.ts";

const route = getRouteApi("/releases/$id");
type Question = "abort" | "rollback";

/** Abort and roll back, each asked once more with what will happen. */
export function Actions({ view }: { view: PromotionView }) {
  const { can } = view;
  const { ask } = route.useSearch();
  const [asking, setAsking] = useState<Question | undefined>(ask === "rollback" && can.rollback ? ask : undefined);
  if (!can.abort && !can.rollback) return null;
  return (
    <div className="row-flex">
      {can.abort && (
        <Button variant="default" onClick={() => setAsking("abort")}>
          Abort
        </Button>
      )}
      {can.rollback && (
        <Button variant="default" className={style.danger} onClick={() => setAsking("rollback")}>
          Roll back
        </Button>
      )}
      <Modal
        opened={asking !== undefined}
        onClose={() => setAsking(undefined)}
        title={asking === "abort" ? `Abort ${view.promotion.id}?` : `Roll back ${view.promotion.id}?`}
        centered
      >
        {asking === "abort" && <Abort view={view} done={() => setAsking(undefined)} />}
        {asking === "rollback" && <RollBack view={view} done={() => setAsking(undefined)} />}
      </Modal>
    </div>
  );
}

function Abort({ view, done }: { view: PromotionView; done: () => void }) {
  const client = useQueryClient();
  const { id } = view.promotion;
  const abort = useMutation({
    mutationFn: () => post(`promotions/${id}/abort`, {}),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: ["promotion", id] });
      done();
    },
  });
  const open = view.releases.filter(
    (release) => !hasEnded(release.state) && writtenCommit(release.state) === undefined,
  );
  const written = view.releases.filter((release) => writtenCommit(release.state) !== undefined);
  return (
    <div className={style.ask}>
      <p>
        {open.map((release) => release.environment).join(", ")} {open.length === 1 ? "is" : "are"} not written yet and
        will stay as {open.length === 1 ? "it is" : "they are"}.
      </p>
      {written.length > 0 && (
        <p>
          What is in Git stays: {written.map((release) => release.environment).join(", ")}. Roll back takes that out
          again.
        </p>
      )}
      {abort.error !== null && <Problem error={abort.error} />}
      <Button onClick={() => abort.mutate()} loading={abort.isPending}>
        Abort the rest
      </Button>
    </div>
  );
}

function RollBack({ view, done }: { view: PromotionView; done: () => void }) {
  const navigate = useNavigate();
  const [message, setMessage] = useState("");
  const { id } = view.promotion;
  const back = useMutation({
    mutationFn: () => post<PromotionView>(`promotions/${id}/rollback`, { message }),
    onSuccess: ({ promotion }) => {
      done();
      return navigate({ to: "/releases/$id", params: { id: promotion.id } });
    },
  });
  const written = view.releases.filter((release) => writtenCommit(release.state) !== undefined);
  return (
    <div className={style.ask}>
      {written.map((release) => (
        <div key={release.id}>
          <strong>One commit to {release.environment}</strong>
          <ul>
            {release.changes
              .filter((change) => change.outcome.kind !== "superseded" && change.outcome.kind !== "same")
              .map((change) => (
                <li key={`${change.workload}#${change.container}`}>
                  {containerName(change)} goes back to <code>{showVersion(change.from)}</code>;{" "}
                  <code>{showVersion(change.to)}</code> is held back there
                </li>
              ))}
          </ul>
        </div>
      ))}
      <p className="muted">
        Held back means that automation does not put it there again; a newer version still flows, and a person may
        promote it by hand. What was changed again since stays.
      </p>
      <Textarea
        label="Why"
        placeholder="Becomes part of the commit"
        value={message}
        onChange={(event) => setMessage(event.currentTarget.value)}
        autosize
        minRows={2}
        data-autofocus
      />
      {back.error !== null && <Problem error={back.error} />}
      <Button color="red" onClick={() => back.mutate()} loading={back.isPending}>
        Roll back now
      </Button>
    </div>
  );
}
