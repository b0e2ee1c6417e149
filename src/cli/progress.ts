// One line that tells how far a long piece of work is, on a terminal and nowhere else.
import { writeMessage } from "../system/streams.ts";
import { formatSize } from "./format.ts";

export interface ProgressState {
  /** What is being done: `saving`, `verifying`. */
  readonly verb: string;
  readonly doneBytes: number;
  /** Undefined where it isn't known beforehand. */
  readonly totalBytes: number | undefined;
  readonly elapsedSeconds: number;
}

/** The work tells how far it is, as often as it likes, and that it has ended. */
export interface Progress {
  readonly update: (doneBytes: number) => void;
  readonly end: () => void;
}

const firstAfterSeconds = 0.5;
const everySeconds = 0.1;

/** `saving  42%  512 MiB / 1.2 GiB  310 MiB/s  0:03 left`, cut to fit into `columns`. Pure. */
export function renderProgress(state: ProgressState, columns: number): string {
  const { verb, doneBytes, totalBytes, elapsedSeconds } = state;
  const speed = elapsedSeconds > 0 ? doneBytes / elapsedSeconds : 0;
  const parts = [verb];
  if (totalBytes !== undefined && totalBytes > 0) {
    const share = Math.min(1, doneBytes / totalBytes);
    parts.push(
      `${Math.floor(share * 100)}%`.padStart(4),
      `${formatSize(doneBytes)} / ${formatSize(totalBytes)}`,
    );
  } else {
    parts.push(formatSize(doneBytes));
  }
  if (speed > 0) {
    parts.push(`${formatSize(speed)}/s`);
    if (totalBytes !== undefined) parts.push(`${renderLeft((totalBytes - doneBytes) / speed)} left`);
  }
  // A line as wide as the terminal would wrap on some of them.
  return parts.join("  ").slice(0, Math.max(0, columns - 1));
}

function renderLeft(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

/** What the line needs from outside: where it is shown, how wide that is, and a clock in seconds that never goes back. */
export interface ProgressView {
  readonly line: StatusLine;
  readonly columns: () => number;
  readonly readSeconds: () => number;
}

/** Shows the line half a second after the start at the earliest, and ten times a second at most. */
export function startProgress(verb: string, totalBytes: number | undefined, view: ProgressView): Progress {
  const startedAt = view.readSeconds();
  let nextAt = startedAt + firstAfterSeconds;
  return {
    update(doneBytes) {
      const now = view.readSeconds();
      if (now < nextAt) return;
      nextAt = now + everySeconds;
      const state = { verb, doneBytes, totalBytes, elapsedSeconds: now - startedAt };
      view.line.show(renderProgress(state, view.columns()));
    },
    end: () => view.line.clear(),
  };
}

/** For where nobody watches. */
export const noProgress: Progress = { update: () => undefined, end: () => undefined };

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
