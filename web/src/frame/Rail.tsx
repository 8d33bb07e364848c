import { IconActivity, IconGitMerge, IconLayoutGrid, IconRocket, IconSettings } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import style from "./Frame.module.css";

const pages = [
  { to: "/", word: "Environments", Icon: IconLayoutGrid },
  { to: "/pipelines", word: "Pipelines", Icon: IconGitMerge },
  { to: "/releases", word: "Releases", Icon: IconRocket },
  { to: "/activity", word: "Activity", Icon: IconActivity },
  { to: "/settings", word: "Settings", Icon: IconSettings },
] as const;

/** The pages, each a sign with its word; a bar at the bottom of narrow screens. */
export function Rail() {
  return (
    <nav className={style.rail} aria-label="Pages">
      <Link to="/" className={style.mark} aria-label="Sluice, environments" title="Sluice">
        <img src="/sluice.svg" alt="" />
      </Link>
      {pages.map(({ to, word, Icon }) => (
        <Link key={to} to={to} className={style.item} activeOptions={{ exact: to === "/", includeSearch: false }}>
          <Icon size={20} stroke={1.7} aria-hidden />
          {word}
        </Link>
      ))}
    </nav>
  );
}
