import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import type { z } from "zod";
import { password, username } from "@/lib/contract/credentials";
import { MAX_IMPORT_BYTES, MAX_IMPORT_LINES } from "@/lib/contract/imports";
import { LISTED_UNLESS_ASKED, listRepositoriesQuery } from "@/lib/contract/repositories";
import { MAX_TOKEN_LENGTH } from "@/lib/contract/token-claims";
import { MAX_LINE_BYTES } from "@/lib/domain/imports/parse-lines";
import { LINES_AT_ONCE } from "@/lib/domain/imports/run-import";
import { MAX_MEMBERS } from "@/lib/domain/members/list-members";
import { MOST_ITEMS } from "@/lib/domain/notices/keep-notice";
import { KEPT_MAILS } from "@/lib/domain/notices/put-mail";
import { TESTS_AN_HOUR } from "@/lib/domain/notices/send-test-mail";
import { AT_ONCE as ROTATED_AT_ONCE } from "@/lib/domain/rotations/run-rotation";
import { MOST_SESSIONS } from "@/lib/domain/sessions/begin-session";
import { MAX_ACTIVE_KEYS } from "@/lib/domain/signing-keys/add-signing-key";
import { KEPT_RUNS } from "@/lib/domain/sync/keep-pull";
import * as pull from "@/lib/domain/sync/pull-repository";
import { MOST_WAITING as MOST_PULLS_WAITING } from "@/lib/domain/sync/request-pull";
import * as gateway from "@/lib/domain/upstream/gateway";
import { MAX_MEMORY_KB } from "@/lib/domain/upstream/git-process";
import * as packs from "@/lib/domain/upstream/maintain-mirror";
import * as probe from "@/lib/domain/upstream/probe";
import { RENEWAL_MS } from "@/lib/domain/upstream/renew-token";
import * as upstream from "@/lib/domain/upstream/upstream-client";
import { MAX_WEBHOOKS } from "@/lib/domain/webhooks/add-webhook";
import { MOST_WAITING as MOST_DELIVERIES_WAITING } from "@/lib/domain/webhooks/announce";
import { KEPT_DELIVERIES, MAX_FAILURES, STILL_MANY } from "@/lib/domain/webhooks/keep-attempt";
import { MOST_WAITING_BY_HAND } from "@/lib/domain/webhooks/require-room";
import { MOST_OPEN_IMPORTS } from "@/lib/domain/imports/start-import";
import { MOST_OPEN_ROTATIONS } from "@/lib/domain/rotations/request-rotation";
import { MOST_TESTS_AT_ONCE, MOST_TESTS_WAITING } from "@/lib/domain/upstream/test-line";
import { DEADLINE_MS as DELIVERY_MS } from "@/lib/domain/webhooks/post-delivery";
import { MAX_NAME } from "@/lib/platform/api/api-route";
import * as body from "@/lib/platform/api/read-body";
import { env } from "@/lib/platform/env";
import { WHOLE_MS as MAIL_MS } from "@/lib/platform/mail/smtp-mailer";
import { MAX_MS as STREAM_MS, MAX_STREAMS, MAX_STREAMS_OF_USER } from "@/lib/platform/session/event-stream";
import { LIMITS as SIGN_IN } from "@/lib/platform/session/sign-in-throttle";
import { MAX_PAGE_BODY } from "@/scripts/web/page-body-gate";
import { FORMS, PAGES } from "@/scripts/web/page-gate";
import { LIMITS } from "@/scripts/web/web-server";
import { BATCHES_AT_ONCE, MOST_OF_ONE, PULLS_AT_ONCE } from "@/scripts/worker/at-once";

const [KIB, MIB, GIB] = [1024, 1024 ** 2, 1024 ** 3];
const [SECOND, MINUTE] = [1_000, 60_000];

const { q, cursor, limit } = listRepositoriesQuery.shape;
const numbered = (most: number) => Array.from({ length: most }, (_, index) => index);
/** The shortest and the longest of so many texts that a schema takes. */
const range = (schema: z.ZodType, most: number, text: (length: number) => string) => {
  const taken = numbered(most).filter((length) => schema.safeParse(text(length)).success);
  return [taken[0], taken.at(-1)];
};
const longest = (schema: z.ZodType, most: number) => range(schema, most, (length) => "x".repeat(length))[1];

