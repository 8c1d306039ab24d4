import { randomBytes } from "node:crypto";
import os from "node:os";
import { makeRepository } from "@/prisma/factories";
import { askForPull, makeVictim, storeCredential, testStored, type Arena } from "./arena";
import type { Attack } from "./attack";
import { ask, summary } from "./ask";
import { until } from "./processes";

/** Written so, an address is refused where it is typed; a name that is none is refused as well. */
const HOSTS: Record<string, string> = {
  loopback: "127.0.0.1",
  "another loopback": "127.8.9.10",
  "loopback, decimal": "2130706433",
  "loopback, hexadecimal": "0x7f000001",
  "loopback, hexadecimal in parts": "0x7f.0x0.0x0.0x1",
  "loopback, octal": "0177.0.0.1",
  "loopback, octal whole": "017700000001",
  "loopback, short": "127.1",
  "loopback, three parts": "127.0.1",
  "loopback, with leading zeros": "127.000.000.001",
  "loopback, with a dot behind it": "127.0.0.1.",
  "nothing at all": "0",
  "the unspecified address": "0.0.0.0",
  "IPv6 loopback": "[::1]",
  "IPv6 loopback, long": "[0:0:0:0:0:0:0:1]",
  "IPv6 unspecified": "[::]",
  "IPv4 in IPv6": "[::ffff:127.0.0.1]",
  "IPv4 in IPv6, hexadecimal": "[::ffff:7f00:1]",
  "IPv4 in IPv6, the old form": "[::127.0.0.1]",
  "IPv4 in IPv6, private": "[::ffff:10.0.0.1]",
  "IPv4 through NAT64": "[64:ff9b::7f00:1]",
  "IPv4 through 6to4": "[2002:7f00:1::]",
  Teredo: "[2001:0:7f00:1::]",
  "IPv6 link-local": "[fe80::1]",
  "IPv6 link-local with a zone": "[fe80::1%25eth0]",
  "IPv6 unique local": "[fd00::1]",
  "IPv6 multicast": "[ff02::1]",
  "IPv6 for documentation": "[2001:db8::1]",
  "a cloud's metadata": "169.254.169.254",
  "a cloud's metadata, decimal": "2852039166",
  "private, 10": "10.0.0.1",
  "private, 172": "172.16.0.1",
  "private, 192": "192.168.1.1",
  "carrier's": "100.64.0.1",
  "for benchmarks": "198.18.0.1",
  "for documentation": "192.0.2.1",
  multicast: "224.0.0.1",
  reserved: "240.0.0.1",
  broadcast: "255.255.255.255",
  localhost: "localhost",
  "localhost in capitals": "LOCALHOST",
  "a name below localhost": "git.localhost",
  "localhost with a dot behind it": "localhost.",
  "an allowed host at another port": "localhost:1",
  "digits of another width": "１２７.0.0.1",
  "ideographic dots": "127。0。0。1",
  "circled digits": "①②⑦.0.0.1",
  "a name with an address in front": "git.example.com@127.0.0.1",
  "an address with a scheme": "https://127.0.0.1",
  "a path behind it": "git.example.com/../127.0.0.1",
  "a fragment behind it": "git.example.com#127.0.0.1",
  "a backslash": "git.example.com\\@127.0.0.1",
  "a blank": "git.example.com 127.0.0.1",
  "a line break": "git.example.com\n127.0.0.1",
  "port 0": "git.example.com:0",
  "port 65536": "git.example.com:65536",
  "two ports": "git.example.com:443:22",
  "a wildcard": "*.example.com",
  "a Unix socket": "unix:/var/run/docker.sock",
};

const HOOKS = [
  "http://git.example.com/",
  "ftp://git.example.com/",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "https://user:secret@git.example.com/",
  "https://git.example.com/#part",
  "https://127.0.0.1/",
  "https://2130706433/",
  "https://0x7f.1/",
  "https://[::1]/",
  "https://[::ffff:169.254.169.254]/",
  "https://localhost/",
  "//git.example.com/",
];

