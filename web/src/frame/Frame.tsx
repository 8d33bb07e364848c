import { useQuery } from "@tanstack/react-query";
import { Outlet } from "@tanstack/react-router";
import { ApiError } from "../api/client.ts";
import { useLiveness } from "../api/live.tsx";
import { infoQuery } from "../api/queries.ts";
import style from "./Frame.module.css";
import { Header } from "./Header.tsx";
import { Rail } from "./Rail.tsx";
import { SignIn } from "./SignIn.tsx";

/** What stands around every page: the rail, the header, and the door when a token is needed. */
export function Frame() {
  const info = useQuery(infoQuery);
  const liveness = useLiveness();
  if (info.error instanceof ApiError && info.error.status === 401) return <SignIn />;
  return (
    <div className={style.app}>
      <a href="#page" className={style.skip}>
        Skip to the page
      </a>
      <Rail />
      <div className={style.column}>
        <Header />
        <main id="page" className={style.main} data-stale={liveness.state === "stale" || undefined}>
          <Outlet />
        </main>
      </div>
    </div>
  );
}
