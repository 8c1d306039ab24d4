import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import type { Transaction } from "../context";
import type { SealedSecret } from "../vault/envelope";

interface NewRotation {
  id: string;
  organizationId: string;
  host: string;
  requestedBy: string;
  /** Where a member did. */
  requestedByUserId: string | null;
  createdAt: Date;
  /** The new secret, bound to this rotation. */
  sealed: SealedSecret;
  /** Which credentials of the organization, as a condition on `git_credential c`. */
  which: Sql;
}

/** Writes a rotation, its repositories and the job that goes through them. Returns how many repositories there are. */
export async function startRotation(tx: Transaction, { sealed, which, ...rotation }: NewRotation): Promise<number> {
  const { id, organizationId } = rotation;
  const { masterKeyId } = sealed;
  await tx.rotation.create({ data: { ...rotation, masterKeyId, sealed: sealed.sealed } });
  const count = await tx.$executeRaw(sql`
    INSERT INTO rotation_item (rotation_id, credential_id, repository_name)
    SELECT ${id}, c.id, r.name
    FROM git_credential c JOIN repository r ON r.id = c.repository_id
    WHERE r.organization_id = ${organizationId} AND r.deleted_at IS NULL AND (${which})`);
  await tx.$queryRaw(sql`
    SELECT (graphile_worker.add_job(
      'rotate_matching', json_build_object('rotationId', ${id}::text), job_key := ${`rotation:${id}`}
    )).id::text`);
  return count;
}
