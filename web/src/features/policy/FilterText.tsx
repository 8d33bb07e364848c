import type { FilterInForce } from "../../../../src/model/views.ts";

/** A tag filter with where it comes from, where that is not an annotation of the workload. */
export function FilterText({ filter: { filter, imagePolicy } }: { filter: FilterInForce }) {
  return (
    <>
      {filter !== undefined && <code>{filter}</code>}
      {imagePolicy !== undefined && (
        <span className="muted">
          {filter === undefined ? "of ImagePolicy " : " from ImagePolicy "}
          <code>{imagePolicy}</code>
          {filter === undefined && ", which these files do not have; every tag may come"}
        </span>
      )}
    </>
  );
}
