// The twenty schedules of the soak: rhythms, policies and formats of all sorts. The bounded soak takes the first of them.
import { hourMs } from "./calendar.ts";
import type { Plan } from "./schedule.ts";
import type { PlaceKind } from "./stand.ts";

/** The folders that several of them share. */
export const places: Readonly<Record<string, PlaceKind>> = {
  desk: "plain",
  shelf: "plain",
  usb: "drive",
  nas: "drive",
  card: "small",
};

export interface Member extends Plan {
  readonly place: string;
  readonly bytes: number;
}

const daily = (hour: number, minute = 0) => ({ kind: "daily", hour, minute }) as const;

export const cast: readonly Member[] = [
  { name: "notes.txt", text: "2:00am", rhythm: daily(2), policy: { last: 14 }, place: "desk", bytes: 3000 },
  {
    name: "ledger.db",
    text: "02:30",
    rhythm: daily(2, 30),
    policy: { last: 5 },
    place: "usb",
    bytes: 40_000,
  },
  {
    name: "photos.cat",
    text: "2:00am",
    rhythm: daily(2),
    policy: { daily: 7, weekly: 4, monthly: 3 },
    place: "nas",
    bytes: 90_000,
    compress: "gzip",
  },
  {
    name: "shop.sql",
    text: "3am",
    rhythm: daily(3),
    policy: { last: 4 },
    place: "card",
    bytes: 60_000,
    always: true,
  },
  {
    name: "mail.mbox",
    text: "18:00 fri",
    rhythm: { kind: "weekly", weekday: 5, hour: 18, minute: 0 },
    policy: { last: 6 },
    place: "usb",
    bytes: 200_000,
    retryMs: 2 * hourMs,
  },
  {
    name: "sensor.log",
    text: "+ 36 hours",
    rhythm: { kind: "hours", count: 36 },
    policy: { daily: 10 },
    place: "shelf",
    bytes: 9000,
    compress: "none",
  },
  {
    name: "thesis.tex",
    text: "+ 2 days",
    rhythm: { kind: "days", count: 2 },
    policy: { last: 3, weekly: 5 },
    place: "nas",
    bytes: 70_000,
  },
  {
    name: "taxes.ods",
    text: "02:30",
    rhythm: daily(2, 30),
    policy: { last: 2 },
    place: "shelf",
    bytes: 12_000,
    times: 30,
  },
  {
    name: "a b'c.txt",
    text: "noon",
    rhythm: daily(12),
    policy: { last: 1 },
    place: "desk",
    bytes: 500,
    always: true,
  },
  {
    name: "keys.kdbx",
    text: "monday 6am",
    rhythm: { kind: "weekly", weekday: 1, hour: 6, minute: 0 },
    policy: { monthly: 12 },
    place: "desk",
    bytes: 8000,
  },
  {
    name: "archive.bin",
    text: "+ 1 month",
    rhythm: { kind: "months", count: 1 },
    policy: { last: 14 },
    place: "usb",
    bytes: 300_000,
  },
  {
    name: "birthday.vcf",
    text: "10:00 Mar 14",
    rhythm: { kind: "yearly", month: 3, day: 14, hour: 10, minute: 0 },
    policy: { last: 14 },
    place: "shelf",
    bytes: 1000,
  },
  {
    name: "game.sav",
    text: "23:45",
    rhythm: daily(23, 45),
    policy: { last: 10 },
    place: "card",
    bytes: 5000,
  },
  {
    name: "wiki.xml",
    text: "2:15am",
    rhythm: daily(2, 15),
    policy: { daily: 3, monthly: 2 },
    place: "desk",
    bytes: 30_000,
  },
  {
    name: "blog.md",
    text: "every 3 days",
    rhythm: { kind: "days", count: 3 },
    policy: { weekly: 3 },
    place: "nas",
    bytes: 4000,
    retryMs: hourMs,
  },
  {
    name: "bank.csv",
    text: "weekly",
    rhythm: { kind: "days", count: 7 },
    policy: { last: 8 },
    place: "shelf",
    bytes: 7000,
  },
  {
    name: "calendar.ics",
    text: "2am",
    rhythm: daily(2),
    policy: { last: 20 },
    place: "usb",
    bytes: 6000,
    always: true,
  },
  {
    name: "router.cfg",
    text: "+ 20 hours",
    rhythm: { kind: "hours", count: 20 },
    policy: { last: 3 },
    place: "nas",
    bytes: 2000,
  },
  {
    name: "music.m3u",
    text: "4:30 sun",
    rhythm: { kind: "weekly", weekday: 7, hour: 4, minute: 30 },
    policy: { last: 5, monthly: 6 },
    place: "card",
    bytes: 3000,
  },
  {
    name: "ünïcode ☃.txt",
    text: "3:15",
    rhythm: daily(3, 15),
    policy: { weekly: 6, last: 2 },
    place: "shelf",
    bytes: 2500,
  },
];
