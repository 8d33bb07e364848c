import style from "./Matrix.module.css";

const rows = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** The matrix before its data, in its final size. */
export function MatrixSkeleton() {
  return (
    <div className={`card ${style.wide}`} aria-busy="true">
      <div className={style.bonehead} />
      {rows.map((row) => (
        <div key={row} className={style.bone}>
          <span className="skeleton" style={{ width: 110, height: 15 }} />
          <span className="skeleton" style={{ height: 15 }} />
          <span className="skeleton" style={{ height: 15 }} />
          <span className="skeleton" style={{ height: 15 }} />
        </div>
      ))}
    </div>
  );
}
