import type { ReactNode } from "react";

/** Every state has a sign of its own shape, so that colour never carries a meaning alone. */
export type SignName =
  | "healthy"
  | "applied"
  | "rolling"
  | "waiting"
  | "failed"
  | "drifted"
  | "unknown"
  | "locked"
  | "held"
  | "forced"
  | "back"
  | "note"
  | "ended";

const tones: Record<SignName, string> = {
  healthy: "healthy",
  applied: "healthy",
  rolling: "rolling",
  waiting: "waiting",
  failed: "failed",
  drifted: "drifted",
  unknown: "unknown",
  locked: "unknown",
  held: "unknown",
  forced: "failed",
  back: "waiting",
  note: "unknown",
  ended: "unknown",
};

const tick = "M4.8 8.3l2.2 2.2 4.2-4.6";
const line = { fill: "none", stroke: "currentColor", strokeLinecap: "round", strokeLinejoin: "round" } as const;
const circumference = 2 * Math.PI * 6;

function drawing(name: SignName, progress: number): ReactNode {
  switch (name) {
    case "healthy":
      return (
        <>
          <circle cx="8" cy="8" r="7" fill="currentColor" />
          <path d={tick} {...line} stroke="var(--surface)" strokeWidth="1.8" />
        </>
      );
    case "applied":
      return (
        <>
          <circle cx="8" cy="8" r="6.2" {...line} strokeWidth="1.6" />
          <path d={tick} {...line} strokeWidth="1.7" />
        </>
      );
    case "rolling":
      return (
        <>
          <circle cx="8" cy="8" r="6" {...line} strokeOpacity=".26" strokeWidth="3" />
          <circle
            cx="8"
            cy="8"
            r="6"
            {...line}
            strokeLinecap="butt"
            strokeWidth="3"
            transform="rotate(-90 8 8)"
            strokeDasharray={`${Math.max(0.12, progress) * circumference} ${circumference}`}
          />
        </>
      );
    case "waiting":
      return <path d="M4 1.5h8M4 14.5h8M5 2c0 4 6 4 6 12M11 2c0 4-6 4-6 12M8 12.2v1.2" {...line} strokeWidth="1.6" />;
    case "failed":
      return (
        <>
          <path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="currentColor" />
          <path d="M5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8" {...line} stroke="var(--surface)" strokeWidth="1.7" />
        </>
      );
    case "drifted":
      return (
        <path d="M8 2a6 6 0 0 1 5.8 4.4M13.8 9.6A6 6 0 0 1 3 11.3M2 8a6 6 0 0 1 2.2-4.6" {...line} strokeWidth="2.4" />
      );
    case "unknown":
      return <circle cx="8" cy="8" r="6" {...line} strokeWidth="2.2" strokeDasharray="0.6 3.17" />;
    case "locked":
      return (
        <>
          <rect x="3" y="7" width="10" height="7" rx="1.6" fill="currentColor" />
          <path d="M5 7V5a3 3 0 0 1 6 0v2" {...line} strokeWidth="1.7" />
        </>
      );
    case "held":
      return <path d="M5.5 3v10M10.5 3v10" {...line} strokeWidth="2.6" />;
    case "forced":
      return (
        <>
          <rect x="3" y="7" width="10" height="7" rx="1.6" fill="currentColor" />
          <path d="M5 5V4.4a3 3 0 0 1 5.8-1" {...line} strokeWidth="1.7" />
        </>
      );
    case "back":
      return <path d="M5.6 2.6L2.6 5.6l3 3M2.8 5.6h6.4a4 4 0 0 1 0 8H6" {...line} strokeWidth="1.8" />;
    case "note":
      return (
        <>
          <circle cx="8" cy="8" r="6.4" {...line} strokeWidth="1.5" />
          <path d="M8 7.4v3.8M8 4.8v.1" {...line} strokeWidth="1.9" />
        </>
      );
    case "ended":
      return <path d="M3.5 8h9" {...line} strokeWidth="2.4" />;
  }
}

/** The sign alone; the word stands beside it, or in `title` where there is no room. */
export function Sign(props: { name: SignName; progress?: number; title?: string; size?: number }) {
  const { name, progress = 0.3, title, size = 15 } = props;
  const drawn = {
    viewBox: "0 0 16 16",
    width: size,
    height: size,
    className: `tone-${tones[name]}`,
    style: { flex: "none" },
  };
  if (title === undefined)
    return (
      <svg {...drawn} aria-hidden="true">
        {drawing(name, progress)}
      </svg>
    );
  return (
    <svg {...drawn} role="img" aria-label={title}>
      <title>{title}</title>
      {drawing(name, progress)}
    </svg>
  );
}

/** A sign with its word, in the colour of its verdict. */
export function SignedWord({ name, word, progress }: { name: SignName; word: ReactNode; progress?: number }) {
  return (
    <span
      className={`tone-${tones[name]}`}
      style={{ display: "inline-flex", alignItems: "center", gap: 6, fontWeight: 600, whiteSpace: "nowrap" }}
    >
      <Sign name={name} {...(progress === undefined ? {} : { progress })} />
      {word}
    </span>
  );
}
