import { emitKeypressEvents } from "node:readline";
import type { Key } from "./picker.ts";

/** What keys are read from: the process's standard input where that is a terminal. */
export interface Keyboard extends NodeJS.ReadableStream {
  setRawMode?(raw: boolean): unknown;
}
/** Signals that end a program; while keys are read they are one more Ctrl-C, so that the terminal is put back first. */
const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Keys as they are pressed, until the loop over them is left or the keyboard is gone. Meanwhile the terminal gives each
 * key at once and shows none; whatever ends the loop puts it back as it was. `signalled` is who tells of signals.
 */
export async function* readKeys(keyboard: Keyboard, signalled: NodeJS.EventEmitter = process): AsyncGenerator<Key> {
  const pressed: Key[] = [];
  let gone = false;
  let wake = () => {};
  const press = (_text: string | undefined, key: Key) => {
    pressed.push(key);
    wake();
  };
  const interrupt = () => press(undefined, { name: "c", ctrl: true });
  const leave = () => {
    gone = true;
    wake();
  };
  emitKeypressEvents(keyboard);
  keyboard.on("keypress", press);
  keyboard.on("end", leave);
  for (const signal of signals) signalled.on(signal, interrupt);
  keyboard.setRawMode?.(true);
  keyboard.resume();
  try {
    for (;;) {
      const key = pressed.shift();
      if (key !== undefined) yield key;
      else if (gone) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    keyboard.setRawMode?.(false);
    keyboard.pause();
    keyboard.off("keypress", press);
    keyboard.off("end", leave);
    for (const signal of signals) signalled.off(signal, interrupt);
  }
}
