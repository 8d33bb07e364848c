import { CopyButton } from "@mantine/core";
import { IconCheck, IconCopy } from "@tabler/icons-react";
import style from "./Commit.module.css";

/** A commit or digest, short, with a button that copies the whole of it. */
export function Commit({ id, length = 7 }: { id: string; length?: number }) {
  const shown = id.startsWith("sha256:") ? id.slice(7, 7 + length) : id.slice(0, length);
  return (
    <CopyButton value={id} timeout={1500}>
      {({ copied, copy }) => (
        <button type="button" className={style.commit} onClick={copy} title={`Copy ${id}`} aria-label={`Copy ${id}`}>
          <code>{shown}</code>
          {copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
        </button>
      )}
    </CopyButton>
  );
}
