import { Button, TextInput } from "@mantine/core";
import style from "./Deploy.module.css";

interface PromoteBarProps {
  readonly count: number;
  readonly of: number;
  readonly message: string;
  readonly setMessage: (text: string) => void;
  readonly keepMessage: () => void;
  readonly busy: boolean;
  readonly refresh: () => void;
  readonly promote: () => void;
  /** A lock is broken by it: that needs a reason. */
  readonly forces: boolean;
}

/** How much is chosen, why it goes out, and the one button that writes. */
export function PromoteBar(props: PromoteBarProps) {
  const { count, message, setMessage, keepMessage, busy, refresh, promote, forces } = props;
  return (
    <div className={style.bar}>
      <strong className="nowrap" aria-live="polite">
        {count} selected of {props.of}
      </strong>
      <TextInput
        className={style.message}
        aria-label="Message"
        placeholder={
          forces
            ? "Why the lock is broken (needed, kept in the commit)"
            : "Why this goes out (becomes part of the commit)"
        }
        required={forces}
        value={message}
        maxLength={4_000}
        onChange={(event) => setMessage(event.currentTarget.value)}
        onBlur={keepMessage}
        onKeyDown={(event) => {
          if (event.key === "Enter") promote();
        }}
      />
      <Button variant="default" onClick={refresh}>
        Preview again
      </Button>
      <Button
        onClick={promote}
        loading={busy}
        disabled={count === 0 || (forces && message.trim() === "")}
        {...(forces ? { color: "red" } : {})}
      >
        {forces ? "Force past the lock" : "Promote selected"}
      </Button>
    </div>
  );
}
