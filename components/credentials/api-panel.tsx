import Link from "next/link";
import { CodeBlock } from "@/components/ui/code-block";
import { Panel } from "@/components/ui/panel";
import { signingKeysPath } from "@/lib/contract/paths";
import type { RepositoryRow } from "@/lib/contract/repository-row";

interface ApiPanelProps {
  organization: string;
  repository: RepositoryRow;
  baseUrl: string;
}

/** The same act for a script, with the ids filled in. */
export function ApiPanel({ organization, repository, baseUrl }: ApiPanelProps) {
  const { credential } = repository;
  return (
    <Panel title={credential ? "Rotate it from a script" : "Add it from a script"}>
      <div className="grid grid-cols-1 gap-4 lg:grid-cols-2">
        <CodeBlock what="the curl command" code={curlCode(repository, baseUrl)} />
        <CodeBlock what="the SDK code" code={sdkCode(organization, repository, baseUrl)} />
      </div>
      <p className="mt-4 text-sm text-muted">
        The token is signed with one of your{" "}
        <Link href={signingKeysPath(organization)} className="text-accent underline underline-offset-4">
          signing keys
        </Link>
        , names this repository and carries the scope <code className="font-mono text-[0.8125rem]">repo:write</code>.
        All endpoints are in the{" "}
        <Link href="/docs/api" className="text-accent underline underline-offset-4">
          API reference
        </Link>
        .
      </p>
    </Panel>
  );
}

function curlCode({ id, credential }: RepositoryRow, baseUrl: string): string {
  const [method, target] = credential ? ["PUT", `"id": "${credential.id}"`] : ["POST", `"repo_id": "${id}"`];
  return `# The body comes from standard input, so the secret is in no process list.
curl "${baseUrl}/api/v1/repos/git-credentials" -X ${method} \\
  -H "Authorization: Bearer $LATCHKEY_TOKEN" \\
  -H "Content-Type: application/json" --data @- <<JSON
{${target}, "password": "$UPSTREAM_TOKEN"}
JSON`;
}

function sdkCode(organization: string, { id, credential }: RepositoryRow, baseUrl: string): string {
  const call = credential
    ? `await storage.updateGitCredential({\n  id: "${credential.id}",`
    : `await storage.createGitCredential({\n  repoId: "${id}",`;
  return `import { GitStorage } from "@pierre/storage";

const storage = new GitStorage({
  name: "${organization}",
  key: process.env.LATCHKEY_PRIVATE_KEY,
  apiBaseUrl: "${baseUrl}",
});
${call}
  password: process.env.UPSTREAM_TOKEN,
});`;
}
