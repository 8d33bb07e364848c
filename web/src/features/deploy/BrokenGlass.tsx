import { Button } from "@mantine/core";
import { Banner } from "../../frame/Notices.tsx";
import { Sign } from "../../signs/Sign.tsx";
import style from "./Deploy.module.css";

interface BrokenGlassProps {
  readonly name: string;
  /** Whether a lock is in its way still; its words stand in the list below. */
  readonly locked: boolean;
  readonly leave: () => void;
}

/** Says what it means to force a workload past its lock, before it is done. */
export function BrokenGlass({ name, locked, leave }: BrokenGlassProps) {
  return (
    <Banner tone="failed">
      <div className={style.glass}>
        <Sign name="forced" />
        <div>
          <strong>{locked ? `${name} goes out although it is locked` : `${name} is not locked`}</strong>
          <p>
            It goes alone and needs a reason. The commit and the activity tell who broke the lock and why; the lock
            stays for what comes next.
          </p>
        </div>
        <Button variant="default" size="compact-md" onClick={leave}>
          {locked ? "Leave it locked" : "Choose as usual"}
        </Button>
      </div>
    </Banner>
  );
}
