import { IconFlask } from "@tabler/icons-react";
import { lazy, Suspense, useState } from "react";
import style from "./Frame.module.css";

const TrialPanel = lazy(() => import("../features/trial/TrialPanel.tsx"));

/** Says that this is a trial world and opens its panel. */
export function TrialButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className={style.trial} onClick={() => setOpen(true)} aria-label="Trial world">
        <IconFlask size={15} aria-hidden />
        <span className={style.trialword}>Trial world</span>
      </button>
      {open && (
        <Suspense>
          <TrialPanel close={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
