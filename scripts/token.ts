import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { SCOPES, type Scope } from "@/lib/contract/scopes";
import { signToken } from "@/lib/contract/sign-token";
import { complain, say } from "@/lib/platform/terminal";

// Prints a short token, signed with a private key that stays on this machine.

const USAGE = `npm run token -- --key FILE --org NAME [--repo NAME] [--scope SCOPE]… [--minutes N] [--subject NAME]
             [--audience NAME]

  --key      the private key, PEM (PKCS#8)
  --org      the organization's name: the token's issuer
  --repo     the repository's name or id; without it the token is for the whole organization
  --scope    ${SCOPES.join(", ")}; without one, repo:write
  --minutes  how long it is good; 60 without it
  --subject  who acts, for the audit log; "cli" without it
  --audience what the organization asks tokens to name as aud, where it does`;

try {
  say(await makeToken());
} catch (error) {
  complain(`${error instanceof Error ? error.message : "No token was made."}\n\n${USAGE}`);
  process.exitCode = 2;
}

async function makeToken(): Promise<string> {
  const { values } = parseArgs({
    options: {
      key: { type: "string" },
      org: { type: "string" },
      repo: { type: "string", default: "org" },
      scope: { type: "string", multiple: true, default: ["repo:write"] },
      minutes: { type: "string", default: "60" },
      subject: { type: "string", default: "cli" },
      audience: { type: "string" },
    },
  });
  const { key, org, repo, scope, minutes, subject, audience = null } = values;
  if (!key || !org) throw new Error("--key and --org are needed.");
  const unknown = scope.find((each) => !(SCOPES as readonly string[]).includes(each));
  if (unknown) throw new Error(`There is no scope "${unknown}".`);
  if (!(Number(minutes) > 0)) throw new Error("--minutes is a number above 0.");
  return signToken({
    organization: org,
    repository: repo,
    scopes: scope as Scope[],
    seconds: Math.round(Number(minutes) * 60),
    subject,
    audience,
    privateKeyPem: readKey(key),
  });
}

function readKey(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    throw new Error("The file that --key names cannot be read.");
  }
}