/** Addresses in every disguise, names that resolve to what is forbidden, and redirects there: no connection is made. */
export async function egress(arena: Arena): Promise<Attack[]> {
  const { db, url, hostile, forbidden, gitHost } = arena;
  const victim = await makeVictim(db);
  const typed = async ([what, host]: [string, string], index: number): Promise<Attack> => {
    const token = await victim.key.token({ repo: `typed-${index}` });
    const base_repo = { provider: "gitea", owner: "acme", name: "app", upstream_host: host };
    return {
      name: `an upstream at ${what} (${JSON.stringify(host)})`,
      expected: "400 invalid_request",
      attempt: async () =>
        summary(await ask(url, { method: "POST", path: "/api/v1/repos", token, body: { base_repo } })),
    };
  };
  const hooks = HOOKS.map((address): Attack => {
    const body = { url: address, secret: "x".repeat(20), events: ["repo.sync.failed"] };
    return {
      name: `a webhook at ${address}`,
      expected: "400 invalid_request",
      attempt: async () =>
        summary(await ask(url, { method: "POST", path: "/api/v1/webhooks", token: victim.token, body })),
    };
  });
  let count = 0;
  /** A repository that is in the database whatever the API would have said to it; the test uses it. */
  const tested = async (host: string, owner: string) => {
    const name = `reach-${++count}`;
    const password = randomBytes(12).toString("hex");
    const before = [forbidden.connections(), hostile.taken.length, gitHost.sent.length] as const;
    const stored = await storeCredential(arena, victim, { name, host, owner, password });
    const answer = await testStored(url, victim.token, stored);
    const { outcome } = JSON.parse(answer.text) as { outcome?: string };
    const reached = forbidden.connections() > before[0] ? "the forbidden host was reached" : "it was not reached";
    const told =
      gitHost.sent.length > before[2] || hostile.taken.slice(before[1]).some((line) => line.includes("/secret-here"));
    return `${outcome ?? summary(answer)}, ${reached}${told ? ", the secret was sent on" : ""}`;
  };
  const stored = (what: string, host: string): Attack => ({
    name: `${what} stands in the database as an upstream (${host.replace(/\d+$/, "PORT")})`,
    expected: "unreachable, it was not reached",
    writes: true,
    attempt: () => tested(host, "acme"),
  });
  const { port } = forbidden;
  const databaseHosts: [string, string][] = [
    ["loopback", `127.0.0.1:${port}`],
    ["loopback in decimal", `2130706433:${port}`],
    ["loopback in hexadecimal", `0x7f000001:${port}`],
    ["loopback in octal", `0177.0.0.1:${port}`],
    ["short loopback", `127.1:${port}`],
    ["IPv6 loopback", `[::1]:${port}`],
    ["IPv4 in IPv6", `[::ffff:127.0.0.1]:${port}`],
    ["a name that resolves to loopback", `localhost:${port}`],
    ["a name that resolves to loopback, in capitals", `LOCALHOST:${port}`],
    ["a name below localhost", `git.localhost:${port}`],
    ["a name with a dot behind it", `localhost.:${port}`],
    ["the unspecified address", `0.0.0.0:${port}`],
    ["this machine's own name", `${os.hostname()}:${port}`],
    ["an allowed host's name with another port behind an at sign", `${gitHost.host}@127.0.0.1:${port}`],
  ];
  const redirect = (what: string, location: string, behaviour: "to" | "to-307" | "to-308" = "to"): Attack => ({
    name: `a redirect ${behaviour === "to" ? "" : `(${behaviour.slice(3)}) `}${what}`,
    expected: /^(not_git|unreachable|rejected), it was not reached$/,
    writes: true,
    attempt: () => tested(hostile.host, `${behaviour}/${Buffer.from(location).toString("base64url")}`),
  });
  const path = "/x/y.git/info/refs?service=git-upload-pack";
  return [
    ...(await Promise.all(Object.entries(HOSTS).map(typed))),
    ...hooks,
    ...databaseHosts.map(([what, host]) => stored(what, host)),
    redirect("to a forbidden host", `https://${forbidden.host}${path}`),
    redirect("to a forbidden host, keeping the method", `https://${forbidden.host}${path}`, "to-307"),
    redirect("to a forbidden host, for good", `https://${forbidden.host}${path}`, "to-308"),
    redirect("to a forbidden address", `https://127.0.0.1:${port}${path}`),
    redirect("without a scheme", `//${forbidden.host}${path}`),
    redirect("with a backslash", `/\\${forbidden.host}${path}`),
    redirect("to plain HTTP", `http://${forbidden.host}${path}`),
    redirect("to another scheme", "file:///etc/passwd"),
    redirect("to another allowed host, which is not the upstream's", `https://${gitHost.host}/secret-here${path}`),
    redirect("to itself with a name and a password", `https://a:b@${hostile.host}/secret-here${path}`),
    redirect("to a name in front of the forbidden host", `https://${hostile.host}@${forbidden.host}${path}`),
    redirect("to an address that is none", "https://[::1"),
    redirect("with a line break in it", `https://${hostile.host}/%0d%0aHost:%20x${path}`),
    {
      name: "a redirect to itself, over and over",
      expected: /^(not_git|unreachable), it was not reached$/,
      writes: true,
      attempt: () => tested(hostile.host, "loop"),
    },
    {
      name: "a webhook that stands in the database at a forbidden address is not delivered to",
      expected: "not reached",
      writes: true,
      attempt: async () => {
        const before = forbidden.connections();
        const body = {
          url: `https://${hostile.host}/hook`,
          secret: "x".repeat(20),
          events: ["repo.sync.failed", "repo.sync.succeeded"],
        };
        const made = await ask(url, { method: "POST", path: "/api/v1/webhooks", token: victim.token, body });
        const { id } = JSON.parse(made.text) as { id: string };
        await db.webhook.update({ where: { id }, data: { url: `https://127.0.0.1:${port}/hook` } });
        const repository = await makeRepository(db, victim, "announced", {
          provider: "gitea",
          host: gitHost.host,
          owner: "acme",
          name: "none",
        });
        await askForPull(url, victim.token, repository.id);
        await until(
          "the delivery is tried",
          async () => (await db.webhookDelivery.count({ where: { webhookId: id, attempts: { gt: 0 } } })) > 0,
        );
        await db.webhook.delete({ where: { id } });
        return forbidden.connections() > before ? "reached" : "not reached";
      },
    },
  ];
}
