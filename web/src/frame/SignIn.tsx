import { Button, PasswordInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { ApiError, post } from "../api/client.ts";
import style from "./Frame.module.css";

/** The door: a token becomes a cookie that scripts cannot read. */
export function SignIn() {
  const client = useQueryClient();
  const [token, setToken] = useState("");
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const enter = async (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await post("session", { token: token.trim() });
      await client.resetQueries();
    } catch (error) {
      setProblem(error instanceof ApiError ? error.message : "That did not work.");
    }
    setBusy(false);
  };
  return (
    <div className={style.door}>
      <form className="card" onSubmit={(event) => void enter(event)}>
        <img src="/sluice.svg" alt="" width={40} height={40} />
        <div>
          <h1>Sign in to Sluice</h1>
          <p className="muted">Whoever runs this server makes tokens with:</p>
          <code>sluice token create --name YOU</code>
        </div>
        <PasswordInput
          label="Token"
          placeholder="sluice_p_..."
          autoComplete="current-password"
          value={token}
          onChange={(event) => setToken(event.currentTarget.value)}
          error={problem}
          autoFocus
        />
        <Button type="submit" loading={busy} disabled={token.trim() === ""}>
          Sign in
        </Button>
      </form>
    </div>
  );
}
