import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { ApiError } from "../api/client.ts";
import style from "./Notices.module.css";

/** A page or part that has nothing to show, and says what to do about it. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className={style.empty}>
      <h2>{title}</h2>
      {children !== undefined && <div className="muted">{children}</div>}
    </div>
  );
}

/** Something the API refused or that could not be read: what is wrong, what to do, and the code behind a toggle. */
export function Problem({ error, retry }: { error: unknown; retry?: () => void }) {
  const known = error instanceof ApiError ? error : undefined;
  return (
    <div className={style.problem} role="alert">
      <strong>{known?.message ?? "Something went wrong on this page."}</strong>
      <div>{known?.help ?? "Load it again."}</div>
      <div className="row-flex">
        {retry !== undefined && (
          <Button size="compact-sm" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
        <details>
          <summary>Details</summary>
          <code>{known === undefined ? String(error) : `${known.status} ${known.code}`}</code>
        </details>
      </div>
    </div>
  );
}

export function Banner({ tone, children }: { tone: "waiting" | "failed" | "unknown"; children: ReactNode }) {
  return (
    <div className={style.banner} data-tone={tone}>
      {children}
    </div>
  );
}

export function Lost() {
  return (
    <Empty title="There is no such page">
      <Link to="/">Go to the environments</Link>
    </Empty>
  );
}

export function Broken({ error, reset }: { error: unknown; reset?: () => void }) {
  return <Problem error={error} {...(reset === undefined ? {} : { retry: reset })} />;
}
