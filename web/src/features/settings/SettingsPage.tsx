import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { placeName } from "../../api/places.ts";
import { infoQuery, matrixQuery, pipelinesQuery } from "../../api/queries.ts";
import { SignedWord } from "../../signs/Sign.tsx";
import { Ago } from "../../time/Ago.tsx";
import { ConfigurationProblems } from "../environments/Problems.tsx";
import style from "./Settings.module.css";
import { ThemeChoice } from "./ThemeChoice.tsx";

/** The configuration in force, the agents, this browser's theme, and the API. */
export function SettingsPage() {
  const info = useQuery(infoQuery).data;
  const matrix = useQuery(matrixQuery).data;
  const pipelines = useQuery(pipelinesQuery).data ?? [];
  const problems = matrix?.problems ?? [];
  return (
    <>
      <title>Settings · Sluice</title>
      <h1>Settings</h1>
      <p className="muted" style={{ margin: "2px 0 16px" }}>
        Everything people decide is a document in Git. Change it there; it is in force as soon as it is pushed.
      </p>
      <ConfigurationProblems problems={problems} />
      <div className={style.two}>
        <section className="card" aria-label="Environments and agents">
          <h2>Environments and agents</h2>
          <div className={style.scroll}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Environment</th>
                  <th scope="col">Cluster</th>
                  <th scope="col">Agent</th>
                  <th scope="col">Git</th>
                </tr>
              </thead>
              <tbody>
                {matrix?.environments.map((environment) => (
                  <tr key={environment.name}>
                    <td>
                      <Link to="/environments/$name" params={{ name: environment.name }}>
                        {environment.name}
                      </Link>
                    </td>
                    <td className={style.cluster}>{environment.cluster}</td>
                    <td className={style.agent}>
                      {environment.agent.connected ? (
                        <SignedWord name="healthy" word="connected" />
                      ) : (
                        <SignedWord name="unknown" word="away" />
                      )}
                      {environment.agent.lastSeenAt !== undefined && (
                        <div className="muted small">
                          heard <Ago at={environment.agent.lastSeenAt} suffix=" ago" />
                        </div>
                      )}
                    </td>
                    <td className={style.git}>
                      <div className={style.break}>{environment.git.repository}</div>
                      <div className="muted small">
                        {environment.git.branch}: {environment.git.paths.join(", ")}
                      </div>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </section>
        <div className={style.stack}>
          {pipelines.map((pipeline) => (
            <section key={pipeline.name} className="card" aria-label={`Pipeline ${pipeline.name}`}>
              <h2>
                <Link to="/pipelines" search={{ pipeline: pipeline.name }}>
                  Pipeline {pipeline.name}
                </Link>
              </h2>
              <ol>
                {pipeline.stages.map((stage) => (
                  <li key={stage.name}>
                    <strong>{stage.name}</strong>:{" "}
                    {stage.environments.join(stage.order === "sequence" ? ", then " : ", ")}; from{" "}
                    {stage.sources.map(placeName).join(" or ")};{" "}
                    {stage.promote === "automatic" ? "moves by itself" : "a person promotes"}
                  </li>
                ))}
              </ol>
            </section>
          ))}
          <section className="card" aria-label="This browser">
            <h2>This browser</h2>
            <div className={style.pad}>
              <ThemeChoice />
            </div>
          </section>
          <section className="card" aria-label="About">
            <h2>About</h2>
            <div className={style.pad}>
              <p>
                Sluice {info?.version}
                {info?.actor !== undefined && `, signed in as ${info.actor}`}
              </p>
              {info?.trial === true && <p>This is a trial world on this machine. Nothing in it is real.</p>}
              <p>
                <a href="/api/v1/openapi.json">The API as OpenAPI</a>
              </p>
            </div>
          </section>
        </div>
      </div>
    </>
  );
}
