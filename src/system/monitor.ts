// What a long piece of work needs from whoever started it, and tells them: plain callbacks, so nothing here prints.

export interface Monitor {
  /** Aborted when a signal asked the program to end. */
  readonly signal: AbortSignal;
  /** Called as work goes on: `done` of `total` bytes. */
  readonly progress: (phase: Phase, doneBytes: number, totalBytes: number) => void;
  /** One line for the debug log. */
  readonly note: (line: string) => void;
}

type Phase = "saving" | "verifying" | "restoring" | "comparing";
