// One line that tells how far a long piece of work is, on a terminal and nowhere else.
import { writeMessage } from "../system/streams.ts";
import { formatSize } from "./format.ts";

export interface ProgressState {
  /** What is being done: `saving`, `verifying`. */
  readonly phase: string;
  readonly doneBytes: number;
  /** 0 where it isn't known beforehand. */
  readonly totalBytes: number;
  readonly elapsedMs: number;
}

const firstAfterMs = 500;
const everyMs = 100;

/** `saving  42%  512 MiB / 1.2 GiB  310 MiB/s  0:03 left`, cut to fit into `columns`. Pure. */
export function renderProgress(state: ProgressState, columns: number): string {
  const { phase, doneBytes, totalBytes, elapsedMs } = state;
  const speed = elapsedMs > 0 ? doneBytes / (elapsedMs / 1000) : 0;
  const parts = [phase];
  if (totalBytes > 0) {
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
    if (totalBytes > 0) parts.push(`${renderLeft((totalBytes - doneBytes) / speed)} left`);
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

/** What the line needs from outside: where it is shown, how wide that is, and a clock that never goes back. */
export interface ProgressView {
  readonly line: StatusLine;
  readonly columns: () => number;
  readonly readMs: () => number;
}

/**
 * The `progress` of a Monitor: shows the line half a second after a phase began at the earliest, and ten times a second
 * at most. Whoever writes anything else clears the line first.
 */
export function createProgress({ line, columns, readMs }: ProgressView) {
  let shown: { readonly phase: string; readonly startedAtMs: number; nextAtMs: number } | undefined;
  return (phase: string, doneBytes: number, totalBytes: number): void => {
    const nowMs = readMs();
    if (shown?.phase !== phase) {
      line.clear();
      shown = { phase, startedAtMs: nowMs, nextAtMs: nowMs + firstAfterMs };
    }
    if (nowMs < shown.nextAtMs) return;
    shown.nextAtMs = nowMs + everyMs;
    const state = { phase, doneBytes, totalBytes, elapsedMs: nowMs - shown.startedAtMs };
    line.show(renderProgress(state, columns()));
  };
}

const eraseLine = "\r\u001b[K";

/** The last line of a terminal, for as long as nothing else is written. */
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
