import { Sign } from "../../signs/Sign.tsx";
import style from "./Pipelines.module.css";
import type { StageCardProps } from "./StageCard.tsx";

/** Everything that does not move, stage by stage, with the reason and whose turn it is. */
export function Waits({ cards }: { cards: readonly StageCardProps[] }) {
  const stages = cards
    .map(({ stage, summary }) => ({
      name: stage.name,
      gates: stage.gates.filter((gate) => gate.state !== "open"),
      waits: summary.waits,
    }))
    .filter((stage) => stage.gates.length + stage.waits.length > 0);
  if (stages.length === 0) return null;
  return (
    <section className={`card ${style.waits}`} aria-label="What waits, and why">
      <h2>What waits, and why</h2>
      {stages.map((stage) => (
        <div key={stage.name} className={style.waiting}>
          <h3>{stage.name}</h3>
          <ul>
            {stage.gates.map((gate) => (
              <li key={gate.gate}>
                <Sign name={gate.state === "waiting" ? "waiting" : "failed"} />
                <span>
                  {gate.reason}
                  {gate.evidence.length > 0 &&
                    `: ${gate.evidence.map((entry) => entry.text ?? entry.label).join(", ")}`}
                  .{gate.who !== undefined && <span className="muted"> Whose turn: {gate.who}.</span>}
                </span>
              </li>
            ))}
            {stage.waits.map(({ sign, text }) => (
              <li key={text}>
                <Sign name={sign} />
                <span>{text}</span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </section>
  );
}
