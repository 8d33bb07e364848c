import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import style from "./Matrix.module.css";
import type { MatrixFilter } from "./matrix.ts";

const route = getRouteApi("/");

/** The matrix's filters; they live in the address, so that a view can be sent to somebody. */
export function Filters({ filter }: { filter: MatrixFilter }) {
  const navigate = route.useNavigate();
  // What is typed shows at once; the address follows.
  const [typed, setTyped] = useState(filter.text);
  const set = (next: Partial<MatrixFilter>) => {
    const { text, differs, attention } = { ...filter, ...next };
    void navigate({
      search: {
        ...(text === "" ? {} : { q: text }),
        ...(differs ? { differs } : {}),
        ...(attention ? { attention } : {}),
      },
      replace: true,
    });
  };
  return (
    <div className={style.tools}>
      <TextInput
        size="sm"
        className={style.find}
        aria-label="Filter workloads"
        placeholder="Filter workloads or images"
        leftSection={<IconSearch size={15} />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          set({ text: event.currentTarget.value });
        }}
      />
      <Toggle on={filter.differs} word="only what differs" flip={() => set({ differs: !filter.differs })} />
      <Toggle
        on={filter.attention}
        word="only what needs attention"
        flip={() => set({ attention: !filter.attention })}
      />
      <span className={`${style.hint} muted small`}>Shift-click marks cells to promote together.</span>
    </div>
  );
}

function Toggle({ on, word, flip }: { on: boolean; word: string; flip: () => void }) {
  return (
    <button type="button" className={style.toggle} aria-pressed={on} onClick={flip}>
      {word}
    </button>
  );
}
