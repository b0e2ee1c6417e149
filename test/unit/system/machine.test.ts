import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { identifyMachine } from "../../../src/system/machine.ts";

const id = "0123456789abcdef0123456789abcdef";
const host = "ledger";

test("a machine's id is a hash, keyed by the system's own id, that stays the same for ever", () => {
  const keyed = createHmac("sha256", Buffer.from(id, "hex")).update("atjob-tinybackup: whose a revision is");
  expect(identifyMachine({ ids: [id], host })).toEqual({ id: keyed.digest("hex").slice(0, 32), host });
  expect(identifyMachine({ ids: [id], host }).id).toBe("87bab35beba523dec115b1a6f72db1aa");
});

test.each([
  ["with a newline, as in /etc/machine-id", [`${id}\n`]],
  ["in groups and capitals, as FreeBSD has it", ["01234567-89AB-CDEF-0123-456789ABCDEF"]],
  ["in the second place", ["", id]],
  ["where the first start is not over", ["uninitialized\n", id]],
])("the system's id is found %s", (_, ids) => {
  expect(identifyMachine({ ids, host })).toEqual(identifyMachine({ ids: [id], host }));
});

test("an id that is there counts, whatever the host's name is by now", () => {
  expect(identifyMachine({ ids: [id], host: "renamed" }).id).toBe(identifyMachine({ ids: [id], host }).id);
});

test.each([
  ["none", []],
  ["an empty one", [""]],
  ["one that is made later", ["uninitialized\n"]],
  ["nothing but zeros", ["0".repeat(32)]],
  ["nothing but ones", ["FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF"]],
])("where the system's id is %s, the host's name tells machines apart", (_, ids) => {
  const [one, same, other] = ["a", "a", "b"].map((name) => identifyMachine({ ids, host: name }).id);
  expect(one).toMatch(/^[0-9a-f]{32}$/);
  expect(one).toBe(same ?? "");
  expect(one).not.toBe(other ?? "");
});

test("a host's name is shown short, and without what a terminal would obey", () => {
  const { host: shown } = identifyMachine({ ids: [id], host: `a\u001b[31m ü${"x".repeat(300)}` });
  expect(shown).toBe(`a?[31m??${"x".repeat(56)}`);
});

test("this machine is the same one each time", () => {
  expect(identifyMachine()).toEqual(identifyMachine());
});