/** What the code has for each number of each row, in their order there. */
const ROWS: Record<string, readonly unknown[]> = {
  "Connections to one process": [LIMITS.connections, LIMITS.connectionsOfAddress],
  "A connection that asks nothing": [LIMITS.keepAliveTimeout / SECOND, LIMITS.headersTimeout / SECOND],
  "A request's address and headers": [LIMITS.maxHeaderSize / KIB, LIMITS.headersTimeout / SECOND],
  "A whole request": [LIMITS.requestTimeout / SECOND],
  "Requests of one connection": [LIMITS.pipelined],
  "An address's path": [],
  "A body of the API": [body.MAX_BYTES / KIB, body.DEADLINE_MS / SECOND, body.MAX_DEPTH],
  "A form of a page": [MAX_PAGE_BODY / KIB],
  "An import": [MAX_IMPORT_BYTES / KIB, MAX_IMPORT_LINES, MAX_LINE_BYTES / KIB],
  "Until an answer begins": [LIMITS.answerTimeout / SECOND],
  "An answer that is not read": [LIMITS.unreadTimeout / SECOND, LIMITS.answerEnd / SECOND],
  "Pages being made in one process": [PAGES.atOnce, PAGES.ofAddress, PAGES.waiting],
  "Forms being answered in one process": [FORMS.atOnce, FORMS.ofAddress, FORMS.waiting],
  "API requests of one token's subject (organization, key, `sub`)": [env().LATCHKEY_RATE_SUBJECT],
  "API requests from one address": [env().LATCHKEY_RATE_ADDRESS],
  "Tokens from one address that were refused with 401": [env().LATCHKEY_RATE_FAILURES],
  "Sign-ins that failed, in 15 minutes": [
    SIGN_IN.accountFromAddress.points,
    SIGN_IN.address.points,
    SIGN_IN.account.points,
    SIGN_IN.browser.points,
    SIGN_IN.accountFromBrowsers.points,
  ],
  "Wrong codes of a second factor": [SIGN_IN.code.points],
  "Sessions of a user": [MOST_SESSIONS],
  "A token": [MAX_TOKEN_LENGTH / KIB],
  "A credential's password, username": [longest(password, 5_000), longest(username, 300)],
  "A name or an id in a path": [MAX_NAME],
  "A page of the API's list": [
    ...range(limit, 200, String),
    LISTED_UNLESS_ASKED,
    longest(q, 300),
    longest(cursor, 300),
  ],
  "Active signing keys": [MAX_ACTIVE_KEYS],
  "Members and open invitations": [MAX_MEMBERS],
  Webhooks: [MAX_WEBHOOKS],
  "Tests that a member sends to themselves": [TESTS_AN_HOUR],
  "Pages that watch a pull in one process": [MAX_STREAMS, MAX_STREAMS_OF_USER, STREAM_MS / MINUTE],
  "Pulls that were asked for and wait": [MOST_PULLS_WAITING],
  "Rotations for many repositories that have not ended": [MOST_OPEN_ROTATIONS],
  "Imports that were begun and have not ended": [MOST_OPEN_IMPORTS],
  "Tests of credentials in one process": [MOST_TESTS_AT_ONCE, MOST_TESTS_WAITING],
  "Tests and replays of a webhook": [MOST_WAITING_BY_HAND],
  "An upstream's answer to a test": [
    upstream.MAX_BYTES / KIB,
    upstream.ANSWER_MS / SECOND,
    upstream.RESOLVE_MS / SECOND,
    upstream.CONNECT_MS / SECOND,
    probe.MAX_REDIRECTS,
    probe.TEST_MS / SECOND,
  ],
  "A pull": [
    pull.MAX_BYTES / GIB,
    pull.DEADLINE_MS / MINUTE,
    upstream.SILENCE_MS / SECOND,
    gateway.MAX_REDIRECTS,
    PULLS_AT_ONCE,
    MOST_OF_ONE,
    MAX_MEMORY_KB / MIB,
  ],
  "Runs of a repository": [KEPT_RUNS],
  "Rotations and imports": [BATCHES_AT_ONCE, ROTATED_AT_ONCE, LINES_AT_ONCE],
  "A token's renewal": [RENEWAL_MS / SECOND],
  "A list of branches and tags": [gateway.MAX_LIST_BYTES / MIB],
  "Putting packs together": [packs.DEADLINE_MS / MINUTE, packs.MOST_PACKS],
  "A webhook's delivery": [DELIVERY_MS / SECOND, MAX_FAILURES, KEPT_DELIVERIES],
  "Deliveries that wait": [MOST_DELIVERIES_WAITING, STILL_MANY],
  "A message by mail": [MOST_ITEMS, MAIL_MS / SECOND, KEPT_MAILS],
  "Free space for a pull": [env().LATCHKEY_MIN_FREE_MB],
};

it("the operator's table of limits says what the code does, and has no row that is not compared", () => {
  const [, section = ""] = readFileSync("docs/operate/README.md", "utf8").split(/^## Limits$|^## Import and export$/m);
  const documented = Object.fromEntries(
    section
      .split("\n")
      .filter((line) => /^\| (?!-|What )/.test(line))
      .map((line) => line.split("|").map((cell) => cell.trim()))
      .map(([, label = "", numbers = ""]) => [label, numbers.match(/\d+(,\d{3})*/g) ?? []]),
  );
  const inCode = Object.entries(ROWS).map(([label, values]) => [
    label,
    values.map((value) => Number(value).toLocaleString("en-US")),
  ]);
  expect(documented).toEqual(Object.fromEntries(inCode));
});
