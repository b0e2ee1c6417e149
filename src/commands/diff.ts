// diff: what has changed between a revision and the file as it is now, or between two revisions.
import { basename } from "node:path";
import {
  compareStates,
  type Comparison,
  type Content,
  readUnifiedDiff,
  type State,
} from "../backup/compare.ts";
import { askedAgain } from "../backup/proofs.ts";
import { titleOf } from "../backup/revision.ts";
import { parseRevisionSelector, type RevisionSelector } from "../backup/select.ts";
import * as shared from "../cli/arguments.ts";
import { escapeControls, escapeLines } from "../cli/escape.ts";
import { formatLocalTime, formatSize } from "../cli/format.ts";
import { defineCommand } from "../cli/define.ts";
import type { Session } from "../cli/session.ts";
import { ExitCode } from "../errors.ts";
import { chooseRevision, openRevisions, tellChosen } from "./open-revisions.ts";
import { openProofLog, rememberDamage } from "./proof-log.ts";

export const command = defineCommand({
  meta: {
    name: "diff",
    description: "show what has changed since a revision, or between two",
    details: [
      "Compares a revision with the file as it is now, or, where AGAINST is given, with another revision. Text is shown as the diff of this system shows it with -u, which patch understands; anything else, and text of more than 8 MiB, by sizes, digests and the first byte that differs. Both are read whole before anything is shown, so a damaged revision is refused.",
      "The exit code is 0 whether they differ or not: 1 would mean that the comparison failed. A script asks --json.",
    ],
    examples: {
      "tinybackup diff -d saved": "what has changed since the latest revision",
      "tinybackup diff -d saved --revision 41 42": "what changed between two revisions",
      "tinybackup diff -d saved --revision 41 | patch -R notes.txt":
        "undo what has changed since revision 41",
    },
    exitCodes: [ExitCode.done, ExitCode.failed, ExitCode.damaged, ExitCode.unavailable],
  },
  args: {
    ...shared.known,
    revision: {
      ...shared.revision,
      check: parseRevisionSelector,
      description: `${shared.revision.description} (default: latest)`,
    },
    against: { ...shared.against, check: parseRevisionSelector },
  },
  async run({ args, data: session }) {
    const { revision = "latest", against } = args;
    const selector = parseRevisionSelector(revision);
    const otherSelector = against === undefined ? undefined : parseRevisionSelector(against);
    const proofs = askedAgain(openProofLog());
    const { revisions } = await openRevisions(args, proofs);
    const choose = (each: RevisionSelector) => {
      const chosen = chooseRevision(revisions, each, "compared", true);
      tellChosen(chosen, "compared", session.report);
      return chosen.revision;
    };
    const from = choose(selector);
    const to: State = otherSelector ? choose(otherSelector) : { state: "live", path: from.source };
    const comparison = await compareStates(from, to, session).catch((error: unknown) =>
      rememberDamage(error, proofs),
    );
    await show(describe(from, comparison.from), describe(to, comparison.to), comparison, session);
    return ExitCode.done;
  },
});

type Side = ReturnType<typeof describe>;

/** A state, what was read of it, and what it is called: `label` in a diff, `title` in a sentence. */
function describe(state: State, content: Content) {
  const isLive = state.state === "live";
  const what = isLive ? "as it is now" : `${titleOf(state)}, taken ${formatLocalTime(state.takenAtMs)}`;
  return {
    ...content,
    path: state.path,
    revision: isLive ? null : state.number,
    label: `${escapeControls(basename(isLive ? state.path : state.source))}\t${what}`,
    title: isLive ? `'${escapeControls(state.path)}' ${what}` : what,
  };
}

async function show(
  from: Side,
  to: Side,
  { firstDifferenceAt }: Comparison,
  session: Session,
): Promise<void> {
  const { output, report, isQuiet, isJson, screen, showStatus, signal } = session;
  for (const { path, hasChanged } of [from, to]) {
    if (hasChanged) report.warn(`'${path}' was written to while it was read`);
  }
  if (isJson) {
    const [one, other] = [from, to].map(toRecord);
    output.writeJson({ identical: firstDifferenceAt === null, from: one, to: other, firstDifferenceAt });
  } else if (firstDifferenceAt === null) {
    if (!isQuiet) output.write(`identical: ${from.title}, and ${to.title}\n`);
  } else if (from.text && to.text) {
    showStatus("comparing line by line");
    const diff = await readUnifiedDiff({ ...from, text: from.text }, { ...to, text: to.text }, signal);
    output.write(screen.isTerminal ? escapeLines(diff) : Buffer.from(diff, "latin1"));
  } else {
    const sides = [from, to].map(renderSide).join("");
    output.write(`${sides}the first difference is at byte ${firstDifferenceAt}, counted from 0\n`);
  }
}

function renderSide({ title, sizeBytes, sha256 }: Side): string {
  const bytes = sizeBytes < 1024 ? "" : ` (${sizeBytes} bytes)`;
  return `${title}\n  size     ${formatSize(sizeBytes)}${bytes}\n  SHA-256  ${sha256}\n`;
}

function toRecord({ revision, path, sizeBytes, sha256 }: Side) {
  return { revision, path, sizeBytes, digest: sha256 };
}
