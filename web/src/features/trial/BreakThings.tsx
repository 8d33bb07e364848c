import { Button, NativeSelect } from "@mantine/core";
import { useState } from "react";
import type { MatrixView } from "../../../../src/model/views.ts";
import { SignedWord } from "../../signs/Sign.tsx";
import style from "./Trial.module.css";
import { type Act, buildKinds, changeKinds, type TrialState } from "./trial.ts";

interface BreakThingsProps {
  readonly state: TrialState;
  readonly matrix: MatrixView | undefined;
  readonly busy: boolean;
  readonly act: (act: Act) => void;
}

/** What goes wrong in real life, on demand: bad images, hands in the cluster, agents that die. */
export function BreakThings(props: BreakThingsProps) {
  return (
    <section className={style.break} aria-label="Break something">
      <h2>Break something</h2>
      <BadBuild {...props} />
      <ByHand {...props} />
      <Agents {...props} />
    </section>
  );
}

function BadBuild({ state, busy, act }: BreakThingsProps) {
  const [service, setService] = useState(state.services[0]?.name ?? "");
  const [kind, setKind] = useState<string>(buildKinds[0].value);
  return (
    <fieldset>
      <legend>Build a bad image</legend>
      <NativeSelect
        label="Service"
        value={service}
        data={state.services.map((entry) => entry.name)}
        onChange={(event) => setService(event.currentTarget.value)}
      />
      <NativeSelect
        label="What is wrong with it"
        value={kind}
        data={[...buildKinds]}
        onChange={(event) => setKind(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={busy || service === ""}
        onClick={() => act({ action: "build", body: { service, kind } })}
      >
        Build it
      </Button>
    </fieldset>
  );
}

function ByHand({ state, matrix, busy, act }: BreakThingsProps) {
  const [environment, setEnvironment] = useState(state.environments[0]?.name ?? "");
  const [chosen, setChosen] = useState("");
  const [what, setWhat] = useState<string>(changeKinds[0].value);
  const workloads = (matrix?.rows ?? []).filter((row) => row.cells[environment] !== undefined);
  const workload = workloads.some((row) => row.id === chosen) ? chosen : (workloads[0]?.id ?? "");
  return (
    <fieldset>
      <legend>Change a cluster by hand</legend>
      <NativeSelect
        label="Environment"
        value={environment}
        data={state.environments.map((entry) => entry.name)}
        onChange={(event) => setEnvironment(event.currentTarget.value)}
      />
      <NativeSelect
        label="Workload"
        value={workload}
        data={workloads.map((row) => ({ value: row.id, label: row.name }))}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      <NativeSelect
        label="What to do to it"
        value={what}
        data={[...changeKinds]}
        onChange={(event) => setWhat(event.currentTarget.value)}
      />
      <Button
        variant="default"
        disabled={busy || workload === ""}
        onClick={() => act({ action: "change", body: { environment, workload, what } })}
      >
        Do it
      </Button>
    </fieldset>
  );
}

function Agents({ state, busy, act }: BreakThingsProps) {
  return (
    <fieldset>
      <legend>Stop an agent</legend>
      {state.environments.map(({ name, agent }) => (
        <div key={name} className={style.agent}>
          <span>{name}</span>
          {agent === "running" ? (
            <SignedWord name="healthy" word="running" />
          ) : (
            <SignedWord name="unknown" word="stopped" />
          )}
          <Button
            size="compact-sm"
            variant="default"
            disabled={busy}
            aria-label={`${agent === "running" ? "Stop" : "Start"} the agent of ${name}`}
            onClick={() =>
              act({ action: agent === "running" ? "stop-agent" : "start-agent", body: { environment: name } })
            }
          >
            {agent === "running" ? "Stop" : "Start"}
          </Button>
        </div>
      ))}
    </fieldset>
  );
}
