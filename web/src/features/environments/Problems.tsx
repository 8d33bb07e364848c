import type { FileProblem } from "../../../../src/model/documents.ts";
import type { ObjectProblem } from "../../../../src/model/report.ts";
import type { EnvironmentView } from "../../../../src/model/views.ts";
import { Banner } from "../../frame/Notices.tsx";
import { Sign } from "../../signs/Sign.tsx";
import style from "./Problems.module.css";

/** Documents of the configuration that are wrong; the last good version of each stays in force. */
export function ConfigurationProblems({ problems }: { problems: readonly FileProblem[] }) {
  if (problems.length === 0) return null;
  return (
    <Banner tone="failed">
      <strong className={style.headline}>
        <Sign name="failed" />
        <span>
          {problems.length === 1
            ? "One configuration document is"
            : `${problems.length} places of the configuration are`}{" "}
          wrong; the last good version stays in force.
        </span>
      </strong>
      <ProblemList problems={problems} />
    </Banner>
  );
}

/** What is wrong in each environment, below the matrix. */
export function EnvironmentProblems({ environments }: { environments: readonly EnvironmentView[] }) {
  const troubled = environments.filter((entry) => entry.problems.length > 0 || entry.difference !== undefined);
  if (troubled.length === 0) return null;
  return (
    <section className={style.section} aria-label="Problems">
      <h2>Problems</h2>
      {troubled.map((environment) => (
        <div key={environment.name} className={`card ${style.place}`}>
          <h3>{environment.name}</h3>
          {environment.difference !== undefined && <p>{environment.difference}</p>}
          <ProblemList problems={environment.problems} />
        </div>
      ))}
    </section>
  );
}

/** Each problem with its place: file and line, or the object. */
export function ProblemList({ problems }: { problems: readonly ObjectProblem[] }) {
  return (
    <ul className={style.list}>
      {problems.map((problem) => (
        <li key={`${problem.file} ${problem.line} ${problem.object} ${problem.message}`}>
          <span className={style.where}>
            {problem.file !== undefined && (
              <code>
                {problem.file}
                {problem.line !== undefined && `:${problem.line}`}
              </code>
            )}
            {problem.object !== undefined && <code>{problem.object}</code>}
          </span>
          <span>{problem.message}</span>
        </li>
      ))}
    </ul>
  );
}
