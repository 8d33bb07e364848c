/** When a cron schedule fires: the values each field admits. */
export interface Schedule {
  readonly minutes: ReadonlySet<number>;
  readonly hours: ReadonlySet<number>;
  readonly days: ReadonlySet<number>;
  readonly months: ReadonlySet<number>;
  readonly weekdays: ReadonlySet<number>;
  /** With both days and weekdays given, either is enough. */
  readonly eitherDay: boolean;
}
const shortcuts: Readonly<Record<string, string>> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};
const monthNames = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const dayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const farthest = 5 * 366;

/** Reads the five fields of cron, or a shortcut such as `@hourly`; undefined when the text is neither. */
export function parseSchedule(text: string): Schedule | undefined {
  const fields = (shortcuts[text.trim()] ?? text.trim()).toLowerCase().split(/\s+/);
  if (fields.length !== 5) return undefined;
  const minutes = field(fields[0]!, 0, 59);
  const hours = field(fields[1]!, 0, 23);
  const days = field(fields[2]!, 1, 31);
  const months = field(fields[3]!, 1, 12, monthNames);
  const weekdays = field(fields[4]!, 0, 7, dayNames);
  if (!minutes || !hours || !days || !months || !weekdays) return undefined;
  if (weekdays.has(7)) weekdays.add(0);
  const eitherDay = !isStar(fields[2]!) && !isStar(fields[4]!);
  return { minutes, hours, days, months, weekdays, eitherDay };
}
function isStar(text: string): boolean {
  return text.startsWith("*") || text.startsWith("?");
}

function field(text: string, low: number, high: number, names: readonly string[] = []): Set<number> | undefined {
  const found = new Set<number>();
  for (const part of text.split(",")) {
    const match = /^(\*|\?|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/.exec(part);
    if (match === null) return undefined;
    const [, first = "", last, step] = match;
    const value = (word: string) => (names.includes(word) ? names.indexOf(word) + low : Number(word));
    const from = first === "*" || first === "?" ? low : value(first);
    const to = last !== undefined ? value(last) : isStar(first) || step !== undefined ? high : from;
    const by = step === undefined ? 1 : Number(step);
    if (!(from >= low && to <= high && from <= to && by >= 1)) return undefined;
    for (let entry = from; entry <= to; entry += by) found.add(entry);
  }
  return found;
}

/** The first time after the one given that a schedule fires, in ms, by UTC; undefined when there is none within five years. */
export function nextAfter(schedule: Schedule, after: number): number | undefined {
  const start = Math.floor(after / minuteMs) * minuteMs + minuteMs;
  for (let count = 0, day = Math.floor(start / dayMs) * dayMs; count < farthest; count++, day += dayMs) {
    if (!isDay(schedule, new Date(day))) continue;
    for (const hour of schedule.hours)
      if (day + (hour + 1) * hourMs > start)
        for (const minute of schedule.minutes) {
          const at = day + hour * hourMs + minute * minuteMs;
          if (at >= start) return at;
        }
  }
  return undefined;
}
function isDay(schedule: Schedule, date: Date): boolean {
  if (!schedule.months.has(date.getUTCMonth() + 1)) return false;
  const isDate = schedule.days.has(date.getUTCDate());
  const isWeekday = schedule.weekdays.has(date.getUTCDay());
  return schedule.eitherDay ? isDate || isWeekday : isDate && isWeekday;
}
