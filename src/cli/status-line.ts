// The last line of a terminal, while something is going on; messages and the product clear it first.

import { writeMessage } from "../system/standard-streams.ts";

const eraseLine = "\r\u001b[K";

export interface StatusLine {
  readonly show: (text: string) => void;
  readonly clear: () => void;
}

export function createStatusLine(write: (text: string) => void = writeMessage): StatusLine {
  let isShown = false;
  return {
    show(text) {
      isShown = true;
      write(eraseLine + text);
    },
    clear() {
      if (isShown) write(eraseLine);
      isShown = false;
    },
  };
}
