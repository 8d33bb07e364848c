import type { FilterView, ImagesView } from "../../../../src/model/views.ts";
import { Sign } from "../../signs/Sign.tsx";
import { FilterText } from "../policy/FilterText.tsx";
import style from "./Place.module.css";

interface ImageRemarksProps {
  readonly view: ImagesView;
  readonly fixed: readonly { readonly text: string; readonly environments: readonly string[] }[];
}

/** What is to be known of a container's images before one is chosen: the filter, and what is wrong with the list. */
export function ImageRemarks({ view, fixed }: ImageRemarksProps) {
  const { filters, images, scanProblem, tagsMissing, unreadable } = view;
  const filtered = filters.filter(isFilter);
  const everywhere = filters.length === 1;
  return (
    <div className={style.remarks}>
      {filtered.map((filter) => (
        <p key={JSON.stringify(filter)}>
          <Sign name={filter.problem === undefined ? "note" : "failed"} size={13} />
          <span>
            Tag filter <FilterText filter={filter} />
            {!everywhere && <span className="muted"> in {filter.environments.join(", ")}</span>}
            {filter.problem !== undefined && <span className={style.bad}>: {filter.problem}</span>}
          </span>
        </p>
      ))}
      {fixed.map(({ text, environments }) => (
        <p key={text}>
          <Sign name="locked" size={13} />
          <span>
            It cannot be changed in Git{everywhere && environments.length > 1 ? "" : ` in ${environments.join(", ")}`}:{" "}
            {text}
          </span>
        </p>
      ))}
      {scanProblem !== undefined && (
        <p className={style.bad}>
          <Sign name="failed" size={13} />
          <span>
            The registry could not be read{images.length > 0 && ", so this is what was known before"}: {scanProblem}
          </span>
        </p>
      )}
      {tagsMissing !== undefined && (
        <p data-tone="waiting">
          <Sign name="waiting" size={13} />
          <span>
            {capital(tagsMissing.text)}. <span className="muted">Whose turn: {tagsMissing.who}.</span>
          </span>
        </p>
      )}
      {unreadable.map(({ tag, reason }) => (
        <p key={tag}>
          <Sign name="failed" size={13} />
          <span>
            <code>{tag}</code> cannot be read and is passed over: {reason}
          </span>
        </p>
      ))}
    </div>
  );
}

function isFilter({ filter, imagePolicy, problem }: FilterView): boolean {
  return filter !== undefined || imagePolicy !== undefined || problem !== undefined;
}
function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
