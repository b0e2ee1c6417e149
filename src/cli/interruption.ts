// Signals: the first one asks the command to clean up and end, the second ends it at once.
import { constants } from "node:os";
import { Failure } from "../errors.ts";
import { isSignalIgnored } from "../system/invocation.ts";

/** The reason with which a command is aborted by a signal. */
export class Interruption extends Failure {
  /** What a shell shows for a process ended by this signal. */
  readonly shellCode: number;

  constructor(signal: NodeJS.Signals) {
    super(`ended by ${signal}`);
    this.shellCode = 128 + constants.signals[signal];
  }
}

export interface SignalWatch {
  /** Aborted by the first signal, with an Interruption as the reason. */
  readonly signal: AbortSignal;
  /** The signal that came, if one did. */
  readonly received: () => NodeJS.Signals | undefined;
  /** Gives the signals back to the system. */
  readonly stop: () => void;
}

/** Watches for the signals that end a program. One that the caller wants ignored (nohup) stays ignored. */
export function watchSignals(): SignalWatch {
  const controller = new AbortController();
  const watched = (["SIGINT", "SIGTERM", "SIGHUP"] as const).filter((signal) => !isSignalIgnored(signal));
  let received: NodeJS.Signals | undefined;
  const stop = (): void => {
    for (const signal of watched) process.off(signal, onSignal);
  };
  const onSignal = (signal: NodeJS.Signals): void => {
    received = signal;
    // Without our handlers the next signal does what it does to any program.
    stop();
    controller.abort(new Interruption(signal));
  };
  for (const signal of watched) process.on(signal, onSignal);
  return { signal: controller.signal, received: () => received, stop };
}
