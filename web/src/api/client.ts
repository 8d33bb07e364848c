/** An answer of the API that says no: its code, the sentence for people and what they can do. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly help: string;
  constructor(status: number, code: string, message: string, help: string) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.help = help;
  }
}

interface ErrorBody {
  readonly error?: { readonly code?: string; readonly message?: string; readonly help?: string };
}

async function call<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(`/api/v1/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json", accept: "application/json" } }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError(
      0,
      "unreachable",
      "The server does not answer.",
      "Is it running? The page tries again by itself.",
    );
  }
  if (answer.ok) return (await answer.json()) as T;
  const { error } = (await answer.json().catch(() => ({}))) as ErrorBody;
  throw new ApiError(
    answer.status,
    error?.code ?? "internal",
    error?.message ?? `The server answered ${answer.status}.`,
    error?.help ?? "Try again; the server's log has the details.",
  );
}

/** Reads from the API; throws `ApiError`. */
export function get<T>(path: string, query: Record<string, string | number | undefined> = {}, signal?: AbortSignal) {
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value !== undefined) search.set(key, String(value));
  const text = search.toString();
  return call<T>("GET", text === "" ? path : `${path}?${text}`, undefined, signal);
}

/** Writes to the API, or asks it for a plan; throws `ApiError`. */
export function post<T>(path: string, body: unknown, signal?: AbortSignal): Promise<T> {
  return call<T>("POST", path, body, signal);
}

/** Ends the session of this browser. */
export function signOut(): Promise<unknown> {
  return call("DELETE", "session");
}
