import { Ban, CircleCheck } from "lucide-react";
import type { FormAction } from "@/components/ui/action-form";
import { Badge } from "@/components/ui/badge";
import { ConfirmAct } from "@/components/ui/confirm-act";
import { CopyButton } from "@/components/ui/copy-button";
import { LinkButton } from "@/components/ui/link-button";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import { signingKeysPath } from "@/lib/contract/paths";
import type { SigningKeyRow } from "@/lib/contract/signing-keys";

interface SigningKeyTableProps {
  organization: string;
  keys: readonly SigningKeyRow[];
  write: boolean;
  /** The id of the key whose revocation is being asked about. */
  asked?: string;
  revoke: FormAction<void>;
}

export function SigningKeyTable({ organization, keys, write, asked, revoke }: SigningKeyTableProps) {
  const page = signingKeysPath(organization);
  const question = keys.find(({ id, revokedAt }) => id === asked && !revokedAt);
  return (
    <>
      {question && (
        <ConfirmAct
          title={`Revoke ${question.name}?`}
          action={revoke}
          hidden={{ id: question.id }}
          cancel={page}
          verb="Revoke key"
          busy="Revoking…"
        >
          Every token signed with it is refused at once, and the key cannot be added again.
          {question.lastUsedAt && (
            <>
              {" "}
              It was last used <RelativeTime date={question.lastUsedAt} />.
            </>
          )}
        </ConfirmAct>
      )}
      <Table
        caption="Signing keys"
        head={
          <>
            <HeadCell>Name</HeadCell>
            <HeadCell>Kind</HeadCell>
            <HeadCell>Thumbprint</HeadCell>
            <HeadCell>State</HeadCell>
            <HeadCell>Last used</HeadCell>
            <HeadCell>Added</HeadCell>
            {write && (
              <HeadCell>
                <span className="sr-only">Revoke</span>
              </HeadCell>
            )}
          </>
        }
      >
        {keys.map((key) => (
          <tr key={key.id}>
            <Cell className="max-w-48 font-medium break-words">{key.name}</Cell>
            <Cell>{key.algorithm}</Cell>
            <Cell>
              <span className="inline-flex items-center gap-1">
                <code className="font-mono text-[0.8125rem]">{key.thumbprint.slice(0, 12)}…</code>
                <CopyButton text={key.thumbprint} what={`the thumbprint of ${key.name}`} />
              </span>
            </Cell>
            <Cell>
              {key.revokedAt ? (
                <Badge tone="neutral" icon={Ban}>
                  Revoked
                </Badge>
              ) : (
                <Badge tone="ok" icon={CircleCheck}>
                  Active
                </Badge>
              )}
            </Cell>
            <Cell className="text-muted">{key.lastUsedAt ? <RelativeTime date={key.lastUsedAt} /> : "Never"}</Cell>
            <Cell className="text-muted">
              <RelativeTime date={key.createdAt} />
            </Cell>
            {write && (
              <Cell className="text-right">
                {!key.revokedAt && (
                  <LinkButton href={`${page}?revoke=${key.id}`} scroll={false}>
                    Revoke…<span className="sr-only"> {key.name}</span>
                  </LinkButton>
                )}
              </Cell>
            )}
          </tr>
        ))}
      </Table>
    </>
  );
}
