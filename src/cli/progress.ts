// The last line of a terminal, on which a person sees how far a long piece of work is.
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
const eraseLine = "\r\u001b[K";

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

/** What it needs from outside: standard error, its width, and a clock that never goes back. */
const terminal = {
  write: writeMessage,
  // A terminal that does not know its width says 0.
  readColumns: () => process.stderr.columns || 80,
  readMs: () => performance.now(),
};

/**
 * The line, which is there for as long as nothing else is written: whoever writes clears it first. `progress` is that of a
 * Monitor: it shows the line half a second after a phase began at the earliest, and ten times a second at most.
 */
export function createStatusLine({ write, readColumns, readMs } = terminal) {
  let isShown = false;
  let work: { readonly phase: string; readonly startedAtMs: number; nextAtMs: number } | undefined;
  const show = (text: string): void => {
    isShown = true;
    write(eraseLine + text);
  };
  const clear = (): void => {
    if (isShown) write(eraseLine);
    isShown = false;
  };
  const progress = (phase: string, doneBytes: number, totalBytes: number): void => {
    const nowMs = readMs();
    if (work?.phase !== phase) {
      clear();
      work = { phase, startedAtMs: nowMs, nextAtMs: nowMs + firstAfterMs };
    }
    if (nowMs < work.nextAtMs) return;
    work.nextAtMs = nowMs + everyMs;
    show(
      renderProgress({ phase, doneBytes, totalBytes, elapsedMs: nowMs - work.startedAtMs }, readColumns()),
    );
  };
  return { show, clear, progress };
}
