// diff: what has changed between a revision and the file as it is now, or between two revisions.
import { defineCommand } from "citty";
import { compareStates, type Comparison, type Content, type State } from "../backup/compare.ts";
import { parseRevisionSelector } from "../backup/select.ts";
import * as shared from "../cli/arguments.ts";
import { escapeControls } from "../cli/escape.ts";
import { formatLocalTime, formatSize } from "../cli/format.ts";
import type { Session } from "../cli/session.ts";
import { escapeDiff, renderUnifiedDiff } from "../cli/unified-diff.ts";
import { ExitCode, quoteWord, UsageFailure } from "../errors.ts";
import { chooseRevision, type OpenRevisions, openRevisions } from "./open-revisions.ts";

export const command = defineCommand({
  meta: {
    name: "diff",
    description: "show what has changed since a revision, or between two",
    details: [
      "Compares a revision with the file as it is now, or, where AGAINST is given, with another revision. Text is shown as a unified diff, which patch understands; anything else, and text of more than 8 MiB, by sizes, digests and the first byte that differs. Both are read whole before anything is shown, so a damaged revision is refused.",
      "The exit code is 0 whether they differ or not: 1 would mean that the comparison failed. A script asks --json.",
    ],
    examples: [
      { type: "tinybackup diff -d saved", does: "what has changed since the latest revision" },
      { type: "tinybackup diff -d saved --revision 41 42", does: "what changed between two revisions" },
      {
        type: "tinybackup diff -d saved --revision 41 | patch -R notes.txt",
        does: "undo what has changed since revision 41",
      },
    ],
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.damaged, ExitCode.unavailable],
  },
  args: {
    sourcefile: shared.knownSource,
    destinationdirectory: shared.knownDestination,
    revision: { ...shared.revision, description: `${shared.revision.description} (default: latest)` },
    json: shared.json,
    ...shared.messages,
    against: {
      type: "positional",
      completes: "revision",
      required: false,
      description: "a second revision, to compare the first with; without it, the file as it is now",
    },
  },
  async run({ args, data }) {
    const session: Session = data;
    const { revision = "latest", against } = args;
    if (against !== undefined && args.revision === undefined) {
      throw new UsageFailure(`it is not said what to compare '${against}' with`, {
        hint: `name two revisions, as in --revision ${quoteWord(against)} latest, or one with --revision`,
      });
    }
    const selectors = [revision, ...(against === undefined ? [] : [against])].map(parseRevisionSelector);
    const opened = await openRevisions(args);
    const [from, to = liveState(opened)] = selectors.map((selector) =>
      chooseRevision(opened.revisions, selector, "compared", session.report, true),
    );
    if (from === undefined) throw new TypeError("no revision was chosen");
    show(from, to, await compareStates(from, to, session), session);
    return ExitCode.done;
  },
});

/** Only damaged revisions have no source, and choosing one of them has failed before this can matter. */
function liveState({ source }: OpenRevisions): State {
  return { state: "live", path: source ?? "" };
}

function show(from: State, to: State, comparison: Comparison, session: Session): void {
  const { output, report, isQuiet, isJson, isForEyes } = session;
  for (const [state, content] of [
    [from, comparison.from],
    [to, comparison.to],
  ] as const) {
    if (content.hasChanged) report.warn(`'${state.path}' was written to while it was read`);
  }
  const { firstDifferenceAt } = comparison;
  if (isJson) {
    const [one, other] = [recordOf(from, comparison.from), recordOf(to, comparison.to)];
    output.writeJson({ identical: firstDifferenceAt === null, from: one, to: other, firstDifferenceAt });
  } else if (firstDifferenceAt === null) {
    if (!isQuiet) output.write(`identical: ${nameState(from)}, and ${nameState(to)}\n`);
  } else {
    const diff = renderLines(from, to, comparison);
    if (diff === undefined) output.write(renderSummary(from, to, comparison));
    else output.write(isForEyes ? escapeDiff(diff) : diff);
  }
}

function renderLines(from: State, to: State, comparison: Comparison): Uint8Array | undefined {
  if (!comparison.from.text || !comparison.to.text) return undefined;
  return renderUnifiedDiff(
    { text: comparison.from.text, ...describe(from) },
    { text: comparison.to.text, ...describe(to) },
  );
}

function describe(state: State): { readonly name: string; readonly label: string } {
  const path = state.state === "live" ? state.path : state.source;
  const label =
    state.state === "live"
      ? "as it is now"
      : `revision ${state.number}, taken ${formatLocalTime(state.takenAtMs)}`;
  return { name: path.slice(path.lastIndexOf("/") + 1), label };
}

function nameState(state: State): string {
  const { label } = describe(state);
  return state.state === "live" ? `'${escapeControls(state.path)}' ${label}` : label;
}

function renderSummary(from: State, to: State, comparison: Comparison): string {
  const parts = [
    [from, comparison.from],
    [to, comparison.to],
  ] as const;
  const described = parts.map(([state, { sizeBytes, sha256 }]) =>
    [
      nameState(state),
      `  size     ${formatSize(sizeBytes)}${sizeBytes < 1024 ? "" : ` (${sizeBytes} bytes)`}`,
      `  SHA-256  ${sha256}`,
    ].join("\n"),
  );
  return `${described.join("\n")}\nthe first difference is at byte ${comparison.firstDifferenceAt}, counted from 0\n`;
}

function recordOf(state: State, { sizeBytes, sha256 }: Content) {
  const revision = state.state === "live" ? null : state.number;
  return { revision, path: state.path, sizeBytes, digest: sha256 };
}
