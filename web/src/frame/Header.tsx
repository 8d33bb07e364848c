import { Menu } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useState } from "react";
import { signOut } from "../api/client.ts";
import { useLiveness } from "../api/live.tsx";
import { infoQuery } from "../api/queries.ts";
import { useNow } from "../time/now.ts";
import { showAge, showClock, showMoment } from "../time/words.ts";
import style from "./Frame.module.css";
import { ThemeSwitch } from "./ThemeSwitch.tsx";
import { TrialButton } from "./TrialButton.tsx";
import { WaitingMenu } from "./WaitingMenu.tsx";

const Command = lazy(() => import("./Command.tsx"));

/** Search, how fresh the page is, what waits for this person, the theme and who they are. */
export function Header() {
  const [open, setOpen] = useState(false);
  const info = useQuery(infoQuery).data;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  return (
    <header className={style.header}>
      <button type="button" className={style.search} onClick={() => setOpen(true)} aria-label="Search or do anything">
        <IconSearch size={16} aria-hidden />
        <span>Search or do anything</span>
        <kbd>Ctrl K</kbd>
      </button>
      {open && (
        <Suspense>
          <Command close={() => setOpen(false)} />
        </Suspense>
      )}
      <div className={style.grow} />
      <LiveDot />
      {info?.trial === true && <TrialButton />}
      <WaitingMenu />
      <ThemeSwitch />
      <Person name={info?.actor} trial={info?.trial === true} />
    </header>
  );
}

function LiveDot() {
  const { state, since } = useLiveness();
  const now = useNow();
  const word =
    state === "live"
      ? "live"
      : state === "reconnecting"
        ? `reconnecting, last update ${showAge(now - since)} ago`
        : `stale since ${showClock(since, now)}`;
  return (
    <span className={style.live} data-state={state} role="status" title={`${word} (${showMoment(since)})`}>
      <i aria-hidden />
      <span className={style.liveword}>{word}</span>
    </span>
  );
}

function Person({ name, trial }: { name: string | undefined; trial: boolean }) {
  const client = useQueryClient();
  if (name === undefined) return <span className={style.person} aria-hidden />;
  return (
    <Menu position="bottom-end" width={220}>
      <Menu.Target>
        <button type="button" className={style.person} aria-label={`Signed in as ${name}`}>
          {name.slice(0, 2).toUpperCase()}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{name}</Menu.Label>
        {trial ? (
          <Menu.Item disabled>The trial needs no token</Menu.Item>
        ) : (
          <Menu.Item onClick={() => void signOut().then(() => client.resetQueries())}>Sign out</Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
