// Long work with a progress line over it: one line a phase, gone when the work ends, well or not.
import type { Progress } from "./progress.ts";
import type { Session } from "./session.ts";

/** What long work needs and tells; the work's own side of it is the Monitor of a revision's life. */
export interface Watch {
  readonly signal: AbortSignal;
  readonly progress: (phase: string, doneBytes: number, totalBytes: number) => void;
  readonly note: (line: string) => void;
}

/** Does `work`, and shows how far it is. */
export async function watchWork<T>(session: Session, work: (watch: Watch) => Promise<T>): Promise<T> {
  let shown: { readonly phase: string; readonly line: Progress } | undefined;
  try {
    return await work({
      signal: session.signal,
      note: session.report.debug,
      progress(phase, doneBytes, totalBytes) {
        if (shown?.phase !== phase) {
          shown?.line.end();
          shown = { phase, line: session.startProgress(phase, totalBytes) };
        }
        shown.line.update(doneBytes);
      },
    });
  } finally {
    shown?.line.end();
  }
}
