import { Menu } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { matrixQuery, pipelinesQuery } from "../api/queries.ts";
import { Sign } from "../signs/Sign.tsx";
import style from "./Frame.module.css";
import { MenuLink } from "./links.tsx";
import { type WaitingItem, waitingItems } from "./waiting.ts";

/** What waits for this person, each a link to where it can be given. */
export function WaitingMenu() {
  const items = waitingItems(useQuery(matrixQuery).data, useQuery(pipelinesQuery).data);
  return (
    <Menu position="bottom-end" width={340}>
      <Menu.Target>
        <button
          type="button"
          className={style.waiting}
          data-none={items.length === 0 || undefined}
          aria-label={`${items.length} waiting for you`}
        >
          {items.length} <span className={style.waitword}>waiting for you</span>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{items.length === 0 ? "Nothing waits for you." : "Waiting for a person"}</Menu.Label>
        {items.map((item) => (
          <WaitingLink
            key={item.kind === "prune" ? `prune ${item.environment}` : `${item.pipeline}/${item.stage}`}
            item={item}
          />
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function WaitingLink({ item }: { item: WaitingItem }) {
  const sign = <Sign name="waiting" size={17} />;
  if (item.kind === "prune")
    return (
      <MenuLink leftSection={sign} to="/environments/$name" params={{ name: item.environment }}>
        Confirm removing {item.objects} of {item.of} objects from {item.environment}
      </MenuLink>
    );
  const [first, second, ...rest] = item.what;
  return (
    <MenuLink
      leftSection={sign}
      to="/deploy"
      search={{ to: `${item.pipeline}/${item.stage}`, pick: item.workloads.join(",") }}
    >
      Promote to {item.stage}
      <div className="muted small">
        {[first, second].filter(Boolean).join(", ")}
        {rest.length > 0 && ` and ${rest.length} more`}
      </div>
    </MenuLink>
  );
}
