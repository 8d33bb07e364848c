import type { PastBuild, ServiceSeed } from "../world/seed.ts";

const day = 24;
const build = (tag: string, hoursAgo: number, message: string, version?: string): PastBuild => ({
  tag,
  hoursAgo,
  message,
  ...(version === undefined ? {} : { version }),
});

/** The shop's images, each with the past that people see in the lists of versions. */
export const services: readonly ServiceSeed[] = [
  {
    path: "shop/catalogue",
    version: "1.8",
    about: "Lists and prices what the shop sells.",
    builds: [
      build("1.7.4", 9 * day, "Show prices with tax", "1.7"),
      build("1.8.0", 5 * day, "Page through long lists", "1.8"),
      build("1.8.1", 3 * day, "Sort by relevance first"),
      build("1.8.2", 6, "Stop asking the database twice for a picture"),
    ],
  },
  {
    path: "shop/frontend",
    version: "3.2",
    about: "The pages customers see.",
    builds: [
      build("3.1.0", 12 * day, "Use the new colours", "3.1"),
      build("3.2.0", 4 * day, "Remember the last search", "3.2"),
      build("3.2.1", 26, "Keep the cart's button in view"),
    ],
  },
  {
    path: "shop/orders",
    version: "2.4",
    about: "Takes orders; its worker and its nightly report are the same image.",
    builds: [
      build("2.3.9", 15 * day, "Retry when the bank is slow", "2.3"),
      build("2.4.0", 8 * day, "Split orders by warehouse", "2.4"),
      build("2.4.1", 2 * day, "Count refunds in the report"),
    ],
  },
  {
    path: "shop/payment",
    version: "2.4",
    about: "Talks to the bank.",
    builds: [
      build("2.4.2", 11 * day, "Log less of a card", "2.4"),
      build("3.0.0", 7 * day, "Speak the bank's new protocol", "3.0"),
      build("2.4.3", 3 * day + 5, "Round as the bank does", "2.4"),
    ],
  },
  {
    path: "shop/cart",
    version: "main-*",
    about: "Keeps what customers are about to buy.",
    builds: [
      build("main-40", 6 * day, "Merge carts at sign-in"),
      build("main-41", 4 * day + 3, "Drop what is sold out"),
      build("main-42", day + 7, "Count pieces, not lines"),
    ],
  },
  {
    path: "shop/search",
    version: "0.9",
    about: "Finds things by words.",
    builds: [build("0.9.2", 10 * day, "Know plurals", "0.9"), build("0.9.3", 2 * day + 9, "Forgive one wrong letter")],
  },
  {
    path: "platform/log-shipper",
    version: "1.4",
    about: "Sidecar and collector for logs, used by many workloads.",
    builds: [
      build("1.3.0", 40 * day, "Send in batches", "1.3"),
      build("1.4.0", 20 * day, "Wait longer when the collector is away", "1.4"),
    ],
  },
  {
    path: "library/postgres",
    version: "16.*",
    about: "Stands for Docker Hub's postgres.",
    builds: [
      build("16.3", 90 * day, "PostgreSQL 16.3"),
      build("16.4", 30 * day, "PostgreSQL 16.4"),
      build("17.0", 20 * day, "PostgreSQL 17.0", "17.*"),
      build("16.5-rc.1", 10 * day, "PostgreSQL 16.5, first candidate", "16.*"),
    ],
  },
  {
    path: "library/redis",
    version: "7.2.*-alpine",
    about: "Stands for Docker Hub's redis.",
    builds: [
      build("7.2.4-alpine", 70 * day, "Redis 7.2.4"),
      build("7.4.0-alpine", 50 * day, "Redis 7.4.0", "7.4.*-alpine"),
      build("7.2.5-alpine", 35 * day, "Redis 7.2.5", "7.2.*-alpine"),
    ],
  },
];
