import { Button, Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import type { CellView, ImagesView, ImageView } from "../../../../src/model/views.ts";
import { imagesQuery } from "../../api/queries.ts";
import { Commit } from "../../frame/Commit.tsx";
import { ButtonLink, MenuLink } from "../../frame/links.tsx";
import { Problem } from "../../frame/Notices.tsx";
import { Ago } from "../../time/Ago.tsx";
import { ImageRemarks } from "./ImageRemarks.tsx";
import { fixedOf, openFor } from "./images.ts";
import style from "./Place.module.css";

interface WorkloadImagesProps {
  readonly workload: string;
  readonly cells: readonly CellView[];
  readonly at: string | undefined;
}

/** The images each container could have, newest first, with where they run and whether the tag filter takes them. */
export function WorkloadImages({ workload, cells, at }: WorkloadImagesProps) {
  const [limit, setLimit] = useState(20);
  const images = useQuery(imagesQuery(workload, limit));
  if (images.error !== null) return <Problem error={images.error} retry={() => void images.refetch()} />;
  if (images.data === undefined) return <div className="card" style={{ height: 300 }} aria-busy="true" />;
  return images.data.map((container) => (
    <section
      key={`${container.container} ${container.name}`}
      className={`card ${style.block}`}
      aria-label={`Images of ${container.container}`}
    >
      <header>
        <div>
          <h2>{container.container}</h2>
          <code className="muted">{container.name}</code>
        </div>
        <span className="muted small">
          {container.scannedAt === undefined ? (
            "not scanned yet"
          ) : (
            <>
              scanned <Ago at={container.scannedAt} suffix=" ago" />
            </>
          )}
        </span>
      </header>
      <ImageRemarks view={container} fixed={fixedOf(container, cells)} />
      <div className={style.scroll}>
        <table className={`${style.images} ${style.stacked}`}>
          <thead>
            <tr>
              <th scope="col">Tag</th>
              <th scope="col">Built</th>
              <th scope="col">Commit</th>
              <th scope="col">Digest</th>
              <th scope="col">Named in</th>
              <th scope="col">
                <span className="visually-hidden">Release</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {container.images.map((image) => (
              <Line
                key={image.tag}
                image={image}
                container={container}
                open={openFor(image, container, cells)}
                at={at}
              />
            ))}
            {container.images.length === 0 && (
              <tr>
                <td colSpan={6} className="muted">
                  No image of it is known yet.
                </td>
              </tr>
            )}
          </tbody>
        </table>
      </div>
      {container.images.length >= limit && (
        <Button variant="subtle" fullWidth onClick={() => setLimit(limit * 5)}>
          Show older
        </Button>
      )}
    </section>
  ));
}

interface LineProps {
  readonly image: ImageView;
  readonly container: ImagesView;
  /** Where it can be released into. */
  readonly open: readonly string[];
  readonly at: string | undefined;
}

function Line({ image, container, open, at }: LineProps) {
  return (
    <tr data-refused={!image.allowed || undefined}>
      <td className={style.lead}>
        <code>{image.tag}</code>
        <LeftOut image={image} />
      </td>
      <td className="nowrap" data-head="built">
        {image.createdAt === undefined ? (
          <span className="muted">unknown</span>
        ) : (
          <Ago at={image.createdAt} suffix=" ago" />
        )}
      </td>
      <td data-head="commit">
        {image.revision === undefined ? <span className="muted">not said</span> : <Commit id={image.revision} />}
      </td>
      <td className={style.digest}>
        <Commit id={image.digest} length={12} />
      </td>
      <td className={style.across}>
        {image.environments.map((name) => (
          <span key={name} className={style.in}>
            {name}
          </span>
        ))}
      </td>
      <td className={style.act}>
        <Release image={image} container={container} open={open} at={at} />
      </td>
    </tr>
  );
}

/** Where the tag filter does not take it. */
function LeftOut({ image: { allowed, refusedIn } }: { image: ImageView }) {
  if (refusedIn.length === 0) return null;
  return (
    <div className="muted small">
      {allowed ? `the tag filter of ${refusedIn.join(", ")} leaves it out` : "the tag filter leaves it out"}
    </div>
  );
}

/** Leads to the Deploy page with this very image chosen, so that the change is seen before it is made. */
function Release({ image, container, open, at }: LineProps) {
  const pick = `${container.workload}#${container.container}@${image.tag}`;
  if (at !== undefined)
    return open.includes(at) ? (
      <ButtonLink size="compact-sm" variant="default" to="/deploy" search={{ to: at, from: "registry", pick }}>
        Release into {at}
      </ButtonLink>
    ) : null;
  if (open.length === 0) return null;
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button size="compact-sm" variant="default" aria-label={`Release ${image.tag}`}>
          Release
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Release {image.tag} into</Menu.Label>
        {open.map((name) => (
          <MenuLink key={name} to="/deploy" search={{ to: name, from: "registry", pick }}>
            {name}
          </MenuLink>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
